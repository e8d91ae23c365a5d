//===- Engine.cpp - Batched float execution of a frozen network -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/Engine.h"

#include "LinearLayers.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

using namespace nt::tuner;

size_t nt::tuner::sizeOf(const SampleShape &shape) {
  size_t size = 1;
  for (int64_t extent : shape)
    size *= static_cast<size_t>(extent);
  return size;
}

Layer::~Layer() = default;

namespace {

class InputLayer : public Layer {
public:
  using Layer::Layer;
  void forward(size_t) override {}
  void backward(size_t) override {}
};

/// y = x + b: passes the gradient on and sums it over the batch for b.
class ModulateLayer : public Layer {
public:
  ModulateLayer(Layer *input, std::vector<Site> &sites, size_t site)
      : Layer({input}, input->shape), sites(sites), site(site) {
    needsGradient = true;
  }
  void forward(size_t batch) override {
    const Site &s = sites[site];
    for (size_t n = 0; n < batch; ++n) {
      const float *x = inputs[0]->out.data() + n * units;
      float *y = out.data() + n * units;
      for (size_t u = 0; u < units; ++u)
        y[u] = x[u] + s.values[s.valueOfUnit[u]];
    }
  }
  void backward(size_t batch) override {
    Site &s = sites[site];
    for (size_t n = 0; n < batch; ++n) {
      const float *g = gradient.data() + n * units;
      for (size_t u = 0; u < units; ++u)
        s.gradients[s.valueOfUnit[u]] += g[u];
    }
    if (!inputs[0]->needsGradient)
      return;
    float *to = inputs[0]->gradient.data();
    for (size_t i = 0; i < batch * units; ++i)
      to[i] += gradient[i];
  }

private:
  std::vector<Site> &sites;
  size_t site;
};

/// y = min(max(x, lower), upper): the gradient passes where x was inside.
class ClipLayer : public Layer {
public:
  ClipLayer(Layer *input, float lower, float upper)
      : Layer({input}, input->shape), lower(lower), upper(upper) {}
  void forward(size_t batch) override {
    const float *x = inputs[0]->out.data();
    for (size_t i = 0; i < batch * units; ++i)
      out[i] = std::min(std::max(x[i], lower), upper);
  }
  void backward(size_t batch) override {
    float *to = inputs[0]->gradient.data();
    for (size_t i = 0; i < batch * units; ++i)
      to[i] += out[i] > lower && out[i] < upper ? gradient[i] : 0.0f;
  }

private:
  float lower, upper;
};

class PoolLayer : public Layer {
public:
  PoolLayer(Layer *input, SampleShape shape, PoolParameters parameters)
      : Layer({input}, std::move(shape)), p(std::move(parameters)) {}

  void forward(size_t batch) override {
    winner.resize(batch * units);
    visitWindows(batch, [&](size_t o, auto forEachInput, float divisor) {
      const std::vector<float> &x = inputs[0]->out;
      if (p.average) {
        float sum = 0;
        forEachInput([&](size_t i) { sum += x[i]; });
        out[o] = sum / divisor;
        return;
      }
      float best = -std::numeric_limits<float>::infinity();
      size_t bestIndex = 0;
      forEachInput([&](size_t i) {
        if (x[i] > best) {
          best = x[i];
          bestIndex = i;
        }
      });
      out[o] = best;
      winner[o] = bestIndex;
    });
  }
  void backward(size_t batch) override {
    std::vector<float> &to = inputs[0]->gradient;
    visitWindows(batch, [&](size_t o, auto forEachInput, float divisor) {
      if (!p.average)
        to[winner[o]] += gradient[o];
      else
        forEachInput([&](size_t i) { to[i] += gradient[o] / divisor; });
    });
  }

private:
  template <typename Visit> void visitWindows(size_t batch, Visit visit) {
    const SampleShape &in = inputs[0]->shape;
    size_t o = 0;
    for (size_t plane = 0; plane < batch * static_cast<size_t>(shape[0]);
         ++plane)
      for (int64_t y = 0; y < shape[1]; ++y)
        for (int64_t x = 0; x < shape[2]; ++x, ++o) {
          const int64_t top = y * p.strides[0] - p.pads[0],
                        left = x * p.strides[1] - p.pads[1];
          const int64_t y0 = std::max<int64_t>(top, 0),
                        y1 = std::min(top + p.kernel[0], in[1]),
                        x0 = std::max<int64_t>(left, 0),
                        x1 = std::min(left + p.kernel[1], in[2]);
          const int64_t count = p.countIncludePad ? p.kernel[0] * p.kernel[1]
                                                  : (y1 - y0) * (x1 - x0);
          visit(
              o,
              [&](auto f) {
                for (int64_t iy = y0; iy < y1; ++iy)
                  for (int64_t ix = x0; ix < x1; ++ix)
                    f((plane * in[1] + iy) * in[2] + ix);
              },
              static_cast<float>(count));
        }
  }
  PoolParameters p;
  std::vector<size_t> winner;
};

class SumLayer : public Layer {
public:
  SumLayer(Layer *lhs, Layer *rhs) : Layer({lhs, rhs}, lhs->shape) {}
  void forward(size_t batch) override {
    for (size_t i = 0; i < batch * units; ++i)
      out[i] = inputs[0]->out[i] + inputs[1]->out[i];
  }
  void backward(size_t batch) override {
    for (Layer *input : inputs)
      if (input->needsGradient)
        for (size_t i = 0; i < batch * units; ++i)
          input->gradient[i] += gradient[i];
  }
};

/// Concatenation of axis 1, reshape (of one input) and the sum with a constant:
/// units are copied in order.
class CopyLayer : public Layer {
public:
  CopyLayer(std::vector<Layer *> inputs, SampleShape shape,
            std::vector<float> constant = {})
      : Layer(std::move(inputs), std::move(shape)),
        constant(std::move(constant)) {}
  void forward(size_t batch) override {
    visit(batch, [&](Layer *input, size_t from, size_t to) {
      out[to] =
          input->out[from] + (constant.empty() ? 0.0f : constant[to % units]);
    });
  }
  void backward(size_t batch) override {
    visit(batch, [&](Layer *input, size_t from, size_t to) {
      if (input->needsGradient)
        input->gradient[from] += gradient[to];
    });
  }

private:
  template <typename Visit> void visit(size_t batch, Visit visit) {
    for (size_t n = 0; n < batch; ++n) {
      size_t to = n * units;
      for (Layer *input : inputs)
        for (size_t u = 0; u < input->units; ++u, ++to)
          visit(input, n * input->units + u, to);
    }
  }
  std::vector<float> constant;
};

} // namespace

Engine::Engine() = default;
Engine::~Engine() = default;

template <typename T> T *Engine::add(std::unique_ptr<T> layer) {
  for (Layer *input : layer->inputs)
    layer->needsGradient |= input->needsGradient;
  T *raw = layer.get();
  layers.push_back(std::move(layer));
  return raw;
}

Layer *Engine::addInput(SampleShape shape) {
  assert(layers.empty() && "the input is the first layer");
  return add(
      std::make_unique<InputLayer>(std::vector<Layer *>{}, std::move(shape)));
}
Layer *Engine::addDense(Layer *input, std::vector<float> weights,
                        std::vector<float> bias) {
  return add(makeDense(input, std::move(weights), std::move(bias)));
}
Layer *Engine::addConv(Layer *input, SampleShape shape,
                       ConvParameters parameters, std::vector<float> weights,
                       std::vector<float> bias) {
  return add(makeConv(input, std::move(shape), std::move(parameters),
                      std::move(weights), std::move(bias)));
}
Layer *Engine::addModulate(Layer *input, std::string name, bool perChannel) {
  Site site;
  site.name = std::move(name);
  const size_t channels = static_cast<size_t>(input->shape[0]);
  const size_t unitsOfChannel = input->units / channels;
  for (size_t u = 0; u < input->units; ++u)
    site.valueOfUnit.push_back(
        static_cast<uint32_t>(perChannel ? u / unitsOfChannel : u));
  site.values.assign(perChannel ? channels : input->units, 0.0f);
  site.gradients = site.values;
  modulation.push_back(std::move(site));
  return add(std::make_unique<ModulateLayer>(input, modulation,
                                             modulation.size() - 1));
}
Layer *Engine::addClip(Layer *input, float lower, float upper) {
  return add(std::make_unique<ClipLayer>(input, lower, upper));
}
Layer *Engine::addPool(Layer *input, SampleShape shape,
                       PoolParameters parameters) {
  return add(std::make_unique<PoolLayer>(input, std::move(shape),
                                         std::move(parameters)));
}
Layer *Engine::addSum(Layer *lhs, Layer *rhs) {
  return add(std::make_unique<SumLayer>(lhs, rhs));
}
Layer *Engine::addConcat(std::vector<Layer *> inputs, SampleShape shape) {
  return add(std::make_unique<CopyLayer>(std::move(inputs), std::move(shape)));
}
Layer *Engine::addReshape(Layer *input, SampleShape shape) {
  return add(std::make_unique<CopyLayer>(std::vector<Layer *>{input},
                                         std::move(shape)));
}
Layer *Engine::addConstantSum(Layer *input, std::vector<float> values) {
  return add(std::make_unique<CopyLayer>(std::vector<Layer *>{input},
                                         input->shape, std::move(values)));
}

size_t Engine::inputSize() const { return layers.front()->units; }
size_t Engine::outputSize() const { return layers.back()->units; }

Site *Engine::findSite(const std::string &name) {
  for (Site &site : modulation)
    if (site.name == name)
      return &site;
  return nullptr;
}

void Engine::resize(size_t batch) {
  if (batch <= capacity)
    return;
  capacity = batch;
  for (auto &layer : layers) {
    layer->out.resize(batch * layer->units);
    if (layer->needsGradient)
      layer->gradient.resize(batch * layer->units);
  }
}

const float *Engine::forward(const float *samples, size_t batch) {
  resize(batch);
  std::copy_n(samples, batch * inputSize(), layers.front()->out.data());
  for (auto &layer : layers)
    layer->forward(batch);
  return layers.back()->out.data();
}

double Engine::lossAndGradients(const uint32_t *labels, size_t batch) {
  for (auto &layer : layers)
    std::fill(layer->gradient.begin(), layer->gradient.end(), 0.0f);
  for (Site &site : modulation)
    std::fill(site.gradients.begin(), site.gradients.end(), 0.0f);

  Layer &output = *layers.back();
  double loss = 0;
  for (size_t n = 0; n < batch; ++n) {
    const float *scores = output.out.data() + n * output.units;
    const float largest = *std::max_element(scores, scores + output.units);
    double sum = 0;
    for (size_t c = 0; c < output.units; ++c)
      sum += std::exp(static_cast<double>(scores[c] - largest));
    loss += std::log(sum) - (scores[labels[n]] - largest);
    if (!output.needsGradient)
      continue;
    float *gradient = output.gradient.data() + n * output.units;
    for (size_t c = 0; c < output.units; ++c) {
      const double p = std::exp(static_cast<double>(scores[c] - largest)) / sum;
      gradient[c] =
          static_cast<float>((p - (c == labels[n] ? 1.0 : 0.0)) / batch);
    }
  }
  for (size_t i = layers.size(); i-- > 0;)
    if (layers[i]->needsGradient)
      layers[i]->backward(batch);
  return loss / static_cast<double>(batch);
}
