//===- Rearrange.cpp - Handlers that move values about --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "FrozenValues.h"
#include "HandlerTable.h"
#include "Slice.h"
#include "TosaBuilder.h"

#include "nt/Interpreter/Interpreter.h"

#include <algorithm>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

/// A frozen tensor with its axes in another order, so that it stays a weight.
static FrozenOp transposed(NodeBinder &node, FrozenOp frozen,
                           ArrayRef<int32_t> permutation) {
  ArrayRef<int64_t> from = frozen.getType().getShape();
  SmallVector<int64_t> shape, strideOf(from.size(), 1);
  for (size_t axis = from.size(); axis-- > 1;)
    strideOf[axis - 1] = strideOf[axis] * from[axis];
  for (int32_t axis : permutation)
    shape.push_back(from[axis]);
  const std::vector<float> values = valuesOf(frozen);
  std::vector<float> result(values.size());
  SmallVector<int64_t> index(shape.size(), 0);
  for (float &value : result) {
    int64_t source = 0;
    for (auto [at, axis] : llvm::zip_equal(index, permutation))
      source += at * strideOf[axis];
    value = values[source];
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
    }
  }
  return derive(node.getBuilder(), frozen, shape, result, "transposed");
}

/// Another shape for the same values; a frozen tensor stays one.
static void replaceReshaped(NodeBinder &node,
                            TypedValue<RankedTensorType> input,
                            ArrayRef<int64_t> shape) {
  TosaBuilder t(node.getBuilder(), node.getLoc());
  if (auto frozen = input.getDefiningOp<FrozenOp>())
    node.replace(
        derive(node.getBuilder(), frozen, shape, valuesOf(frozen), "reshaped"));
  else
    node.replace(t.reshape(input, shape));
}

static LogicalResult convertTranspose(NodeBinder &node) {
  auto order = node.integers("perm");
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  const int64_t rank = input.getType().getRank();
  SmallVector<int32_t> permutation;
  SmallVector<bool> seen(rank, false);
  for (int64_t axis = 0; axis < rank; ++axis) {
    int64_t from = order && axis < static_cast<int64_t>(order->size())
                       ? (*order)[axis]
                       : rank - 1 - axis;
    if ((order && static_cast<int64_t>(order->size()) != rank) || from < 0 ||
        from >= rank || seen[from]) {
      node.fail(ntrt::Diag::OnnxAttribute)
          << "attribute 'perm' does not permute " << rank << " axes";
      return failure();
    }
    seen[from] = true;
    permutation.push_back(static_cast<int32_t>(from));
  }
  if (auto frozen = input.getDefiningOp<FrozenOp>()) {
    node.replace(transposed(node, frozen, permutation));
    return success();
  }
  TosaBuilder t(node.getBuilder(), node.getLoc());
  node.replace(t.transpose(input, permutation));
  return success();
}

/// Axes of Squeeze and Unsqueeze: attribute before opset 13, operand 1 after.
static std::optional<SmallVector<int64_t>> readAxes(NodeBinder &node) {
  if (auto axes = node.integers("axes"))
    return axes;
  if (node.numOperands() > 1 && node.hasOperand(1))
    return node.constantIntegers(1, "axes");
  return std::nullopt;
}

static LogicalResult convertSqueeze(NodeBinder &node) {
  auto axes = readAxes(node);
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  ArrayRef<int64_t> shape = input.getType().getShape();
  SmallVector<bool> removed(shape.size(), false);
  for (auto [axis, size] : llvm::enumerate(shape))
    removed[axis] = !axes && size == 1;
  if (axes)
    for (int64_t axis : *axes) {
      if (!node.resolveAxis(axis, input.getType().getRank()))
        return failure();
      if (shape[axis] != 1) {
        node.fail(ntrt::Diag::OnnxShape)
            << "axis " << axis << " of [" << shape << "] has not size 1";
        return failure();
      }
      removed[axis] = true;
    }
  SmallVector<int64_t> kept;
  for (auto [size, gone] : llvm::zip_equal(shape, removed))
    if (!gone)
      kept.push_back(size);
  replaceReshaped(node, input, kept);
  return success();
}

static LogicalResult convertUnsqueeze(NodeBinder &node) {
  auto axes = readAxes(node);
  if (!axes && !node.hasFailed())
    node.fail(ntrt::Diag::OnnxAttribute) << "it has no axes";
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  ArrayRef<int64_t> shape = input.getType().getShape();
  const int64_t rank = static_cast<int64_t>(shape.size() + axes->size());
  SmallVector<int64_t> widened(rank, 0);
  for (int64_t axis : *axes) {
    if (!node.resolveAxis(axis, rank))
      return failure();
    if (widened[axis] == 1) {
      node.fail(ntrt::Diag::OnnxAttribute) << "axis " << axis << " is twice";
      return failure();
    }
    widened[axis] = 1;
  }
  auto next = shape.begin();
  for (int64_t &size : widened)
    if (size == 0)
      size = *next++;
  replaceReshaped(node, input, widened);
  return success();
}

/// starts[i] to ends[i] along axes[i] in steps[i] (none: 1); out-of-range ends
/// are cut.
static LogicalResult buildSlice(NodeBinder &node,
                                TypedValue<RankedTensorType> input,
                                ArrayRef<int64_t> starts,
                                ArrayRef<int64_t> ends, ArrayRef<int64_t> axes,
                                ArrayRef<int64_t> steps = {}) {
  ArrayRef<int64_t> shape = input.getType().getShape();
  if (starts.size() != ends.size() || starts.size() != axes.size() ||
      (!steps.empty() && steps.size() != axes.size())) {
    node.fail(ntrt::Diag::OnnxShape)
        << "it has " << starts.size() << " starts, " << ends.size() << " ends, "
        << axes.size() << " axes and " << steps.size() << " steps";
    return failure();
  }
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value result = input;
  SmallVector<int64_t> from(shape.size(), 0), size(shape);
  for (auto [i, given] : llvm::enumerate(axes)) {
    int64_t axis = given;
    if (!node.resolveAxis(axis, input.getType().getRank()))
      return failure();
    const int64_t extent = shape[axis], step = steps.empty() ? 1 : steps[i];
    if (step == 0) {
      node.fail(ntrt::Diag::OnnxShape) << "a step is 0";
      return failure();
    }
    const SmallVector<int32_t> places =
        slicePlaces(starts[i], ends[i], step, extent);
    from[axis] = step == 1 && !places.empty() ? places.front() : 0;
    size[axis] = static_cast<int64_t>(places.size());
    if (step != 1 && !places.empty())
      result = t.take(result, axis, places);
  }
  if (llvm::is_contained(size, 0)) {
    // Nothing is left: a constant of no values.
    auto type = RankedTensorType::get(size, node.getBuilder().getF32Type());
    node.replace(
        FrozenOp::createHashed(node.getBuilder(), node.getLoc(),
                               DenseElementsAttr::get(type, ArrayRef<float>()),
                               ("#" + node.getNode().getNodeName()).str()));
    return success();
  }
  node.replace(t.slice(result, from, size));
  return success();
}

static SmallVector<int64_t> firstAxes(size_t count) {
  return llvm::to_vector(llvm::seq<int64_t>(0, static_cast<int64_t>(count)));
}

static LogicalResult convertSlice1(NodeBinder &node) {
  auto starts = node.integers("starts"), ends = node.integers("ends"),
       axes = node.integers("axes");
  if (!starts || !ends)
    node.fail(ntrt::Diag::OnnxAttribute) << "it has no starts or no ends";
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  return buildSlice(node, input, *starts, *ends,
                    axes ? *axes : firstAxes(starts->size()));
}

static LogicalResult convertSlice10(NodeBinder &node) {
  auto starts = node.constantIntegers(1, "starts"),
       ends = node.constantIntegers(2, "ends");
  std::optional<SmallVector<int64_t>> axes, steps;
  if (node.hasOperand(3))
    axes = node.constantIntegers(3, "axes");
  if (node.hasOperand(4))
    steps = node.constantIntegers(4, "steps");
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  return buildSlice(node, input, *starts, *ends,
                    axes ? *axes : firstAxes(starts->size()),
                    steps ? ArrayRef<int64_t>(*steps) : ArrayRef<int64_t>());
}

/// The sizes of a Split's parts: given, or as equal as can be (the last one may
/// be smaller, from opset 18 on).
static std::optional<SmallVector<int64_t>>
readParts(NodeBinder &node, int64_t extent, bool mayBeUneven) {
  std::optional<SmallVector<int64_t>> parts = node.integers("split");
  if (!parts && node.numOperands() > 1 && node.hasOperand(1))
    parts = node.constantIntegers(1, "split");
  if (!node.usable())
    return std::nullopt;
  const int64_t count = node.getNode().getNumResults();
  if (!parts) {
    const int64_t each = (extent + count - 1) / count;
    const int64_t last = extent - each * (count - 1);
    if (last < 1 || (last != each && !mayBeUneven)) {
      node.fail(ntrt::Diag::OnnxShape)
          << "an axis of " << extent << " does not split in " << count
          << " parts";
      return std::nullopt;
    }
    parts.emplace(count, each);
    parts->back() = last;
  }
  int64_t sum = 0;
  bool positive = true;
  for (int64_t part : *parts) {
    positive &= part > 0 && part <= extent;
    sum += positive ? part : 0;
  }
  if (!positive || sum != extent ||
      static_cast<int64_t>(parts->size()) != count) {
    node.fail(ntrt::Diag::OnnxShape)
        << "split [" << ArrayRef(*parts) << "] does not make " << count
        << " parts of an axis of " << extent;
    return std::nullopt;
  }
  return parts;
}

static LogicalResult buildSplit(NodeBinder &node, bool mayBeUneven) {
  int64_t axis = node.integer("axis", 0);
  auto input = node.activation(0);
  if (!node.usable() || !node.resolveAxis(axis, input.getType().getRank()))
    return failure();
  ArrayRef<int64_t> shape = input.getType().getShape();
  auto parts = readParts(node, shape[axis], mayBeUneven);
  if (!parts)
    return failure();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  SmallVector<int64_t> start(shape.size(), 0), size(shape);
  for (auto [result, part] : llvm::enumerate(*parts)) {
    size[axis] = part;
    node.replace(t.slice(input, start, size), static_cast<unsigned>(result));
    start[axis] += part;
  }
  return success();
}

static LogicalResult convertSplit2(NodeBinder &node) {
  return buildSplit(node, /*mayBeUneven=*/false);
}
static LogicalResult convertSplit18(NodeBinder &node) {
  node.ignore({"num_outputs"});
  return buildSplit(node, /*mayBeUneven=*/true);
}

/// The place that a padded axis shows at `at`, counted from the input's first:
/// itself, mirrored, the nearest, or from the other end.
static int64_t padSource(StringRef mode, int64_t at, int64_t extent) {
  if (mode == "edge")
    return std::clamp<int64_t>(at, 0, extent - 1);
  if (mode == "wrap")
    return (at % extent + extent) % extent;
  const int64_t period = std::max<int64_t>(2 * (extent - 1), 1);
  const int64_t folded = (at % period + period) % period;
  return folded < extent ? folded : period - folded;
}

/// Pads before and then after each of `axes`; negative ones cut.
static LogicalResult buildPad(NodeBinder &node,
                              TypedValue<RankedTensorType> input,
                              ArrayRef<int64_t> pads, ArrayRef<int64_t> axes,
                              StringRef mode, double value) {
  constexpr int64_t most = int64_t(1) << 24;
  ArrayRef<int64_t> shape = input.getType().getShape();
  SmallVector<int64_t> before(shape.size(), 0), after(shape.size(), 0);
  bool fits = pads.size() == 2 * axes.size();
  for (size_t i = 0; fits && i < axes.size(); ++i) {
    int64_t axis = axes[i];
    if (!node.resolveAxis(axis, input.getType().getRank()))
      return failure();
    before[axis] = pads[i];
    after[axis] = pads[axes.size() + i];
    fits = std::abs(before[axis]) < most && std::abs(after[axis]) < most &&
           shape[axis] + before[axis] + after[axis] > 0 &&
           shape[axis] + std::min<int64_t>(before[axis], 0) +
                   std::min<int64_t>(after[axis], 0) >
               0;
  }
  if (!fits) {
    node.fail(ntrt::Diag::OnnxShape)
        << "pads [" << pads << "] are not two for each padded axis, or leave "
        << "nothing of [" << shape << "]";
    return failure();
  }
  SmallVector<int64_t> padded(shape);
  for (size_t axis = 0; axis < shape.size(); ++axis)
    padded[axis] += before[axis] + after[axis];
  if (!node.checkSize(padded))
    return failure();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value result = input;
  SmallVector<int64_t> start, size;
  SmallVector<int32_t> pairs;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    start.push_back(std::max<int64_t>(-before[axis], 0));
    size.push_back(shape[axis] - start.back() +
                   std::min<int64_t>(after[axis], 0));
    pairs.push_back(static_cast<int32_t>(std::max<int64_t>(before[axis], 0)));
    pairs.push_back(static_cast<int32_t>(std::max<int64_t>(after[axis], 0)));
  }
  if (ArrayRef(size) != shape)
    result = t.slice(result, start, size);
  if (mode == "constant") {
    node.replace(t.pad(result, pairs, value));
    return success();
  }
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (pairs[2 * axis] == 0 && pairs[2 * axis + 1] == 0)
      continue;
    SmallVector<int32_t> places;
    for (int64_t at = -pairs[2 * axis]; at < size[axis] + pairs[2 * axis + 1];
         ++at)
      places.push_back(static_cast<int32_t>(padSource(mode, at, size[axis])));
    result = t.take(result, static_cast<int64_t>(axis), places);
  }
  node.replace(result);
  return success();
}

static std::string readPadMode(NodeBinder &node) {
  std::string mode = node.string("mode", "constant");
  if (!llvm::is_contained({"constant", "reflect", "edge", "wrap"},
                          StringRef(mode)))
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'mode' is '" << mode
        << "', must be constant, reflect, edge or wrap";
  return mode;
}

static LogicalResult convertPad2(NodeBinder &node) {
  const std::string mode = readPadMode(node);
  auto pads = node.integers("pads");
  double value = node.real("value", 0);
  if (!pads)
    node.fail(ntrt::Diag::OnnxAttribute) << "it has no pads";
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  return buildPad(node, input, *pads, firstAxes(input.getType().getRank()),
                  mode, value);
}

static LogicalResult convertPad11(NodeBinder &node) {
  const std::string mode = readPadMode(node);
  auto pads = node.constantIntegers(1, "pads");
  double value = 0;
  if (node.hasOperand(2))
    if (FrozenOp constant = node.frozen(2, "constant_value");
        constant && constant.getType().getNumElements() == 1)
      value = toHostTensor(constant.getValue()).values.front();
  std::optional<SmallVector<int64_t>> axes;
  if (node.hasOperand(3))
    axes = node.constantIntegers(3, "axes");
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  return buildPad(node, input, *pads,
                  axes ? *axes : firstAxes(input.getType().getRank()), mode,
                  value);
}

/// x less the logarithm of the sum of exp(x) along `axis`.
static Value logSoftmax(TosaBuilder &t, Value x, int64_t axis) {
  Value shifted = t.sub(x, t.reduce<tosa::ReduceMaxOp>(x, {axis}));
  Value sum =
      t.reduce<tosa::ReduceSumOp>(t.unary<tosa::ExpOp>(shifted), {axis});
  return t.sub(shifted, t.unary<tosa::LogOp>(sum));
}

/// Over the elements of axes `axis` and later, taken together, as before opset
/// 13.
static LogicalResult convertLogSoftmaxFlattened(NodeBinder &node) {
  int64_t axis = node.integer("axis", 1);
  auto input = node.activation(0);
  if (!node.usable() || !node.resolveAxis(axis, input.getType().getRank()))
    return failure();
  ArrayRef<int64_t> shape = input.getType().getShape();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value flat =
      t.reshape(input, {ShapedType::getNumElements(shape.take_front(axis)),
                        ShapedType::getNumElements(shape.drop_front(axis))});
  node.replace(t.reshape(logSoftmax(t, flat, 1), shape));
  return success();
}

static LogicalResult convertLogSoftmax13(NodeBinder &node) {
  int64_t axis = node.integer("axis", -1);
  auto input = node.activation(0);
  if (!node.usable() || !node.resolveAxis(axis, input.getType().getRank()))
    return failure();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  node.replace(logSoftmax(t, input, axis));
  return success();
}

void onnx_to_nt::addRearrangeHandlers(HandlerTable &table) {
  table.onOp("Transpose", 1, convertTranspose, "everything");
  table.onOp("Squeeze", 1, convertSqueeze, "constant axes");
  table.onOp("Unsqueeze", 1, convertUnsqueeze, "constant axes");
  table.onOp("Slice", 1, convertSlice1, "everything");
  table.onOp("Slice", 10, convertSlice10, "constant bounds");
  table.onOp("Split", 2, convertSplit2, "constant sizes");
  table.onOp("Split", 18, convertSplit18, "constant sizes");
  table.onOp("Pad", 2, convertPad2, "everything");
  table.onOp("Pad", 11, convertPad11, "constant pads and axes");
  table.onOp("LogSoftmax", 1, convertLogSoftmaxFlattened,
             "in float over all axes from `axis` on; no chip stage takes it");
  table.onOp("LogSoftmax", 13, convertLogSoftmax13,
             "in float; no chip stage takes it");
}
