//===- Passes.td - Passes on the chip dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_DIALECT_CHIP_TRANSFORMS_PASSES_TD
#define NT_DIALECT_CHIP_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def ChipVerify : Pass<"chip-verify", "::mlir::ModuleOp"> {
  let summary = "Check chip programs and their tasks against the device";
  let description = [{
    Translates every `chip.program` and `chip.task` as the assembler does and
    checks it: codes (H1), domains (H2), DAC codes and volts (H3), fan-in (H4),
    fan-out and worst-case event rate of links (H5), worst-case current of each
    domain (H6). All misfits are reported in one run. Changes nothing.
    docs/mapping.md says how rates and currents are estimated.
  }];
  let options = [
    Option<"device", "device", "std::string", "\"\"", "device file or name">
  ];
}

#endif // NT_DIALECT_CHIP_TRANSFORMS_PASSES_TD
