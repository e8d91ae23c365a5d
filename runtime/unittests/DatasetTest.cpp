//===- DatasetTest.cpp - Labelled samples from .npz and IDX files ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Dataset.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <zip.h>
#include <zlib.h>

using namespace ntrt;

namespace {
class DatasetTest : public testing::Test {
protected:
  void SetUp() override {
    char pattern[] = "/tmp/ntrt-dataset-XXXXXX";
    folder = mkdtemp(pattern);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string path(const std::string &name) const { return folder / name; }

  std::string write(const std::string &name, const std::string &bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

  /// A zip of the given entries, deflated.
  std::string zipOf(const std::string &name,
                    const std::map<std::string, std::string> &entries) const {
    int code = 0;
    zip_t *archive =
        zip_open(path(name).c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    for (const auto &[entry, bytes] : entries)
      zip_file_add(archive, entry.c_str(),
                   zip_source_buffer(archive, bytes.data(), bytes.size(), 0),
                   ZIP_FL_ENC_UTF_8);
    EXPECT_EQ(zip_close(archive), 0);
    return path(name);
  }

  std::string gzipOf(const std::string &name, const std::string &bytes) const {
    gzFile file = gzopen(path(name).c_str(), "wb");
    gzwrite(file, bytes.data(), unsigned(bytes.size()));
    gzclose(file);
    return path(name);
  }

  std::filesystem::path folder;
};

std::string bytesOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A .npy with the given header text and data.
std::string npyWith(const std::string &header, const std::string &data,
                    char major = 1) {
  std::string size = {char(header.size() & 0xff), char(header.size() >> 8)};
  if (major > 1)
    size += std::string(2, '\0');
  return std::string("\x93NUMPY") + major + '\0' + size + header + data;
}

template <typename T>
std::string npy(const std::string &dtype, const std::string &shape,
                const std::vector<T> &values) {
  std::string data;
  for (const T &value : values)
    data.append(reinterpret_cast<const char *>(&value), sizeof(T));
  return npyWith("{'descr': '" + dtype +
                     "', 'fortran_order': False, 'shape': " + shape + ", }\n",
                 data);
}

const std::string kFourSamples =
    npy<float>("<f4", "(4, 2)", {0, 1, 2, 3, 4, 5, 6, 7});

std::string idx(const std::vector<uint32_t> &shape, const std::string &data,
                char type = 8) {
  std::string bytes = {0, 0, type, char(shape.size())};
  for (uint32_t extent : shape)
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes += char(extent >> shift);
  return bytes + data;
}

/// The only diagnostic of a failed load.
Diagnostic failure(const std::string &spec) {
  Result<Dataset> data = Dataset::load(spec);
  EXPECT_FALSE(data) << spec;
  if (data)
    return {Diag::VerifyMismatch, "loaded", ""};
  EXPECT_EQ(data.diagnostics().size(), 1u) << toString(data.diagnostics());
  return data.diagnostics()[0];
}
} // namespace

//===----------------------------------------------------------------------===//
// NPZ
//===----------------------------------------------------------------------===//

TEST_F(DatasetTest, ReadsSamplesAndLabels) {
  std::string file =
      zipOf("a.npz", {{"x.npy", kFourSamples},
                      {"y.npy", npy<int64_t>("<i8", "(4,)", {3, 1, 0, 1})}});
  Result<Dataset> data = Dataset::load(file);
  ASSERT_TRUE(data) << toString(data.diagnostics());
  EXPECT_EQ(data->samples(), 4u);
  EXPECT_EQ(data->sampleShape, std::vector<size_t>{2});
  EXPECT_EQ(data->sampleSize, 2u);
  EXPECT_EQ(data->sample(3)[1], 7);
  EXPECT_EQ(data->labels, (std::vector<uint32_t>{3, 1, 0, 1}));
}

TEST_F(DatasetTest, ReadsEveryElementType) {
  std::string file =
      zipOf("a.npz", {{"f4.npy", npy<float>("<f4", "(2,)", {1.5f, -2})},
                      {"f8.npy", npy<double>("<f8", "(2,)", {0.1, 1e300})},
                      {"u1.npy", npy<uint8_t>("|u1", "(2,)", {7, 255})},
                      {"i4.npy", npy<int32_t>("<i4", "(2,)", {-5, 70000})},
                      {"i8.npy", npy<int64_t>("<i8", "(2,)", {-1, 1 << 20})}});
  auto arrays = readNpz(file);
  ASSERT_TRUE(arrays) << toString(arrays.diagnostics());
  EXPECT_EQ((*arrays)["f4"].values, (std::vector<float>{1.5f, -2}));
  EXPECT_EQ((*arrays)["f8"].values, (std::vector<float>{0.1f, INFINITY}));
  EXPECT_EQ((*arrays)["u1"].values, (std::vector<float>{7, 255}));
  EXPECT_EQ((*arrays)["i4"].values, (std::vector<float>{-5, 70000}));
  EXPECT_EQ((*arrays)["i8"].values, (std::vector<float>{-1, 1 << 20}));
  EXPECT_EQ((*arrays)["i8"].dtype, "<i8");
}

TEST_F(DatasetTest, ReadsLaterHeaderVersionsAndScalars) {
  std::string header = "{'shape': (), \"descr\": '|u1', 'fortran_order': True}";
  std::string file = zipOf("a.npz", {{"a.npy", npyWith(header, "\x05", 2)},
                                     {"b.npy", npyWith(header, "\x06", 3)},
                                     {"readme.txt", "not an array"}});
  auto arrays = readNpz(file);
  ASSERT_TRUE(arrays) << toString(arrays.diagnostics());
  EXPECT_EQ(arrays->size(), 2u);
  EXPECT_EQ((*arrays)["a"].values, std::vector<float>{5});
  EXPECT_EQ((*arrays)["b"].values, std::vector<float>{6});
  EXPECT_TRUE((*arrays)["a"].shape.empty());
}

TEST_F(DatasetTest, ReadsWhatNumpyWrote) {
  Result<Dataset> data =
      Dataset::load(NTRT_TEST_MODELS_DIR "/digits4x4.npz:test");
  ASSERT_TRUE(data) << toString(data.diagnostics());
  EXPECT_GT(data->samples(), 100u);
  EXPECT_EQ(data->sampleSize, 16u);
  EXPECT_EQ(data->labels.size(), data->samples());
  float sum = 0;
  for (float value : data->values) {
    EXPECT_GE(value, 0);
    EXPECT_LE(value, 1);
    sum += value;
  }
  EXPECT_GT(sum, 0.05f * float(data->values.size()));
}

TEST_F(DatasetTest, LabelsMayBeAbsent) {
  std::string file = zipOf("a.npz", {{"x.npy", kFourSamples}});
  Result<Dataset> data = Dataset::load(file + ";first=3");
  ASSERT_TRUE(data);
  EXPECT_EQ(data->samples(), 3u);
  EXPECT_TRUE(data->labels.empty());
}

TEST_F(DatasetTest, WholeFloatLabelsAreTaken) {
  std::string file =
      zipOf("a.npz", {{"x.npy", kFourSamples},
                      {"y.npy", npy<double>("<f8", "(4,)", {0, 1, 2, 3})}});
  EXPECT_EQ(Dataset::load(file)->labels, (std::vector<uint32_t>{0, 1, 2, 3}));
}

TEST_F(DatasetTest, BytesAreScaledToOne) {
  std::string file =
      zipOf("a.npz", {{"x.npy", npy<uint8_t>("|u1", "(1, 3)", {0, 51, 255})}});
  EXPECT_EQ(Dataset::load(file)->values,
            (std::vector<float>{0, 51 / 255.0f, 1}));
}

TEST_F(DatasetTest, NamedPartsAreChosen) {
  std::string file =
      zipOf("a.npz", {{"x_train.npy", kFourSamples},
                      {"x_test.npy", npy<float>("<f4", "(1, 2)", {8, 9})},
                      {"y_test.npy", npy<int32_t>("<i4", "(1,)", {5})}});
  Result<Dataset> data = Dataset::load(file + ":test");
  ASSERT_TRUE(data);
  EXPECT_EQ(data->values, (std::vector<float>{8, 9}));
  EXPECT_EQ(data->labels, std::vector<uint32_t>{5});
  Diagnostic d = failure(file);
  EXPECT_EQ(d.diag, Diag::DataFormat);
  EXPECT_NE(d.detail.find("'x'"), std::string::npos);
  EXPECT_NE(d.detail.find("x_test, x_train, y_test"), std::string::npos);
}

TEST_F(DatasetTest, MissingFilesAndFoldersAreNamed) {
  for (const std::string &spec :
       {path("no.npz"), path("no.npz") + ":test", folder.string() + ".npz"}) {
    EXPECT_EQ(failure(spec).diag, Diag::FileMissing) << spec;
  }
  std::filesystem::create_directory(path("dir.npz"));
  Diagnostic d = failure(path("dir.npz"));
  EXPECT_EQ(d.diag, Diag::FileMissing);
  EXPECT_EQ(d.place, path("dir.npz"));
}

TEST_F(DatasetTest, AnythingElseIsNotAnNpz) {
  EXPECT_EQ(failure(write("a.npz", "no zip")).diag, Diag::DataFormat);
  EXPECT_EQ(failure(write("b.npz", "")).diag, Diag::DataFormat);
  EXPECT_EQ(failure(zipOf("c.npz", {{"x.npy", "not a npy array"}})).diag,
            Diag::DataFormat);
  EXPECT_EQ(failure(write("data.txt", "1,2")).diag, Diag::DataFormat);
}

TEST_F(DatasetTest, TruncationAnywhereIsAnErrorNotACrash) {
  std::string bytes = bytesOf(zipOf(
      "whole.npz", {{"x.npy", kFourSamples},
                    {"y.npy", npy<uint8_t>("|u1", "(4,)", {0, 1, 2, 3})}}));
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(Dataset::load(write("cut.npz", bytes.substr(0, size))))
        << size;
  EXPECT_EQ(failure(write("cut.npz", bytes.substr(0, bytes.size() / 2))).diag,
            Diag::FileTruncated);
}

TEST_F(DatasetTest, DamagedBytesNeverCrash) {
  std::string bytes = bytesOf(zipOf("whole.npz", {{"x.npy", kFourSamples}}));
  for (size_t i = 0; i < bytes.size(); ++i)
    for (int bit : {0, 3, 7}) {
      std::string damaged = bytes;
      damaged[i] = char(damaged[i] ^ (1 << bit));
      Result<Dataset> data = Dataset::load(write("bad.npz", damaged));
      // Time stamps and the like may change; the samples may not.
      if (data) {
        EXPECT_EQ(data->values, (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}))
            << i;
      }
    }
}

TEST_F(DatasetTest, TruncatedArraysAreNamed) {
  std::string cut = kFourSamples;
  cut.resize(cut.size() - 4);
  Diagnostic d = failure(zipOf("a.npz", {{"x.npy", cut}}));
  EXPECT_EQ(d.diag, Diag::FileTruncated);
  EXPECT_EQ(d.place, path("a.npz") + ":x");
  for (size_t size : {0, 5, 9, 11, 40})
    EXPECT_EQ(
        failure(zipOf("a.npz", {{"x.npy", kFourSamples.substr(0, size)}})).diag,
        Diag::FileTruncated)
        << size;
  EXPECT_EQ(failure(zipOf("a.npz", {{"x.npy", kFourSamples + "more"}})).diag,
            Diag::DataFormat);
}

TEST_F(DatasetTest, FortranOrderIsRefused) {
  std::string header =
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }\n";
  Diagnostic d = failure(
      zipOf("a.npz", {{"x.npy", npyWith(header, std::string(16, '\0'))}}));
  EXPECT_EQ(d.diag, Diag::DataFormat);
  EXPECT_NE(d.detail.find("Fortran"), std::string::npos);
}

TEST_F(DatasetTest, OtherElementTypesAreRefused) {
  for (const char *type : {"'|O'", "'>f4'", "'<c8'", "'<U3'", "'<f2'", "'|b1'",
                           "[('a', '<f4'), ('b', '<i4', (2,))]"}) {
    std::string header = std::string("{'descr': ") + type +
                         ", 'fortran_order': False, 'shape': (1,), }\n";
    Diagnostic d = failure(
        zipOf("a.npz", {{"x.npy", npyWith(header, std::string(8, '\0'))}}));
    EXPECT_EQ(d.diag, Diag::DataType) << type;
  }
}

TEST_F(DatasetTest, IntegerSamplesAreRefused) {
  Diagnostic d = failure(
      zipOf("a.npz", {{"x.npy", npy<int64_t>("<i8", "(1, 2)", {1, 2})}}));
  EXPECT_EQ(d.diag, Diag::DataType);
  EXPECT_NE(d.detail.find("<i8"), std::string::npos);
}

TEST_F(DatasetTest, MalformedHeadersAreRefused) {
  for (const char *header :
       {"", "{", "{}", "nonsense", "{'descr': '<f4'}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': "
        "(1,)}",
        "{'descr': [('a', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, "
        "'shape': (9999999999999999999,)}"})
    EXPECT_EQ(
        failure(zipOf("a.npz", {{"x.npy", npyWith(header, "abcd")}})).diag,
        Diag::DataFormat)
        << header;
}

TEST_F(DatasetTest, ImpossibleShapesAllocateNothing) {
  for (const char *shape : {"(99999999999,)", "(99999999, 99999999)",
                            "(99999999999, 99999999999, 99999999999)"}) {
    Diag diag =
        failure(zipOf("a.npz", {{"x.npy", npy<float>("<f4", shape, {1})}}))
            .diag;
    EXPECT_TRUE(diag == Diag::FileTruncated || diag == Diag::DataFormat)
        << shape;
  }
}

TEST_F(DatasetTest, LabelsMustFitTheSamples) {
  EXPECT_EQ(failure(zipOf("a.npz",
                          {{"x.npy", kFourSamples},
                           {"y.npy", npy<uint8_t>("|u1", "(3,)", {0, 1, 2})}}))
                .diag,
            Diag::DataShape);
  EXPECT_EQ(failure(zipOf("a.npz", {{"x.npy", kFourSamples},
                                    {"y.npy", npy<uint8_t>("|u1", "(2, 2)",
                                                           {0, 1, 2, 3})}}))
                .diag,
            Diag::DataShape);
}

TEST_F(DatasetTest, BadLabelsAreNamedWithTheirSample) {
  std::string file = zipOf(
      "a.npz", {{"x.npy", kFourSamples},
                {"y.npy", npy<float>("<f4", "(4,)", {0, 1.5f, -1, NAN})}});
  Result<Dataset> data = Dataset::load(file);
  ASSERT_FALSE(data);
  ASSERT_EQ(data.diagnostics().size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(data.diagnostics()[i].diag, Diag::DataLabel);
    EXPECT_NE(
        data.diagnostics()[i].detail.find("sample " + std::to_string(i + 1)),
        std::string::npos);
  }
}

TEST_F(DatasetTest, SamplesThatAreNotFiniteAreNamed) {
  std::vector<float> values(40, 0.5f);
  values[2 * 2 + 1] = NAN;
  values[7 * 2] = INFINITY;
  Result<Dataset> data = Dataset::load(
      zipOf("a.npz", {{"x.npy", npy<float>("<f4", "(20, 2)", values)}}));
  ASSERT_FALSE(data);
  ASSERT_EQ(data.diagnostics().size(), 2u);
  EXPECT_EQ(data.diagnostics()[0].diag, Diag::DataValue);
  EXPECT_NE(data.diagnostics()[0].detail.find("sample 2 holds nan at index 1"),
            std::string::npos);
  EXPECT_NE(data.diagnostics()[1].detail.find("sample 7 holds inf at index 0"),
            std::string::npos);

  // Of many, the first few are named and the others counted.
  std::vector<float> all(40, NAN);
  data = Dataset::load(
      zipOf("b.npz", {{"x.npy", npy<float>("<f4", "(20, 2)", all)}}));
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().size(), 9u);
  EXPECT_EQ(data.diagnostics().back().detail, "and 12 more samples");
}

TEST_F(DatasetTest, MisfitsOfAllArraysAreReportedTogether) {
  std::string cut = kFourSamples;
  cut.pop_back();
  Result<Dataset> data = Dataset::load(zipOf(
      "a.npz", {{"x.npy", cut}, {"y.npy", npy<char>("|S1", "(1,)", {'a'})}}));
  ASSERT_FALSE(data);
  ASSERT_EQ(data.diagnostics().size(), 2u);
  EXPECT_EQ(data.diagnostics()[0].diag, Diag::FileTruncated);
  EXPECT_EQ(data.diagnostics()[1].diag, Diag::DataType);
}

TEST_F(DatasetTest, EmptyArraysAreRefused) {
  EXPECT_EQ(
      failure(zipOf("a.npz", {{"x.npy", npy<float>("<f4", "(0, 2)", {})}}))
          .diag,
      Diag::DataEmpty);
  EXPECT_EQ(
      failure(zipOf("a.npz", {{"x.npy", npy<float>("<f4", "(2, 0)", {})}}))
          .diag,
      Diag::DataShape);
  EXPECT_EQ(
      failure(zipOf("a.npz", {{"x.npy", npy<float>("<f4", "()", {1})}})).diag,
      Diag::DataShape);
}

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

TEST_F(DatasetTest, ClassesAreKeptAndRenumberedInTheirOrder) {
  std::string file = zipOf(
      "a.npz", {{"x.npy", npy<float>("<f4", "(6, 1)", {0, 1, 2, 3, 4, 5})},
                {"y.npy", npy<uint8_t>("|u1", "(6,)", {9, 3, 7, 3, 9, 1})}});
  Result<Dataset> data = Dataset::load(file + ";classes=9,3");
  ASSERT_TRUE(data);
  EXPECT_EQ(data->values, (std::vector<float>{0, 1, 3, 4}));
  EXPECT_EQ(data->labels, (std::vector<uint32_t>{0, 1, 1, 0}));
  data = Dataset::load(file + ";skip=1;classes=9,3;first=2");
  ASSERT_TRUE(data);
  EXPECT_EQ(data->values, (std::vector<float>{1, 3}));
  EXPECT_EQ(data->labels, (std::vector<uint32_t>{1, 1}));
}

TEST_F(DatasetTest, FirstBeyondTheEndTakesAll) {
  std::string file = zipOf("a.npz", {{"x.npy", kFourSamples}});
  EXPECT_EQ(Dataset::load(file + ";first=99")->samples(), 4u);
  EXPECT_EQ(Dataset::load(file + ";skip=3")->values,
            (std::vector<float>{6, 7}));
}

TEST_F(DatasetTest, EmptySelectionsAreRefused) {
  std::string file =
      zipOf("a.npz", {{"x.npy", kFourSamples},
                      {"y.npy", npy<uint8_t>("|u1", "(4,)", {0, 1, 0, 1})}});
  EXPECT_EQ(failure(file + ";first=0").diag, Diag::DataEmpty);
  EXPECT_EQ(failure(file + ";skip=4").diag, Diag::DataEmpty);
  Diagnostic d = failure(file + ";classes=1,6");
  EXPECT_EQ(d.diag, Diag::DataEmpty);
  EXPECT_NE(d.detail.find("label 6"), std::string::npos);
}

TEST_F(DatasetTest, MalformedFieldsAreRefused) {
  std::string file =
      zipOf("a.npz", {{"x.npy", kFourSamples},
                      {"y.npy", npy<uint8_t>("|u1", "(4,)", {0, 1, 0, 1})}});
  for (const char *field :
       {";", ";first", ";first=", ";first=-1", ";first=1.5", ";first=1e3",
        ";classes=", ";classes=a", ";classes=1,", ";classes=1,1", ";limit=3",
        ";first=1;first=2", ";classes=0;classes=1", ";skip=99999999999"})
    EXPECT_EQ(failure(file + field).diag, Diag::OptionInvalid) << field;
  Result<Dataset> data = Dataset::load(file + ";limit=3;first=x");
  ASSERT_FALSE(data);
  EXPECT_EQ(data.diagnostics().size(), 2u);
}

TEST_F(DatasetTest, ClassesNeedLabels) {
  std::string file = zipOf("a.npz", {{"x.npy", kFourSamples}});
  EXPECT_EQ(failure(file + ";classes=1").diag, Diag::OptionInvalid);
}

//===----------------------------------------------------------------------===//
// IDX
//===----------------------------------------------------------------------===//

TEST_F(DatasetTest, ReadsIdxPairsPlainAndGzipped) {
  std::string images =
      idx({2, 1, 3}, std::string("\x00\x33\xff\x01\x02\x03", 6));
  std::string labels = idx({2}, "\x07\x04");
  for (bool zipped : {false, true}) {
    std::string x = zipped ? gzipOf("x.gz", images) : write("x", images);
    std::string y = zipped ? gzipOf("y.gz", labels) : write("y", labels);
    Result<Dataset> data = Dataset::load(x + "," + y);
    ASSERT_TRUE(data) << toString(data.diagnostics());
    EXPECT_EQ(data->sampleShape, (std::vector<size_t>{1, 3}));
    EXPECT_EQ(data->samples(), 2u);
    EXPECT_EQ(data->sample(0)[1], 0x33 / 255.0f);
    EXPECT_EQ(data->sample(1)[2], 3 / 255.0f);
    EXPECT_EQ(data->labels, (std::vector<uint32_t>{7, 4}));
  }
}

TEST_F(DatasetTest, BadIdxFilesAreRefused) {
  std::string good = write("y", idx({2}, "\x07\x04"));
  auto diagOf = [&](const std::string &bytes) {
    return failure(write("x", bytes) + "," + good).diag;
  };
  EXPECT_EQ(diagOf(""), Diag::FileTruncated);
  EXPECT_EQ(diagOf("PNG and more"), Diag::DataFormat);
  EXPECT_EQ(diagOf(idx({2, 1}, "ab", 0x0d)), Diag::DataType);
  EXPECT_EQ(diagOf(idx({2}, "ab")), Diag::DataShape);
  EXPECT_EQ(diagOf(idx({2, 1}, "a")), Diag::FileTruncated);
  EXPECT_EQ(diagOf(idx({2, 1}, "abc")), Diag::DataFormat);
  EXPECT_EQ(diagOf(idx({3, 1}, "abc")), Diag::DataShape);
  EXPECT_EQ(diagOf(idx({2, 0}, "")), Diag::DataShape);
  EXPECT_EQ(diagOf(idx({~0u, ~0u, ~0u, ~0u}, "a")), Diag::DataFormat);
  EXPECT_EQ(diagOf(idx({~0u, ~0u}, "a")), Diag::FileTruncated);
  EXPECT_EQ(diagOf(std::string("\0\0\x08\x03\0\0", 6)), Diag::FileTruncated);
}

TEST_F(DatasetTest, DamagedGzipIsRefused) {
  std::string labels = write("y", idx({1}, "\x01"));
  std::string content(4000, '\0');
  for (size_t i = 0; i < content.size(); ++i)
    content[i] = char(i * i * 31 >> 3);
  std::string bytes = bytesOf(gzipOf("x.gz", idx({1, 4000}, content)));
  for (size_t size : {bytes.size() - 1, bytes.size() - 9, bytes.size() / 2})
    EXPECT_EQ(
        failure(write("cut.gz", bytes.substr(0, size)) + "," + labels).diag,
        Diag::FileTruncated)
        << size;
  std::string damaged = bytes;
  damaged[bytes.size() - 7] = char(damaged[bytes.size() - 7] ^ 1); // the CRC
  EXPECT_EQ(failure(write("bad.gz", damaged) + "," + labels).diag,
            Diag::DataFormat);
}

TEST_F(DatasetTest, BothFilesOfAPairAreReported) {
  Result<Dataset> data = Dataset::load(path("no-x") + "," + path("no-y"));
  ASSERT_FALSE(data);
  ASSERT_EQ(data.diagnostics().size(), 2u);
  EXPECT_EQ(data.diagnostics()[0].place, path("no-x"));
  EXPECT_EQ(data.diagnostics()[1].place, path("no-y"));
  EXPECT_EQ(data.diagnostics()[1].diag, Diag::FileMissing);
}

TEST_F(DatasetTest, FashionMnistHasItsParts) {
  EXPECT_EQ(failure("fashion-mnist:validation").diag, Diag::OptionInvalid);
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
    GTEST_SKIP() << "apt-get install dataset-fashion-mnist";
  Result<Dataset> data = Dataset::load("fashion-mnist:test;classes=1,3,6,7,9");
  ASSERT_TRUE(data) << toString(data.diagnostics());
  EXPECT_EQ(data->samples(), 5000u);
  EXPECT_EQ(data->sampleShape, (std::vector<size_t>{28, 28}));
  std::vector<int> counts(5);
  for (uint32_t label : data->labels)
    ++counts.at(label);
  EXPECT_EQ(counts, std::vector<int>(5, 1000));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

TEST_F(DatasetTest, WrittenFilesReadBackTheSame) {
  std::map<std::string, NpyArray> arrays;
  arrays["x"] = {{2, 1, 3}, {0.1f, -0.0f, 1e-40f, 3e38f, 5, 6}, "<f4"};
  arrays["y"] = {{2}, {7, -3}, "<i8"};
  arrays["scalar"] = {{}, {4}, ""};
  arrays["empty"] = {{0, 5}, {}, ""};
  Status status = writeNpz(path("out.npz"), arrays);
  ASSERT_TRUE(status) << toString(status.diagnostics());
  auto read = readNpz(path("out.npz"));
  ASSERT_TRUE(read) << toString(read.diagnostics());
  ASSERT_EQ(read->size(), arrays.size());
  for (const auto &[name, array] : arrays) {
    const NpyArray &found = (*read)[name];
    EXPECT_EQ(found.shape, array.shape) << name;
    EXPECT_EQ(found.values, array.values) << name;
    EXPECT_EQ(found.dtype, name == "y" ? "<i8" : "<f4") << name;
  }
  EXPECT_TRUE(std::signbit((*read)["x"].values[1]));
}

TEST_F(DatasetTest, TheSameArraysGiveTheSameBytes) {
  std::map<std::string, NpyArray> arrays = {{"x", {{2}, {1, 2}, ""}}};
  ASSERT_TRUE(writeNpz(path("a.npz"), arrays));
  ASSERT_TRUE(writeNpz(path("b.npz"), arrays));
  std::string bytes = bytesOf(path("a.npz"));
  EXPECT_EQ(bytes, bytesOf(path("b.npz")));
  // DOS time 0 and date 1980-01-01 in the local header.
  EXPECT_EQ(bytes.substr(10, 4), std::string("\0\0\x21\0", 4));
}

TEST_F(DatasetTest, NothingIsWrittenOnFailure) {
  EXPECT_EQ(writeNpz(path("none/a.npz"), {{"x", {{1}, {1}, ""}}})
                .diagnostics()[0]
                .diag,
            Diag::FileNotWritten);
  Status status = writeNpz(path("a.npz"), {{"x", {{3}, {1}, ""}},
                                           {"y", {{1}, {1.5f}, "<i8"}},
                                           {"z", {{1}, {1}, "<f2"}}});
  ASSERT_FALSE(status);
  ASSERT_EQ(status.diagnostics().size(), 3u);
  EXPECT_EQ(status.diagnostics()[0].diag, Diag::DataShape);
  EXPECT_EQ(status.diagnostics()[1].diag, Diag::DataType);
  EXPECT_EQ(status.diagnostics()[2].diag, Diag::DataType);
  EXPECT_EQ(writeNpz(path("a.npz"), {}).diagnostics()[0].diag, Diag::DataEmpty);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}
