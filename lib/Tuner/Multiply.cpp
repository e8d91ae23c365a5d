//===- Multiply.cpp - Matrix products in single precision -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/Multiply.h"

#include <oneapi/dnnl/dnnl.h>

void nt::tuner::multiply(bool transposeA, bool transposeB, size_t m, size_t n,
                         size_t k, const float *a, const float *b, float keep,
                         float *c) {
  if (m == 0 || n == 0)
    return;
  dnnl_sgemm(transposeA ? 'T' : 'N', transposeB ? 'T' : 'N',
             static_cast<dnnl_dim_t>(m), static_cast<dnnl_dim_t>(n),
             static_cast<dnnl_dim_t>(k), 1, a,
             static_cast<dnnl_dim_t>(transposeA ? m : k), b,
             static_cast<dnnl_dim_t>(transposeB ? k : n), keep, c,
             static_cast<dnnl_dim_t>(n));
}
