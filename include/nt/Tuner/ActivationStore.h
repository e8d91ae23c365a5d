//===- ActivationStore.h - One activation of many samples -------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a network's calibration keeps between two layers: a few hundred samples
// of an activation of millions of units do not fit a machine's memory, so
// stores that would exceed a common limit lie in temporary files. Knows nothing
// of IR.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_ACTIVATIONSTORE_H
#define NT_TUNER_ACTIVATIONSTORE_H

#include "ntrt/Diagnostics.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace nt::tuner {

/// Bytes that stores together may take of memory, and what they take now.
struct ActivationMemory {
  size_t limit = size_t(1) << 30;
  size_t used = 0;
};

/// Values of one activation, [samples, units], in memory or in a file without
/// name in TMPDIR (or /tmp) that vanishes with the store.
class ActivationStore {
public:
  ActivationStore(size_t samples, size_t units, ActivationMemory &memory);
  ~ActivationStore();
  ActivationStore(const ActivationStore &) = delete;
  ActivationStore &operator=(const ActivationStore &) = delete;

  size_t samples() const { return numSamples; }
  size_t units() const { return numUnits; }
  bool isInMemory() const { return file < 0 && error == 0; }

  /// Samples [first, first + count), valid until the store is written to or
  /// `scratch`, which holds what comes from a file, is used again.
  const float *read(size_t first, size_t count,
                    std::vector<float> &scratch) const;
  /// Lets `fill` write samples [first, first + count); what was there is in
  /// `values` already if `keeps`.
  void write(size_t first, size_t count, std::vector<float> &scratch,
             bool keeps, const std::function<void(float *values)> &fill);

  /// Fails with NT-FILE-003 if a file could not be made, written or read: the
  /// values are then not to be used.
  ntrt::Status status() const;

private:
  size_t bytesOf(size_t count) const {
    return count * numUnits * sizeof(float);
  }
  /// Moves bytes between `values` and the file; records a failure.
  void transfer(size_t first, size_t count, float *values, bool writes) const;

  size_t numSamples, numUnits;
  ActivationMemory &memory;
  std::unique_ptr<float[]> values; ///< Null where the store is a file.
  int file = -1;
  mutable int error = 0; ///< errno of the first failure.
};

/// Calls visit(first, count) for batches that cover [from, to), each of at most
/// `bytes` where a sample takes `sampleBytes`, and of at least one sample.
void forEachBatch(size_t from, size_t to, size_t sampleBytes, size_t bytes,
                  const std::function<void(size_t first, size_t count)> &visit);

} // namespace nt::tuner

#endif // NT_TUNER_ACTIVATIONSTORE_H
