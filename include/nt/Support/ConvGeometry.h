//===- ConvGeometry.h - Which inputs a convolution reads --------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The index arithmetic of a two-dimensional grouped convolution without a batch
// dimension, shared by nt.conv and spike.connect.
//
//===----------------------------------------------------------------------===//
#ifndef NT_SUPPORT_CONVGEOMETRY_H
#define NT_SUPPORT_CONVGEOMETRY_H

#include <array>
#include <cstdint>

namespace nt {

/// Shapes in units: input [C, H, W], weights [O, C / groups, kh, kw], output
/// [O, outHeight(), outWidth()], all row-major. Pads are zeros and give no
/// synapse.
struct ConvGeometry {
  int64_t inChannels = 1, inHeight = 1, inWidth = 1;
  int64_t outChannels = 1, kernelHeight = 1, kernelWidth = 1;
  int64_t groups = 1;
  std::array<int64_t, 2> strides = {1, 1}, dilations = {1, 1};
  std::array<int64_t, 4> pads = {0, 0, 0, 0}; ///< Top, left, bottom, right.

  /// Output rows and columns; not positive if the window does not fit.
  int64_t outHeight() const {
    return extent(inHeight + pads[0] + pads[2], kernelHeight, 0);
  }
  int64_t outWidth() const {
    return extent(inWidth + pads[1] + pads[3], kernelWidth, 1);
  }
  int64_t numInputs() const { return inChannels * inHeight * inWidth; }
  int64_t numOutputs() const { return outChannels * outHeight() * outWidth(); }
  int64_t channelOf(int64_t neuron) const {
    return neuron / (outHeight() * outWidth());
  }

  /// Calls visit(input, weightIndex) for every synapse of `neuron`, in
  /// ascending order of weightIndex.
  template <typename Visit>
  void forEachSynapse(int64_t neuron, Visit &&visit) const {
    const int64_t width = outWidth();
    const int64_t channel = channelOf(neuron);
    const int64_t place = neuron % (outHeight() * width);
    const int64_t top = place / width * strides[0] - pads[0];
    const int64_t left = place % width * strides[1] - pads[1];
    const int64_t groupChannels = inChannels / groups;
    const int64_t firstChannel =
        channel / (outChannels / groups) * groupChannels;
    int64_t weight = channel * groupChannels * kernelHeight * kernelWidth;
    for (int64_t c = 0; c < groupChannels; ++c)
      for (int64_t ky = 0; ky < kernelHeight; ++ky)
        for (int64_t kx = 0; kx < kernelWidth; ++kx, ++weight) {
          const int64_t y = top + ky * dilations[0];
          const int64_t x = left + kx * dilations[1];
          if (y >= 0 && y < inHeight && x >= 0 && x < inWidth)
            visit(((firstChannel + c) * inHeight + y) * inWidth + x, weight);
        }
  }

private:
  int64_t extent(int64_t padded, int64_t kernel, int axis) const {
    const int64_t span = padded - dilations[axis] * (kernel - 1) - 1;
    return span < 0 ? 0 : span / strides[axis] + 1;
  }
};

} // namespace nt

#endif // NT_SUPPORT_CONVGEOMETRY_H
