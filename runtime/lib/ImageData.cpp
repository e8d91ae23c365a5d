//===- ImageData.cpp - Samples from folders of images
//----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "DataSources.h"

#include "ntrt/Bitstream.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio> // Before jpeglib.h, which forgets it.
#include <cstring>
#include <filesystem>

#include <jpeglib.h>
#include <png.h>

using namespace ntrt;
namespace fs = std::filesystem;

namespace {
/// How many bad images are named one by one.
constexpr size_t kNamed = 8;
/// Larger images are damaged headers.
constexpr size_t kLargestSide = 16384;

Result<Image> readPng(const Bytes &bytes, const std::string &path) {
  png_image png;
  std::memset(&png, 0, sizeof(png));
  png.version = PNG_IMAGE_VERSION;
  auto misfit = [&] {
    std::string message = png.message;
    png_image_free(&png);
    return Diagnostic{Diag::DataFormat, path, message};
  };
  if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()))
    return misfit();
  if (png.width > kLargestSide || png.height > kLargestSide) {
    png_image_free(&png);
    return Diagnostic{Diag::DataShape, path, "larger than 16384 pixels"};
  }
  const bool isGrey = !(png.format & PNG_FORMAT_FLAG_COLOR);
  png.format = isGrey ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  Image image{png.width, png.height, isGrey ? size_t(1) : size_t(3), {}};
  image.pixels.resize(PNG_IMAGE_SIZE(png));
  // Transparent pixels show black.
  const png_color background = {0, 0, 0};
  if (!png_image_finish_read(&png, &background, image.pixels.data(), 0,
                             nullptr))
    return misfit();
  return image;
}

/// libjpeg's errors come back by longjmp.
struct JpegError {
  jpeg_error_mgr manager;
  std::jmp_buf back;
  char message[JMSG_LENGTH_MAX];
};
void leave(j_common_ptr info) {
  auto *error = reinterpret_cast<JpegError *>(info->err);
  error->manager.format_message(info, error->message);
  std::longjmp(error->back, 1);
}
void ignore(j_common_ptr, int) {}

/// Decodes into `image`; false with a message in `error`. No object with a
/// destructor lives in this function, which longjmp leaves.
bool decodeJpeg(const Bytes &bytes, Image &image, JpegError &error) {
  jpeg_decompress_struct info;
  info.err = jpeg_std_error(&error.manager);
  error.manager.error_exit = leave;
  error.manager.emit_message = ignore;
  if (setjmp(error.back)) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_read_header(&info, TRUE);
  const bool isGrey = info.jpeg_color_space == JCS_GRAYSCALE;
  info.out_color_space = isGrey ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&info);
  image.width = info.output_width;
  image.height = info.output_height;
  image.channels = isGrey ? 1 : 3;
  image.pixels.resize(image.width * image.height * image.channels);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = image.pixels.data() +
                   info.output_scanline * image.width * image.channels;
    jpeg_read_scanlines(&info, &row, 1);
  }
  // Data that ended early is filled in with a warning only.
  const bool isWhole = error.manager.num_warnings == 0;
  if (!isWhole)
    std::strcpy(error.message, "the data is damaged or ends early");
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return isWhole;
}

bool isImageName(const fs::path &path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

/// Paths in a folder that `keep` takes, sorted by name.
template <typename Keep>
std::vector<fs::path> entries(const fs::path &folder, Keep keep) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error))
    if (keep(*it))
      found.push_back(it->path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string sizeOf(const Image &image) {
  return std::to_string(image.width) + " x " + std::to_string(image.height);
}

/// Appends an image as planes, of as many channels as asked for.
void append(Dataset &data, const Image &image, size_t channels) {
  for (size_t c = 0; c < channels; ++c)
    for (size_t i = 0; i < image.width * image.height; ++i) {
      const size_t from = image.channels == 1 ? i : i * image.channels + c;
      data.values.push_back(static_cast<float>(image.pixels[from]) / 255.0f);
    }
}
} // namespace

Result<Image> ntrt::readImage(const std::string &path) {
  Result<Bytes> bytes = readFile(path);
  if (!bytes)
    return bytes.diagnostics();
  if (bytes->size() >= 8 && png_sig_cmp(bytes->data(), 0, 8) == 0)
    return readPng(*bytes, path);
  if (bytes->size() >= 2 && (*bytes)[0] == 0xFF && (*bytes)[1] == 0xD8) {
    Image image;
    JpegError error;
    if (!decodeJpeg(*bytes, image, error))
      return Diagnostic{Diag::DataFormat, path, error.message};
    return image;
  }
  return Diagnostic{Diag::DataFormat, path, "neither a PNG nor a JPEG"};
}

Result<Dataset> ntrt::loadImageFolder(const std::string &path) {
  const std::vector<fs::path> classes = entries(
      path, [](const fs::directory_entry &e) { return e.is_directory(); });
  DiagnosticList diagnostics;
  size_t bad = 0;
  auto misfit = [&](Diagnostic diagnostic) {
    if (bad++ < kNamed)
      diagnostics.push_back(std::move(diagnostic));
  };
  if (classes.empty())
    misfit({Diag::DataFormat, path, "it has no folder a class"});
  std::vector<Image> images;
  Dataset data;
  bool hasColour = false;
  std::string first;
  for (size_t label = 0; label < classes.size(); ++label) {
    const std::vector<fs::path> files =
        entries(classes[label], [](const fs::directory_entry &e) {
          return e.is_regular_file() && isImageName(e.path());
        });
    if (files.empty())
      misfit({Diag::DataClass, classes[label].string(),
              "it holds no .png, .jpg or .jpeg"});
    for (const fs::path &file : files) {
      Result<Image> image = readImage(file.string());
      if (!image) {
        misfit(image.diagnostics().front());
        continue;
      }
      if (!images.empty() && (image->width != images.front().width ||
                              image->height != images.front().height)) {
        misfit({Diag::DataShape, file.string(),
                "it is " + sizeOf(*image) + ", " + first + " is " +
                    sizeOf(images.front())});
        continue;
      }
      if (images.empty())
        first = file.string();
      hasColour |= image->channels > 1;
      images.push_back(std::move(*image));
      data.labels.push_back(static_cast<uint32_t>(label));
    }
  }
  if (bad > kNamed)
    diagnostics.push_back({Diag::DataFormat, path,
                           "and " + std::to_string(bad - kNamed) + " more"});
  if (!diagnostics.empty())
    return diagnostics;
  const size_t channels = hasColour ? 3 : 1;
  data.sampleShape = {channels, images.front().height, images.front().width};
  for (const Image &image : images)
    append(data, image, channels);
  return data;
}
