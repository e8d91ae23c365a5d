//===- Passes.td - Conversions between dialects -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_CONVERSION_PASSES_TD
#define NT_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertONNXToNT : Pass<"convert-onnx-to-nt", "::mlir::ModuleOp"> {
  let summary = "Give mechanically imported ONNX nodes their meaning";
  let description = [{
    Converts every `nt.onnx_node` through the handler of its type and opset
    (`onOp("Conv", since, handler)`). All unsupported nodes are reported in one
    run, each with node name, op and opset. The handlers are listed in
    docs/supported-ops.md.
  }];
  let options = [
    Option<"allowBatch", "allow-batch", "bool", "false",
           "take a batch size other than 1 (for the interpreter: no later stage "
           "takes it)">
  ];
  let dependentDialects = ["::nt::NTDialect"];
}

def ConvertNTToSpike : Pass<"convert-nt-to-spike", "::mlir::ModuleOp"> {
  let summary = "Convert a quantised network to LIF populations and connections";
  let description = [{
    Each layer with its modulation and activation becomes one `spike.connect` and
    one `spike.population`; activation ranges (threshold balancing) have already
    set the domains' LSB currents, so that one unit of rate stands for the layer's
    `output_range`. Neuron parameters come from the device.
  }];
  let options = [
    Option<"device", "device", "std::string", "\"\"", "device file or name">,
    Option<"slots", "slots", "unsigned", "64", "slots a run takes by default">,
    Option<"readout", "readout", "std::string", "\"membrane\"",
           "score of an output: count or membrane">
  ];
  let dependentDialects = ["::nt::spike::SpikeDialect"];
}

def ConvertSpikeToChip : Pass<"convert-spike-to-chip", "::mlir::ModuleOp"> {
  let summary = "Partition, place and route a spiking network on the chip";
  let description = [{
    Splits every population over cores (rules H2, H4), places the cores on the
    grid, routes every connection (rule H5) and checks peak domain currents (rule
    H6). The problem is checked before and the solution verified after.
  }];
  let options = [
    Option<"device", "device", "std::string", "\"\"", "device file or name">
  ];
  let dependentDialects = ["::nt::chip::ChipDialect"];
}

def ConvertChipToCPU : Pass<"convert-chip-to-cpu", "::mlir::ModuleOp"> {
  let summary = "Make code for a CPU of a configured chip and one of its tasks";
  let description = [{
    Replaces the one `chip.program`, with the task of the given name, by functions
    of the llvm, arith and scf dialects that simulate it and need the C library
    only: the codes, words, routes and figures of the device are constants, each
    core has a function of its own shape. The arithmetic is that of
    docs/time-model.md in its order, so spikes and scores have the bits of the
    other engines. The functions of C linkage begin with `prefix`; docs/aot.md
    lists them. `nt-cpu-pipeline` lowers the rest to the llvm dialect.
  }];
  let options = [
    Option<"device", "device", "std::string", "\"\"", "device file or name">,
    Option<"task", "task", "std::string", "\"source\"", "name of the chip.task">,
    Option<"prefix", "prefix", "std::string", "\"nt\"",
           "what the names of its functions begin with">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::cf::ControlFlowDialect"];
}

#endif // NT_CONVERSION_PASSES_TD
