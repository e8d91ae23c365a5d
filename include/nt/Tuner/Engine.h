//===- Engine.h - Batched float execution of a frozen network ---*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Forward and backward passes of a feed-forward network whose weights are
// frozen: gradients are formed for modulation values alone, so no weight
// gradient is ever computed and a layer keeps of its activation only what the
// gradient of a bias needs (TinyTL, Cai 2020). Linear layers run on oneDNN.
// Knows nothing of IR.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_ENGINE_H
#define NT_TUNER_ENGINE_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nt::tuner {

/// Shape of one sample of an activation: {units} or {channels, height, width}.
using SampleShape = std::vector<int64_t>;
size_t sizeOf(const SampleShape &shape);

/// One step of the network. Buffers are row-major [batch, units].
class Layer {
public:
  Layer(std::vector<Layer *> inputs, SampleShape shape)
      : inputs(std::move(inputs)), shape(std::move(shape)),
        units(sizeOf(this->shape)) {}
  virtual ~Layer();

  /// Computes `out` from the inputs' `out`.
  virtual void forward(size_t batch) = 0;
  /// Adds to the inputs' `gradient` from its own `gradient`.
  virtual void backward(size_t batch) = 0;

  std::vector<Layer *> inputs;
  SampleShape shape;
  size_t units;
  std::vector<float> out, gradient;
  /// Whether a trained value lies at or below this layer: backward is skipped
  /// otherwise.
  bool needsGradient = false;
};

/// A modulation site of the network and its trainable values.
struct Site {
  std::string name;
  /// Value that unit u takes: u itself (per neuron) or its channel.
  std::vector<uint32_t> valueOfUnit;
  std::vector<float> values, gradients;
};

/// Weights and geometry of a convolution, NCHW, as nt.conv.
struct ConvParameters {
  std::vector<int64_t> weightShape; ///< [O, C / groups, kh, kw]
  std::vector<int64_t> strides, pads, dilations;
  int64_t groups = 1;
};
struct PoolParameters {
  std::vector<int64_t> kernel, strides, pads;
  bool average = false, countIncludePad = false;
};

/// A network under construction and then in execution. Layers are added in
/// topological order; the last one added is the output.
class Engine {
public:
  Engine();
  ~Engine();

  Layer *addInput(SampleShape shape);
  /// `weights` is [outputs, inputs]; `bias` is empty or one value an output.
  Layer *addDense(Layer *input, std::vector<float> weights,
                  std::vector<float> bias);
  Layer *addConv(Layer *input, SampleShape shape, ConvParameters parameters,
                 std::vector<float> weights, std::vector<float> bias);
  Layer *addModulate(Layer *input, std::string site, bool perChannel);
  Layer *addClip(Layer *input, float lower, float upper);
  Layer *addPool(Layer *input, SampleShape shape, PoolParameters parameters);
  Layer *addSum(Layer *lhs, Layer *rhs);
  /// Channels joined in order (axis 1 of the activation).
  Layer *addConcat(std::vector<Layer *> inputs, SampleShape shape);
  Layer *addReshape(Layer *input, SampleShape shape);
  Layer *addConstantSum(Layer *input, std::vector<float> values);

  size_t inputSize() const;
  size_t outputSize() const;
  std::vector<Site> &sites() { return modulation; }
  Site *findSite(const std::string &name);

  /// Runs a batch of samples [batch, inputSize]; returns [batch, outputSize],
  /// valid until the next call.
  const float *forward(const float *samples, size_t batch);
  /// After forward: mean cross-entropy of softmax(scores) against labels, and
  /// its gradient for every value of every site (overwritten, not added).
  double lossAndGradients(const uint32_t *labels, size_t batch);

private:
  void resize(size_t batch);
  template <typename T> T *add(std::unique_ptr<T> layer);

  std::vector<std::unique_ptr<Layer>> layers;
  std::vector<Site> modulation;
  size_t capacity = 0;
};

} // namespace nt::tuner

#endif // NT_TUNER_ENGINE_H
