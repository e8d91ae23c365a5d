//===- NodeBinder.cpp - Checked access to an ONNX node --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

#include "nt/Import/ONNX/ImportONNX.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

NodeBinder::NodeBinder(OnnxNodeOp node, llvm::StringSet<> &layerNames)
    : node(node), builder(node), layerNames(layerNames) {}

InFlightDiagnostic NodeBinder::fail(ntrt::Diag diag) {
  reported = true;
  // On the location: the node as an op says nothing that the user wrote.
  InFlightDiagnostic diagnostic = emitDiag(node.getLoc(), diag);
  diagnostic << "node '" << node.getNodeName() << "' (";
  if (!node.getDomain().empty())
    diagnostic << node.getDomain() << ".";
  diagnostic << node.getOpType() << ", opset " << int64_t(node.getOpset())
             << "): ";
  return diagnostic;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

Attribute NodeBinder::attribute(StringRef name) {
  readAttributes.insert(name);
  return node.getNodeAttributes().get(name);
}

int64_t NodeBinder::integer(StringRef name, int64_t byDefault) {
  Attribute found = attribute(name);
  if (!found)
    return byDefault;
  if (auto value = dyn_cast<IntegerAttr>(found))
    return value.getInt();
  fail(ntrt::Diag::OnnxAttribute)
      << "attribute '" << name << "' is " << found << ", must be an integer";
  return byDefault;
}

double NodeBinder::real(StringRef name, double byDefault) {
  Attribute found = attribute(name);
  if (!found)
    return byDefault;
  if (auto value = dyn_cast<FloatAttr>(found))
    return value.getValueAsDouble();
  fail(ntrt::Diag::OnnxAttribute)
      << "attribute '" << name << "' is " << found << ", must be a float";
  return byDefault;
}

std::string NodeBinder::string(StringRef name, StringRef byDefault) {
  Attribute found = attribute(name);
  if (!found)
    return byDefault.str();
  if (auto value = dyn_cast<StringAttr>(found))
    return value.str();
  fail(ntrt::Diag::OnnxAttribute)
      << "attribute '" << name << "' is " << found << ", must be a string";
  return byDefault.str();
}

std::optional<SmallVector<int64_t>> NodeBinder::integers(StringRef name) {
  Attribute found = attribute(name);
  if (!found)
    return std::nullopt;
  if (auto value = dyn_cast<DenseI64ArrayAttr>(found))
    return SmallVector<int64_t>(value.asArrayRef());
  fail(ntrt::Diag::OnnxAttribute) << "attribute '" << name << "' is " << found
                                  << ", must be a list of integers";
  return std::nullopt;
}

void NodeBinder::expect(StringRef name, int64_t byDefault, int64_t supported) {
  int64_t found = integer(name, byDefault);
  if (found != supported)
    fail(ntrt::Diag::OnnxAttribute) << "attribute '" << name << "' is " << found
                                    << ", NT takes " << supported;
}

void NodeBinder::ignore(ArrayRef<StringRef> names) {
  for (StringRef name : names)
    readAttributes.insert(name);
}

void NodeBinder::refuseUnreadAttributes() {
  for (NamedAttribute entry : node.getNodeAttributes())
    if (!readAttributes.contains(entry.getName()))
      fail(ntrt::Diag::OnnxAttribute)
          << "attribute '" << entry.getName().getValue()
          << "' is not one NT knows of this operator";
}

//===----------------------------------------------------------------------===//
// Operands and results
//===----------------------------------------------------------------------===//

bool NodeBinder::hasOperand(unsigned index) {
  return index < node.getInputs().size() &&
         !node.getInputs()[index].getDefiningOp<OnnxAbsentOp>();
}

Value NodeBinder::operand(unsigned index) {
  if (hasOperand(index))
    return node.getInputs()[index];
  fail(ntrt::Diag::OnnxShape) << "operand " << index << " is missing";
  return {};
}

/// Whether the value is the result of a node that could not be converted.
static bool isUnconverted(Value value) {
  return !isa<RankedTensorType>(value.getType());
}

TypedValue<RankedTensorType> NodeBinder::activation(unsigned index) {
  Value value = operand(index);
  if (!value)
    return {};
  if (integerConstant(value)) {
    fail(ntrt::Diag::OnnxType)
        << "operand " << index << " is an integer tensor";
    return {};
  }
  if (isUnconverted(value)) {
    poisoned = true;
    return {};
  }
  return cast<TypedValue<RankedTensorType>>(value);
}

TypedValue<RankedTensorType> NodeBinder::number(unsigned index) {
  DenseIntElementsAttr constant;
  if (hasOperand(index))
    constant = integerConstant(node.getInputs()[index]);
  if (!constant)
    return activation(index);
  SmallVector<float> values;
  for (const APInt &value : constant.getValues<APInt>())
    values.push_back(static_cast<float>(value.getSExtValue()));
  auto type = RankedTensorType::get(constant.getType().getShape(),
                                    builder.getF32Type());
  auto origin = "#" + node.getNodeName() + "/" + std::to_string(index);
  return cast<TypedValue<RankedTensorType>>(
      FrozenOp::createHashed(builder, getLoc(),
                             DenseElementsAttr::get(type, ArrayRef(values)),
                             origin.str())
          .getResult());
}

FrozenOp NodeBinder::frozen(unsigned index, StringRef what) {
  Value value = operand(index);
  if (!value)
    return {};
  if (auto op = value.getDefiningOp<FrozenOp>())
    return op;
  if (integerConstant(value))
    fail(ntrt::Diag::OnnxType)
        << what << " (operand " << index << ") is an integer tensor";
  else
    fail(ntrt::Diag::OnnxNotFrozen)
        << what << " (operand " << index << ") is computed by the graph";
  return {};
}

std::optional<SmallVector<int64_t>>
NodeBinder::constantIntegers(unsigned index, StringRef what) {
  Value value = operand(index);
  if (!value)
    return std::nullopt;
  if (DenseIntElementsAttr constant = integerConstant(value))
    return llvm::to_vector(constant.getValues<int64_t>());
  fail(ntrt::Diag::OnnxNotFrozen)
      << what << " (operand " << index << ") is not a constant integer tensor";
  return std::nullopt;
}

void NodeBinder::refuseResultsFrom(unsigned first) {
  for (unsigned index = first; index < node.getNumResults(); ++index)
    if (!node.getResult(index).use_empty())
      fail(ntrt::Diag::OnnxUnsupportedOp)
          << "its output " << index << " is used; NT computes output 0 only";
}

bool NodeBinder::resolveAxis(int64_t &axis, int64_t rank) {
  if (axis >= -rank && axis < rank) {
    axis += axis < 0 ? rank : 0;
    return true;
  }
  fail(ntrt::Diag::OnnxAttribute)
      << "axis " << axis << " is outside the rank, " << rank;
  return false;
}

bool NodeBinder::checkSize(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape) {
    if (size < 0) {
      fail(ntrt::Diag::OnnxShape) << "shape [" << shape << "] is negative";
      return false;
    }
    if (__builtin_mul_overflow(count, size, &count) ||
        count > kMostComputedElements) {
      fail(ntrt::Diag::OnnxTooLarge) << "shape [" << shape << "] has more than "
                                     << kMostComputedElements << " elements";
      return false;
    }
  }
  return true;
}

void NodeBinder::replaceByConstant(DenseElementsAttr value) {
  replace(
      builder
          .create<OnnxNodeOp>(
              getLoc(), node.getResultTypes(), "Constant", node.getDomain(),
              node.getOpset(), node.getNodeName(),
              builder.getDictionaryAttr(builder.getNamedAttr("value", value)),
              ValueRange())
          .getResult(0));
}

void NodeBinder::replace(Value value, unsigned result) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  // An initialiser is as large as the file that holds it.
  if (type && !value.getDefiningOp<FrozenOp>() && !checkSize(type.getShape()))
    return;
  node.getResult(result).replaceAllUsesWith(value);
}

std::string NodeBinder::makeLayerName() {
  std::string name = node.getNodeName().str();
  for (unsigned suffix = 1; !layerNames.insert(name).second; ++suffix)
    name = (node.getNodeName() + "_" + Twine(suffix)).str();
  return name;
}

DenseIntElementsAttr onnx_to_nt::integerConstant(Value value) {
  auto constant = value.getDefiningOp<OnnxNodeOp>();
  if (!constant || constant.getOpType() != "Constant")
    return {};
  DictionaryAttr attributes = constant.getNodeAttributes();
  auto makeTensor = [&](ArrayRef<int64_t> shape, ArrayRef<int64_t> values) {
    Type elementType = IntegerType::get(constant.getContext(), 64);
    return cast<DenseIntElementsAttr>(DenseElementsAttr::get(
        RankedTensorType::get(shape, elementType), values));
  };
  if (auto value = attributes.getAs<DenseIntElementsAttr>("value"))
    return value;
  if (auto value = attributes.getAs<IntegerAttr>("value_int"))
    return makeTensor({}, value.getInt());
  if (auto value = attributes.getAs<DenseI64ArrayAttr>("value_ints"))
    return makeTensor({static_cast<int64_t>(value.size())}, value.asArrayRef());
  return {};
}
