//===- Window.h - Sliding windows of convolutions and pools -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_ONNXTONT_WINDOW_H
#define NT_LIB_CONVERSION_ONNXTONT_WINDOW_H

#include "NodeBinder.h"

namespace nt::onnx_to_nt {

/// A window over one or two spatial axes, as ONNX Conv and pools describe it.
/// Read from the attributes first, then resolved against the input's size. One
/// over a single axis is held as one over two, of which the first has size 1.
struct Window {
  /// 1 or 2; 0 as long as nothing told.
  unsigned spatialAxes = 0;
  std::optional<llvm::SmallVector<int64_t>> kernel;
  llvm::SmallVector<int64_t> strides, dilations;
  /// Top, left, bottom, right.
  llvm::SmallVector<int64_t> pads;
  std::string autoPad;
  bool ceilMode = false;
  /// What resolving with `ceilMode` added to the pads behind each spatial axis.
  llvm::SmallVector<int64_t> ceilPads;
  /// Positions along each spatial axis, once resolved.
  llvm::SmallVector<int64_t> positions;

  bool isDilated() const {
    return llvm::any_of(dilations, [](int64_t step) { return step != 1; });
  }

  /// Reads kernel_shape, strides, pads, dilations, auto_pad; reports misfits.
  static Window read(NodeBinder &node);
  /// Turns auto_pad into pads and counts the positions in an input of `height`
  /// and `width`; reports a window that does not fit. `kernel` must be set.
  /// With `ceilMode` a last window that begins inside the input or the pads
  /// before it gets pads behind, so that it fits.
  void resolve(NodeBinder &node, llvm::ArrayRef<int64_t> size);
  /// The input as [batch, channels, height, width]; reports a rank that does
  /// not go with the window.
  mlir::TypedValue<mlir::RankedTensorType>
  asImage(NodeBinder &node, mlir::TypedValue<mlir::RankedTensorType> input);
  /// A result of that form as the model has it.
  mlir::Value fromImage(NodeBinder &node, mlir::Value image) const;
};

} // namespace nt::onnx_to_nt

#endif // NT_LIB_CONVERSION_ONNXTONT_WINDOW_H
