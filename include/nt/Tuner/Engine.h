//===- Engine.h - Batched float execution of a frozen network ---*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Forward and backward passes of a feed-forward network whose weights are
// frozen: gradients are formed for modulation values alone, so no weight
// gradient is ever computed, and a layer keeps of its activation one bit an
// element where a ReLU or clip follows and the index of the winner behind a
// max pool; nothing else (TinyTL, Cai 2020, carried to its end). Linear layers
// and pools run on oneDNN in blocked layouts. Knows nothing of IR.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_ENGINE_H
#define NT_TUNER_ENGINE_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nt::tuner {

/// Shape of one sample of an activation: {units} or {channels, height, width}.
using SampleShape = std::vector<int64_t>;
size_t sizeOf(const SampleShape &shape);

/// One step of the network; a handle for the next steps' inputs.
struct Layer;

/// A place of the network with trainable values.
struct Site {
  enum class Kind {
    Modulation, ///< Added to the layer's sums; 0 changes nothing.
    Gain        ///< Multiplies the layer's sums; 1 changes nothing.
  };
  std::string name;
  Kind kind = Kind::Modulation;
  /// Value that unit u takes; empty for one value a unit, in order.
  std::vector<uint32_t> valueOfUnit;
  /// Units of one channel take one value.
  bool perChannel = false;
  size_t channels = 1; ///< Of the layer that it is behind.
  /// Set by Engine::train: whether backward forms its gradients.
  bool trained = true;
  std::vector<float> values, gradients;

  /// Values of one channel; they stand one after the other.
  size_t valuesPerChannel() const { return values.size() / channels; }
  size_t valueOf(size_t unit) const {
    return valueOfUnit.empty() ? unit : valueOfUnit[unit];
  }
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

struct EngineOptions {
  /// Threads of a run; results are the same for the same number.
  unsigned threads = 1;
  /// Winograd's convolution where it is faster: about 1e-6 of the range off.
  bool winograd = true;
  /// Layers get a gain for each of their synapse domains (of nt::buildEngine).
  bool gains = false;
};

/// A network under construction and then in execution. Layers are added in
/// topological order; the last one added is the output.
class Engine {
public:
  explicit Engine(EngineOptions options = {});
  ~Engine();

  Layer *addInput(SampleShape shape);
  /// `weights` is [outputs, inputs]; `bias` is empty or one value an output.
  Layer *addDense(Layer *input, std::vector<float> weights,
                  std::vector<float> bias);
  Layer *addConv(Layer *input, SampleShape shape, ConvParameters parameters,
                 std::vector<float> weights, std::vector<float> bias);
  Layer *addModulate(Layer *input, std::string site, bool perChannel);
  /// Multiplies with one value a group of channels: groupOfChannel[c].
  Layer *addGain(Layer *input, std::string site,
                 std::vector<uint32_t> groupOfChannel);
  Layer *addClip(Layer *input, float lower, float upper);
  Layer *addPool(Layer *input, SampleShape shape, PoolParameters parameters);
  Layer *addSum(Layer *lhs, Layer *rhs);
  /// Channels joined in order (axis 1 of the activation).
  Layer *addConcat(std::vector<Layer *> inputs, SampleShape shape);
  Layer *addReshape(Layer *input, SampleShape shape);
  /// `values` has one value a unit.
  Layer *addConstantSum(Layer *input, std::vector<float> values);

  size_t inputSize() const;
  size_t outputSize() const;
  std::vector<Site> &sites();
  Site *findSite(const std::string &name);
  /// Sites for which `trained` is false keep their values: layers below the
  /// lowest trained one are then fixed.
  void train(const std::function<bool(const Site &)> &trained);

  /// Runs a batch of samples [batch, inputSize]; returns [batch, outputSize],
  /// valid until the next call.
  const float *forward(const float *samples, size_t batch);

  /// As forward, keeping what backward needs.
  const float *forwardTraining(const float *samples, size_t batch);
  /// After forwardTraining: gradients of every trained site (overwritten) from
  /// those of the outputs [batch, outputSize].
  void backward(const float *outputGradient, size_t batch);

  /// Values a sample at the end of the fixed layers, as the engine lays them
  /// out; 0 if no layer is fixed.
  size_t fixedSize();
  /// Runs the fixed layers alone: [batch, fixedSize] to `out`.
  void forwardFixed(const float *samples, size_t batch, float *out);
  /// As forwardTraining, from forwardFixed's result.
  const float *forwardTrainingFrom(const float *fixed, size_t batch);

  /// Bytes held for activations, their gradients, masks and scratch pads.
  size_t activationBytes() const;
  /// What runs each linear layer and pool, one line a primitive.
  std::vector<std::string> describe() const;

private:
  struct Implementation;
  std::unique_ptr<Implementation> impl;
};

} // namespace nt::tuner

#endif // NT_TUNER_ENGINE_H
