//===- LinearLayers.cpp - Frozen linear layers on oneDNN ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "LinearLayers.h"

#include <dlfcn.h>
#include <map>
#include <oneapi/dnnl/dnnl.hpp>

using namespace nt::tuner;
using dnnl::memory;

namespace {

/// Keeps oneDNN to the calling thread: libgomp's waiting threads spin, which on
/// a machine with other work to do costs more than a second core gives.
void useOneThread() {
  using SetThreads = void (*)(int);
  if (auto set = reinterpret_cast<SetThreads>(
          dlsym(RTLD_DEFAULT, "omp_set_num_threads")))
    set(1);
}

dnnl::engine &cpu() {
  static dnnl::engine engine = [] {
    useOneThread();
    return dnnl::engine(dnnl::engine::kind::cpu, 0);
  }();
  return engine;
}
dnnl::stream &stream() {
  static dnnl::stream stream(cpu());
  return stream;
}

/// Plain row-major descriptor.
memory::desc plain(const memory::dims &dims) {
  memory::dims strides(dims.size(), 1);
  for (size_t i = dims.size() - 1; i > 0; --i)
    strides[i - 1] = strides[i] * dims[i];
  return memory::desc(dims, memory::data_type::f32, strides);
}
memory::desc any(const memory::dims &dims) {
  return memory::desc(dims, memory::data_type::f32, memory::format_tag::any);
}

/// One convolution or inner product at one batch size, in one direction.
struct Plan {
  dnnl::primitive primitive;
  /// Descriptors the primitive works on, and of the caller's plain buffers.
  memory::desc source, destination, plainSource, plainDestination;
  memory weights, bias;
  memory sourceBuffer, destinationBuffer;
  int sourceArg, destinationArg;

  void execute(float *from, float *to) {
    memory in(plainSource, cpu(), from), out(plainDestination, cpu(), to);
    memory &workIn = source == plainSource ? in : sourceBuffer;
    memory &workOut = destination == plainDestination ? out : destinationBuffer;
    if (source != plainSource)
      dnnl::reorder(in, workIn).execute(stream(), in, workIn);
    std::unordered_map<int, memory> arguments = {{sourceArg, workIn},
                                                 {destinationArg, workOut},
                                                 {DNNL_ARG_WEIGHTS, weights}};
    if (bias)
      arguments.insert({DNNL_ARG_BIAS, bias});
    primitive.execute(stream(), arguments);
    if (destination != plainDestination)
      dnnl::reorder(workOut, out).execute(stream(), workOut, out);
    stream().wait();
  }
};

/// A frozen linear map with plans kept for each batch size.
class LinearLayer : public Layer {
public:
  LinearLayer(Layer *input, SampleShape shape, std::vector<float> weights,
              std::vector<float> bias)
      : Layer({input}, std::move(shape)), weights(std::move(weights)),
        bias(std::move(bias)) {}

  void forward(size_t batch) override {
    plan(forwardPlans, batch, /*isForward=*/true)
        .execute(inputs[0]->out.data(), out.data());
  }
  void backward(size_t batch) override {
    if (!inputs[0]->needsGradient)
      return;
    scratch.resize(batch * inputs[0]->units);
    plan(backwardPlans, batch, /*isForward=*/false)
        .execute(gradient.data(), scratch.data());
    float *to = inputs[0]->gradient.data();
    for (size_t i = 0; i < scratch.size(); ++i)
      to[i] += scratch[i];
  }

protected:
  virtual Plan makePlan(size_t batch, bool isForward) = 0;

  /// Fills in what every plan has: reordered weights, bias and work buffers.
  template <typename Descriptor>
  void finish(Plan &result, const Descriptor &descriptor,
              const memory::desc &plainWeights) {
    memory from(plainWeights, cpu(), weights.data());
    result.weights = memory(descriptor.weights_desc(), cpu());
    dnnl::reorder(from, result.weights).execute(stream(), from, result.weights);
    stream().wait();
    result.sourceBuffer = memory(result.source, cpu());
    result.destinationBuffer = memory(result.destination, cpu());
  }
  memory biasMemory() {
    return memory(plain({static_cast<int64_t>(bias.size())}), cpu(),
                  bias.data());
  }

  std::vector<float> weights, bias;

private:
  Plan &plan(std::map<size_t, Plan> &plans, size_t batch, bool isForward) {
    auto found = plans.find(batch);
    if (found == plans.end())
      found = plans.emplace(batch, makePlan(batch, isForward)).first;
    return found->second;
  }
  std::map<size_t, Plan> forwardPlans, backwardPlans;
  std::vector<float> scratch;
};

class DenseLayer : public LinearLayer {
public:
  using LinearLayer::LinearLayer;

protected:
  Plan makePlan(size_t batch, bool isForward) override {
    const auto n = static_cast<int64_t>(batch);
    const auto in = static_cast<int64_t>(inputs[0]->units);
    const auto o = static_cast<int64_t>(units);
    using Forward = dnnl::inner_product_forward;
    using Backward = dnnl::inner_product_backward_data;
    Plan result;
    const memory::desc x = plain({n, in}), y = plain({n, o});
    auto forwardDesc = bias.empty()
                           ? Forward::desc(dnnl::prop_kind::forward_inference,
                                           x, any({o, in}), y)
                           : Forward::desc(dnnl::prop_kind::forward_inference,
                                           x, any({o, in}), plain({o}), y);
    Forward::primitive_desc forward(forwardDesc, cpu());
    if (isForward) {
      result.primitive = Forward(forward);
      result.source = result.plainSource = x;
      result.destination = result.plainDestination = y;
      result.sourceArg = DNNL_ARG_SRC;
      result.destinationArg = DNNL_ARG_DST;
      if (!bias.empty())
        result.bias = biasMemory();
      finish(result, forward, plain({o, in}));
      return result;
    }
    Backward::primitive_desc backward(Backward::desc(x, any({o, in}), y), cpu(),
                                      forward);
    result.primitive = Backward(backward);
    result.source = result.plainSource = y;
    result.destination = result.plainDestination = x;
    result.sourceArg = DNNL_ARG_DIFF_DST;
    result.destinationArg = DNNL_ARG_DIFF_SRC;
    finish(result, backward, plain({o, in}));
    return result;
  }
};

class ConvLayer : public LinearLayer {
public:
  ConvLayer(Layer *input, SampleShape shape, ConvParameters parameters,
            std::vector<float> weights, std::vector<float> bias)
      : LinearLayer(input, std::move(shape), std::move(weights),
                    std::move(bias)),
        parameters(std::move(parameters)) {}

protected:
  Plan makePlan(size_t batch, bool isForward) override {
    const auto n = static_cast<int64_t>(batch);
    const ConvParameters &p = parameters;
    const SampleShape &s = inputs[0]->shape;
    memory::dims w = p.weightShape;
    if (p.groups > 1) {
      w[0] /= p.groups;
      w.insert(w.begin(), p.groups);
    }
    const memory::dims left = {p.pads[0], p.pads[1]},
                       right = {p.pads[2], p.pads[3]},
                       dilations = {p.dilations[0] - 1, p.dilations[1] - 1};
    const memory::dims xDims = {n, s[0], s[1], s[2]},
                       yDims = {n, shape[0], shape[1], shape[2]};
    const auto algorithm = dnnl::algorithm::convolution_direct;
    using Forward = dnnl::convolution_forward;
    using Backward = dnnl::convolution_backward_data;
    const auto kind = isForward ? dnnl::prop_kind::forward_inference
                                : dnnl::prop_kind::forward_training;
    auto forwardDesc =
        bias.empty()
            ? Forward::desc(kind, algorithm, any(xDims), any(w), any(yDims),
                            p.strides, dilations, left, right)
            : Forward::desc(kind, algorithm, any(xDims), any(w),
                            plain({shape[0]}), any(yDims), p.strides, dilations,
                            left, right);
    Forward::primitive_desc forward(forwardDesc, cpu());
    Plan result;
    if (isForward) {
      result.primitive = Forward(forward);
      result.source = forward.src_desc();
      result.destination = forward.dst_desc();
      result.plainSource = plain(xDims);
      result.plainDestination = plain(yDims);
      result.sourceArg = DNNL_ARG_SRC;
      result.destinationArg = DNNL_ARG_DST;
      if (!bias.empty())
        result.bias = biasMemory();
      finish(result, forward, plain(w));
      return result;
    }
    Backward::primitive_desc backward(
        Backward::desc(algorithm, any(xDims), any(w), any(yDims), p.strides,
                       dilations, left, right),
        cpu(), forward);
    result.primitive = Backward(backward);
    result.source = backward.diff_dst_desc();
    result.destination = backward.diff_src_desc();
    result.plainSource = plain(yDims);
    result.plainDestination = plain(xDims);
    result.sourceArg = DNNL_ARG_DIFF_DST;
    result.destinationArg = DNNL_ARG_DIFF_SRC;
    finish(result, backward, plain(w));
    return result;
  }

private:
  ConvParameters parameters;
};

} // namespace

std::unique_ptr<Layer> nt::tuner::makeDense(Layer *input,
                                            std::vector<float> weights,
                                            std::vector<float> bias) {
  const auto outputs = static_cast<int64_t>(weights.size() / input->units);
  return std::make_unique<DenseLayer>(input, SampleShape{outputs},
                                      std::move(weights), std::move(bias));
}

std::unique_ptr<Layer> nt::tuner::makeConv(Layer *input, SampleShape shape,
                                           ConvParameters parameters,
                                           std::vector<float> weights,
                                           std::vector<float> bias) {
  return std::make_unique<ConvLayer>(input, std::move(shape),
                                     std::move(parameters), std::move(weights),
                                     std::move(bias));
}
