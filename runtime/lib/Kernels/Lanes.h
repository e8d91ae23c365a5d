//===- Lanes.h - Kernels of TimeLanes ---------------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
// One source an instruction set, made of Lanes.inc; all give the same bits.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_KERNELS_LANES_H
#define NTRT_LIB_KERNELS_LANES_H

#include "ntrt/TimeLanes.h"

namespace ntrt {

/// [is leaky][is subtract]
using LaneKernels = StepLanes[2][2];

namespace portable {
extern const LaneKernels laneKernels;
}
namespace avx2 {
extern const LaneKernels laneKernels;
}
namespace avx512 {
extern const LaneKernels laneKernels;
}

} // namespace ntrt

#endif // NTRT_LIB_KERNELS_LANES_H
