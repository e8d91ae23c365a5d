//===- Elements.h - Element kernels by instruction set ----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_KERNELS_ELEMENTS_H
#define NTRT_LIB_KERNELS_ELEMENTS_H

#include "ntrt/ElementKernels.h"

#define NTRT_DECLARE_KERNELS(name)                                             \
  namespace ntrt::name {                                                       \
  void forward(const ElementShape &, const float *, float *,                   \
               const ElementChain &);                                          \
  void backward(const ElementShape &, float *, const uint8_t *, float *);      \
  void add(float *, const float *, size_t);                                    \
  }
NTRT_DECLARE_KERNELS(portable)
NTRT_DECLARE_KERNELS(avx2)
NTRT_DECLARE_KERNELS(avx512)
#undef NTRT_DECLARE_KERNELS

#endif // NTRT_LIB_KERNELS_ELEMENTS_H
