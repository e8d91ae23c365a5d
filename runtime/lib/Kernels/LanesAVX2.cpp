//===- LanesAVX2.cpp - Kernels of TimeLanes for AVX2 ----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#define NTRT_KERNELS avx2
#include "Lanes.inc"
