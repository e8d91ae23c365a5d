//===- SpikingForm.h - What a spiking network can carry ---------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_CONVERSION_NTTOSPIKE_SPIKINGFORM_H
#define NT_CONVERSION_NTTOSPIKE_SPIKINGFORM_H

namespace mlir {
class Operation;
} // namespace mlir

namespace nt {

/// Whether convert-nt-to-spike knows what the op of a network is as neurons and
/// synapses. It may still refuse one for where it stands or what it holds.
bool hasSpikingForm(mlir::Operation *op);

} // namespace nt

#endif // NT_CONVERSION_NTTOSPIKE_SPIKINGFORM_H
