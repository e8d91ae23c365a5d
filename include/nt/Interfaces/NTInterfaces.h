//===- NTInterfaces.h - What passes ask of ops ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_INTERFACES_NTINTERFACES_H
#define NT_INTERFACES_NTINTERFACES_H

#include "nt/Interpreter/HostTensor.h"

#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Value.h"

#include <optional>
#include <vector>

namespace nt {
struct EvaluationContext;
} // namespace nt

#include "nt/Interfaces/NTInterfaces.h.inc"

namespace nt {

/// Columns of synapses that drive a neuron of a layer: 2 where it is paired.
inline int64_t columnsPerNeuron(mlir::Operation *layer) {
  return layer->hasAttr(FrozenLayer::kPaired) ? 2 : 1;
}

/// Sums of the rows of each channel: values[channel * columns + column][fanIn],
/// row-major, give one row a channel.
template <typename T>
std::vector<T> sumColumns(std::vector<T> values, size_t columns, size_t fanIn) {
  if (columns == 1)
    return values;
  std::vector<T> result(values.size() / columns);
  for (size_t i = 0; i < values.size(); ++i)
    result[i / (columns * fanIn) * fanIn + i % fanIn] += values[i];
  return result;
}

} // namespace nt

#endif // NT_INTERFACES_NTINTERFACES_H
