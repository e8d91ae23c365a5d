//===- DataSources.h - Files that a data set is read from --------*- C++
//-*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_DATASOURCES_H
#define NTRT_LIB_DATASOURCES_H

#include "ntrt/Dataset.h"

namespace ntrt {

/// Rows of numbers, the last one of each the label; a first row that is not
/// numbers is a header. Names every bad row (NT-DATA-001, -004, -005).
Result<Dataset> loadCsv(const std::string &path);

/// A folder with one folder of PNG or JPEG files a class, classes in the order
/// of their names: samples of {3, height, width}, or {1, height, width} if all
/// images are grey, divided by 255. All images must have one size
/// (NT-DATA-002).
Result<Dataset> loadImageFolder(const std::string &path);

/// An image of `channels` interleaved bytes a pixel.
struct Image {
  size_t width = 0, height = 0, channels = 0;
  std::vector<uint8_t> pixels;
};
/// Reads a PNG or JPEG, told by its first bytes; 1 channel if it is grey, else
/// 3. Transparency is dropped.
Result<Image> readImage(const std::string &path);

} // namespace ntrt

#endif // NTRT_LIB_DATASOURCES_H
