//===- DataSourcesTest.cpp - Tables and folders of images -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "ntrt/Dataset.h"

#include "gtest/gtest.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <jpeglib.h>
#include <png.h>

using namespace ntrt;
namespace fs = std::filesystem;

namespace {

struct DataSources : testing::Test {
  void SetUp() override {
    folder = fs::temp_directory_path() /
             ("nt-data-sources-" + std::to_string(getpid()));
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string table(const std::string &text) {
    const fs::path path = folder / "table.csv";
    std::ofstream(path) << text;
    return path.string();
  }
  /// Writes pixels [height, width, channels] below a folder of a class.
  void png(const std::string &name, size_t width, size_t height,
           const std::vector<uint8_t> &pixels) {
    fs::create_directories((folder / "images" / name).parent_path());
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width);
    image.height = static_cast<png_uint_32>(height);
    image.format =
        pixels.size() == width * height ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    ASSERT_TRUE(png_image_write_to_file(&image,
                                        (folder / "images" / name).c_str(), 0,
                                        pixels.data(), 0, nullptr));
  }
  void jpeg(const std::string &name, unsigned size, uint8_t value) {
    fs::create_directories((folder / "images" / name).parent_path());
    std::FILE *file = std::fopen((folder / "images" / name).c_str(), "wb");
    ASSERT_TRUE(file);
    jpeg_compress_struct info;
    jpeg_error_mgr error;
    info.err = jpeg_std_error(&error);
    jpeg_create_compress(&info);
    jpeg_stdio_dest(&info, file);
    info.image_width = info.image_height = size;
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_start_compress(&info, TRUE);
    std::vector<uint8_t> row(3 * size, value);
    for (unsigned y = 0; y < size; ++y) {
      JSAMPROW pointer = row.data();
      jpeg_write_scanlines(&info, &pointer, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    std::fclose(file);
  }
  std::string images() const { return (folder / "images").string(); }

  fs::path folder;
};

std::string textOf(const Result<Dataset> &result) {
  return result ? "" : toString(result.diagnostics());
}

} // namespace

TEST_F(DataSources, TableWithHeaderGivesRowsAndLabels) {
  auto data = Dataset::load(table("a, b,label\n0.5,1,0\r\n\n-2e-1 , 3,1\n"));
  ASSERT_TRUE(bool(data)) << textOf(data);
  EXPECT_EQ(data->sampleShape, std::vector<size_t>{2});
  EXPECT_EQ(data->values, (std::vector<float>{0.5f, 1, -0.2f, 3}));
  EXPECT_EQ(data->labels, (std::vector<uint32_t>{0, 1}));
}

TEST_F(DataSources, EveryBadRowIsNamedWithItsLine) {
  auto data = Dataset::load(table("1,2,0\n1,x,0\n1,2\n1,2,-1\n1,nan,1\n"));
  ASSERT_FALSE(bool(data));
  EXPECT_EQ(data.diagnostics().size(), 4u);
  const std::string text = textOf(data);
  for (const char *part :
       {"table.csv:2", "column 2 is 'x'", "table.csv:3", "2 columns",
        "table.csv:4", "label", "table.csv:5", "not finite"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST_F(DataSources, EmptyTableIsRefused) {
  auto data = Dataset::load(table("a,b,label\n"));
  ASSERT_FALSE(bool(data));
  EXPECT_EQ(data.diagnostics().front().diag, Diag::DataEmpty);
}

TEST_F(DataSources, FoldersAreClassesInOrderOfTheirNames) {
  png("cats/b.png", 2, 1, {255, 0, 51, 0, 255, 102});
  png("cats/a.PNG", 2, 1, {0, 255});
  png("dogs/c.png", 2, 1, {51, 102});
  std::ofstream(folder / "images/dogs/notes.txt") << "not an image";
  auto data = Dataset::load(images());
  ASSERT_TRUE(bool(data)) << textOf(data);
  EXPECT_EQ(data->sampleShape, (std::vector<size_t>{3, 1, 2}));
  EXPECT_EQ(data->labels, (std::vector<uint32_t>{0, 0, 1}));
  // Grey among colours has three equal planes; planes follow each other.
  const std::vector<float> expected = {0,    1,    0,    1,    0,    1,
                                       1,    0,    0,    1,    0.2f, 0.4f,
                                       0.2f, 0.4f, 0.2f, 0.4f, 0.2f, 0.4f};
  ASSERT_EQ(data->values.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_FLOAT_EQ(data->values[i], expected[i]) << i;
}

TEST_F(DataSources, GreyImagesHaveOneChannel) {
  png("a/1.png", 2, 2, {0, 51, 102, 255});
  auto data = Dataset::load(images());
  ASSERT_TRUE(bool(data)) << textOf(data);
  EXPECT_EQ(data->sampleShape, (std::vector<size_t>{1, 2, 2}));
  EXPECT_FLOAT_EQ(data->values[1], 0.2f);
}

TEST_F(DataSources, JpegsAreRead) {
  jpeg("a/1.jpg", 16, 128);
  jpeg("b/1.jpeg", 16, 200);
  auto data = Dataset::load(images());
  ASSERT_TRUE(bool(data)) << textOf(data);
  EXPECT_EQ(data->sampleShape, (std::vector<size_t>{3, 16, 16}));
  EXPECT_NEAR(data->values.front(), 128 / 255.0, 0.01);
  EXPECT_NEAR(data->values.back(), 200 / 255.0, 0.01);
}

TEST_F(DataSources, EveryBadImageIsNamed) {
  png("a/1.png", 2, 2, {0, 0, 0, 0});
  png("a/2.png", 3, 2, {0, 0, 0, 0, 0, 0});
  fs::create_directories(folder / "images/b");
  fs::create_directories(folder / "images/c");
  std::ofstream(folder / "images/c/broken.jpg") << "nothing";
  jpeg("c/cut.jpg", 16, 128);
  fs::resize_file(folder / "images/c/cut.jpg",
                  fs::file_size(folder / "images/c/cut.jpg") / 2);
  auto data = Dataset::load(images());
  ASSERT_FALSE(bool(data));
  const std::string text = textOf(data);
  for (const char *part : {"2.png", "3 x 2", "images/b", "no .png",
                           "broken.jpg", "neither a PNG nor a JPEG", "cut.jpg"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST_F(DataSources, FolderWithoutClassesIsRefused) {
  fs::create_directories(folder / "images");
  EXPECT_FALSE(bool(Dataset::load(images())));
}

TEST_F(DataSources, NormalisationIsByChannel) {
  png("a/1.png", 1, 1, {51, 102, 255});
  auto data = Dataset::load(images() + ";mean=0.1,0.2,0.5;std=0.1,0.2,0.5");
  ASSERT_TRUE(bool(data)) << textOf(data);
  EXPECT_NEAR(data->values[0], 1, 1e-6);
  EXPECT_NEAR(data->values[1], 1, 1e-6);
  EXPECT_NEAR(data->values[2], 1, 1e-6);
  auto one = Dataset::load(table("4,6,0\n") + ";mean=2;std=2");
  ASSERT_TRUE(bool(one));
  EXPECT_EQ(one->values, (std::vector<float>{1, 2}));
  EXPECT_FALSE(bool(Dataset::load(images() + ";mean=1,2")));
  EXPECT_FALSE(bool(Dataset::load(images() + ";std=0")));
}
