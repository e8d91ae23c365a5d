//===- NTOps.td - Ops of the nt dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_OPS_TD
#define NT_OPS_TD

include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "nt/Dialect/NT/IR/NTAttributes.td"
include "nt/Dialect/NT/IR/NTDialect.td"
include "nt/Interfaces/NTInterfaces.td"

/// Activations: static float tensors with a leading batch dimension.
def NT_Activation : StaticShapeTensorOf<[F32]>;
/// Frozen values: float weights, or synapse codes once quantised.
def NT_Frozen : StaticShapeTensorOf<[F32, I8]>;

//===----------------------------------------------------------------------===//
// Import
//===----------------------------------------------------------------------===//

def NT_OnnxNodeOp : NT_Op<"onnx_node"> {
  let summary = "an ONNX node, imported mechanically";
  let description = [{
    A node as the model has it: its type, domain, opset and attributes, with no
    meaning given to them yet. `convert-onnx-to-nt` gives it one through versioned
    handlers. An optional operand that is absent is an `nt.onnx_absent`. The node's
    name is the op's location.

    ```mlir
    %1 = nt.onnx_node "Relu" opset 13 (%0) {} : (tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
  let arguments = (ins StrAttr:$op_type, StrAttr:$domain, I64Attr:$opset,
                       StrAttr:$node_name, DictionaryAttr:$node_attributes,
                       Variadic<AnyType>:$inputs);
  let results = (outs Variadic<AnyType>:$outputs);
  let assemblyFormat = [{
    $op_type `domain` $domain `opset` $opset `name` $node_name
    `(` $inputs `)` $node_attributes attr-dict `:` functional-type($inputs, $outputs)
  }];
}

def NT_OnnxAbsentOp : NT_Op<"onnx_absent", [Pure]> {
  let summary = "an optional ONNX operand that is not given";
  let results = (outs NoneType:$result);
  let assemblyFormat = "attr-dict";
}

//===----------------------------------------------------------------------===//
// Frozen values, modulation, tasks
//===----------------------------------------------------------------------===//

def NT_FrozenOp : NT_Op<"frozen", [Pure, DeclareOpInterfaceMethods<Evaluable>]> {
  let summary = "a frozen tensor";
  let description = [{
    Frozen values with the 128-bit XXH3 hash of their bytes (rule F1; checked by
    `nt-verify-frozen`), where they come from, and every recorded change they went
    through (folding, quantisation), oldest first.

    ```mlir
    %w = nt.frozen dense_resource<fc1.weight> : tensor<384x784xf32>
           hash "5e0e..." origin "mlp.onnx#fc1.weight"
    ```
  }];
  let arguments = (ins ElementsAttr:$value, StrAttr:$hash, StrAttr:$origin,
                       OptionalAttr<StrArrayAttr>:$derivation);
  let results = (outs NT_Frozen:$result);
  let assemblyFormat = [{
    $value `hash` $hash `origin` $origin (`derivation` $derivation^)? attr-dict
    `:` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Creates an op with the hash of its value.
    static FrozenOp createHashed(::mlir::OpBuilder &builder,
                                 ::mlir::Location loc,
                                 ::mlir::ElementsAttr value,
                                 ::llvm::StringRef origin,
                                 ::mlir::ArrayAttr derivation = {});
  }];
}

def NT_ModulateOp : NT_Op<"modulate",
    [Pure, AllTypesMatch<["input", "result"]>,
     DeclareOpInterfaceMethods<Evaluable>]> {
  let summary = "the trainable supplemental bias of a layer's neurons";
  let description = [{
    y = x + b (Barton 2022), where b holds the values that the chosen `nt.task`
    gives for this site: one a neuron (tensor of the unit shape) or one a channel.

    ```mlir
    %2 = nt.modulate %1 site "conv1" per neuron : tensor<1x32x14x14xf32>
    ```
  }];
  let arguments = (ins NT_Activation:$input, StrAttr:$site,
                       NT_GranularityAttr:$granularity);
  let results = (outs NT_Activation:$result);
  let assemblyFormat = [{
    $input `site` $site `per` $granularity attr-dict `:` type($result)
  }];
  let extraClassDeclaration = [{
    /// Number of values a task holds for this site.
    int64_t getNumValues();
    /// Units of the site (neurons), and the channel of a unit.
    int64_t getNumNeurons();
    int64_t getChannelOf(int64_t neuron);
  }];
}

def NT_TaskOp : NT_Op<"task", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "all modulation values of one task";
  let description = [{
    `values` gives for each modulation site an f32 tensor of one dimension, in
    network units. Once domains are assigned, `words` gives the site's modulation
    words and `values` the total bias they realise on the device (the layer's own
    frozen bias included). `classes[i]` is the label that output i stands for.

    ```mlir
    nt.task @target classes [2, 0, 1]
      values {fc1 = dense<0.0> : tensor<384xf32>}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DenseI32ArrayAttr:$classes,
                       DictionaryAttr:$values,
                       OptionalAttr<DictionaryAttr>:$words);
  let assemblyFormat = [{
    $sym_name `classes` $classes `values` $values (`words` $words^)? attr-dict
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

class NT_LayerOp<string mnemonic>
    : NT_Op<mnemonic, [Pure,
        DeclareOpInterfaceMethods<Evaluable>,
        DeclareOpInterfaceMethods<SynapseLayer>,
        DeclareOpInterfaceMethods<FrozenLayer>,
        DeclareOpInterfaceMethods<Modulatable>]> {
  let results = (outs NT_Activation:$result);
  let hasVerifier = 1;
  // What quantisation (scales), calibration (ranges) and domain assignment
  // decide; documented in FrozenLayer.
  dag decided = (ins OptionalAttr<ElementsAttr>:$scales,
                     OptionalAttr<F64Attr>:$input_range,
                     OptionalAttr<F64Attr>:$output_range,
                     OptionalAttr<DenseI32ArrayAttr>:$domain_of_channel,
                     OptionalAttr<DenseI32ArrayAttr>:$domain_dac,
                     UnitAttr:$paired);
}

def NT_DenseOp : NT_LayerOp<"dense"> {
  let summary = "a fully connected layer";
  let description = [{
    result[o] = sum_i weights[o, i] * input[i] + bias[o], with `scales` once
    quantised: weights[o, i] = code[o, i] * scales[o]. Where it is `paired`, two
    columns of synapses make a weight (rule H8): codes have 2 * O rows, and
    weights[o, i] = code[2o, i] * scales[2o] + code[2o + 1, i] * scales[2o + 1].

    ```mlir
    %y = nt.dense %x, %w bias %b name "fc1"
      : tensor<1x784xf32>, tensor<384x784xf32>, tensor<384xf32> -> tensor<1x384xf32>
    ```
  }];
  let arguments = !con((ins NT_Activation:$input, NT_Frozen:$weights,
                            Optional<NT_Frozen>:$bias, StrAttr:$layer_name),
                       decided);
  let assemblyFormat = [{
    $input `,` $weights (`bias` $bias^)? `name` $layer_name attr-dict `:`
    type($input) `,` type($weights) (`,` type($bias)^)? `->` type($result)
  }];
}

def NT_ConvOp : NT_LayerOp<"conv"> {
  let summary = "a two-dimensional convolution, NCHW";
  let description = [{
    Cross-correlation as ONNX Conv: weights [O, C / groups, kh, kw], pads [top,
    left, bottom, right] of zeros. Codes of a `paired` layer have 2 * O rows, as
    those of `nt.dense`.

    A `tosa.pad` of zeros before it canonicalises into its pads.

    ```mlir
    %y = nt.conv %x, %w bias %b name "conv1" strides [2, 2] pads [1, 1, 1, 1]
      dilations [1, 1] groups 1
      : tensor<1x1x28x28xf32>, tensor<32x1x3x3xf32>, tensor<32xf32>
        -> tensor<1x32x14x14xf32>
    ```
  }];
  let arguments = !con((ins NT_Activation:$input, NT_Frozen:$weights,
                            Optional<NT_Frozen>:$bias, StrAttr:$layer_name,
                            DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
                            DenseI64ArrayAttr:$dilations, I64Attr:$groups),
                       decided);
  let assemblyFormat = [{
    $input `,` $weights (`bias` $bias^)? `name` $layer_name `strides` $strides
    `pads` $pads `dilations` $dilations `groups` $groups attr-dict `:`
    type($input) `,` type($weights) (`,` type($bias)^)? `->` type($result)
  }];
  let hasCanonicalizer = 1;
}

def NT_BatchNormOp : NT_Op<"batch_norm",
    [Pure, AllTypesMatch<["input", "result"]>,
     AllTypesMatch<["scale", "shift", "mean", "variance"]>,
     DeclareOpInterfaceMethods<Evaluable>]> {
  let summary = "inference-mode batch normalisation over channels";
  let description = [{
    y = (x - mean) / sqrt(variance + epsilon) * scale + shift, each parameter one
    value a channel. `nt-fold-batch-norm` folds it into the layer before it.
  }];
  let arguments = (ins NT_Activation:$input, NT_Frozen:$scale, NT_Frozen:$shift,
                       NT_Frozen:$mean, NT_Frozen:$variance, F64Attr:$epsilon);
  let results = (outs NT_Activation:$result);
  let assemblyFormat = [{
    $input `scale` $scale `shift` $shift `mean` $mean `variance` $variance
    `epsilon` $epsilon attr-dict `:` type($result) `,` type($scale)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Activations, pools, shapes
//===----------------------------------------------------------------------===//

class NT_ActivationOp<string mnemonic, list<Trait> traits = []>
    : NT_Op<mnemonic, !listconcat([Pure, AllTypesMatch<["input", "result"]>,
        DeclareOpInterfaceMethods<Evaluable>], traits)> {
  let results = (outs NT_Activation:$result);
}

def NT_ReluOp : NT_ActivationOp<"relu", [DeclareOpInterfaceMethods<NeuronLayer>]> {
  let summary = "max(x, 0)";
  let arguments = (ins NT_Activation:$input);
  let assemblyFormat = "$input attr-dict `:` type($result)";
  let hasFolder = 1;
}

def NT_ClipOp : NT_ActivationOp<"clip", [DeclareOpInterfaceMethods<NeuronLayer>]> {
  let summary = "min(max(x, lower), upper)";
  let arguments = (ins NT_Activation:$input, F64Attr:$lower, F64Attr:$upper);
  let assemblyFormat = [{
    $input `from` $lower `to` $upper attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def NT_SoftmaxOp : NT_ActivationOp<"softmax"> {
  let summary = "softmax along one axis";
  let arguments = (ins NT_Activation:$input, I64Attr:$axis);
  let assemblyFormat = "$input `axis` $axis attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def NT_FakeQuantizeOp : NT_ActivationOp<"fake_quantize"> {
  let summary = "the value nearest to x that an integer tensor can stand for";
  let description = [{
    (min(max(round(x / scale) + zero_point, lowest), highest) - zero_point) * scale,
    halves rounded to even: what a QuantizeLinear and a DequantizeLinear of one
    scale make of an activation. `nt-lower-fake-quantize` makes a clip of it where
    spikes will carry the value.

    ```mlir
    %1 = nt.fake_quantize %0 scale 2.0e-2 zero_point 0 range [0, 255]
      : tensor<1x8xf32>
    ```
  }];
  let arguments = (ins NT_Activation:$input, F64Attr:$scale, I64Attr:$zero_point,
                       DenseI64ArrayAttr:$range);
  let assemblyFormat = [{
    $input `scale` $scale `zero_point` $zero_point `range` $range attr-dict `:`
    type($result)
  }];
  let hasVerifier = 1;
}

class NT_PoolOp<string mnemonic, dag extra = (ins)>
    : NT_Op<mnemonic, [Pure, DeclareOpInterfaceMethods<Evaluable>]> {
  let arguments = !con((ins NT_Activation:$input, DenseI64ArrayAttr:$kernel,
                            DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads),
                       extra);
  let results = (outs NT_Activation:$result);
  let hasVerifier = 1;
}

def NT_MaxPoolOp : NT_PoolOp<"max_pool"> {
  let summary = "largest value of each window, NCHW";
  let assemblyFormat = [{
    $input `kernel` $kernel `strides` $strides `pads` $pads attr-dict `:`
    type($input) `->` type($result)
  }];
}

def NT_AvgPoolOp : NT_PoolOp<"avg_pool", (ins UnitAttr:$count_include_pad)> {
  let summary = "mean of each window, NCHW";
  let assemblyFormat = [{
    $input `kernel` $kernel `strides` $strides `pads` $pads attr-dict `:`
    type($input) `->` type($result)
  }];
}

def NT_AddOp : NT_Op<"add", [Pure, AllTypesMatch<["lhs", "rhs", "result"]>,
                             DeclareOpInterfaceMethods<Evaluable>]> {
  let summary = "elementwise sum of two activations";
  let arguments = (ins NT_Activation:$lhs, NT_Activation:$rhs);
  let results = (outs NT_Activation:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def NT_ConcatOp : NT_Op<"concat", [Pure, DeclareOpInterfaceMethods<Evaluable>]> {
  let summary = "activations joined along one axis";
  let arguments = (ins Variadic<NT_Activation>:$inputs, I64Attr:$axis);
  let results = (outs NT_Activation:$result);
  let assemblyFormat = [{
    $inputs `axis` $axis attr-dict `:` type($inputs) `->` type($result)
  }];
  let hasVerifier = 1;
}

def NT_ReshapeOp : NT_Op<"reshape", [Pure, DeclareOpInterfaceMethods<Evaluable>]> {
  let summary = "the same values in another shape";
  let arguments = (ins NT_Activation:$input);
  let results = (outs NT_Activation:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

#endif // NT_OPS_TD
