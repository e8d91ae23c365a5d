//===- ChipDialect.td - The chip dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_CHIP_DIALECT_TD
#define NT_CHIP_DIALECT_TD

include "mlir/IR/OpBase.td"

def Chip_Dialect : Dialect {
  let name = "chip";
  let cppNamespace = "::nt::chip";
  let summary = "What the silicon holds";
  let description = [{
    A configured chip: cores with their synapse arrays, neuron banks and power
    domains, and the routes between them. It says what a bitstream says, in
    text: `nt-translate --chip-to-bitstream` writes it, `--bitstream-to-chip`
    reads it back. A `chip.program` is frozen; all that differs from task to task
    is in `chip.task`, outside of it (rule F2). Hardware limits come from the
    device file and are checked by `chip-verify`. See
    docs/Dialects/Chip/RationaleChip.md.
  }];
}

class Chip_Op<string mnemonic, list<Trait> traits = []>
    : Op<Chip_Dialect, mnemonic, traits>;

#endif // NT_CHIP_DIALECT_TD
