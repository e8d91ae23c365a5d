//===- Normalization.cpp - BatchNormalization -------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "HandlerTable.h"

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

void onnx_to_nt::addNormalizationHandlers(HandlerTable &table) {
  table.onOp("BatchNormalization", 1, convertBatchNorm6,
             "inference (`is_test` 1) with frozen parameters, `spatial` 1");
  table.onOp("BatchNormalization", 7, convertBatchNorm7,
             "frozen parameters, `spatial` 1");
  table.onOp("BatchNormalization", 9, buildBatchNorm, "frozen parameters");
  table.onOp("BatchNormalization", 14, convertBatchNorm14,
             "frozen parameters, `training_mode` 0");
}
