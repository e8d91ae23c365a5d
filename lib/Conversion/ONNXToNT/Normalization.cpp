//===- Normalization.cpp - BatchNormalization -------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "HandlerTable.h"
#include "TosaBuilder.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

static LogicalResult buildBatchNorm(NodeBinder &node) {
  double epsilon = node.real("epsilon", 1e-5f);
  node.ignore({"momentum"});
  if (!(epsilon >= 0))
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'epsilon' is " << epsilon << ", must be at least 0";
  node.refuseResultsFrom(1);
  FrozenOp scale = node.frozen(1, "scale"), shift = node.frozen(2, "bias"),
           mean = node.frozen(3, "mean"), variance = node.frozen(4, "variance");
  auto input = node.activation(0);
  if (!node.usable())
    return failure();

  RankedTensorType type = input.getType();
  if (type.getRank() < 2) {
    node.fail(ntrt::Diag::OnnxShape)
        << "the input has rank " << type.getRank() << ", must have at least 2";
    return failure();
  }
  for (FrozenOp parameter : {scale, shift, mean, variance})
    if (parameter.getType().getShape() != type.getShape().slice(1, 1)) {
      node.fail(ntrt::Diag::OnnxShape)
          << "parameter '" << parameter.getOrigin() << "' has shape ["
          << parameter.getType().getShape() << "], the input has "
          << type.getShape()[1] << " channels";
      return failure();
    }
  OpBuilder &builder = node.getBuilder();
  node.replace(builder.create<BatchNormOp>(node.getLoc(), type, input, scale,
                                           shift, mean, variance,
                                           builder.getF64FloatAttr(epsilon)));
  return success();
}

static LogicalResult convertBatchNorm6(NodeBinder &node) {
  node.expect("is_test", 0, 1);
  node.expect("spatial", 1, 1);
  node.ignore({"consumed_inputs"});
  return buildBatchNorm(node);
}

static LogicalResult convertBatchNorm7(NodeBinder &node) {
  node.expect("spatial", 1, 1);
  return buildBatchNorm(node);
}

static LogicalResult convertBatchNorm14(NodeBinder &node) {
  node.expect("training_mode", 0, 0);
  return buildBatchNorm(node);
}

/// (x - mean) / sqrt(variance + epsilon) along `axes`, times `scale` plus
/// `shift`, which broadcast.
static Value standardized(TosaBuilder &t, Value x, ArrayRef<int64_t> axes,
                          double epsilon, Value scale, Value shift,
                          Value *meanOut = nullptr,
                          Value *inverseOut = nullptr) {
  double count = 1;
  for (int64_t axis : axes)
    count *= static_cast<double>(
        cast<RankedTensorType>(x.getType()).getDimSize(axis));
  auto mean = [&](Value value) {
    return t.mul(t.reduce<tosa::ReduceSumOp>(value, axes), t.scalar(1 / count));
  };
  Value average = mean(x);
  Value centred = t.sub(x, average);
  Value variance = mean(t.mul(centred, centred));
  Value inverse = t.unary<tosa::RsqrtOp>(t.add(variance, t.scalar(epsilon)));
  if (meanOut)
    *meanOut = average;
  if (inverseOut)
    *inverseOut = inverse;
  Value result = t.mul(centred, inverse);
  if (scale)
    result = t.mul(result, scale);
  return shift ? t.add(result, shift) : result;
}

/// Each channel of each sample by its own mean and variance.
static LogicalResult convertInstanceNorm(NodeBinder &node) {
  double epsilon = node.real("epsilon", 1e-5f);
  node.ignore({"consumed_inputs"});
  auto input = node.activation(0), scale = node.activation(1),
       shift = node.activation(2);
  if (!node.usable())
    return failure();
  const int64_t rank = input.getType().getRank();
  if (rank < 3) {
    node.fail(ntrt::Diag::OnnxShape)
        << "the input has rank " << rank << ", must have at least 3";
    return failure();
  }
  const int64_t channels = input.getType().getDimSize(1);
  for (auto parameter : {scale, shift})
    if (parameter.getType().getShape() != ArrayRef<int64_t>{channels}) {
      node.fail(ntrt::Diag::OnnxShape)
          << "a parameter has shape [" << parameter.getType().getShape()
          << "], the input has " << channels << " channels";
      return failure();
    }
  SmallVector<int64_t> byChannel(rank, 1);
  byChannel[1] = channels;
  TosaBuilder t(node.getBuilder(), node.getLoc());
  node.replace(standardized(
      t, input, llvm::to_vector(llvm::seq<int64_t>(2, rank)), epsilon,
      t.reshape(scale, byChannel), t.reshape(shift, byChannel)));
  return success();
}

static LogicalResult convertLayerNorm(NodeBinder &node) {
  int64_t axis = node.integer("axis", -1);
  double epsilon = node.real("epsilon", 1e-5f);
  node.ignore({"stash_type"}); // The interpreter computes in double.
  node.refuseResultsFrom(3);
  auto input = node.activation(0), scale = node.activation(1);
  Value shift;
  if (node.hasOperand(2))
    shift = node.activation(2);
  if (!node.usable())
    return failure();
  const int64_t rank = input.getType().getRank();
  axis += axis < 0 ? rank : 0;
  if (axis < 0 || axis >= rank) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'axis' is outside the input's rank, " << rank;
    return failure();
  }
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value mean, inverse;
  Value result =
      standardized(t, input, llvm::to_vector(llvm::seq<int64_t>(axis, rank)),
                   epsilon, scale, shift, &mean, &inverse);
  if (!result || result.getType() != input.getType()) {
    node.fail(ntrt::Diag::OnnxShape) << "its parameters do not broadcast to ["
                                     << input.getType().getShape() << "]";
    return failure();
  }
  node.replace(result);
  for (unsigned index : {1u, 2u})
    if (index < node.getNode().getNumResults())
      node.replace(index == 1 ? mean : inverse, index);
  return success();
}

/// Groups of channels, each sample's by its own mean and variance.
static LogicalResult buildGroupNorm(NodeBinder &node, bool isByChannel) {
  const int64_t groups = node.integer("num_groups", 0);
  double epsilon = node.real("epsilon", 1e-5f);
  node.ignore({"stash_type"}); // The interpreter computes in double.
  auto input = node.activation(0), scale = node.activation(1),
       shift = node.activation(2);
  if (!node.usable())
    return failure();
  ArrayRef<int64_t> shape = input.getType().getShape();
  if (shape.size() < 3 || groups < 1 || shape[1] % groups) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "the input [" << shape << "] does not part in " << groups
        << " groups of channels";
    return failure();
  }
  const int64_t values = isByChannel ? shape[1] : groups;
  for (auto parameter : {scale, shift})
    if (parameter.getType().getShape() != ArrayRef<int64_t>{values}) {
      node.fail(ntrt::Diag::OnnxShape)
          << "a parameter has shape [" << parameter.getType().getShape()
          << "], must be [" << values << "]";
      return failure();
    }
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value parted = t.reshape(
      input, {shape[0], groups,
              ShapedType::getNumElements(shape.drop_front()) / groups});
  Value result;
  if (isByChannel) {
    SmallVector<int64_t> byChannel(shape.size(), 1);
    byChannel[1] = shape[1];
    result = t.reshape(standardized(t, parted, {2}, epsilon, {}, {}), shape);
    result = t.add(t.mul(result, t.reshape(scale, byChannel)),
                   t.reshape(shift, byChannel));
  } else {
    result = t.reshape(standardized(t, parted, {2}, epsilon,
                                    t.reshape(scale, {1, groups, 1}),
                                    t.reshape(shift, {1, groups, 1})),
                       shape);
  }
  node.replace(result);
  return success();
}

/// Before opset 21 scale and bias had one value a group.
static LogicalResult convertGroupNorm18(NodeBinder &node) {
  return buildGroupNorm(node, /*isByChannel=*/false);
}
static LogicalResult convertGroupNorm21(NodeBinder &node) {
  return buildGroupNorm(node, /*isByChannel=*/true);
}

/// x / (bias + alpha / size * sum of x^2 over `size` channels about it)^beta.
static LogicalResult convertLRN(NodeBinder &node) {
  const int64_t size = node.integer("size", 0);
  double alpha = node.real("alpha", 1e-4), beta = node.real("beta", 0.75),
         bias = node.real("bias", 1);
  if (size < 1)
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'size' is " << size << ", must be at least 1";
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  ArrayRef<int64_t> shape = input.getType().getShape();
  if (shape.size() < 2) {
    node.fail(ntrt::Diag::OnnxShape)
        << "the input has rank " << shape.size() << ", must have at least 2";
    return failure();
  }
  // Channels before and after the one; what is beyond the ends adds nothing.
  const int64_t before = std::min((size - 1) / 2, shape[1] - 1),
                after = std::min(size - 1 - (size - 1) / 2, shape[1] - 1);
  TosaBuilder t(node.getBuilder(), node.getLoc());
  SmallVector<int32_t> pads(2 * shape.size(), 0);
  pads[2] = static_cast<int32_t>(before);
  pads[3] = static_cast<int32_t>(after);
  Value squares = t.pad(t.mul(input, input), pads, 0), sum;
  SmallVector<int64_t> start(shape.size(), 0);
  for (start[1] = 0; start[1] <= before + after; ++start[1]) {
    Value part = t.slice(squares, start, shape);
    sum = sum ? t.add(sum, part) : part;
  }
  Value base = t.add(t.mul(sum, t.scalar(alpha / static_cast<double>(size))),
                     t.scalar(bias));
  node.replace(t.mul(input, t.pow(base, t.scalar(-beta))));
  return success();
}

void onnx_to_nt::addNormalizationHandlers(HandlerTable &table) {
  table.onOp("BatchNormalization", 1, convertBatchNorm6,
             "inference (`is_test` 1) with frozen parameters, `spatial` 1");
  table.onOp("BatchNormalization", 7, convertBatchNorm7,
             "frozen parameters, `spatial` 1");
  table.onOp("BatchNormalization", 9, buildBatchNorm, "frozen parameters");
  table.onOp("BatchNormalization", 14, convertBatchNorm14,
             "frozen parameters, `training_mode` 0");
  table.onOp("GroupNormalization", 18, convertGroupNorm18,
             "in float; no chip stage takes it");
  table.onOp("GroupNormalization", 21, convertGroupNorm21,
             "in float; no chip stage takes it");
  table.onOp("LRN", 1, convertLRN, "in float; no chip stage takes it");
  table.onOp("InstanceNormalization", 1, convertInstanceNorm,
             "in float; no chip stage takes it");
  table.onOp("LayerNormalization", 17, convertLayerNorm,
             "in float; no chip stage takes it");
}
