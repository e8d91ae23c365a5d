//===- GraphBuilder.cpp - Nodes and values of an ONNX graph ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "GraphBuilder.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <vector>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_export;

std::string onnx_export::nameOfOp(Operation *op) {
  if (auto layer = dyn_cast<FrozenLayer>(op))
    return layer.getLayerName().str();
  if (auto name = dyn_cast<NameLoc>(op->getLoc()))
    return name.getName().str();
  return op->getName().stripDialect().str();
}

static std::string makeUnique(StringRef wanted, llvm::StringSet<> &used) {
  std::string name = wanted.str();
  for (unsigned suffix = 1; name.empty() || !used.insert(name).second; ++suffix)
    name = (wanted + "_" + Twine(suffix)).str();
  return name;
}

std::string GraphBuilder::makeName(StringRef wanted) {
  return makeUnique(wanted, valueNames);
}

void GraphBuilder::bind(Value value, std::string name) {
  names[value] = std::move(name);
}

const std::string &GraphBuilder::nameOf(Value value) const {
  auto found = names.find(value);
  assert(found != names.end() && "values are bound in order");
  return found->second;
}

onnx::NodeProto &GraphBuilder::node(StringRef opType, Operation *op,
                                    ArrayRef<std::string> inputs) {
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type(opType.str());
  node.set_name(makeUnique(nameOfOp(op), nodeNames));
  for (const std::string &input : inputs)
    node.add_input(input);
  return node;
}

void GraphBuilder::finish(onnx::NodeProto &node, Operation *op) {
  // The graph's output may have been given its name before.
  auto [entry, isNew] = names.try_emplace(op->getResult(0));
  if (isNew)
    entry->second = makeName(node.name());
  node.add_output(entry->second);
}

std::string GraphBuilder::intermediate(onnx::NodeProto &node) {
  std::string name = makeName(node.name() + "/" + node.op_type());
  node.add_output(name);
  return name;
}

//===----------------------------------------------------------------------===//
// Initialisers
//===----------------------------------------------------------------------===//

onnx::TensorProto &GraphBuilder::initializer(StringRef name,
                                             onnx::TensorProto::DataType type,
                                             ArrayRef<int64_t> shape) {
  onnx::TensorProto &tensor = *graph.add_initializer();
  tensor.set_name(makeName(name));
  tensor.set_data_type(type);
  for (int64_t size : shape)
    tensor.add_dims(size);
  return tensor;
}

std::string GraphBuilder::floats(StringRef name, ArrayRef<int64_t> shape,
                                 ArrayRef<float> values) {
  onnx::TensorProto &tensor =
      initializer(name, onnx::TensorProto::FLOAT, shape);
  tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  return tensor.name();
}

std::string GraphBuilder::integers(StringRef name, ArrayRef<int64_t> values) {
  onnx::TensorProto &tensor = initializer(
      name, onnx::TensorProto::INT64, {static_cast<int64_t>(values.size())});
  tensor.set_raw_data(values.data(), values.size() * sizeof(int64_t));
  return tensor.name();
}

std::string GraphBuilder::scalar(StringRef name, float value) {
  return floats(name, {}, value);
}

std::string GraphBuilder::frozen(StringRef name, ElementsAttr value) {
  ArrayRef<int64_t> shape = cast<ShapedType>(value.getType()).getShape();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    const bool isFloat = value.getElementType().isF32();
    onnx::TensorProto &tensor = initializer(
        name, isFloat ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT8,
        shape);
    ArrayRef<char> data = resource.getRawHandle().getBlob()->getData();
    tensor.set_raw_data(data.data(), data.size());
    return tensor.name();
  }
  auto dense = cast<DenseElementsAttr>(value);
  if (value.getElementType().isF32())
    return floats(name, shape, llvm::to_vector(dense.getValues<float>()));
  std::vector<int8_t> codes;
  for (const APInt &code : dense.getValues<APInt>())
    codes.push_back(static_cast<int8_t>(code.getSExtValue()));
  onnx::TensorProto &tensor = initializer(name, onnx::TensorProto::INT8, shape);
  tensor.set_raw_data(codes.data(), codes.size());
  return tensor.name();
}

std::string GraphBuilder::byte(StringRef name, int64_t value, bool isSigned) {
  onnx::TensorProto &tensor = initializer(
      name, isSigned ? onnx::TensorProto::INT8 : onnx::TensorProto::UINT8, {});
  const char bits = static_cast<char>(value);
  tensor.set_raw_data(&bits, 1);
  return tensor.name();
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

static onnx::AttributeProto &
addAttribute(onnx::NodeProto &node, StringRef name,
             onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name(name.str());
  attribute.set_type(type);
  return attribute;
}

void GraphBuilder::attribute(onnx::NodeProto &node, StringRef name,
                             int64_t value) {
  addAttribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void GraphBuilder::attribute(onnx::NodeProto &node, StringRef name,
                             float value) {
  addAttribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}

void GraphBuilder::attribute(onnx::NodeProto &node, StringRef name,
                             ArrayRef<int64_t> values) {
  onnx::AttributeProto &attribute =
      addAttribute(node, name, onnx::AttributeProto::INTS);
  for (int64_t value : values)
    attribute.add_ints(value);
}
