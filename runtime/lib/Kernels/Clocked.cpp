//===- Clocked.cpp - Kernels of the clocked engine for this machine -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Clocked.h"

using namespace ntrt;

const ClockedKernels &ntrt::clockedKernels(EngineKind kind) {
#ifdef __x86_64__
  static const bool hasAvx2 = __builtin_cpu_supports("avx2"),
                    hasAvx512 = __builtin_cpu_supports("avx512f") &&
                                __builtin_cpu_supports("avx512bw") &&
                                __builtin_cpu_supports("avx512dq") &&
                                __builtin_cpu_supports("avx512vl");
  if (kind == EngineKind::Clocked && hasAvx512)
    return avx512::clockedKernels;
  if (kind != EngineKind::Portable && hasAvx2)
    return avx2::clockedKernels;
#endif
  return portable::clockedKernels;
}
