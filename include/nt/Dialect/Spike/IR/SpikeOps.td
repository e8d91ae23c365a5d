//===- SpikeOps.td - Ops of the spike dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef SPIKE_OPS_TD
#define SPIKE_OPS_TD

include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nt/Dialect/Spike/IR/SpikeAttributes.td"
include "nt/Dialect/Spike/IR/SpikeDialect.td"
include "nt/Dialect/Spike/IR/SpikeTypes.td"
include "nt/Interfaces/NTInterfaces.td"

//===----------------------------------------------------------------------===//
// The network and its tasks
//===----------------------------------------------------------------------===//

def Spike_NetworkOp : Spike_Op<"network",
    [Symbol, IsolatedFromAbove, SingleBlock, NoTerminator, NoRegionArguments]> {
  let summary = "a spiking network, self-contained";
  let description = [{
    Holds one `spike.encode`, for each layer a `spike.connect` (or several that
    join) and one `spike.population`, and one `spike.readout`. The device's name and hash (16 hex
    digits) say what it was converted for; `digits` bounds the synapse and
    modulation codes to ±(2^digits - 1) (rule H1). A run takes `slots` slots unless
    told otherwise: layer l integrates slots l .. l + slots - 1 with an ideal
    link.

    ```mlir
    spike.network @mlp device "nt1" hash "0123456789abcdef" digits 3 slots 64
        timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
      ...
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$device,
                       StrAttr:$device_hash, I64Attr:$digits, I64Attr:$slots,
                       Spike_TimingAttr:$timing);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `device` $device `hash` $device_hash `digits` $digits `slots` $slots
    `timing` $timing attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The one op of its kind; null in a network that does not verify.
    EncodeOp getEncode();
    ReadoutOp getReadout();
    /// In order: the populations, and the one of a name (null if none).
    ::std::vector<PopulationOp> getPopulations();
    PopulationOp getPopulation(::llvm::StringRef name);
    /// The largest code: 2^digits - 1.
    int64_t getMaxCode() { return (int64_t(1) << getDigits()) - 1; }
    /// The neuron, pulse and slot of a population as the time model takes them;
    /// other fields of the device are left at their defaults.
    ::ntrt::DeviceModel getTimeModelOf(PopulationOp population);
  }];
}

def Spike_TaskOp : Spike_Op<"task",
    [Symbol, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the modulation words of one task of a network";
  let description = [{
    `words` gives for every population of the network a `#spike.words`;
    `classes[i]` is the label that output i stands for in this task. Nothing else
    may depend on a task (rule F2).

    ```mlir
    spike.task @source of @mlp classes [0, 1] words {fc1 = #spike.words<...>}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$network,
                       DenseI32ArrayAttr:$classes, DictionaryAttr:$words);
  let assemblyFormat = [{
    $sym_name `of` $network `classes` $classes `words` $words attr-dict
  }];
  let extraClassDeclaration = [{
    /// The words of a population; null if there are none.
    WordsAttr getWordsOf(::llvm::StringRef population);
  }];
}

//===----------------------------------------------------------------------===//
// Inside a network
//===----------------------------------------------------------------------===//

class Spike_NetworkPart<string mnemonic, list<Trait> traits = []>
    : Spike_Op<mnemonic,
               !listconcat([HasParent<"::nt::spike::NetworkOp">], traits)>;

def Spike_EncodeOp : Spike_NetworkPart<"encode", [Pure]> {
  let summary = "input values as spike trains";
  let description = [{
    Input i emits in slots 0 .. slots - 1 at the rate value / full_scale spikes a
    slot, clipped to [0, 1]. `regular`: evenly spaced, in slot n if
    floor((n + 1) rate + 1/2) > floor(n rate + 1/2). `signed`: the result has two
    halves of one unit an input each; the first encodes values above 0 so, the
    second the magnitudes of values below 0.

    ```mlir
    %0 = spike.encode regular full_scale 1.0 : !spike.events<1x28x28>
    %1 = spike.encode signed full_scale 2.8 : !spike.events<2x28x28>
    ```
  }];
  let arguments = (ins Spike_EncodingAttr:$encoding, F64Attr:$full_scale);
  let results = (outs Spike_Events:$result);
  let assemblyFormat = [{
    $encoding `full_scale` $full_scale attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    bool isSigned() { return getEncoding() == Encoding::Signed; }
    /// Values of a sample.
    int64_t getNumInputs() {
      return getResult().getType().getNumUnits() / (isSigned() ? 2 : 1);
    }
  }];
}

def Spike_ConnectOp : Spike_NetworkPart<"connect",
    [Pure, DeclareOpInterfaceMethods<SynapseLayer>]> {
  let summary = "synapses between two populations";
  let description = [{
    A spike of input i gives neuron n, through each synapse (i, n), the current
    code * LSB of the domain of n's channel during one pulse. Without `conv` the
    connection is dense: codes [outputs, inputs], and each neuron is a channel of
    its own. With it, codes are [O, C / groups, kh, kw] and stay shared. Only the
    number of units of the input counts, in row-major order, so that a reshape
    leaves no trace.

    With `paired` two columns of synapses drive each neuron (rule H8): rows 2c and
    2c + 1 of the codes are those of channel c, each with a domain of its own in
    `domain_of_channel`, and of the sum of their currents the neuron's membrane
    takes one half, the partner's the other.

    `hash`, when given, is the 128-bit XXH3 of the codes (rule F1) and is checked.

    ```mlir
    %1 = spike.connect %0 name "conv1"
      conv <input = 1x28x28, strides = [2, 2], pads = [1, 1, 1, 1],
            dilations = [1, 1], groups = 1>
      codes dense_resource<conv1> : tensor<32x1x3x3xi8> hash "5e0e..."
      domain_of_channel [0, 1, ...] domains <dac = [17, 90], lsb = [1.0e-10, 5.2e-09] A>
      : !spike.events<1x28x28> -> !spike.current<32x14x14>
    ```
  }];
  let arguments = (ins Spike_Events:$input, StrAttr:$layer_name,
                       UnitAttr:$paired,
                       OptionalAttr<Spike_ConvAttr>:$conv, ElementsAttr:$codes,
                       OptionalAttr<StrAttr>:$hash,
                       DenseI32ArrayAttr:$domain_of_channel,
                       Spike_DomainsAttr:$domains);
  let results = (outs Spike_Current:$result);
  let assemblyFormat = [{
    $input `name` $layer_name (`paired` $paired^)? (`conv` $conv^)?
    `codes` $codes (`hash` $hash^)?
    `domain_of_channel` $domain_of_channel `domains` $domains attr-dict `:`
    type($input) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The convolution's index arithmetic; nullopt if the connection is dense.
    ::std::optional<::nt::ConvGeometry> getGeometry();
    /// Columns of synapses that drive a neuron.
    int64_t getColumnsPerNeuron() { return getPaired() ? 2 : 1; }
    /// Synapse domain of a neuron's column: that of its channel's.
    int64_t getDomainOf(int64_t neuron, int64_t column = 0) {
      return getDomainOfChannel()[getChannelOf(neuron) * getColumnsPerNeuron() +
                                  column];
    }
    /// Where the code of a column stands, given the weight that forEachSynapse
    /// names.
    int64_t getCodeIndex(int64_t weight, int64_t column) {
      const int64_t fanIn =
          getCodes().getNumElements() / getCodes().getShapedType().getDimSize(0);
      return (weight / fanIn * getColumnsPerNeuron() + column) * fanIn +
             weight % fanIn;
    }
    /// Calls visit(input, column, index of the code) for all synapses of a
    /// neuron.
    void forEachCode(
        int64_t neuron,
        ::llvm::function_ref<void(int64_t, int64_t, int64_t)> visit);
  }];
}

def Spike_PopulationOp : Spike_NetworkPart<"population", [Pure]> {
  let summary = "a population of LIF neurons";
  let description = [{
    The neurons of one layer, driven by the currents of one `spike.connect`, or of
    several that join (a residual add), and by the task's modulation words for
    `name`. Joined connections flow through one column of synapses a neuron, so
    they have the same domains. They are held at v_init before slot
    `start_slot`, integrate the run's slots from it on, and are frozen afterwards.
    `range` is the activation of the original network that one spike a slot stands
    for; it serves reports and does not act on the simulation.

    ```mlir
    %2 = spike.population %1 name "fc1" lif <...> start_slot 1 range 3.5
      : !spike.current<384> -> !spike.events<384>
    ```
  }];
  let arguments = (ins Variadic<Spike_Current>:$inputs, StrAttr:$layer_name,
                       Spike_LIFAttr:$lif, I64Attr:$start_slot, F64Attr:$range);
  let results = (outs Spike_Events:$result);
  let assemblyFormat = [{
    $inputs `name` $layer_name `lif` $lif `start_slot` $start_slot `range` $range
    attr-dict `:` custom<Currents>(type($inputs)) `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The connections that drive the population, at least one; the input of
    /// each is the value that the presynaptic population, or the encoder,
    /// defines.
    ::llvm::SmallVector<ConnectOp> getConnections();
    /// The first one: they agree on neurons, channels and domains.
    ConnectOp getConnection();
    int64_t getNumNeurons() { return getResult().getType().getNumUnits(); }
  }];
}

def Spike_ReadoutOp : Spike_NetworkPart<"readout"> {
  let summary = "which population's activity gives the scores";
  let description = [{
    `count`: spikes. `membrane`: spikes plus the residual (V_end - v_init) /
    (v_th - v_reset), which is worth several bits at few slots. `first`: slots
    from the first spike to the end of the run, that spike's slot included; 0
    without a spike.

    ```mlir
    spike.readout membrane %5 : !spike.events<5>
    ```
  }];
  let arguments = (ins Spike_ReadoutKindAttr:$kind, Spike_Events:$input);
  let assemblyFormat = "$kind $input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

#endif // SPIKE_OPS_TD
