//===- Samples.h - Batches of a data set -------------------------*- C++
//-*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TUNER_SAMPLES_H
#define NT_LIB_TUNER_SAMPLES_H

#include "nt/Tuner/Training.h"

namespace nt::tuner {

/// A mixed 64-bit value of `a` and `b` (splitmix64): randomness that needs no
/// state, so that training can go on from any step.
uint64_t mix(uint64_t a, uint64_t b);

/// 0 ... count - 1 in an order that depends on `seed` alone.
std::vector<size_t> shuffled(size_t count, uint64_t seed);

/// Copies a sample, changed as `augmentation` says and `random` decides.
/// `shape` is {channels, height, width}, or anything for no augmentation.
void augment(const float *from, float *to, const std::vector<size_t> &shape,
             const Augmentation &augmentation, uint64_t random);

} // namespace nt::tuner

#endif // NT_LIB_TUNER_SAMPLES_H
