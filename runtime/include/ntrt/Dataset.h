//===- Dataset.h - Labelled samples from files ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_DATASET_H
#define NTRT_DATASET_H

#include "ntrt/Diagnostics.h"
#include "ntrt/Normalisation.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ntrt {

/// An array of a .npy/.npz file, converted to float32 (uint8 is not scaled
/// here).
struct NpyArray {
  std::vector<size_t> shape;
  std::vector<float> values;
  std::string dtype; ///< As in the file, e.g. "<f4", "|u1".
};

/// Reads every array of a .npz (stored or deflated).
Result<std::map<std::string, NpyArray>> readNpz(const std::string &path);
/// Writes float32 / int64-compatible arrays as an uncompressed .npz, whole or
/// not at all.
Status writeNpz(const std::string &path,
                const std::map<std::string, NpyArray> &arrays);

/// Labelled samples, values in the network's input range.
struct Dataset {
  std::vector<size_t> sampleShape; ///< Without the leading sample dimension.
  size_t sampleSize = 0;           ///< Product of sampleShape.
  std::vector<float> values;       ///< samples * sampleSize, row-major.
  std::vector<uint32_t> labels;    ///< Empty if the file has none.
  Normalisation normalisation;     ///< What was done to the values.

  size_t samples() const { return sampleSize ? values.size() / sampleSize : 0; }
  const float *sample(size_t i) const { return values.data() + i * sampleSize; }

  /// Reads a data set named by `spec`:
  ///   file.npz                 arrays x and y
  ///   file.npz:name            arrays x_name and y_name
  ///   images.gz,labels.gz      an IDX pair (plain or gzip)
  ///   fashion-mnist:train|test the files of Debian's dataset-fashion-mnist
  ///   table.csv                rows of numbers, the last one the label
  ///   folder                   one folder of PNG or JPEG files a class
  /// uint8 samples and images are divided by 255. Further fields, after ';':
  ///   classes=1,3,6   keep these labels and renumber them 0, 1, 2 in this
  ///   order first=N         the first N samples (after the class filter)
  ///   skip=N          leave out the first N (after the class filter)
  ///   mean=m, std=s   less m, over s; one number, or one a channel
  ///   normalised      the samples are normalised already
  /// Samples are normalised as the spec says, else as the network records; a
  /// spec that says otherwise than the network is an error (NT-DATA-008).
  static Result<Dataset> load(const std::string &spec,
                              const Normalisation &recorded = {});
  /// The normalisation that load() applies.
  static Result<Normalisation>
  normalisationFor(const std::string &spec, const Normalisation &recorded = {});
};

} // namespace ntrt

#endif // NTRT_DATASET_H
