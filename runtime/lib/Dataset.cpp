//===- Dataset.cpp - Labelled samples from files --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DataSources.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <zlib.h>

using namespace ntrt;

namespace {
constexpr char kFashionMnist[] = "/usr/share/datasets/fashion-mnist/";
/// How many bad samples or labels are named one by one.
constexpr size_t kNamed = 8;

void append(DiagnosticList &list, const DiagnosticList &more) {
  list.insert(list.end(), more.begin(), more.end());
}

std::string printed(const std::vector<size_t> &shape) {
  std::string text;
  for (size_t extent : shape)
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text.empty() ? "scalar" : text;
}

std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

//===----------------------------------------------------------------------===//
// The specification
//===----------------------------------------------------------------------===//

/// The fields after the source.
struct Selection {
  std::optional<std::vector<uint32_t>> classes;
  std::optional<uint32_t> first, skip;
  std::optional<Normalisation> normalisation;
  /// The samples are what the network takes, as they are.
  bool isNormalised = false;
};

std::optional<uint32_t> wholeNumber(const std::string &text) {
  uint32_t value = 0;
  const char *end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || next != end || text.empty())
    return std::nullopt;
  return value;
}

Result<std::vector<uint32_t>> classList(const std::string &text,
                                        const std::string &place) {
  std::vector<uint32_t> classes;
  for (const std::string &part : split(text, ',')) {
    std::optional<uint32_t> label = wholeNumber(part);
    if (!label)
      return Diagnostic{Diag::OptionInvalid, place,
                        "'" + part + "' is not a label"};
    if (std::find(classes.begin(), classes.end(), *label) != classes.end())
      return Diagnostic{Diag::OptionInvalid, place,
                        "label " + part + " is given twice"};
    classes.push_back(*label);
  }
  return classes;
}

Result<Selection> selectionOf(const std::vector<std::string> &fields,
                              const std::string &place) {
  Selection selection;
  DiagnosticList diagnostics;
  auto misfit = [&](std::string detail) {
    diagnostics.push_back({Diag::OptionInvalid, place, std::move(detail)});
  };
  auto number = [&](const std::string &field, const std::string &value,
                    std::optional<uint32_t> &target) {
    std::optional<uint32_t> parsed = wholeNumber(value);
    if (!parsed)
      misfit("'" + field + "': expected a whole number");
    else if (target)
      misfit("'" + field + "' is given twice");
    target = parsed.value_or(0);
  };
  for (const std::string &field : fields) {
    size_t equals = std::min(field.find('='), field.size());
    std::string name = field.substr(0, equals);
    std::string value =
        equals < field.size() ? field.substr(equals + 1) : std::string();
    if (name == "first") {
      number(field, value, selection.first);
    } else if (name == "skip") {
      number(field, value, selection.skip);
    } else if (name == "classes") {
      if (selection.classes)
        misfit("'" + field + "' is given twice");
      Result<std::vector<uint32_t>> classes = classList(value, place);
      if (classes)
        selection.classes = *classes;
      else
        append(diagnostics, classes.diagnostics());
    } else if (name == "mean" || name == "std") {
      if (!selection.normalisation)
        selection.normalisation.emplace();
      selection.normalisation->readField(name, value, place, diagnostics);
    } else if (field == "normalised") {
      selection.isNormalised = true;
    } else {
      misfit("'" + field +
             "' is not classes=, first=, skip=, mean=, std= or normalised");
    }
  }
  if (selection.isNormalised && selection.normalisation)
    misfit("normalised says that there is nothing left to do for mean= and "
           "std=");
  if (!diagnostics.empty())
    return diagnostics;
  return selection;
}

//===----------------------------------------------------------------------===//
// IDX
//===----------------------------------------------------------------------===//

struct Idx {
  std::vector<size_t> shape;
  std::vector<uint8_t> values;
};

/// Reads an IDX file of bytes, plain or gzip, of at least `minRank` and at most
/// `maxRank` dimensions.
class IdxReader {
public:
  explicit IdxReader(const std::string &path)
      : path(path), file(gzopen(path.c_str(), "rb"), gzclose_r) {}

  Result<Idx> read(size_t minRank, size_t maxRank) {
    if (!file)
      return misfit(Diag::FileMissing, std::strerror(errno));
    uint8_t magic[4];
    if (Status status = fill(magic, 4, "its magic number"); !status)
      return status.diagnostics();
    if (magic[0] != 0 || magic[1] != 0)
      return misfit(Diag::DataFormat, "the file does not start as IDX does");
    if (magic[2] != 0x08)
      return misfit(Diag::DataType, "IDX type " + std::to_string(magic[2]) +
                                        ", expected 8 (unsigned bytes)");
    if (magic[3] < minRank || magic[3] > maxRank)
      return misfit(Diag::DataShape, "found " + std::to_string(magic[3]) +
                                         " dimensions, expected " +
                                         std::to_string(minRank) +
                                         (maxRank > minRank ? " or more" : ""));

    Idx idx;
    size_t total = 1;
    for (size_t i = 0; i < magic[3]; ++i) {
      uint8_t b[4];
      if (Status status = fill(b, 4, "its dimensions"); !status)
        return status.diagnostics();
      idx.shape.push_back(size_t(b[0]) << 24 | b[1] << 16 | b[2] << 8 | b[3]);
      if (__builtin_mul_overflow(total, idx.shape.back(), &total))
        return misfit(Diag::DataFormat, "the dimensions are not possible");
    }
    // Grows with what is there, not with what the header claims.
    constexpr size_t kChunk = 1 << 20;
    while (idx.values.size() < total) {
      size_t have = idx.values.size();
      size_t size = std::min(kChunk, total - have);
      idx.values.resize(have + size);
      if (Status status = fill(idx.values.data() + have, size, "its data");
          !status)
        return status.diagnostics();
    }
    // Also makes zlib check the CRC.
    uint8_t extra;
    int got = gzread(file.get(), &extra, 1);
    if (got < 0)
      return brokenStream("its end");
    if (got > 0)
      return misfit(Diag::DataFormat, "the file holds more than its " +
                                          printed(idx.shape) + " bytes");
    if (gzclose_r(file.release()) == Z_BUF_ERROR)
      return misfit(Diag::FileTruncated, "the gzip stream has no end");
    return idx;
  }

private:
  Diagnostic misfit(Diag diag, std::string detail) const {
    return {diag, path, std::move(detail)};
  }
  Diagnostic brokenStream(const char *what) const {
    int code = 0;
    const char *text = gzerror(file.get(), &code);
    if (code == Z_ERRNO)
      return misfit(Diag::FileMissing, std::strerror(errno));
    if (code == Z_BUF_ERROR)
      return misfit(Diag::FileTruncated,
                    std::string("the gzip stream ends inside ") + what);
    return misfit(Diag::DataFormat, text);
  }
  Status fill(uint8_t *buffer, size_t size, const char *what) {
    int got = gzread(file.get(), buffer, unsigned(size));
    if (got < 0)
      return brokenStream(what);
    if (size_t(got) < size)
      return misfit(Diag::FileTruncated,
                    std::string("the file ends inside ") + what);
    return Done{};
  }

  std::string path;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file;
};

Result<Dataset> loadIdx(const std::string &images, const std::string &labels) {
  Result<Idx> x = IdxReader(images).read(2, 255);
  Result<Idx> y = IdxReader(labels).read(1, 1);
  DiagnosticList diagnostics;
  if (!x)
    append(diagnostics, x.diagnostics());
  if (!y)
    append(diagnostics, y.diagnostics());
  if (x && y && x->shape[0] != y->shape[0])
    diagnostics.push_back({Diag::DataShape, labels,
                           std::to_string(y->shape[0]) + " labels for " +
                               std::to_string(x->shape[0]) + " samples"});
  if (!diagnostics.empty())
    return diagnostics;

  Dataset data;
  data.sampleShape.assign(x->shape.begin() + 1, x->shape.end());
  data.values.reserve(x->values.size());
  for (uint8_t value : x->values)
    data.values.push_back(float(value) / 255.0f);
  data.labels.assign(y->values.begin(), y->values.end());
  return data;
}

//===----------------------------------------------------------------------===//
// NPZ
//===----------------------------------------------------------------------===//

/// Labels of a one-dimensional array; float labels are taken if they are whole.
Result<std::vector<uint32_t>> labelsOf(const NpyArray &array, size_t samples,
                                       const std::string &place) {
  if (array.shape != std::vector<size_t>{samples})
    return Diagnostic{Diag::DataShape, place,
                      "labels of shape " + printed(array.shape) + " for " +
                          std::to_string(samples) + " samples"};
  // Above 2^24 a float has no unit steps.
  constexpr float kLargest = 1 << 24;
  std::vector<uint32_t> labels;
  DiagnosticList diagnostics;
  size_t bad = 0;
  for (size_t i = 0; i < samples; ++i) {
    float value = array.values[i];
    if (value >= 0 && value < kLargest && value == std::floor(value))
      labels.push_back(uint32_t(value));
    else if (bad++ < kNamed)
      diagnostics.push_back({Diag::DataLabel, place,
                             "sample " + std::to_string(i) + " has label " +
                                 (std::ostringstream() << value).str()});
  }
  if (bad > kNamed)
    diagnostics.push_back(
        {Diag::DataLabel, place,
         "and " + std::to_string(bad - kNamed) + " more samples"});
  if (!diagnostics.empty())
    return diagnostics;
  return labels;
}

/// Names the samples that hold a value which is not finite.
DiagnosticList notFinite(const Dataset &data, const std::string &place) {
  DiagnosticList diagnostics;
  size_t bad = 0;
  for (size_t i = 0; i < data.samples(); ++i) {
    const float *begin = data.sample(i), *end = begin + data.sampleSize;
    const float *it =
        std::find_if(begin, end, [](float v) { return !std::isfinite(v); });
    if (it != end && bad++ < kNamed)
      diagnostics.push_back({Diag::DataValue, place,
                             "sample " + std::to_string(i) + " holds " +
                                 std::to_string(*it) + " at index " +
                                 std::to_string(it - begin)});
  }
  if (bad > kNamed)
    diagnostics.push_back(
        {Diag::DataValue, place,
         "and " + std::to_string(bad - kNamed) + " more samples"});
  return diagnostics;
}

Result<Dataset> loadNpz(const std::string &path, const std::string &name) {
  Result<std::map<std::string, NpyArray>> arrays = readNpz(path);
  if (!arrays)
    return arrays.diagnostics();
  std::string suffix = name.empty() ? "" : "_" + name;
  std::string xName = "x" + suffix, yName = "y" + suffix;
  auto x = arrays->find(xName);
  if (x == arrays->end()) {
    std::string found;
    for (const auto &entry : *arrays)
      found += (found.empty() ? "" : ", ") + entry.first;
    return Diagnostic{Diag::DataFormat, path,
                      "no array '" + xName + "', found " +
                          (found.empty() ? "none" : found)};
  }

  NpyArray &samples = x->second;
  std::string place = path + ":" + xName;
  if (samples.shape.empty())
    return Diagnostic{Diag::DataShape, place,
                      "a single number, expected one row a sample"};
  DiagnosticList diagnostics;
  Dataset data;
  if (samples.dtype == "<i4" || samples.dtype == "<i8")
    diagnostics.push_back(
        {Diag::DataType, place,
         "samples of dtype '" + samples.dtype + "', expected <f4, <f8 or |u1"});
  data.sampleShape.assign(samples.shape.begin() + 1, samples.shape.end());
  if (auto y = arrays->find(yName); y != arrays->end()) {
    Result<std::vector<uint32_t>> labels =
        labelsOf(y->second, samples.shape[0], path + ":" + yName);
    if (labels)
      data.labels = std::move(*labels);
    else
      append(diagnostics, labels.diagnostics());
  }
  data.values = std::move(samples.values);
  if (samples.dtype == "|u1")
    for (float &value : data.values)
      value /= 255.0f;
  data.sampleSize = 1;
  for (size_t extent : data.sampleShape)
    data.sampleSize *= extent;
  append(diagnostics, notFinite(data, place));
  if (!diagnostics.empty())
    return diagnostics;
  return data;
}

//===----------------------------------------------------------------------===//
// Source and selection
//===----------------------------------------------------------------------===//

Result<Dataset> loadSource(const std::string &source) {
  constexpr std::string_view kPrefix = "fashion-mnist:";
  if (source.starts_with(kPrefix)) {
    std::string part = source.substr(kPrefix.size());
    if (part != "train" && part != "test")
      return Diagnostic{Diag::OptionInvalid, source,
                        "fashion-mnist has the parts train and test"};
    std::string base =
        kFashionMnist + std::string(part == "test" ? "t10k" : part);
    return loadIdx(base + "-images-idx3-ubyte.gz",
                   base + "-labels-idx1-ubyte.gz");
  }
  if (source.ends_with(".npz"))
    return loadNpz(source, "");
  if (size_t at = source.rfind(".npz:"); at != std::string::npos)
    return loadNpz(source.substr(0, at + 4), source.substr(at + 5));
  if (source.ends_with(".csv"))
    return loadCsv(source);
  if (std::error_code error; std::filesystem::is_directory(source, error))
    return loadImageFolder(source);
  std::vector<std::string> pair = split(source, ',');
  if (pair.size() == 2)
    return loadIdx(pair[0], pair[1]);
  return Diagnostic{Diag::DataFormat, source,
                    "neither a .npz, a .csv, an IDX pair, a folder of images "
                    "by class, nor fashion-mnist:train or fashion-mnist:test"};
}

/// Keeps the chosen samples, in place.
Status select(Dataset &data, const Selection &selection,
              const std::string &place) {
  size_t kept = 0, seen = 0;
  std::vector<size_t> perClass;
  if (selection.classes) {
    if (data.labels.empty())
      return Diagnostic{Diag::OptionInvalid, place,
                        "classes= needs labels, and the data set has none"};
    perClass.resize(selection.classes->size());
  }
  size_t skip = selection.skip.value_or(0);
  for (size_t i = 0, samples = data.samples(); i < samples; ++i) {
    uint32_t label = data.labels.empty() ? 0 : data.labels[i];
    if (selection.classes) {
      const std::vector<uint32_t> &classes = *selection.classes;
      auto it = std::find(classes.begin(), classes.end(), label);
      if (it == classes.end())
        continue;
      label = uint32_t(it - classes.begin());
      ++perClass[label];
    }
    if (seen++ < skip || (selection.first && kept >= *selection.first))
      continue;
    std::copy_n(data.sample(i), data.sampleSize,
                data.values.data() + kept * data.sampleSize);
    if (!data.labels.empty())
      data.labels[kept] = label;
    ++kept;
  }
  DiagnosticList diagnostics;
  // A class that never occurs is a slip of the pen, not an empty share.
  for (size_t i = 0; i < perClass.size(); ++i)
    if (perClass[i] == 0)
      diagnostics.push_back(
          {Diag::DataEmpty, place,
           "no sample has label " + std::to_string((*selection.classes)[i])});
  if (diagnostics.empty() && kept == 0)
    diagnostics.push_back(
        {Diag::DataEmpty, place,
         std::to_string(seen) + " samples before skip= and first="});
  if (!diagnostics.empty())
    return diagnostics;
  data.values.resize(kept * data.sampleSize);
  data.values.shrink_to_fit();
  if (!data.labels.empty())
    data.labels.resize(kept);
  return Done{};
}
} // namespace

/// The selection that the fields of a data spec say.
static Result<Selection> readSelection(const std::string &spec,
                                       std::string &source) {
  std::vector<std::string> fields = split(spec, ';');
  source = fields.front();
  fields.erase(fields.begin());
  return selectionOf(fields, spec);
}

static Result<Normalisation> chosen(const Selection &selection,
                                    const Normalisation &recorded,
                                    const std::string &spec) {
  if (selection.isNormalised)
    return Normalisation();
  if (!selection.normalisation)
    return recorded.canonical();
  if (!recorded.isIdentity() && *selection.normalisation != recorded)
    return Diagnostic{Diag::DataNormalisation, spec,
                      "the network's inputs have " + recorded.str()};
  return selection.normalisation->canonical();
}

Result<Normalisation> Dataset::normalisationFor(const std::string &spec,
                                                const Normalisation &recorded) {
  std::string source;
  Result<Selection> selection = readSelection(spec, source);
  if (!selection)
    return selection.diagnostics();
  return chosen(*selection, recorded, spec);
}

Result<Dataset> Dataset::load(const std::string &spec,
                              const Normalisation &recorded) {
  std::string source;
  Result<Selection> selection = readSelection(spec, source);
  if (!selection)
    return selection.diagnostics();
  Result<Normalisation> normalisation = chosen(*selection, recorded, spec);
  if (!normalisation)
    return normalisation.diagnostics();
  Result<Dataset> data = loadSource(source);
  if (!data)
    return data;

  data->sampleSize = 1;
  for (size_t extent : data->sampleShape)
    data->sampleSize *= extent;
  if (data->sampleSize == 0)
    return Diagnostic{Diag::DataShape, source,
                      "samples of shape " + printed(data->sampleShape) +
                          " hold no value"};
  if (Status status = select(*data, *selection, spec); !status)
    return status.diagnostics();
  data->normalisation = *normalisation;
  if (Status status =
          normalisation->apply(data->values, data->sampleShape, spec);
      !status)
    return status.diagnostics();
  return data;
}
