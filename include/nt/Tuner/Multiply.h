//===- Multiply.h - Matrix products in single precision ---------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_MULTIPLY_H
#define NT_TUNER_MULTIPLY_H

#include <cstddef>

namespace nt::tuner {

/// Row-major C [m x n] = A B + `keep` C, where A [m x k] and B [k x n] are
/// given as they are or transposed; on oneDNN, with as many threads as
/// setPrimitiveThreads() said last in the thread that calls, one within
/// parallel().
void multiply(bool transposeA, bool transposeB, size_t m, size_t n, size_t k,
              const float *a, const float *b, float keep, float *c);

} // namespace nt::tuner

#endif // NT_TUNER_MULTIPLY_H
