//===- SpikeDialect.td - The spike dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef SPIKE_DIALECT_TD
#define SPIKE_DIALECT_TD

include "mlir/IR/OpBase.td"

def Spike_Dialect : Dialect {
  let name = "spike";
  let cppNamespace = "::nt::spike";
  let summary = "Populations of LIF neurons and the connections between them";
  let description = [{
    A quantised network as spiking neurons, before it is laid out on cores. A
    `spike.network` describes itself: neuron parameters, LSB currents and time are
    read from the device once, at conversion, and written into the IR with their
    units, so that the reference simulator needs no device file. Tasks
    (`spike.task`) stand beside the network, which no task changes (rule F2). See
    docs/Dialects/Spike/RationaleSpike.md and docs/spiking.md.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

class Spike_Op<string mnemonic, list<Trait> traits = []>
    : Op<Spike_Dialect, mnemonic, traits>;

#endif // SPIKE_DIALECT_TD
