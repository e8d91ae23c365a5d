//===- Graph.h - The layers of an engine ------------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TUNER_GRAPH_H
#define NT_LIB_TUNER_GRAPH_H

#include "nt/Tuner/Engine.h"

#include <oneapi/dnnl/dnnl.hpp>

#include <list>

namespace nt::tuner {

struct Layer {
  enum class Kind {
    Input,
    Dense,
    Conv,
    Modulate,
    Gain,
    Clip,
    Pool,
    Sum,
    ConstantSum,
    Concat,
    Reshape
  };
  Kind kind;
  std::vector<Layer *> inputs, users;
  SampleShape shape;
  size_t index = 0;
  /// Whether a trained value lies at or below this layer.
  bool needsGradient = false;

  // Of a linear layer; `bias` also holds a constant sum's values.
  std::vector<float> weights, bias;
  ConvParameters conv;
  PoolParameters pool;
  float lower = 0, upper = 0;
  size_t site = 0;

  /// Weights as the primitives want them, made once for each format.
  std::list<dnnl::memory> reorderedWeights;

  size_t units() const { return sizeOf(shape); }
  bool isLinear() const { return kind == Kind::Dense || kind == Kind::Conv; }
  /// Adds something to each element; may stand in a chain with others.
  bool isAdditive() const {
    return kind == Kind::Modulate || kind == Kind::ConstantSum ||
           kind == Kind::Sum;
  }
  bool isElementwise() const { return isAdditive() || kind == Kind::Clip; }
};

} // namespace nt::tuner

#endif // NT_LIB_TUNER_GRAPH_H
