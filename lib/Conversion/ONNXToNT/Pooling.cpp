//===- Pooling.cpp - MaxPool, AveragePool, LpPool, global pools
//---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Broadcast.h"
#include "HandlerTable.h"
#include "Window.h"

#include <limits>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

/// Reads the window of a pool and its input; null if something is unusable.
static TypedValue<RankedTensorType> readPool(NodeBinder &node, Window &window) {
  window = Window::read(node);
  window.ceilMode = node.integer("ceil_mode", 0) != 0;
  node.refuseResultsFrom(1);
  if (!window.kernel && node.usable())
    node.fail(ntrt::Diag::OnnxAttribute) << "it has no kernel_shape";
  auto input = node.activation(0);
  if (!node.usable())
    return {};
  input = window.asImage(node, input);
  if (!input)
    return {};
  window.resolve(node, input.getType().getShape().drop_front(2));
  if (!node.usable())
    return {};
  for (int axis : {0, 1})
    for (int64_t pad : {window.pads[axis], window.pads[2 + axis]})
      if (int64_t span = ((*window.kernel)[axis] - 1) * window.dilations[axis];
          pad > span) {
        node.fail(ntrt::Diag::OnnxAttribute)
            << "pad " << pad << " is not smaller than the kernel, " << span + 1
            << ", along spatial axis " << axis;
        return {};
      }
  return input;
}

static RankedTensorType resultType(TypedValue<RankedTensorType> input,
                                   ArrayRef<int64_t> positions) {
  SmallVector<int64_t> shape(input.getType().getShape().take_front(2));
  llvm::append_range(shape, positions);
  return RankedTensorType::get(shape, input.getType().getElementType());
}

namespace {
/// A window along one axis.
struct WindowAxis {
  int64_t kernel, stride, dilation, before, after, positions;

  static WindowAxis of(const Window &window, int axis) {
    return {(*window.kernel)[axis], window.strides[axis],
            window.dilations[axis], window.pads[axis],
            window.pads[2 + axis],  window.positions[axis]};
  }

  /// What place number `place` sees at each position of `tensorAxis`.
  Value see(TosaBuilder &t, Value padded, int64_t tensorAxis,
            int64_t place) const {
    if (stride == 1) { // Neighbours: no table of places is needed.
      SmallVector<int64_t> size(
          cast<RankedTensorType>(padded.getType()).getShape());
      SmallVector<int64_t> start(size.size(), 0);
      start[tensorAxis] = place * dilation;
      size[tensorAxis] = positions;
      return t.slice(padded, start, size);
    }
    SmallVector<int32_t> from;
    for (int64_t position = 0; position < positions; ++position)
      from.push_back(
          static_cast<int32_t>(position * stride + place * dilation));
    return t.take(padded, tensorAxis, from);
  }

  /// Places that count at each position of an axis of `size`: those inside it,
  /// or inside its pads too, of which `uncounted` behind are none.
  SmallVector<double> countPlaces(int64_t size, bool includePads,
                                  int64_t uncounted = 0) const {
    const int64_t first = includePads ? 0 : before,
                  last = before + size + (includePads ? after - uncounted : 0);
    SmallVector<double> counts;
    for (int64_t position = 0; position < positions; ++position) {
      double count = 0;
      for (int64_t place = 0; place < kernel; ++place) {
        const int64_t at = position * stride + place * dilation;
        count += at >= first && at < last;
      }
      counts.push_back(count);
    }
    return counts;
  }
};
} // namespace

/// Reports a pool whose places together see more than memory should hold.
static bool checkWork(NodeBinder &node, int64_t places,
                      ArrayRef<int64_t> shape) {
  if (!node.checkSize(shape))
    return false;
  constexpr int64_t most = int64_t(1) << 30; // Both factors are below 2^27.
  if (places * ShapedType::getNumElements(shape) <= most)
    return true;
  node.fail(ntrt::Diag::OnnxTooLarge)
      << places << " places of a window on a padded input of [" << shape
      << "] are more than " << most << " values";
  return false;
}

/// Combines what the window's places see: for windows that nt's pools do not
/// have, in float. Null and a report if the window has too many places.
static Value combinePlaces(NodeBinder &node, const Window &window, Value image,
                           double padding, Combine combine) {
  constexpr int64_t mostPlaces = 4096;
  const WindowAxis rows = WindowAxis::of(window, 0),
                   columns = WindowAxis::of(window, 1);
  if (rows.kernel > mostPlaces || columns.kernel > mostPlaces ||
      rows.kernel * columns.kernel > mostPlaces) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'kernel_shape' has more than " << mostPlaces
        << " places, which NT takes of this kind of window";
    return {};
  }
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(image.getType()).getShape());
  shape[2] += rows.before + rows.after;
  shape[3] += columns.before + columns.after;
  if (!checkWork(node, rows.kernel * columns.kernel, shape))
    return {};
  TosaBuilder t(node.getBuilder(), node.getLoc());
  SmallVector<int32_t> pads(4, 0);
  for (const WindowAxis &axis : {rows, columns})
    for (int64_t pad : {axis.before, axis.after})
      pads.push_back(static_cast<int32_t>(pad));
  Value padded = t.pad(image, pads, padding), result;
  for (int64_t row = 0; row < rows.kernel; ++row) {
    Value line = rows.see(t, padded, 2, row);
    for (int64_t column = 0; column < columns.kernel; ++column) {
      Value seen = columns.see(t, line, 3, column);
      result = result ? (t.*combine)(result, seen) : seen;
    }
  }
  return result;
}

/// The mean of each window, whatever counts.
static Value averagePlaces(NodeBinder &node, const Window &window,
                           TypedValue<RankedTensorType> image,
                           bool includePads) {
  Value sum = combinePlaces(node, window, image, 0, &TosaBuilder::add);
  if (!sum)
    return {};
  auto counts = [&](int axis) {
    return WindowAxis::of(window, axis)
        .countPlaces(image.getType().getDimSize(2 + axis), includePads,
                     window.ceilPads[axis]);
  };
  const SmallVector<double> rows = counts(0), columns = counts(1);
  SmallVector<float> factors;
  for (double row : rows)
    for (double column : columns)
      factors.push_back(static_cast<float>(1 / (row * column)));
  TosaBuilder t(node.getBuilder(), node.getLoc());
  return t.mul(sum, t.constant({1, 1, window.positions[0], window.positions[1]},
                               factors));
}

/// A pool over three spatial axes, plain windows only, in float: axis by axis,
/// as the largest value and the sum of a window can be taken.
static LogicalResult convertVolumePool(NodeBinder &node, bool isMean,
                                       double padding, Combine combine) {
  const bool countIncludePad =
      isMean && node.integer("count_include_pad", 0) != 0;
  node.expect("ceil_mode", 0, 0);
  if (!isMean)
    node.ignore({"storage_order"});
  node.refuseResultsFrom(1);
  const SmallVector<int64_t> ones(3, 1);
  auto kernel = node.integers("kernel_shape").value_or(ones);
  auto strides = node.integers("strides").value_or(ones);
  auto dilations = node.integers("dilations").value_or(ones);
  auto pads = node.integers("pads").value_or(SmallVector<int64_t>(6, 0));
  const std::string autoPad = node.string("auto_pad", "NOTSET");
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  constexpr int64_t most = 4096;
  auto isInside = [](ArrayRef<int64_t> list, size_t count, int64_t least) {
    return list.size() == count && llvm::all_of(list, [&](int64_t value) {
             return value >= least && value <= most;
           });
  };
  if ((autoPad != "NOTSET" && autoPad != "VALID") || !isInside(kernel, 3, 1) ||
      !isInside(strides, 3, 1) || !isInside(dilations, 3, 1) ||
      !isInside(pads, 6, 0) || input.getType().getRank() != 5) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "over three spatial axes NT takes lists of 3 (pads: 6) values up to "
        << most << " and auto_pad NOTSET or VALID";
    return failure();
  }
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value result = input;
  for (int axis : {0, 1, 2}) {
    const int64_t size = input.getType().getDimSize(2 + axis),
                  before = pads[axis], after = pads[3 + axis],
                  span = dilations[axis] * (kernel[axis] - 1) + 1,
                  room = size + before + after - span;
    if (room < 0 || before >= span || after >= span) {
      node.fail(ntrt::Diag::OnnxShape)
          << "the window spans " << span << " along spatial axis " << axis
          << ", the padded input is " << size + before + after;
      return failure();
    }
    SmallVector<int64_t> shape(
        cast<RankedTensorType>(result.getType()).getShape());
    shape[2 + axis] += before + after;
    if (!checkWork(node, kernel[axis], shape))
      return failure();
    SmallVector<int32_t> padding5(10, 0);
    padding5[4 + 2 * axis] = static_cast<int32_t>(before);
    padding5[5 + 2 * axis] = static_cast<int32_t>(after);
    Value padded = before || after ? t.pad(result, padding5, padding) : result;
    const WindowAxis along{kernel[axis],    strides[axis],
                           dilations[axis], before,
                           after,           room / strides[axis] + 1};
    result = {};
    for (int64_t place = 0; place < along.kernel; ++place) {
      Value seen = along.see(t, padded, 2 + axis, place);
      result = result ? (t.*combine)(result, seen) : seen;
    }
    if (!isMean)
      continue;
    SmallVector<float> factors;
    for (double count : along.countPlaces(size, countIncludePad))
      factors.push_back(static_cast<float>(1 / count));
    SmallVector<int64_t> along5(5, 1);
    along5[2 + axis] = along.positions;
    result = t.mul(result, t.constant(along5, factors));
  }
  node.replace(result);
  return success();
}

static bool isVolume(NodeBinder &node) {
  auto kernel = node.integers("kernel_shape");
  return kernel && kernel->size() == 3;
}

static LogicalResult convertMaxPool(NodeBinder &node) {
  if (isVolume(node))
    return convertVolumePool(node, /*isMean=*/false,
                             -std::numeric_limits<double>::infinity(),
                             &TosaBuilder::max);
  // Only tells how the second output numbers its indices.
  node.ignore({"storage_order"});
  Window window;
  auto input = readPool(node, window);
  if (!input)
    return failure();
  if (window.isDilated()) {
    Value result = combinePlaces(node, window, input,
                                 -std::numeric_limits<double>::infinity(),
                                 &TosaBuilder::max);
    if (!result)
      return failure();
    node.replace(window.fromImage(node, result));
    return success();
  }
  OpBuilder &builder = node.getBuilder();
  auto pool = builder.create<MaxPoolOp>(
      node.getLoc(), resultType(input, window.positions), input,
      builder.getDenseI64ArrayAttr(*window.kernel),
      builder.getDenseI64ArrayAttr(window.strides),
      builder.getDenseI64ArrayAttr(window.pads));
  node.replace(window.fromImage(node, pool));
  return success();
}

static LogicalResult convertAveragePool(NodeBinder &node) {
  if (isVolume(node))
    return convertVolumePool(node, /*isMean=*/true, 0, &TosaBuilder::add);
  bool countIncludePad = node.integer("count_include_pad", 0) != 0;
  Window window;
  auto input = readPool(node, window);
  if (!input)
    return failure();
  const bool isCeilCounted =
      countIncludePad && (window.ceilPads[0] || window.ceilPads[1]);
  if (window.isDilated() || isCeilCounted) {
    Value result = averagePlaces(node, window, input, countIncludePad);
    if (!result)
      return failure();
    node.replace(window.fromImage(node, result));
    return success();
  }
  OpBuilder &builder = node.getBuilder();
  auto pool = builder.create<AvgPoolOp>(
      node.getLoc(), resultType(input, window.positions), input,
      builder.getDenseI64ArrayAttr(*window.kernel),
      builder.getDenseI64ArrayAttr(window.strides),
      builder.getDenseI64ArrayAttr(window.pads),
      countIncludePad ? builder.getUnitAttr() : UnitAttr());
  node.replace(window.fromImage(node, pool));
  return success();
}

/// |x| to the power p.
static Value power(TosaBuilder &t, Value x, double p) {
  Value size = t.unary<tosa::AbsOp>(x);
  return p == 1 ? size : t.pow(size, t.scalar(p));
}
static Value root(TosaBuilder &t, Value x, double p) {
  return p == 1 ? x : t.pow(x, t.scalar(1 / p));
}

/// Reads p of an Lp pool.
static double readOrder(NodeBinder &node) {
  const int64_t p = node.integer("p", 2);
  if (p < 1)
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'p' is " << p << ", must be at least 1";
  return static_cast<double>(p);
}

/// (sum of |x|^p)^(1/p) of each window.
static LogicalResult convertLpPool(NodeBinder &node) {
  const double p = readOrder(node);
  Window window;
  auto input = readPool(node, window);
  if (!input)
    return failure();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  Value sum =
      combinePlaces(node, window, power(t, input, p), 0, &TosaBuilder::add);
  if (!sum)
    return failure();
  node.replace(window.fromImage(node, root(t, sum, p)));
  return success();
}

static LogicalResult convertGlobalLpPool(NodeBinder &node) {
  const double p = readOrder(node);
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  const int64_t rank = input.getType().getRank();
  TosaBuilder t(node.getBuilder(), node.getLoc());
  node.replace(root(
      t,
      t.reduce<tosa::ReduceSumOp>(power(t, input, p),
                                  llvm::to_vector(llvm::seq<int64_t>(2, rank))),
      p));
  return success();
}

/// A pool with one window, as large as the input.
template <typename PoolOp>
static LogicalResult convertGlobalPool(NodeBinder &node) {
  auto input = node.activation(0);
  if (!node.usable())
    return failure();
  Window window;
  input = window.asImage(node, input);
  if (!input)
    return failure();
  OpBuilder &builder = node.getBuilder();
  SmallVector<NamedAttribute> attributes = {
      builder.getNamedAttr("kernel",
                           builder.getDenseI64ArrayAttr(
                               input.getType().getShape().drop_front(2))),
      builder.getNamedAttr("strides", builder.getDenseI64ArrayAttr({1, 1})),
      builder.getNamedAttr("pads", builder.getDenseI64ArrayAttr({0, 0, 0, 0}))};
  auto pool = builder.create<PoolOp>(node.getLoc(),
                                     TypeRange{resultType(input, {1, 1})},
                                     ValueRange{input}, attributes);
  node.replace(window.fromImage(node, pool));
  return success();
}

void onnx_to_nt::addPoolingHandlers(HandlerTable &table) {
  table.onOp("MaxPool", 1, convertMaxPool,
             "one or two spatial axes (three in float, plain windows), any "
             "`ceil_mode`, indices not used; "
             "`dilations` other than 1 in float");
  table.onOp("AveragePool", 1, convertAveragePool,
             "one or two spatial axes (three in float, plain windows), any "
             "`ceil_mode`; `dilations` other "
             "than 1, and counted pads with `ceil_mode`, in float");
  table.onOp("LpPool", 2, convertLpPool, "one or two spatial axes, in float");
  table.onOp("GlobalLpPool", 2, convertGlobalLpPool, "in float");
  table.onOp("GlobalAveragePool", 1, convertGlobalPool<AvgPoolOp>,
             "one or two spatial axes");
  table.onOp("GlobalMaxPool", 1, convertGlobalPool<MaxPoolOp>,
             "one or two spatial axes");
}
