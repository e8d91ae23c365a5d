//===- ChipOps.td - Ops of the chip dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_CHIP_OPS_TD
#define NT_CHIP_OPS_TD

include "mlir/IR/EnumAttr.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "nt/Dialect/Chip/IR/ChipDialect.td"

def Chip_EncodingAttr : I32EnumAttr<"Encoding",
    "how an input value becomes events", [
      I32EnumAttrCase<"Regular", 0, "regular">,
      I32EnumAttrCase<"Signed", 1, "signed">]> {
  let cppNamespace = "::nt::chip";
}

def Chip_ReadoutKindAttr : I32EnumAttr<"ReadoutKind",
    "what the score of an output is", [
      I32EnumAttrCase<"Count", 0, "count">,
      I32EnumAttrCase<"Membrane", 1, "membrane">,
      I32EnumAttrCase<"First", 2, "first">]> {
  let cppNamespace = "::nt::chip";
}

def Chip_UInt32 : ConfinedAttr<I32Attr, [IntNonNegative]>;

//===----------------------------------------------------------------------===//
// The frozen program
//===----------------------------------------------------------------------===//

def Chip_ProgramOp : Chip_Op<"program",
    [Symbol, SymbolTable, IsolatedFromAbove, NoTerminator, SingleBlock]> {
  let summary = "the frozen configuration of a chip";
  let description = [{
    Everything a `.ntb` holds: layers, cores, routes and read-out, for the device
    of the given name and hash (16 hex digits). No value in it depends on a task
    (rule F2). An input value of `full_scale` is encoded as one spike a slot
    (with encoding `signed` one of -`full_scale` too, on a line of its own); a
    run takes `slots` slots unless told otherwise; synapse codes have `digits`
    binary digits and a sign (rule H1).

    The body holds `chip.layer`, `chip.core`, `chip.input`, `chip.route` and
    `chip.readout`. Layers and cores are numbered in their order.

    ```mlir
    chip.program @tiny device "nt1-tiny" hash "00112233445566aa" inputs 16
        encoding regular full_scale 1.0 readout membrane slots 64 digits 3 {
      // ...
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$device,
                       StrAttr:$device_hash, Chip_UInt32:$inputs,
                       Chip_EncodingAttr:$encoding, F64Attr:$full_scale,
                       Chip_ReadoutKindAttr:$readout, Chip_UInt32:$slots,
                       Chip_UInt32:$digits);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `device` $device `hash` $device_hash `inputs` $inputs `encoding`
    $encoding `full_scale` $full_scale `readout` $readout `slots` $slots
    `digits` $digits attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Lines that carry events of inputs: two an input if values below 0 have
    /// lines of their own, those behind the inputs' number.
    int64_t getInputLines() {
      return int64_t(getInputs()) * (getEncoding() == Encoding::Signed ? 2 : 1);
    }
    /// The largest synapse code: 2^digits - 1 (rule H1).
    int32_t getMaxCode() { return (1 << getDigits()) - 1; }
    /// Number of outputs: neurons that the read-outs name.
    int64_t getNumOutputs();
  }];
}

def Chip_LayerOp : Chip_Op<"layer", [HasParent<"ProgramOp">]> {
  let summary = "a layer of the network, by the user's name for it";
  let description = [{
    Which layers there are and how many neurons each has: for reports and for
    comparison with other levels, not used by the hardware.

    ```mlir
    chip.layer "conv1" neurons 6272
    ```
  }];
  let arguments = (ins StrAttr:$layer_name, Chip_UInt32:$neurons);
  let assemblyFormat = "$layer_name `neurons` $neurons attr-dict";
  let hasVerifier = 1;
}

def Chip_CoreOp : Chip_Op<"core",
    [Symbol, NoTerminator, SingleBlock, HasParent<"ProgramOp">]> {
  let summary = "a core: a crossbar of synapses and a bank of neurons";
  let description = [{
    With `paired`, columns 2n and 2n + 1 of the array drive neuron n (rule H8).
    At [row, column] of the grid; holds neurons of one layer (its index among
    the program's layers), which are held at V_init before `start_slot` and
    integrate from it on (1 for the first layer). The body holds one
    `chip.domain` for each synapse domain in use, in order, one `chip.array` and
    one `chip.neuron_bank`.

    ```mlir
    chip.core @core_0 at [0, 1] layer 0 start_slot 1 {
      chip.domain synapse 0 dac 17 volts 0.9937007874015748
      chip.array dense<[[3, -7], [0, 1]]> : tensor<2x2xi8>
      chip.neuron_bank neurons dense<[0, 1]> : tensor<2xi32>
                       domains dense<0> : tensor<2xi8>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DenseI32ArrayAttr:$place,
                       Chip_UInt32:$layer, Chip_UInt32:$start_slot,
                       UnitAttr:$paired);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `at` $place `layer` $layer `start_slot` $start_slot
    (`paired` $paired^)? attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    int32_t getRow() { return getPlace()[0]; }
    int32_t getColumn() { return getPlace()[1]; }
    /// The one array and bank of a verified core.
    ArrayOp getArray();
    NeuronBankOp getNeuronBank();
    /// Used rows and columns of the array, and the neurons that these drive.
    int64_t getNumAxons();
    int64_t getNumColumns();
    int64_t getColumnsPerNeuron() { return getPaired() ? 2 : 1; }
    int64_t getNumNeurons() { return getNumColumns() / getColumnsPerNeuron(); }
  }];
}

def Chip_DomainOp : Chip_Op<"domain", [HasParent<"CoreOp">]> {
  let summary = "an adjustable power domain of a core's synapses";
  let description = [{
    Sets the LSB current of the synapses of the neurons in it: `dac` is what is
    written, `volts` what the device's DAC makes of it (V; rule H3, compared by
    `chip-verify` and by the assembler).

    ```mlir
    chip.domain synapse 0 dac 17 volts 0.9937007874015748
    ```
  }];
  let arguments = (ins Chip_UInt32:$index, Chip_UInt32:$dac, F64Attr:$volts);
  let assemblyFormat = [{
    `synapse` $index `dac` $dac `volts` $volts attr-dict
  }];
  let hasVerifier = 1;
}

def Chip_ArrayOp : Chip_Op<"array", [HasParent<"CoreOp">]> {
  let summary = "the synapse codes of a core";
  let description = [{
    codes[axon, column], each within plus or minus 2^digits - 1 of the program
    (rule H1). An event on an axon adds code * LSB(V of the column's domain) to
    the current of the neuron of every column for one pulse.

    `sources`, where a chip was given encodings of its own, holds the states of
    each code's digits, two bits a digit as in a bitstream (00 off, 01 sourcing,
    10 sinking); without it codes have the sources of least current.

    ```mlir
    chip.array dense<[[3]]> : tensor<1x1xi8> sources dense<18> : tensor<1x1xi32>
    ```
  }];
  let arguments = (ins ElementsAttr:$codes, OptionalAttr<ElementsAttr>:$sources);
  let assemblyFormat = "$codes (`sources` $sources^)? attr-dict";
  let hasVerifier = 1;
}

def Chip_NeuronBankOp : Chip_Op<"neuron_bank", [HasParent<"CoreOp">]> {
  let summary = "the neurons of a core";
  let description = [{
    For each neuron which one of the core's layer it is (row-major index), and
    for each column of the array its synapse domain (rule H2).

    ```mlir
    chip.neuron_bank neurons dense<[0, 1]> : tensor<2xi32>
                     domains dense<[0, 1]> : tensor<2xi8>
    ```
  }];
  let arguments = (ins ElementsAttr:$neurons, ElementsAttr:$domains);
  let assemblyFormat = "`neurons` $neurons `domains` $domains attr-dict";
  let hasVerifier = 1;
}

def Chip_InputOp : Chip_Op<"input", [HasParent<"ProgramOp">]> {
  let summary = "inputs that drive axons of a core";
  let description = [{
    Input inputs[i] becomes an event on axon axons[i] of the core.

    ```mlir
    chip.input @core_0 inputs dense<[0, 3]> : tensor<2xi32>
                       axons dense<[0, 1]> : tensor<2xi32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$target, ElementsAttr:$inputs,
                       ElementsAttr:$axons);
  let assemblyFormat = "$target `inputs` $inputs `axons` $axons attr-dict";
  let hasVerifier = 1;
}

def Chip_RouteOp : Chip_Op<"route", [HasParent<"ProgramOp">]> {
  let summary = "neurons of a core that drive axons of a core";
  let description = [{
    A spike of neuron neurons[i] of the source core becomes an event on
    axon axons[i] of the target core. An axon has at most one source.

    ```mlir
    chip.route @core_0 -> @core_1 neurons dense<[0, 1]> : tensor<2xi32>
                                  axons dense<[0, 1]> : tensor<2xi32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$source, FlatSymbolRefAttr:$target,
                       ElementsAttr:$neurons, ElementsAttr:$axons);
  let assemblyFormat = [{
    $source `->` $target `neurons` $neurons `axons` $axons attr-dict
  }];
  let hasVerifier = 1;
}

def Chip_ReadoutOp : Chip_Op<"readout", [HasParent<"ProgramOp">]> {
  let summary = "neurons of a core whose activity is the network's result";
  let description = [{
    The score of output outputs[i] is that of neuron neurons[i]. All
    read-outs of a program together name each output once.

    ```mlir
    chip.readout @core_1 neurons [0, 1, 2] outputs [0, 1, 2]
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$core, DenseI32ArrayAttr:$neurons,
                       DenseI32ArrayAttr:$outputs);
  let assemblyFormat = "$core `neurons` $neurons `outputs` $outputs attr-dict";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Tasks
//===----------------------------------------------------------------------===//

def Chip_TaskOp : Chip_Op<"task",
    [Symbol, NoTerminator, SingleBlock,
     DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "what makes a program serve one task";
  let description = [{
    Everything a `.ntm` holds: one `chip.modulation` for each core of the
    program. `classes[i]` is the label that output i stands for. Loading another
    task writes no weight.

    ```mlir
    chip.task @target of @tiny classes [1, 3, 6] {
      chip.modulation @core_0 dac [90] codes dense<[3, -7]> : tensor<2xi8>
                                       domains dense<0> : tensor<2xi8>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$program,
                       DenseI32ArrayAttr:$classes);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `of` $program `classes` $classes attr-dict-with-keyword $body
  }];
  let extraClassDeclaration = [{
    /// The program of a verified task.
    ProgramOp getProgramOp();
  }];
}

def Chip_ModulationOp : Chip_Op<"modulation", [HasParent<"TaskOp">]> {
  let summary = "the modulation domains and words of one core";
  let description = [{
    Bias current of neuron n = codes[n] * LSB(V(dac[domains[n]])): one word a
    neuron, one DAC code a modulation domain (rules H1, H2).
  }];
  let arguments = (ins FlatSymbolRefAttr:$core, DenseI32ArrayAttr:$dac,
                       ElementsAttr:$codes, ElementsAttr:$domains);
  let assemblyFormat = [{
    $core `dac` $dac `codes` $codes `domains` $domains attr-dict
  }];
  let hasVerifier = 1;
}

#endif // NT_CHIP_OPS_TD
