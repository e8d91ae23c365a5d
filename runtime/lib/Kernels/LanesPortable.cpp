//===- LanesPortable.cpp - Kernels of TimeLanes for any machine -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#define NTRT_KERNELS portable
#include "Lanes.inc"
