//===- Window.cpp - Sliding windows of convolutions and pools -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Window.h"

using namespace mlir;
using namespace nt;
using namespace nt::onnx_to_nt;

/// A list attribute of `perAxis` entries for each of one or two spatial axes. A
/// list for one axis is widened to two, the first of which it leaves as it is:
/// size and step 1, no pads.
static std::optional<SmallVector<int64_t>>
readList(NodeBinder &node, Window &window, StringRef name, unsigned perAxis,
         int64_t least) {
  std::optional<SmallVector<int64_t>> values = node.integers(name);
  if (!values)
    return std::nullopt;
  const unsigned axes = values->size() / perAxis;
  if (values->size() % perAxis || axes < 1 || axes > 2 ||
      (window.spatialAxes && window.spatialAxes != axes)) {
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute '" << name << "' has " << values->size()
        << " entries, NT takes " << perAxis << " or " << 2 * perAxis
        << " (one or two spatial axes, all lists alike)";
    return std::nullopt;
  }
  window.spatialAxes = axes;
  constexpr int64_t most = int64_t(1) << 24; // So that no product overflows.
  for (int64_t value : *values)
    if (value < least || value > most) {
      node.fail(ntrt::Diag::OnnxAttribute)
          << "attribute '" << name << "' holds " << value
          << (value < least ? ", must be at least " : ", must be at most ")
          << (value < least ? least : most);
      return std::nullopt;
    }
  if (axes == 2)
    return values;
  if (perAxis == 1)
    return SmallVector<int64_t>{1, values->front()};
  return SmallVector<int64_t>{0, values->front(), 0, values->back()};
}

Window Window::read(NodeBinder &node) {
  Window window;
  window.kernel = readList(node, window, "kernel_shape", 1, 1);
  window.strides = readList(node, window, "strides", 1, 1)
                       .value_or(SmallVector<int64_t>{1, 1});
  window.dilations = readList(node, window, "dilations", 1, 1)
                         .value_or(SmallVector<int64_t>{1, 1});
  std::optional<SmallVector<int64_t>> pads =
      readList(node, window, "pads", 2, 0);
  window.pads = pads.value_or(SmallVector<int64_t>{0, 0, 0, 0});
  window.autoPad = node.string("auto_pad", "NOTSET");
  if (!llvm::is_contained({"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"},
                          StringRef(window.autoPad)))
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'auto_pad' is '" << window.autoPad
        << "', must be NOTSET, VALID, SAME_UPPER or SAME_LOWER";
  else if (window.autoPad != "NOTSET" && pads &&
           llvm::any_of(*pads, [](int64_t pad) { return pad != 0; }))
    node.fail(ntrt::Diag::OnnxAttribute)
        << "attribute 'auto_pad' is '" << window.autoPad
        << "' beside explicit pads";
  return window;
}

TypedValue<RankedTensorType>
Window::asImage(NodeBinder &node, TypedValue<RankedTensorType> input) {
  ArrayRef<int64_t> shape = input.getType().getShape();
  const unsigned rank = shape.size();
  if ((rank != 3 && rank != 4) || (spatialAxes && spatialAxes != rank - 2)) {
    InFlightDiagnostic error = node.fail(ntrt::Diag::OnnxUnsupportedOp);
    error << "its input has rank " << rank << ", NT takes ";
    if (spatialAxes)
      error << spatialAxes + 2;
    else
      error << "3 or 4";
    error << " (batch, channels and the window's axes)";
    return {};
  }
  spatialAxes = rank - 2;
  if (rank == 4)
    return input;
  auto type = RankedTensorType::get({shape[0], shape[1], 1, shape[2]},
                                    input.getType().getElementType());
  return cast<TypedValue<RankedTensorType>>(
      node.getBuilder()
          .create<ReshapeOp>(node.getLoc(), type, input)
          .getResult());
}

Value Window::fromImage(NodeBinder &node, Value image) const {
  auto type = cast<RankedTensorType>(image.getType());
  if (spatialAxes == 2)
    return image;
  ArrayRef<int64_t> shape = type.getShape();
  return node.getBuilder().create<ReshapeOp>(
      node.getLoc(),
      RankedTensorType::get({shape[0], shape[1], shape[3]},
                            type.getElementType()),
      image);
}

void Window::resolve(NodeBinder &node, ArrayRef<int64_t> size) {
  positions.clear();
  ceilPads.clear();
  for (int axis : {0, 1}) {
    int64_t span = dilations[axis] * ((*kernel)[axis] - 1) + 1;
    int64_t &before = pads[axis], &after = pads[2 + axis];
    if (StringRef(autoPad).starts_with("SAME")) {
      int64_t wanted = (size[axis] + strides[axis] - 1) / strides[axis];
      int64_t total = std::max<int64_t>(
          (wanted - 1) * strides[axis] + span - size[axis], 0);
      before = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
      after = total - before;
    }
    int64_t room = size[axis] + before + after - span;
    if (room < 0) {
      node.fail(ntrt::Diag::OnnxShape)
          << "the window spans " << span << " along spatial axis " << axis
          << ", the padded input is " << size[axis] + before + after;
      return;
    }
    int64_t extra = 0;
    if (ceilMode && room % strides[axis]) {
      const int64_t begin = (room / strides[axis] + 1) * strides[axis];
      if (begin < size[axis] + before)
        extra = begin - room;
    }
    ceilPads.push_back(extra);
    after += extra;
    room += extra;
    positions.push_back(room / strides[axis] + 1);
  }
}
