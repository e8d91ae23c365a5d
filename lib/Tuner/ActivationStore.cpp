//===- ActivationStore.cpp - One activation of many samples ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/ActivationStore.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>

using namespace nt::tuner;

/// Where temporary files go.
static std::string temporaryFolder() {
  const char *folder = std::getenv("TMPDIR");
  return folder && *folder ? folder : "/tmp";
}

ActivationStore::ActivationStore(size_t samples, size_t units,
                                 ActivationMemory &memory)
    : numSamples(samples), numUnits(units), memory(memory) {
  const size_t bytes = bytesOf(samples);
  if (memory.used + bytes <= memory.limit) {
    // Not cleared: memory is touched when it is written to.
    values.reset(new float[samples * units]);
    memory.used += bytes;
    return;
  }
  std::string path = temporaryFolder() + "/nt-activations-XXXXXX";
  file = mkstemp(path.data());
  if (file < 0)
    error = errno;
  else
    unlink(path.c_str());
}

ActivationStore::~ActivationStore() {
  if (values)
    memory.used -= bytesOf(numSamples);
  if (file >= 0)
    close(file);
}

void ActivationStore::transfer(size_t first, size_t count, float *values,
                               bool writes) const {
  auto *bytes = reinterpret_cast<char *>(values);
  size_t left = bytesOf(count);
  auto offset = static_cast<off_t>(bytesOf(first));
  while (left > 0 && error == 0) {
    const ssize_t moved = writes ? pwrite(file, bytes, left, offset)
                                 : pread(file, bytes, left, offset);
    if (moved < 0 && errno == EINTR)
      continue;
    if (moved <= 0) {
      error = moved < 0 ? errno : EIO;
      return;
    }
    bytes += moved;
    offset += moved;
    left -= static_cast<size_t>(moved);
  }
}

const float *ActivationStore::read(size_t first, size_t count,
                                   std::vector<float> &scratch) const {
  if (values)
    return values.get() + first * numUnits;
  scratch.resize(count * numUnits);
  transfer(first, count, scratch.data(), /*writes=*/false);
  return scratch.data();
}

void ActivationStore::write(size_t first, size_t count,
                            std::vector<float> &scratch, bool keeps,
                            const std::function<void(float *)> &fill) {
  if (values) {
    fill(values.get() + first * numUnits);
    return;
  }
  scratch.resize(count * numUnits);
  if (keeps)
    transfer(first, count, scratch.data(), /*writes=*/false);
  fill(scratch.data());
  transfer(first, count, scratch.data(), /*writes=*/true);
}

ntrt::Status ActivationStore::status() const {
  if (error == 0)
    return ntrt::Done{};
  return ntrt::Diagnostic{
      ntrt::Diag::FileNotWritten, temporaryFolder(),
      "a temporary file of " + std::to_string(bytesOf(numSamples) >> 20) +
          " MiB of activations: " + std::strerror(error) +
          "; TMPDIR names another folder, fewer samples take less"};
}

void nt::tuner::forEachBatch(size_t from, size_t to, size_t sampleBytes,
                             size_t bytes,
                             const std::function<void(size_t, size_t)> &visit) {
  const size_t batch =
      std::max<size_t>(1, bytes / std::max<size_t>(1, sampleBytes));
  for (size_t first = from; first < to; first += batch)
    visit(first, std::min(batch, to - first));
}
