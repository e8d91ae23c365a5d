//===- SpikeTypes.td - Types of the spike dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef SPIKE_TYPES_TD
#define SPIKE_TYPES_TD

include "mlir/IR/AttrTypeBase.td"
include "nt/Dialect/Spike/IR/SpikeDialect.td"

class Spike_UnitsType<string name, string typeMnemonic>
    : TypeDef<Spike_Dialect, name> {
  let mnemonic = typeMnemonic;
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape);
  let assemblyFormat = "`<` custom<Shape>($shape) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Number of units: the product of the shape. Units are numbered in
    /// row-major order.
    int64_t getNumUnits() const;
  }];
}

def Spike_Events : Spike_UnitsType<"Events", "events"> {
  let summary = "spike trains of a population of the given shape, e.g. 32x14x14";
}

def Spike_Current : Spike_UnitsType<"Current", "current"> {
  let summary = "synaptic currents (A) into a population of the given shape";
}

#endif // SPIKE_TYPES_TD
