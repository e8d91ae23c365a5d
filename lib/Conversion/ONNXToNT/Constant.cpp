//===- Constant.cpp - Constant, Identity, Dropout ---------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "HandlerTable.h"

#include "FrozenValues.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

static LogicalResult freeze(NodeBinder &node, DenseElementsAttr value) {
  OpBuilder &builder = node.getBuilder();
  auto module = node.getNode()->getParentOfType<ModuleOp>();
  auto model = module->getAttrOfType<StringAttr>("nt.model");
  std::string origin = ((model ? model.getValue() : StringRef()) + "#" +
                        node.getNode().getNodeName())
                           .str();
  node.replace(FrozenOp::createHashed(builder, node.getLoc(), value, origin));
  return success();
}

/// Float constants are frozen; integer ones stay nodes, which the handlers that
/// take integers read, and go when nothing reads them.
static LogicalResult convertConstant(NodeBinder &node) {
  Attribute value = node.attribute("value");
  Attribute real = node.attribute("value_float");
  Attribute reals = node.attribute("value_floats");
  node.ignore({"value_int", "value_ints", kElementTypeAttribute});
  if (integerConstant(node.getNode().getResult(0)))
    return success();
  Type f32 = node.getBuilder().getF32Type();
  if (auto dense = dyn_cast_or_null<DenseFPElementsAttr>(value))
    return freeze(node, dense);
  if (auto scalar = dyn_cast_or_null<FloatAttr>(real))
    return freeze(node, DenseElementsAttr::get(RankedTensorType::get({}, f32),
                                               scalar.getValue()));
  if (auto list = dyn_cast_or_null<DenseF32ArrayAttr>(reals))
    return freeze(
        node, DenseElementsAttr::get(RankedTensorType::get({list.size()}, f32),
                                     list.asArrayRef()));
  node.fail(ntrt::Diag::OnnxAttribute)
      << "it has none of value, value_float, value_floats, value_int, "
         "value_ints";
  return failure();
}

static LogicalResult convertIdentity(NodeBinder &node) {
  // Whatever it is, integers included.
  if (!node.hasOperand(0)) {
    node.fail(ntrt::Diag::OnnxShape) << "operand 0 is missing";
    return failure();
  }
  node.replace(node.getNode().getInputs()[0]);
  return success();
}

static LogicalResult buildDropout(NodeBinder &node) {
  node.refuseResultsFrom(1);
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  node.replace(input);
  return success();
}

static LogicalResult convertDropout6(NodeBinder &node) {
  node.ignore({"ratio"});
  node.expect("is_test", 0, 1);
  return buildDropout(node);
}

static LogicalResult convertDropout7(NodeBinder &node) {
  node.ignore({"ratio"});
  return buildDropout(node);
}

static LogicalResult convertDropout12(NodeBinder &node) {
  node.ignore({"seed"});
  if (node.hasOperand(2)) {
    auto training = node.constantIntegers(2, "training_mode");
    // Training drops nothing at a ratio of 0.
    FrozenOp ratio;
    if (node.hasOperand(1))
      ratio = node.getNode().getInputs()[1].getDefiningOp<FrozenOp>();
    const bool keepsAll =
        ratio && llvm::all_of(valuesOf(ratio), [](float x) { return x == 0; });
    if (!keepsAll && training &&
        llvm::any_of(*training, [](int64_t x) { return x != 0; }))
      node.fail(ntrt::Diag::OnnxAttribute)
          << "training_mode is true, NT takes the network for inference";
  }
  return buildDropout(node);
}

void onnx_to_nt::addConstantHandlers(HandlerTable &table) {
  table.onOp("Constant", 1, convertConstant,
             "float32, float64 (rounded), int32, int64, bool tensors");
  table.onOp("Identity", 1, convertIdentity, "everything");
  table.onOp("Dropout", 6, convertDropout6,
             "inference (`is_test` 1), mask not used");
  table.onOp("Dropout", 7, convertDropout7, "mask not used");
  table.onOp("Dropout", 12, convertDropout12,
             "`training_mode` absent or false, mask not used");
}
