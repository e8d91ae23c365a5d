//===- LinearLayers.h - Frozen linear layers on oneDNN ----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TUNER_LINEARLAYERS_H
#define NT_LIB_TUNER_LINEARLAYERS_H

#include "nt/Tuner/Engine.h"

namespace nt::tuner {

/// A frozen dense layer or convolution; primitives and re-ordered weights are
/// made once for each batch size.
std::unique_ptr<Layer> makeDense(Layer *input, std::vector<float> weights,
                                 std::vector<float> bias);
std::unique_ptr<Layer> makeConv(Layer *input, SampleShape shape,
                                ConvParameters parameters,
                                std::vector<float> weights,
                                std::vector<float> bias);

} // namespace nt::tuner

#endif // NT_LIB_TUNER_LINEARLAYERS_H
