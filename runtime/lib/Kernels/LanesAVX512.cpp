//===- LanesAVX512.cpp - Kernels of TimeLanes for AVX-512 -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#define NTRT_KERNELS avx512
#include "Lanes.inc"
