//===- FoldIntegers.cpp - Constant shape arithmetic of a graph ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FoldIntegers.h"

#include "llvm/ADT/StringSwitch.h"

#include <algorithm>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

namespace {

/// A scalar or a list.
struct Integers {
  bool isList = false;
  SmallVector<int64_t> values;
};

using Folded = std::optional<Integers>;
using Fold = Folded (*)(NodeBinder &, ArrayRef<Integers>);

} // namespace

/// An index counted from the end if negative, cut to [0, extent].
static int64_t cut(int64_t at, int64_t extent) {
  return std::clamp<int64_t>(at < 0 ? at + extent : at, 0, extent);
}

static Folded foldShape(NodeBinder &node) {
  auto type =
      dyn_cast<RankedTensorType>(node.getNode().getInputs().front().getType());
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  const int64_t rank = type.getRank();
  const int64_t start = cut(node.integer("start", 0), rank);
  const int64_t end = cut(node.integer("end", rank), rank);
  return Integers{true, SmallVector<int64_t>(type.getShape().slice(
                            start, std::max<int64_t>(end - start, 0)))};
}

static Folded foldGather(NodeBinder &node, ArrayRef<Integers> operands) {
  if (operands.size() != 2 || !operands[0].isList ||
      node.integer("axis", 0) != 0)
    return std::nullopt;
  Integers result{operands[1].isList, {}};
  const int64_t extent = static_cast<int64_t>(operands[0].values.size());
  for (int64_t at : operands[1].values) {
    if (at < -extent || at >= extent)
      return std::nullopt;
    result.values.push_back(operands[0].values[at < 0 ? at + extent : at]);
  }
  return result;
}

static Folded foldUnsqueeze(NodeBinder &node, ArrayRef<Integers> operands) {
  node.ignore({"axes"});
  if (operands.empty() || operands[0].isList)
    return std::nullopt;
  return Integers{true, operands[0].values};
}

static Folded foldSqueeze(NodeBinder &node, ArrayRef<Integers> operands) {
  node.ignore({"axes"});
  if (operands.empty() || operands[0].values.size() != 1)
    return std::nullopt;
  return Integers{false, operands[0].values};
}

static Folded foldConcat(NodeBinder &node, ArrayRef<Integers> operands) {
  const int64_t axis = node.integer("axis", 0);
  if (axis != 0 && axis != -1)
    return std::nullopt;
  Integers result{true, {}};
  for (const Integers &operand : operands) {
    if (!operand.isList)
      return std::nullopt;
    llvm::append_range(result.values, operand.values);
  }
  return result;
}

/// Between integer types nothing changes that a shape could hold.
static Folded foldCast(NodeBinder &node, ArrayRef<Integers> operands) {
  constexpr int64_t int32 = 6, int64 = 7; // onnx.TensorProto.DataType
  const int64_t to = node.integer("to", 0);
  if (operands.size() != 1 || (to != int32 && to != int64))
    return std::nullopt;
  return operands[0];
}

static Folded foldSlice(NodeBinder &, ArrayRef<Integers> operands) {
  if (operands.size() < 3 || !operands[0].isList)
    return std::nullopt;
  auto only = [&](size_t index, int64_t wanted) {
    return operands.size() <= index ||
           (operands[index].values.size() == 1 &&
            operands[index].values.front() == wanted);
  };
  if (operands[1].values.size() != 1 || operands[2].values.size() != 1 ||
      !only(3, 0) || !only(4, 1))
    return std::nullopt;
  const int64_t extent = static_cast<int64_t>(operands[0].values.size());
  const int64_t start = cut(operands[1].values.front(), extent);
  const int64_t end = cut(operands[2].values.front(), extent);
  return Integers{true,
                  SmallVector<int64_t>(
                      ArrayRef(operands[0].values)
                          .slice(start, std::max<int64_t>(end - start, 0)))};
}

/// Value by value; a scalar or a single value goes with all of the other side.
template <typename Combine>
static Folded combine(ArrayRef<Integers> operands, Combine combineTwo) {
  if (operands.size() != 2)
    return std::nullopt;
  const auto &[a, b] = std::tie(operands[0], operands[1]);
  const size_t count = std::max(a.values.size(), b.values.size());
  Integers result{a.isList || b.isList, {}};
  for (const Integers *side : {&a, &b})
    if (side->values.size() != count && side->values.size() != 1)
      return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    std::optional<int64_t> value =
        combineTwo(a.values[a.values.size() == 1 ? 0 : i],
                   b.values[b.values.size() == 1 ? 0 : i]);
    if (!value)
      return std::nullopt;
    result.values.push_back(*value);
  }
  return result;
}

/// `function` reports an overflow of int64 by true.
template <bool (*function)(int64_t, int64_t, int64_t *)>
static Folded foldChecked(NodeBinder &, ArrayRef<Integers> operands) {
  return combine(operands, [](int64_t a, int64_t b) -> std::optional<int64_t> {
    int64_t result = 0;
    if (function(a, b, &result))
      return std::nullopt;
    return result;
  });
}

static bool addTo(int64_t a, int64_t b, int64_t *result) {
  return __builtin_add_overflow(a, b, result);
}
static bool subTo(int64_t a, int64_t b, int64_t *result) {
  return __builtin_sub_overflow(a, b, result);
}
static bool mulTo(int64_t a, int64_t b, int64_t *result) {
  return __builtin_mul_overflow(a, b, result);
}
static bool divTo(int64_t a, int64_t b, int64_t *result) {
  if (b == 0 || (a == INT64_MIN && b == -1))
    return true;
  *result = a / b;
  return false;
}

static Fold findFold(StringRef opType) {
  return llvm::StringSwitch<Fold>(opType)
      .Case("Add", foldChecked<addTo>)
      .Case("Sub", foldChecked<subTo>)
      .Case("Mul", foldChecked<mulTo>)
      .Case("Div", foldChecked<divTo>)
      .Case("Cast", foldCast)
      .Case("Concat", foldConcat)
      .Case("Gather", foldGather)
      .Case("Slice", foldSlice)
      .Case("Squeeze", foldSqueeze)
      .Case("Unsqueeze", foldUnsqueeze)
      .Default(nullptr);
}

/// All operands as constants; nullopt if one is not.
static std::optional<SmallVector<Integers>> readOperands(OnnxNodeOp node) {
  SmallVector<Integers> operands;
  for (Value input : node.getInputs()) {
    DenseIntElementsAttr constant = integerConstant(input);
    if (!constant || constant.getType().getRank() > 1)
      return std::nullopt;
    Integers &operand = operands.emplace_back();
    operand.isList = constant.getType().getRank() == 1;
    for (const APInt &value : constant.getValues<APInt>())
      operand.values.push_back(value.getSExtValue());
  }
  return operands;
}

bool onnx_to_nt::foldIntegers(NodeBinder &binder) {
  OnnxNodeOp node = binder.getNode();
  if (!node.getDomain().empty() || node.getInputs().empty())
    return false;
  Folded folded;
  if (node.getOpType() == "Shape") {
    folded = foldShape(binder);
  } else if (Fold fold = findFold(node.getOpType())) {
    auto operands = readOperands(node);
    if (!operands)
      return false;
    folded = fold(binder, *operands);
  }
  if (!folded || binder.hasFailed())
    return false;
  OpBuilder &builder = binder.getBuilder();
  SmallVector<int64_t> shape;
  if (folded->isList)
    shape.push_back(static_cast<int64_t>(folded->values.size()));
  auto value =
      DenseElementsAttr::get(RankedTensorType::get(shape, builder.getI64Type()),
                             ArrayRef<int64_t>(folded->values));
  binder.replaceByConstant(value);
  return true;
}
