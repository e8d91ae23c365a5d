//===- NTInterfaces.td - What passes ask of ops -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_INTERFACES_TD
#define NT_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Evaluable : OpInterface<"Evaluable"> {
  let cppNamespace = "::nt";
  let description = [{
    An op the reference interpreter can evaluate on host tensors. Simple loops in
    double precision, never optimised: it judges every lowering.
  }];
  let methods = [
    InterfaceMethod<[{
        Computes the op's results. `operands[i]` is the value of operand i, of the
        shape of its type. On failure a diagnostic has been emitted on the op.
      }],
      "::llvm::LogicalResult", "evaluate",
      (ins "::llvm::ArrayRef<const ::nt::HostTensor *>":$operands,
           "const ::nt::EvaluationContext &":$context,
           "::llvm::SmallVectorImpl<::nt::HostTensor> &":$results)>
  ];
}

def SynapseLayer : OpInterface<"SynapseLayer"> {
  let cppNamespace = "::nt";
  let description = [{
    A linear map from presynaptic to postsynaptic units whose weights are shared or
    not: what a crossbar of synapses can realise. Units are numbered in row-major
    order of their (batch-less) shape.
  }];
  let methods = [
    InterfaceMethod<"Number of presynaptic units (inputs).",
      "int64_t", "getNumInputs">,
    InterfaceMethod<"Number of postsynaptic units (neurons).",
      "int64_t", "getNumNeurons">,
    InterfaceMethod<"Number of output channels (groups that share weights).",
      "int64_t", "getNumChannels">,
    InterfaceMethod<"Output channel of a neuron.",
      "int64_t", "getChannelOf", (ins "int64_t":$neuron)>,
    InterfaceMethod<[{
        Calls `visit(input, weightIndex)` for every synapse of `neuron`, in
        ascending order of weightIndex (flat index into the weight tensor). Padding
        gives no synapse.
      }],
      "void", "forEachSynapse",
      (ins "int64_t":$neuron,
           "::llvm::function_ref<void(int64_t, int64_t)>":$visit)>
  ];
}

def FrozenLayer : OpInterface<"FrozenLayer", [SynapseLayer]> {
  let cppNamespace = "::nt";
  let description = [{
    A layer of the frozen network with a weight operand defined by `nt.frozen`, an
    optional frozen bias per output channel, and room for what quantisation and
    domain assignment decide (see the rationale page of the dialect).
  }];
  let methods = [
    InterfaceMethod<"The weight operand; axis 0 is the output channel.",
      "::mlir::Value", "getFrozenWeights">,
    InterfaceMethod<"Sets the weight operand.",
      "void", "setFrozenWeights", (ins "::mlir::Value":$weights)>,
    InterfaceMethod<"The bias operand (one value a channel), or null.",
      "::mlir::Value", "getFrozenBias">,
    InterfaceMethod<"Replaces the bias operand; null removes it.",
      "void", "setFrozenBias", (ins "::mlir::Value":$bias)>,
    InterfaceMethod<[{
        Successive channels of one number read the same inputs at each position;
        the neurons of a channel follow each other.
      }],
      "int64_t", "getPatchGroupOf", (ins "int64_t":$channel)>,
    InterfaceMethod<"Name of the layer: the user's ONNX node name.",
      "::llvm::StringRef", "getLayerName">
  ];
  let extraSharedClassDeclaration = [{
    /// Attribute names of what the quantiser and the domain assigner record.
    /// tensor<columns x f64>: weight = code * scale[column]; a channel is one
    /// column of synapses a neuron, or two where the layer is `paired`.
    static constexpr ::llvm::StringLiteral kScales = "scales";
    /// unit: rows 2c and 2c + 1 of the codes are those of channel c's columns,
    /// whose currents add up (rule H8).
    static constexpr ::llvm::StringLiteral kPaired = "paired";
    /// f64: activation value that stands for one spike a slot, of the layer's
    /// input and output (threshold balancing).
    static constexpr ::llvm::StringLiteral kInputRange = "input_range";
    static constexpr ::llvm::StringLiteral kOutputRange = "output_range";
    /// array<i32>: synapse domain of each column; DAC code of each domain.
    static constexpr ::llvm::StringLiteral kDomainOfChannel = "domain_of_channel";
    static constexpr ::llvm::StringLiteral kDomainDac = "domain_dac";
  }];
}

def Modulatable : OpInterface<"Modulatable"> {
  let cppNamespace = "::nt";
  let description = [{
    An op whose result units are neurons that take a supplemental bias: where
    `nt-insert-modulation` puts an `nt.modulate`.
  }];
  let methods = [
    InterfaceMethod<"Name of the modulation site: the user's ONNX node name.",
      "::llvm::StringRef", "getModulationSite">
  ];
}

def NeuronLayer : OpInterface<"NeuronLayer"> {
  let cppNamespace = "::nt";
  let description = [{
    An activation that a population of LIF neurons realises by its firing rate.
  }];
  let methods = [
    InterfaceMethod<"Activation at which the rate saturates, or nullopt.",
      "::std::optional<double>", "getSaturation">
  ];
}

#endif // NT_INTERFACES_TD
