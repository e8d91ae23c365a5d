//===- FoldIntegers.cpp - Constant shape arithmetic of a graph ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FoldIntegers.h"

#include "Slice.h"

#include "llvm/ADT/StringSwitch.h"

#include <algorithm>
#include <optional>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

namespace {

/// An integer tensor, row-major.
struct Integers {
  SmallVector<int64_t> shape;
  SmallVector<int64_t> values;

  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
};

using Folded = std::optional<Integers>;
using Fold = Folded (*)(NodeBinder &, ArrayRef<Integers>);

} // namespace

/// Shapes have a handful of values, lists of pads a few more; what is larger is
/// no shape arithmetic.
static constexpr int64_t kMostValues = int64_t(1) << 16;

/// An index counted from the end if negative, cut to [0, extent].
static int64_t cut(int64_t at, int64_t extent) {
  return std::clamp<int64_t>(at < 0 ? at + extent : at, 0, extent);
}

/// Counts `axis` from the front; false if it is outside the rank.
static bool resolve(int64_t &axis, int64_t rank) {
  axis += axis < 0 ? rank : 0;
  return axis >= 0 && axis < rank;
}

/// Number of values of a shape; nullopt if it is negative or more than is
/// folded.
static std::optional<int64_t> countOf(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    if (size < 0 || __builtin_mul_overflow(count, size, &count) ||
        count > kMostValues)
      return std::nullopt;
  return count;
}

/// A tensor of `shape` whose value at each index is `valueAt(index)`.
template <typename ValueAt>
static Folded generate(SmallVector<int64_t> shape, ValueAt valueAt) {
  std::optional<int64_t> count = countOf(shape);
  if (!count)
    return std::nullopt;
  Integers result{std::move(shape), {}};
  SmallVector<int64_t> index(result.shape.size(), 0);
  for (int64_t i = 0; i < *count; ++i) {
    std::optional<int64_t> value = valueAt(ArrayRef<int64_t>(index));
    if (!value)
      return std::nullopt;
    result.values.push_back(*value);
    for (size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < result.shape[axis])
        break;
      index[axis] = 0;
    }
  }
  return result;
}

/// The value of `tensor` at an index of a tensor it broadcasts to.
static int64_t valueAt(const Integers &tensor, ArrayRef<int64_t> index) {
  int64_t flat = 0;
  for (auto [size, at] :
       llvm::zip_equal(tensor.shape, index.take_back(tensor.shape.size())))
    flat = flat * size + (size == 1 ? 0 : at);
  return tensor.values[flat];
}

//===----------------------------------------------------------------------===//
// Shapes and places
//===----------------------------------------------------------------------===//

static RankedTensorType typeOfOperand(NodeBinder &node) {
  auto type =
      dyn_cast<RankedTensorType>(node.getNode().getInputs().front().getType());
  return type && type.hasStaticShape() ? type : RankedTensorType();
}

static Folded foldShape(NodeBinder &node) {
  RankedTensorType type = typeOfOperand(node);
  if (!type)
    return std::nullopt;
  const int64_t rank = type.getRank();
  const int64_t start = cut(node.integer("start", 0), rank);
  const int64_t end = cut(node.integer("end", rank), rank);
  SmallVector<int64_t> sizes(
      type.getShape().slice(start, std::max<int64_t>(end - start, 0)));
  return Integers{{static_cast<int64_t>(sizes.size())}, sizes};
}

static Folded foldSize(NodeBinder &node) {
  RankedTensorType type = typeOfOperand(node);
  return type ? Folded(Integers{{}, {type.getNumElements()}}) : std::nullopt;
}

static Folded foldGather(NodeBinder &node, ArrayRef<Integers> operands) {
  int64_t axis = node.integer("axis", 0);
  if (operands.size() != 2 || !resolve(axis, operands[0].rank()))
    return std::nullopt;
  const auto &[data, places] = std::tie(operands[0], operands[1]);
  SmallVector<int64_t> shape(ArrayRef(data.shape).take_front(axis));
  llvm::append_range(shape, places.shape);
  llvm::append_range(shape, ArrayRef(data.shape).drop_front(axis + 1));
  return generate(
      shape, [&](ArrayRef<int64_t> index) -> std::optional<int64_t> {
        int64_t at = valueAt(places, index.slice(axis, places.rank()));
        if (!resolve(at, data.shape[axis]))
          return std::nullopt;
        SmallVector<int64_t> from(index.take_front(axis));
        from.push_back(at);
        llvm::append_range(from, index.drop_front(axis + places.rank()));
        return valueAt(data, from);
      });
}

/// Axes as operand 1 or, before opset 13, as an attribute.
static std::optional<SmallVector<int64_t>>
readAxes(NodeBinder &node, ArrayRef<Integers> operands) {
  if (operands.size() > 1)
    return operands[1].values;
  return node.integers("axes");
}

static Folded foldUnsqueeze(NodeBinder &node, ArrayRef<Integers> operands) {
  auto axes = readAxes(node, operands);
  if (operands.empty() || !axes)
    return std::nullopt;
  const int64_t rank = operands[0].rank() + static_cast<int64_t>(axes->size());
  SmallVector<bool> isNew(rank, false);
  for (int64_t axis : *axes) {
    if (!resolve(axis, rank) || isNew[axis])
      return std::nullopt;
    isNew[axis] = true;
  }
  Integers result{{}, operands[0].values};
  const int64_t *next = operands[0].shape.begin();
  for (bool added : isNew)
    result.shape.push_back(added ? 1 : *next++);
  return result;
}

static Folded foldSqueeze(NodeBinder &node, ArrayRef<Integers> operands) {
  auto axes = readAxes(node, operands);
  if (operands.empty())
    return std::nullopt;
  SmallVector<bool> goes(operands[0].rank(), false);
  if (axes)
    for (int64_t axis : *axes) {
      if (!resolve(axis, operands[0].rank()) || operands[0].shape[axis] != 1)
        return std::nullopt;
      goes[axis] = true;
    }
  Integers result{{}, operands[0].values};
  for (auto [size, gone] : llvm::zip_equal(operands[0].shape, goes))
    if (!(axes ? gone : size == 1))
      result.shape.push_back(size);
  return result;
}

static Folded foldReshape(NodeBinder &node, ArrayRef<Integers> operands) {
  const bool allowZero = node.integer("allowzero", 0) != 0;
  if (operands.size() != 2 || operands[1].rank() != 1)
    return std::nullopt;
  Integers result{operands[1].values, operands[0].values};
  const int64_t total = static_cast<int64_t>(result.values.size());
  int64_t known = 1, *open = nullptr;
  for (auto [axis, size] : llvm::enumerate(result.shape)) {
    if (size == 0 && !allowZero &&
        static_cast<int64_t>(axis) < operands[0].rank())
      size = operands[0].shape[axis];
    if (size == -1 && !open)
      open = &size;
    else if (size < 0 || __builtin_mul_overflow(known, size, &known))
      return std::nullopt;
  }
  if (open)
    *open = known ? total / known : 0;
  if (countOf(result.shape) != total)
    return std::nullopt;
  return result;
}

static Folded foldTranspose(NodeBinder &node, ArrayRef<Integers> operands) {
  auto order = node.integers("perm");
  if (operands.size() != 1)
    return std::nullopt;
  const int64_t rank = operands[0].rank();
  SmallVector<int64_t> permutation, shape, source(rank, -1);
  for (int64_t axis = 0; axis < rank; ++axis) {
    if (order && static_cast<int64_t>(order->size()) != rank)
      return std::nullopt;
    const int64_t from = order ? (*order)[axis] : rank - 1 - axis;
    if (from < 0 || from >= rank || source[from] >= 0)
      return std::nullopt;
    source[from] = axis;
    shape.push_back(operands[0].shape[from]);
  }
  return generate(shape,
                  [&](ArrayRef<int64_t> index) -> std::optional<int64_t> {
                    SmallVector<int64_t> from;
                    for (int64_t axis : source)
                      from.push_back(index[axis]);
                    return valueAt(operands[0], from);
                  });
}

static Folded foldConcat(NodeBinder &node, ArrayRef<Integers> operands) {
  int64_t axis = node.integer("axis", 0);
  if (operands.empty() || !resolve(axis, operands[0].rank()))
    return std::nullopt;
  SmallVector<int64_t> shape = operands[0].shape;
  shape[axis] = 0;
  for (const Integers &operand : operands) {
    SmallVector<int64_t> others = operand.shape;
    if (operand.rank() != operands[0].rank())
      return std::nullopt;
    others[axis] = shape[axis];
    if (others != shape)
      return std::nullopt;
    shape[axis] += operand.shape[axis];
  }
  return generate(shape,
                  [&](ArrayRef<int64_t> index) -> std::optional<int64_t> {
                    SmallVector<int64_t> at(index);
                    for (const Integers &operand : operands) {
                      if (at[axis] < operand.shape[axis])
                        return valueAt(operand, at);
                      at[axis] -= operand.shape[axis];
                    }
                    return std::nullopt;
                  });
}

/// Between integer types nothing changes that a shape could hold.
static Folded foldCast(NodeBinder &node, ArrayRef<Integers> operands) {
  constexpr int64_t int32 = 6, int64 = 7; // onnx.TensorProto.DataType
  const int64_t to = node.integer("to", 0);
  if (operands.size() != 1 || (to != int32 && to != int64))
    return std::nullopt;
  return operands[0];
}

/// One axis at a time.
static Folded sliceAxis(const Integers &data, int64_t axis, int64_t start,
                        int64_t end, int64_t step) {
  if (!resolve(axis, data.rank()) || step == 0)
    return std::nullopt;
  const SmallVector<int32_t> places =
      slicePlaces(start, end, step, data.shape[axis]);
  SmallVector<int64_t> shape = data.shape;
  shape[axis] = static_cast<int64_t>(places.size());
  return generate(shape,
                  [&](ArrayRef<int64_t> index) -> std::optional<int64_t> {
                    SmallVector<int64_t> from(index);
                    from[axis] = places[index[axis]];
                    return valueAt(data, from);
                  });
}

static Folded foldSlice(NodeBinder &, ArrayRef<Integers> operands) {
  if (operands.size() < 3)
    return std::nullopt;
  ArrayRef<int64_t> starts = operands[1].values, ends = operands[2].values;
  if (starts.size() != ends.size())
    return std::nullopt;
  for (const Integers &list : operands.drop_front(3))
    if (list.values.size() != starts.size())
      return std::nullopt;
  Folded result = operands[0];
  for (size_t i = 0; result && i < starts.size(); ++i)
    result = sliceAxis(
        *result,
        operands.size() > 3 ? operands[3].values[i] : static_cast<int64_t>(i),
        starts[i], ends[i], operands.size() > 4 ? operands[4].values[i] : 1);
  return result;
}

static Folded foldRange(NodeBinder &, ArrayRef<Integers> operands) {
  if (operands.size() != 3)
    return std::nullopt;
  for (const Integers &operand : operands)
    if (operand.values.size() != 1)
      return std::nullopt;
  int64_t at = operands[0].values[0];
  const int64_t limit = operands[1].values[0], step = operands[2].values[0];
  Integers result;
  while (step > 0 ? at < limit : step < 0 && at > limit) {
    result.values.push_back(at);
    if (static_cast<int64_t>(result.values.size()) > kMostValues ||
        __builtin_add_overflow(at, step, &at))
      return std::nullopt;
  }
  result.shape.push_back(static_cast<int64_t>(result.values.size()));
  return result;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// The shape that all operands broadcast to.
static std::optional<SmallVector<int64_t>>
broadcastShape(ArrayRef<Integers> operands) {
  SmallVector<int64_t> shape;
  for (const Integers &operand : operands) {
    while (static_cast<int64_t>(shape.size()) < operand.rank())
      shape.insert(shape.begin(), 1);
    for (int64_t axis = 0; axis < operand.rank(); ++axis) {
      int64_t &size = shape[shape.size() - operand.rank() + axis];
      const int64_t own = operand.shape[axis];
      if (own != size && own != 1 && size != 1)
        return std::nullopt;
      size = size == 1 ? own : size;
    }
  }
  return shape;
}

/// `function` reports an overflow of int64 by true.
template <bool (*function)(int64_t, int64_t, int64_t *)>
static Folded foldBinary(NodeBinder &, ArrayRef<Integers> operands) {
  auto shape = broadcastShape(operands);
  if (operands.size() != 2 || !shape)
    return std::nullopt;
  return generate(*shape,
                  [&](ArrayRef<int64_t> index) -> std::optional<int64_t> {
                    int64_t result = 0;
                    if (function(valueAt(operands[0], index),
                                 valueAt(operands[1], index), &result))
                      return std::nullopt;
                    return result;
                  });
}

static Folded foldWhere(NodeBinder &, ArrayRef<Integers> operands) {
  auto shape = broadcastShape(operands);
  if (operands.size() != 3 || !shape)
    return std::nullopt;
  return generate(*shape,
                  [&](ArrayRef<int64_t> index) -> std::optional<int64_t> {
                    const bool first = valueAt(operands[0], index) != 0;
                    return valueAt(operands[first ? 1 : 2], index);
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
static bool equalTo(int64_t a, int64_t b, int64_t *result) {
  *result = a == b;
  return false;
}

static Fold findFold(StringRef opType) {
  return llvm::StringSwitch<Fold>(opType)
      .Case("Add", foldBinary<addTo>)
      .Case("Sub", foldBinary<subTo>)
      .Case("Mul", foldBinary<mulTo>)
      .Case("Div", foldBinary<divTo>)
      .Case("Equal", foldBinary<equalTo>)
      .Case("Cast", foldCast)
      .Case("Concat", foldConcat)
      .Case("Gather", foldGather)
      .Case("Range", foldRange)
      .Case("Reshape", foldReshape)
      .Case("Slice", foldSlice)
      .Case("Squeeze", foldSqueeze)
      .Case("Transpose", foldTranspose)
      .Case("Unsqueeze", foldUnsqueeze)
      .Case("Where", foldWhere)
      .Default(nullptr);
}

/// All operands as constants; nullopt if one is not, or is too large.
static std::optional<SmallVector<Integers>> readOperands(OnnxNodeOp node) {
  SmallVector<Integers> operands;
  for (Value input : node.getInputs()) {
    DenseIntElementsAttr constant = integerConstant(input);
    if (!constant || constant.getNumElements() > kMostValues)
      return std::nullopt;
    Integers &operand = operands.emplace_back();
    llvm::append_range(operand.shape, constant.getType().getShape());
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
  } else if (node.getOpType() == "Size") {
    folded = foldSize(binder);
  } else if (Fold fold = findFold(node.getOpType())) {
    auto operands = readOperands(node);
    if (!operands)
      return false;
    folded = fold(binder, *operands);
  }
  if (!folded || binder.hasFailed())
    return false;
  OpBuilder &builder = binder.getBuilder();
  auto value = DenseElementsAttr::get(
      RankedTensorType::get(folded->shape, builder.getI64Type()),
      ArrayRef<int64_t>(folded->values));
  binder.replaceByConstant(value);
  return true;
}
