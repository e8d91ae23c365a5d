//===- NTEvaluate.cpp - What every nt op computes -------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The Evaluable interface in plain loops of doubles: the meaning of the
// dialect.
//
//===----------------------------------------------------------------------===//
#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Support/Diagnostics.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;
using namespace nt;

using Operands = ArrayRef<const HostTensor *>;
using Results = SmallVectorImpl<HostTensor>;

//===----------------------------------------------------------------------===//
// Values of attributes
//===----------------------------------------------------------------------===//

namespace {
/// Raw bytes of an elements attribute; a splat has those of one element.
struct RawElements {
  ArrayRef<char> bytes;
  bool splat = false;
};
} // namespace

static RawElements rawElements(ElementsAttr value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return {blob ? blob->getData() : ArrayRef<char>()};
  }
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return {dense.getRawData(), dense.isSplat()};
  return {};
}

template <typename T>
static void readElements(const RawElements &raw, HostTensor &tensor) {
  for (size_t i = 0; i < tensor.values.size(); ++i) {
    const size_t offset = raw.splat ? 0 : i * sizeof(T);
    if (offset + sizeof(T) > raw.bytes.size())
      return;
    T element; // The blob may not be aligned for T.
    std::memcpy(&element, raw.bytes.data() + offset, sizeof(T));
    tensor.values[i] = static_cast<double>(element);
  }
}

HostTensor nt::toHostTensor(ElementsAttr value) {
  auto type = cast<ShapedType>(value.getType());
  HostTensor tensor;
  tensor.shape.assign(type.getShape().begin(), type.getShape().end());
  tensor.values.assign(type.getNumElements(), 0.0);
  const RawElements raw = rawElements(value);
  const Type element = type.getElementType();
  if (element.isF32())
    readElements<float>(raw, tensor);
  else if (element.isF64())
    readElements<double>(raw, tensor);
  else if (element.isInteger(8))
    readElements<int8_t>(raw, tensor);
  else if (element.isInteger(32))
    readElements<int32_t>(raw, tensor);
  else
    llvm::report_fatal_error("toHostTensor: only f32, f64, i8 and i32 tensors");
  return tensor;
}

template <typename T> ElementView<T>::ElementView(ElementsAttr value) {
  const RawElements raw = rawElements(value);
  const auto count =
      static_cast<size_t>(cast<ShapedType>(value.getType()).getNumElements());
  if (!raw.splat && raw.bytes.size() == count * sizeof(T) &&
      reinterpret_cast<uintptr_t>(raw.bytes.data()) % alignof(T) == 0) {
    view = {reinterpret_cast<const T *>(raw.bytes.data()), count};
    return;
  }
  const HostTensor tensor = toHostTensor(value);
  copy.assign(tensor.values.begin(), tensor.values.end());
  view = copy;
}

template class nt::ElementView<float>;
template class nt::ElementView<int8_t>;

/// A tensor of zeros of the op's result shape.
static HostTensor zeros(Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  HostTensor tensor;
  tensor.shape.assign(type.getShape().begin(), type.getShape().end());
  tensor.values.assign(type.getNumElements(), 0.0);
  return tensor;
}

//===----------------------------------------------------------------------===//
// Frozen values and modulation
//===----------------------------------------------------------------------===//

LogicalResult FrozenOp::evaluate(Operands, const EvaluationContext &,
                                 Results &results) {
  results.push_back(toHostTensor(getValue()));
  return success();
}

LogicalResult ModulateOp::evaluate(Operands operands,
                                   const EvaluationContext &context,
                                   Results &results) {
  HostTensor y = *operands[0];
  const HostTensor *bias = nullptr;
  if (context.modulation)
    if (auto entry = context.modulation->find(getSite());
        entry != context.modulation->end())
      bias = &entry->second;
  if (bias) {
    const int64_t neurons = getNumNeurons();
    const int64_t channels = y.shape.size() < 2 ? 1 : y.shape[1];
    if (bias->size() != neurons && bias->size() != channels) {
      emitDiag(*this, ntrt::Diag::TaskShape)
          << "site '" << getSite() << "' has " << bias->size()
          << " values, it takes " << neurons << " (one a neuron) or "
          << channels << " (one a channel)";
      return failure();
    }
    const bool perNeuron = bias->size() == neurons;
    for (int64_t i = 0; i < y.size(); ++i) {
      const int64_t neuron = i % neurons;
      y.values[i] += bias->values[perNeuron ? neuron : getChannelOf(neuron)];
    }
  }
  results.push_back(std::move(y));
  return success();
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// What the sums of each output channel are multiplied with: the scale of its
/// codes (1 for float weights) and, under a task with gains, that of its
/// synapse domain (one a layer before domains are assigned).
static FailureOr<std::vector<double>>
channelScales(FrozenLayer layer, std::optional<ElementsAttr> scales,
              const EvaluationContext &context, int64_t channels) {
  std::vector<double> result(channels, 1.0);
  if (scales)
    result = toHostTensor(*scales).values;
  if (!context.gains)
    return result;
  auto entry = context.gains->find(layer.getLayerName());
  if (entry == context.gains->end())
    return result;
  const HostTensor &gains = entry->second;
  auto domains =
      layer->getAttrOfType<DenseI32ArrayAttr>(FrozenLayer::kDomainOfChannel);
  for (int64_t channel = 0; channel < channels; ++channel) {
    const int64_t domain = domains ? domains[channel] : 0;
    if (domain >= gains.size()) {
      emitDiag(layer, ntrt::Diag::TaskShape)
          << "layer '" << layer.getLayerName() << "' has synapse domain "
          << domain << ", the task has " << gains.size() << " gains for it";
      return failure();
    }
    result[channel] *= gains.values[domain];
  }
  return result;
}

/// Weights of a paired layer's channels: its codes times their scales, which
/// become 1. The weights as they are, where it is not paired.
static const HostTensor &weightsOf(FrozenLayer layer, const HostTensor &codes,
                                   std::vector<double> &scales,
                                   HostTensor &summed) {
  const int64_t columns = columnsPerNeuron(layer);
  if (columns == 1)
    return codes;
  summed = codes;
  const size_t fanIn = summed.values.size() / scales.size();
  for (size_t i = 0; i < summed.values.size(); ++i)
    summed.values[i] *= scales[i / fanIn];
  summed.values = sumColumns(std::move(summed.values), columns, fanIn);
  summed.shape[0] /= columns;
  scales.assign(static_cast<size_t>(summed.shape[0]), 1.0);
  return summed;
}

/// y = scale[c] * y + bias[c], channels of `perChannel` values each.
static void scaleAndBias(HostTensor &y, const std::vector<double> &scales,
                         const HostTensor *bias, int64_t perChannel) {
  const int64_t channels = static_cast<int64_t>(scales.size());
  for (int64_t i = 0; i < y.size(); ++i) {
    const int64_t channel = i / perChannel % channels;
    y.values[i] =
        y.values[i] * scales[channel] + (bias ? bias->values[channel] : 0.0);
  }
}

LogicalResult DenseOp::evaluate(Operands operands,
                                const EvaluationContext &context,
                                Results &results) {
  const HostTensor &x = *operands[0];
  auto scales =
      channelScales(*this, getScales(), context, operands[1]->shape[0]);
  if (failed(scales))
    return failure();
  HostTensor summed;
  const HostTensor &weights = weightsOf(*this, *operands[1], *scales, summed);
  HostTensor y = zeros(*this);
  const int64_t outputs = weights.shape[0], inputs = weights.shape[1];
  for (int64_t n = 0; n < x.shape[0]; ++n)
    for (int64_t o = 0; o < outputs; ++o) {
      const double *w = weights.values.data() + o * inputs;
      const double *in = x.values.data() + n * inputs;
      double sum = 0;
      for (int64_t i = 0; i < inputs; ++i)
        sum += w[i] * in[i];
      y.values[n * outputs + o] = sum;
    }
  scaleAndBias(y, *scales, getBias() ? operands[2] : nullptr, 1);
  results.push_back(std::move(y));
  return success();
}

namespace {
/// Output positions first..last-1 whose input position * stride + offset lies
/// inside 0..size-1.
struct InsideRange {
  int64_t first, last;
  InsideRange(int64_t positions, int64_t stride, int64_t offset, int64_t size)
      : first(offset < 0 ? (-offset + stride - 1) / stride : 0),
        last(offset < size
                 ? std::min(positions, (size - 1 - offset) / stride + 1)
                 : 0) {}
};
} // namespace

LogicalResult ConvOp::evaluate(Operands operands,
                               const EvaluationContext &context,
                               Results &results) {
  const HostTensor &x = *operands[0];
  auto scales =
      channelScales(*this, getScales(), context, operands[1]->shape[0]);
  if (failed(scales))
    return failure();
  HostTensor summed;
  const HostTensor &weights = weightsOf(*this, *operands[1], *scales, summed);
  HostTensor y = zeros(*this);
  ArrayRef<int64_t> strides = getStrides(), pads = getPads(),
                    dilations = getDilations();
  const int64_t channels = x.shape[1], height = x.shape[2], width = x.shape[3];
  const int64_t outChannels = y.shape[1], outHeight = y.shape[2],
                outWidth = y.shape[3];
  const int64_t groupChannels = weights.shape[1], kh = weights.shape[2],
                kw = weights.shape[3];
  const int64_t outPerGroup = outChannels / getGroups();

  // One weight at a time, added to all the outputs that it reaches.
  for (int64_t n = 0; n < x.shape[0]; ++n)
    for (int64_t o = 0; o < outChannels; ++o) {
      double *out =
          y.values.data() + (n * outChannels + o) * outHeight * outWidth;
      for (int64_t c = 0; c < groupChannels; ++c) {
        const int64_t channel = o / outPerGroup * groupChannels + c;
        const double *in =
            x.values.data() + (n * channels + channel) * height * width;
        for (int64_t ky = 0; ky < kh; ++ky)
          for (int64_t kx = 0; kx < kw; ++kx) {
            const double w =
                weights.values[((o * groupChannels + c) * kh + ky) * kw + kx];
            const int64_t top = ky * dilations[0] - pads[0];
            const int64_t left = kx * dilations[1] - pads[1];
            const InsideRange rows(outHeight, strides[0], top, height);
            const InsideRange columns(outWidth, strides[1], left, width);
            for (int64_t oy = rows.first; oy < rows.last; ++oy) {
              const double *inRow = in + (oy * strides[0] + top) * width + left;
              double *outRow = out + oy * outWidth;
              for (int64_t ox = columns.first; ox < columns.last; ++ox)
                outRow[ox] += w * inRow[ox * strides[1]];
            }
          }
      }
    }
  scaleAndBias(y, *scales, getBias() ? operands[2] : nullptr,
               outHeight * outWidth);
  results.push_back(std::move(y));
  return success();
}

LogicalResult BatchNormOp::evaluate(Operands operands,
                                    const EvaluationContext &,
                                    Results &results) {
  HostTensor y = *operands[0];
  const HostTensor &scale = *operands[1], &shift = *operands[2],
                   &mean = *operands[3], &variance = *operands[4];
  const double epsilon = getEpsilon().convertToDouble();
  const int64_t channels = y.shape[1];
  const int64_t perChannel =
      ShapedType::getNumElements(ArrayRef(y.shape).drop_front(2));
  for (int64_t i = 0; i < y.size(); ++i) {
    const int64_t c = i / perChannel % channels;
    y.values[i] = (y.values[i] - mean.values[c]) /
                      std::sqrt(variance.values[c] + epsilon) *
                      scale.values[c] +
                  shift.values[c];
  }
  results.push_back(std::move(y));
  return success();
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

LogicalResult ReluOp::evaluate(Operands operands, const EvaluationContext &,
                               Results &results) {
  HostTensor y = *operands[0];
  for (double &value : y.values)
    value = std::max(value, 0.0);
  results.push_back(std::move(y));
  return success();
}

LogicalResult ClipOp::evaluate(Operands operands, const EvaluationContext &,
                               Results &results) {
  HostTensor y = *operands[0];
  const double lower = getLower().convertToDouble();
  const double upper = getUpper().convertToDouble();
  for (double &value : y.values)
    value = std::min(std::max(value, lower), upper);
  results.push_back(std::move(y));
  return success();
}

LogicalResult FakeQuantizeOp::evaluate(Operands operands,
                                       const EvaluationContext &,
                                       Results &results) {
  HostTensor y = *operands[0];
  const double scale = getScale().convertToDouble();
  const auto zeroPoint = static_cast<double>(getZeroPointAttr().getInt()),
             lowest = static_cast<double>(getRange()[0]),
             highest = static_cast<double>(getRange()[1]);
  for (double &value : y.values) {
    // The division as a runtime does it; nearbyint rounds halves to even.
    const double code =
        std::nearbyint(static_cast<float>(value) / static_cast<float>(scale)) +
        zeroPoint;
    value = (std::clamp(code, lowest, highest) - zeroPoint) * scale;
  }
  results.push_back(std::move(y));
  return success();
}

LogicalResult SoftmaxOp::evaluate(Operands operands, const EvaluationContext &,
                                  Results &results) {
  HostTensor y = *operands[0];
  const int64_t axis = getAxis(), length = y.shape[axis];
  const int64_t inner =
      ShapedType::getNumElements(ArrayRef(y.shape).drop_front(axis + 1));
  for (int64_t i = 0; i < y.size(); ++i) {
    // Once for each line along the axis: at its first element.
    if (i / inner % length != 0)
      continue;
    double *line = y.values.data() + i;
    double largest = line[0], sum = 0;
    for (int64_t k = 0; k < length; ++k)
      largest = std::max(largest, line[k * inner]);
    for (int64_t k = 0; k < length; ++k)
      sum += line[k * inner] = std::exp(line[k * inner] - largest);
    for (int64_t k = 0; k < length; ++k)
      line[k * inner] /= sum;
  }
  results.push_back(std::move(y));
  return success();
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

/// Calls `reduce(window)` for each output; `window` holds the inputs that lie
/// inside the input, none of them padding.
template <typename PoolOp, typename Reduce>
static HostTensor evaluatePool(PoolOp op, const HostTensor &x, Reduce reduce) {
  HostTensor y = zeros(op);
  ArrayRef<int64_t> kernel = op.getKernel(), strides = op.getStrides(),
                    pads = op.getPads();
  const int64_t planes = x.shape[0] * x.shape[1];
  const int64_t height = x.shape[2], width = x.shape[3];
  const int64_t outHeight = y.shape[2], outWidth = y.shape[3];
  SmallVector<double> window;
  for (int64_t plane = 0; plane < planes; ++plane)
    for (int64_t oy = 0; oy < outHeight; ++oy)
      for (int64_t ox = 0; ox < outWidth; ++ox) {
        window.clear();
        for (int64_t ky = 0; ky < kernel[0]; ++ky)
          for (int64_t kx = 0; kx < kernel[1]; ++kx) {
            const int64_t iy = oy * strides[0] + ky - pads[0];
            const int64_t ix = ox * strides[1] + kx - pads[1];
            if (iy >= 0 && iy < height && ix >= 0 && ix < width)
              window.push_back(x.values[(plane * height + iy) * width + ix]);
          }
        y.values[(plane * outHeight + oy) * outWidth + ox] = reduce(window);
      }
  return y;
}

LogicalResult MaxPoolOp::evaluate(Operands operands, const EvaluationContext &,
                                  Results &results) {
  results.push_back(
      evaluatePool(*this, *operands[0], [](ArrayRef<double> window) {
        double largest = -std::numeric_limits<double>::infinity();
        for (double value : window)
          largest = std::max(largest, value);
        return largest;
      }));
  return success();
}

LogicalResult AvgPoolOp::evaluate(Operands operands, const EvaluationContext &,
                                  Results &results) {
  const double area =
      static_cast<double>(getKernel()[0]) * static_cast<double>(getKernel()[1]);
  results.push_back(
      evaluatePool(*this, *operands[0], [&](ArrayRef<double> window) {
        double sum = 0;
        for (double value : window)
          sum += value;
        return sum / (getCountIncludePad()
                          ? area
                          : static_cast<double>(window.size()));
      }));
  return success();
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

LogicalResult AddOp::evaluate(Operands operands, const EvaluationContext &,
                              Results &results) {
  HostTensor y = *operands[0];
  for (int64_t i = 0; i < y.size(); ++i)
    y.values[i] += operands[1]->values[i];
  results.push_back(std::move(y));
  return success();
}

LogicalResult ConcatOp::evaluate(Operands operands, const EvaluationContext &,
                                 Results &results) {
  HostTensor y = zeros(*this);
  const int64_t axis = getAxis();
  // Each input gives one contiguous piece for every index before the axis.
  const int64_t outer =
      ShapedType::getNumElements(ArrayRef(y.shape).take_front(axis));
  double *out = y.values.data();
  for (int64_t i = 0; i < outer; ++i)
    for (const HostTensor *x : operands) {
      const int64_t piece = x->size() / outer;
      out = std::copy_n(x->values.data() + i * piece, piece, out);
    }
  results.push_back(std::move(y));
  return success();
}

LogicalResult ReshapeOp::evaluate(Operands operands, const EvaluationContext &,
                                  Results &results) {
  HostTensor y = zeros(*this);
  y.values = operands[0]->values;
  results.push_back(std::move(y));
  return success();
}
