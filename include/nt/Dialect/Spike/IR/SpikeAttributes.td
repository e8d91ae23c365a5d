//===- SpikeAttributes.td - Attributes of the spike dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef SPIKE_ATTRIBUTES_TD
#define SPIKE_ATTRIBUTES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "nt/Dialect/Spike/IR/SpikeDialect.td"

class Spike_Enum<string name, string description, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, description, cases> {
  let cppNamespace = "::nt::spike";
}

def Spike_EncodingAttr : Spike_Enum<"Encoding", "how values become spikes", [
  I32EnumAttrCase<"Regular", 0, "regular">,
  I32EnumAttrCase<"Signed", 1, "signed">]>;

def Spike_ReadoutKindAttr : Spike_Enum<"ReadoutKind", "what an output's score is", [
  I32EnumAttrCase<"Count", 0, "count">,
  I32EnumAttrCase<"Membrane", 1, "membrane">,
  I32EnumAttrCase<"First", 2, "first">]>;

def Spike_ResetAttr : Spike_Enum<"Reset", "what a spike does to the membrane", [
  I32EnumAttrCase<"Hard", 0, "hard">,
  I32EnumAttrCase<"Subtract", 1, "subtract">]>;

/// A double in an SI unit, printed so that it reads back to the same bits.
class Spike_Quantity<string description>
    : AttrOrTypeParameter<"::llvm::APFloat", description> {
  let comparator = "$_lhs.bitwiseIsEqual($_rhs)";
  let parser = "::nt::spike::parseQuantity($_parser)";
  let printer = "::nt::spike::printQuantity($_printer, $_self)";
}

def Spike_TimingAttr : AttrDef<Spike_Dialect, "Timing"> {
  let mnemonic = "timing";
  let summary = "the slotted time of the event fabric";
  let description = [{
    A spike registered in slot n acts from the start of slot n + 1 + latency (an
    input's: n + 1), as a current pulse of the given width (docs/time-model.md).

    ```mlir
    #spike.timing<slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0>
    ```
  }];
  let parameters = (ins Spike_Quantity<"length of a slot, seconds">:$slot,
                        Spike_Quantity<"width of a pulse, seconds">:$pulse,
                        "uint32_t":$latency);
  let assemblyFormat = [{
    `<` `slot` `=` $slot `s` `,` `pulse` `=` $pulse `s` `,`
    `latency` `=` $latency `>`
  }];
  let extraClassDeclaration = [{
    double getSlot_s() const { return getSlot().convertToDouble(); }
    double getPulse_s() const { return getPulse().convertToDouble(); }
  }];
  let genVerifyDecl = 1;
}

def Spike_LIFAttr : AttrDef<Spike_Dialect, "LIF"> {
  let mnemonic = "lif";
  let summary = "parameters of a leaky integrate-and-fire neuron, in SI units";
  let description = [{
    C dV/dt = -leak (V - v_rest) + I, clamped at the rails. At v_th the neuron
    spikes, at most once a slot, and its membrane is reset: `hard` holds it at
    v_reset for t_ref, `subtract` takes the charge C (v_th - v_reset) away.

    ```mlir
    #spike.lif<capacitance = 1.0e-12 F, leak = 5.0e-10 S, v_rest = 0.9 V,
               v_reset = 0.9 V, v_th = 1.2 V, v_init = 1.05 V,
               rails = 0.0 V to 1.8 V, t_ref = 1.0e-06 s, reset = subtract>
    ```
  }];
  let parameters = (ins Spike_Quantity<"farad">:$capacitance,
                        Spike_Quantity<"siemens">:$leak,
                        Spike_Quantity<"volt">:$v_rest,
                        Spike_Quantity<"volt">:$v_reset,
                        Spike_Quantity<"volt">:$v_th,
                        Spike_Quantity<"volt">:$v_init,
                        Spike_Quantity<"volt">:$rail_low,
                        Spike_Quantity<"volt">:$rail_high,
                        Spike_Quantity<"seconds">:$t_ref,
                        EnumParameter<Spike_ResetAttr>:$reset);
  let assemblyFormat = [{
    `<` `capacitance` `=` $capacitance `F` `,` `leak` `=` $leak `S` `,`
    `v_rest` `=` $v_rest `V` `,` `v_reset` `=` $v_reset `V` `,`
    `v_th` `=` $v_th `V` `,` `v_init` `=` $v_init `V` `,`
    `rails` `=` $rail_low `V` `to` $rail_high `V` `,`
    `t_ref` `=` $t_ref `s` `,` `reset` `=` $reset `>`
  }];
  let extraClassDeclaration = [{
    /// The parameters as the time model takes them. What a network does not
    /// say (threshold spread, largest rate) is zero.
    ::ntrt::NeuronModel toNeuronModel() const;
    static LIFAttr get(::mlir::MLIRContext *context,
                       const ::ntrt::NeuronModel &neuron);
  }];
  let genVerifyDecl = 1;
}

def Spike_ConvAttr : AttrDef<Spike_Dialect, "Conv"> {
  let mnemonic = "conv";
  let summary = "geometry of a two-dimensional convolution";
  let description = [{
    The input's shape as the convolution sees it (channels, rows, columns), strides
    and dilations (rows, columns), pads of zeros (top, left, bottom, right) and
    groups; the kernel's shape is that of the codes.

    ```mlir
    #spike.conv<input = 1x28x28, strides = [2, 2], pads = [1, 1, 1, 1],
                dilations = [1, 1], groups = 1>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$input,
                        ArrayRefParameter<"int64_t">:$strides,
                        ArrayRefParameter<"int64_t">:$pads,
                        ArrayRefParameter<"int64_t">:$dilations,
                        "int64_t":$groups);
  let assemblyFormat = [{
    `<` `input` `=` custom<Shape>($input) `,` `strides` `=` `[` $strides `]` `,`
    `pads` `=` `[` $pads `]` `,` `dilations` `=` `[` $dilations `]` `,`
    `groups` `=` $groups `>`
  }];
  let genVerifyDecl = 1;
}

def Spike_DomainsAttr : AttrDef<Spike_Dialect, "Domains"> {
  let mnemonic = "domains";
  let summary = "DAC codes of power domains and the LSB currents they give";
  let description = [{
    Entry d is domain d of its kind: its DAC code, and the LSB current in ampere
    that the device's curve gives at that code (rule H3). The list is not empty.

    ```mlir
    #spike.domains<dac = [17, 90], lsb = [1.0e-10, 5.2e-09] A>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int32_t">:$dac,
                        "::mlir::DenseF64ArrayAttr":$lsb);
  let assemblyFormat = [{
    `<` `dac` `=` `[` $dac `]` `,` `lsb` `=` custom<Amperes>($lsb) `>`
  }];
  let extraClassDeclaration = [{
    int64_t getNumDomains() const { return getDac().size(); }
    /// LSB current of a domain in ampere.
    double getLsb_A(int64_t domain) const { return getLsb()[domain]; }
  }];
  let genVerifyDecl = 1;
}

def Spike_WordsAttr : AttrDef<Spike_Dialect, "Words"> {
  let mnemonic = "words";
  let summary = "modulation words of the neurons of one population";
  let description = [{
    Neuron n takes the modulation current codes[n] * LSB current of domain
    domain_of[n]. Both are i8 tensors of one dimension and equal length, in
    row-major order of the population.

    ```mlir
    #spike.words<codes = dense<[3, -7]> : tensor<2xi8>,
                 domain_of = dense<[0, 1]> : tensor<2xi8>,
                 domains = <dac = [17, 90], lsb = [1.0e-11, 5.2e-10] A>>
    ```
  }];
  let parameters = (ins "::mlir::ElementsAttr":$codes,
                        "::mlir::ElementsAttr":$domain_of,
                        "DomainsAttr":$domains);
  let assemblyFormat = [{
    `<` `codes` `=` $codes `,` `domain_of` `=` $domain_of `,`
    `domains` `=` $domains `>`
  }];
  let genVerifyDecl = 1;
}

#endif // SPIKE_ATTRIBUTES_TD
