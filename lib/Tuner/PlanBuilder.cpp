//===- PlanBuilder.cpp - From layers to a plan
//-----------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "PlanBuilder.h"

#include <algorithm>
#include <cstring>
#include <limits>

using namespace nt::tuner;
using dnnl::memory;

Plan::Plan(const std::vector<Layer *> &layers, Layer *input, Layout inputLayout,
           Layer *output, bool isNetworkOutput, const std::vector<Site> &sites,
           const PlanOptions &options)
    : options(options) {
  PlanBuilder(*this, sites)
      .build(layers, input, inputLayout, output, isNetworkOutput);
}

void PlanBuilder::build(const std::vector<Layer *> &layers, Layer *input,
                        Layout inputLayout, Layer *output,
                        bool isNetworkOutput) {
  actions = &plan.forwardActions;
  within.insert(layers.begin(), layers.end());
  const int in = newValue(input->shape, inputLayout, input->needsGradient,
                          /*exclusive=*/false);
  all[in].buffer = newBuffer(bytesOf(in), Place::Input);
  values[input] = in;
  findMerged(layers, output);
  for (Layer *layer : layers)
    addLayer(layer);
  int out = valueOf(output);
  if (isNetworkOutput)
    out = inLayout(out, Layout::Plain);
  finishEnds(in, out);
  placeBuffers();
}

//===----------------------------------------------------------------------===//
// Values, buffers and actions
//===----------------------------------------------------------------------===//

int PlanBuilder::newBuffer(size_t bytes, Place place) {
  Buffer buffer;
  buffer.bytes = bytes;
  buffer.place = place;
  if (place == Place::Kept) {
    buffer.offset = plan.keptBytes;
    plan.keptBytes += (bytes + 63) / 64 * 64;
  }
  plan.buffers.push_back(buffer);
  return static_cast<int>(plan.buffers.size()) - 1;
}

int PlanBuilder::newValue(SampleShape shape, Layout layout, bool needsGradient,
                          bool exclusive) {
  Value value;
  value.shape = std::move(shape);
  value.layout = layout;
  value.needsGradient = needsGradient && options.training;
  value.exclusive = exclusive;
  all.push_back(std::move(value));
  return static_cast<int>(all.size()) - 1;
}

size_t PlanBuilder::bytesOf(int value) const {
  return options.samples * elementsOf(all[value].shape, all[value].layout) *
         sizeof(float);
}

memory::desc PlanBuilder::descriptor(const SampleShape &shape,
                                     Layout layout) const {
  memory::dims dims = {static_cast<int64_t>(options.samples)};
  dims.insert(dims.end(), shape.begin(), shape.end());
  if (layout == Layout::Blocked)
    return {dims, memory::data_type::f32,
            channelBlock() == 16 ? memory::format_tag::nChw16c
                                 : memory::format_tag::nChw8c};
  memory::dims strides(dims.size(), 1);
  for (size_t i = dims.size() - 1; i > 0; --i)
    strides[i - 1] = strides[i] * dims[i];
  return {dims, memory::data_type::f32, strides};
}

void PlanBuilder::emit(Plan::Action action, std::initializer_list<int> used) {
  for (int index : used) {
    if (index < 0)
      continue;
    Buffer &buffer = plan.buffers[index];
    buffer.first = std::min(buffer.first, time);
    buffer.last = std::max(buffer.last, time);
  }
  actions->push_back(std::move(action));
  ++time;
}

void PlanBuilder::emit(dnnl::primitive primitive, std::vector<Operand> operands,
                       const memory::desc &scratchpad) {
  if (scratchpad.get_size()) {
    Operand pad;
    pad.argument = DNNL_ARG_SCRATCHPAD;
    pad.desc = scratchpad;
    pad.buffer = newBuffer(scratchpad.get_size());
    operands.push_back(pad);
  }
  for (const Operand &operand : operands)
    if (operand.buffer >= 0) {
      Buffer &buffer = plan.buffers[operand.buffer];
      buffer.first = std::min(buffer.first, time);
      buffer.last = std::max(buffer.last, time);
    }
  const size_t index = plan.primitives.size();
  plan.primitives.push_back({std::move(primitive), std::move(operands)});
  emit([index](Plan::Instance &instance) { instance.execute(index); }, {});
}

static dnnl::primitive_attr withUserScratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

void PlanBuilder::emitReorder(const memory::desc &from, int fromBuffer,
                              const memory::desc &to, int toBuffer) {
  dnnl::reorder::primitive_desc descriptor(cpuEngine(), from, cpuEngine(), to,
                                           withUserScratchpad());
  emit(dnnl::reorder(descriptor),
       {{DNNL_ARG_FROM, from, fromBuffer}, {DNNL_ARG_TO, to, toBuffer}},
       descriptor.scratchpad_desc());
}

void PlanBuilder::emitCopy(int from, int to) {
  const size_t bytes = plan.buffers[to].bytes;
  emit(
      [=](Plan::Instance &instance) {
        std::memcpy(instance.floats(to), instance.floats(from), bytes);
      },
      {from, to});
}

void PlanBuilder::contribute(int value,
                             const std::function<void(int)> &produce) {
  Value &target = all[value];
  if (!target.needsGradient)
    return;
  const int buffer = newBuffer(bytesOf(value));
  produce(buffer);
  contributeOwned(value, buffer);
}

void PlanBuilder::contributeOwned(int value, int gradient) {
  Value &target = all[value];
  if (!target.needsGradient)
    return;
  if (target.gradient < 0) {
    target.gradient = gradient;
    return;
  }
  const int to = target.gradient;
  const size_t count = bytesOf(value) / sizeof(float);
  emit(
      [=](Plan::Instance &instance) {
        ntrt::addInto(instance.floats(to), instance.floats(gradient), count);
      },
      {to, gradient});
}

int PlanBuilder::inLayout(int value, Layout layout) {
  if (all[value].layout == layout || all[value].shape.size() != 3)
    return value;
  const int result =
      newValue(all[value].shape, layout, all[value].needsGradient, true);
  all[result].buffer = newBuffer(bytesOf(result));
  emitReorder(descriptor(value), all[value].buffer, descriptor(result),
              all[result].buffer);
  recipes.push_back([=, this] {
    if (all[result].gradient >= 0)
      contribute(value, [&](int buffer) {
        emitReorder(descriptor(result), all[result].gradient, descriptor(value),
                    buffer);
      });
  });
  return result;
}

/// The ends of the plan get the memory of whoever runs it; then the backward
/// actions are emitted.
void PlanBuilder::finishEnds(int input, int output) {
  const Value &last = all[output];
  plan.outputLayout = last.layout;
  if (plan.buffers[last.buffer].place == Place::Arena)
    plan.buffers[last.buffer].place = Place::Output;
  else
    emitCopy(last.buffer, newBuffer(bytesOf(output), Place::Output));
  if (!options.training)
    return;

  actions = &plan.backwardActions;
  all[output].gradient = newBuffer(bytesOf(output), Place::OutputGradient);
  for (size_t i = recipes.size(); i-- > 0;)
    recipes[i]();
  if (!all[input].needsGradient)
    return;
  const int gradient = all[input].gradient;
  const size_t bytes = bytesOf(input);
  if (gradient >= 0 && plan.buffers[gradient].place == Place::Arena) {
    plan.buffers[gradient].place = Place::InputGradient;
    return;
  }
  const int to = newBuffer(bytes, Place::InputGradient);
  if (gradient >= 0)
    emitCopy(gradient, to);
  else
    emit(
        [=](Plan::Instance &instance) {
          std::memset(instance.floats(to), 0, bytes);
        },
        {to});
}

/// First fit, the largest buffers first, among those alive at the same time.
void PlanBuilder::placeBuffers() {
  std::vector<Buffer *> order;
  for (Buffer &buffer : plan.buffers)
    if (buffer.place == Place::Arena && buffer.last >= 0)
      order.push_back(&buffer);
  std::sort(order.begin(), order.end(), [](Buffer *a, Buffer *b) {
    return a->bytes != b->bytes ? a->bytes > b->bytes : a < b;
  });
  std::vector<Buffer *> placed;
  for (Buffer *buffer : order) {
    std::vector<std::pair<size_t, size_t>> taken;
    for (Buffer *other : placed)
      if (other->first <= buffer->last && buffer->first <= other->last)
        taken.push_back({other->offset, other->offset + other->bytes});
    std::sort(taken.begin(), taken.end());
    size_t offset = 0;
    for (auto [begin, end] : taken) {
      if (offset + buffer->bytes <= begin)
        break;
      offset = std::max(offset, (end + 63) / 64 * 64);
    }
    buffer->offset = offset;
    plan.arenaBytes = std::max(plan.arenaBytes, offset + buffer->bytes);
    placed.push_back(buffer);
  }
}

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

/// Marks the layers that run as a part of the chain that ends behind them.
void PlanBuilder::findMerged(const std::vector<Layer *> &layers,
                             Layer *output) {
  auto joins = [&](Layer *layer) {
    return layer != output && layer->users.size() == 1 && within.count(layer) &&
           within.count(layer->users.front());
  };
  for (Layer *layer : layers) {
    if (!layer->isAdditive() || !joins(layer))
      continue;
    Layer *user = layer->users.front();
    if (!user->isElementwise())
      continue;
    // A sum goes on with one of its operands; the other is its residual.
    if (user->kind == Layer::Kind::Sum &&
        (merged.count(user->inputs[0]) || merged.count(user->inputs[1])))
      continue;
    merged.insert(layer);
  }
  // A second sum in a chain ends it.
  for (size_t i = layers.size(); i-- > 0;) {
    Layer *layer = layers[i];
    if (!layer->isElementwise() || merged.count(layer))
      continue;
    bool hasSum = false;
    for (Layer *current = layer;;) {
      if (current->kind == Layer::Kind::Sum) {
        if (hasSum) {
          merged.erase(current);
          break;
        }
        hasSum = true;
      }
      auto next =
          std::find_if(current->inputs.begin(), current->inputs.end(),
                       [&](Layer *input) { return merged.count(input); });
      if (next == current->inputs.end())
        break;
      current = *next;
    }
  }
  for (Layer *layer : layers) {
    if (!layer->isElementwise() || merged.count(layer))
      continue;
    const Chain chain = chainEndingAt(layer);
    if (chain.head->isLinear() && joins(chain.head) && canFuse(chain))
      deferred.insert(chain.head);
  }
}

PlanBuilder::Chain PlanBuilder::chainEndingAt(Layer *last) const {
  Chain chain;
  Layer *current = last;
  while (true) {
    Layer *next = current->inputs[0];
    if (current->kind == Layer::Kind::Clip) {
      chain.clip = current;
    } else if (current->kind == Layer::Kind::Sum) {
      Layer *residual = current->inputs[1];
      // The operand that a linear layer gives may run with it.
      if (merged.count(residual) ||
          (!merged.count(next) && residual->isLinear() &&
           residual->users.size() == 1))
        std::swap(next, residual);
      chain.residual = residual;
    } else {
      chain.adds.push_back(current);
      if (current->kind == Layer::Kind::Modulate)
        chain.trained |= options.training && sites[current->site].trained;
    }
    if (!merged.count(next)) {
      chain.head = next;
      return chain;
    }
    current = next;
  }
}

/// Whether all that is added is the same for the units of a channel.
bool PlanBuilder::isUniform(const Chain &chain) const {
  for (Layer *add : chain.adds) {
    const size_t positions = add->units() / static_cast<size_t>(add->shape[0]);
    if (positions == 1)
      continue;
    if (add->kind == Layer::Kind::Modulate) {
      if (!sites[add->site].perChannel)
        return false;
    } else if (add->kind == Layer::Kind::ConstantSum) {
      for (size_t u = 0; u < add->bias.size(); ++u)
        if (add->bias[u] != add->bias[u / positions * positions])
          return false;
    }
  }
  return true;
}

/// Whether the linear layer at the head can do the whole chain: in inference,
/// and if what is added is a bias.
bool PlanBuilder::canFuse(const Chain &chain) const {
  if (options.training)
    return false;
  Chain active = chain;
  std::erase_if(active.adds, [&](Layer *add) {
    return add->kind == Layer::Kind::Modulate &&
           !options.activeSites[add->site];
  });
  return isUniform(active);
}

/// Padding must stay 0, which a clip away from 0 would not leave.
Layout PlanBuilder::layoutFor(const Chain &chain, int head) const {
  const Value &value = all[head];
  if (value.layout == Layout::Blocked && chain.clip &&
      (chain.clip->lower > 0 || chain.clip->upper < 0) &&
      value.shape[0] % channelBlock() != 0)
    return Layout::Plain;
  return value.layout;
}

void PlanBuilder::addChain(Layer *last) {
  const Chain chain = chainEndingAt(last);
  if (deferred.count(chain.head)) {
    addLinear(chain.head, &chain, last);
    return;
  }
  const Layout layout = layoutFor(chain, valueOf(chain.head));
  const int head = inLayout(valueOf(chain.head), layout);
  const int residual =
      chain.residual ? inLayout(valueOf(chain.residual), layout) : -1;
  const bool isInPlace = all[head].exclusive &&
                         plan.buffers[all[head].buffer].place == Place::Arena;
  const int out = newValue(last->shape, layout, last->needsGradient,
                           last->users.size() == 1);
  all[out].buffer = isInPlace ? all[head].buffer : newBuffer(bytesOf(out));
  values[last] = out;

  ntrt::ElementShape shape;
  shape.samples = options.samples;
  shape.elements = elementsOf(last->shape, layout);
  Adder *adder = nullptr;
  if (!chain.adds.empty()) {
    adder = &plan.adders.emplace_back();
    adder->shape = last->shape;
    adder->layout = layout;
    adder->trained = chain.trained;
    adder->perChannel =
        layout == Layout::Blocked && isUniform(chain) &&
        static_cast<size_t>(channelBlock()) == ntrt::elementLanes();
    for (Layer *add : chain.adds) {
      if (add->kind == Layer::Kind::Modulate) {
        adder->sites.push_back(add->site);
        continue;
      }
      adder->constant.resize(add->bias.size());
      ntrt::addInto(adder->constant.data(), add->bias.data(), add->bias.size());
    }
    const size_t positions =
        adder->perChannel ? static_cast<size_t>(last->shape[1] * last->shape[2])
                          : 1;
    if (adder->perChannel)
      shape.positions = positions;
    adder->add.resize(shape.elements / positions);
    adder->accumulator = plan.accumulators;
    if (chain.trained)
      plan.accumulators += adder->add.size();
  }

  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float lower = chain.clip ? chain.clip->lower : -infinity,
              upper = chain.clip ? chain.clip->upper : infinity;
  const int from = all[head].buffer, to = all[out].buffer,
            other = residual < 0 ? -1 : all[residual].buffer;
  int mask = -1;
  if (chain.clip && all[out].needsGradient)
    mask = newBuffer(options.samples * ntrt::maskBytes(shape.elements),
                     Place::Kept);
  emit(
      [=](Plan::Instance &instance) {
        ntrt::ElementChain work;
        work.add = adder && adder->active ? adder->add.data() : nullptr;
        work.residual = other < 0 ? nullptr : instance.floats(other);
        work.lower = lower;
        work.upper = upper;
        work.mask = mask < 0
                        ? nullptr
                        : reinterpret_cast<uint8_t *>(instance.floats(mask));
        ntrt::elementForward(shape, instance.floats(from), instance.floats(to),
                             work);
      },
      {from, to, other, mask});
  recipes.push_back([=, this, isTrained = chain.trained] {
    const int gradient = all[out].gradient;
    if (gradient < 0)
      return;
    if (mask >= 0 || isTrained)
      emit(
          [=](Plan::Instance &instance) {
            ntrt::elementBackward(
                shape, instance.floats(gradient),
                mask < 0
                    ? nullptr
                    : reinterpret_cast<const uint8_t *>(instance.floats(mask)),
                isTrained ? instance.accumulators.data() + adder->accumulator
                          : nullptr);
          },
          {gradient, mask});
    if (residual >= 0)
      contribute(residual, [&](int buffer) { emitCopy(gradient, buffer); });
    contributeOwned(head, gradient);
  });
}

//===----------------------------------------------------------------------===//
// Other layers
//===----------------------------------------------------------------------===//

void PlanBuilder::addLayer(Layer *layer) {
  if (merged.count(layer) || deferred.count(layer))
    return;
  switch (layer->kind) {
  case Layer::Kind::Input:
    return;
  case Layer::Kind::Dense:
  case Layer::Kind::Conv:
    return addLinear(layer, nullptr, layer);
  case Layer::Kind::Modulate:
  case Layer::Kind::Clip:
  case Layer::Kind::Sum:
  case Layer::Kind::ConstantSum:
    return addChain(layer);
  case Layer::Kind::Gain:
    return addGain(layer);
  case Layer::Kind::Pool:
    return addPool(layer);
  case Layer::Kind::Concat:
    return addConcat(layer);
  case Layer::Kind::Reshape:
    return addReshape(layer);
  }
}

/// y = x * g; x is kept whole, as the gradient of g needs it.
void PlanBuilder::addGain(Layer *layer) {
  const int in = valueOf(layer->inputs[0]);
  const int out = newValue(layer->shape, all[in].layout, layer->needsGradient,
                           layer->users.size() == 1);
  all[out].buffer = newBuffer(bytesOf(out));
  values[layer] = out;
  Multiplier &multiplier = plan.multipliers.emplace_back();
  multiplier.site = layer->site;
  multiplier.shape = layer->shape;
  multiplier.layout = all[in].layout;
  const size_t elements = elementsOf(layer->shape, all[in].layout);
  multiplier.factor.resize(elements);
  multiplier.accumulator = plan.accumulators;
  const bool isTrained = options.training && sites[layer->site].trained;
  if (isTrained)
    plan.accumulators += elements;
  const int kept = isTrained ? newBuffer(bytesOf(in), Place::Kept) : -1;
  const int from = all[in].buffer, to = all[out].buffer;
  if (kept >= 0)
    emitCopy(from, kept);
  const Multiplier *m = &multiplier;
  const size_t samples = options.samples;
  emit(
      [=](Plan::Instance &instance) {
        const float *x = instance.floats(from);
        float *y = instance.floats(to);
        for (size_t n = 0; n < samples; ++n)
          for (size_t e = 0; e < elements; ++e)
            y[n * elements + e] = x[n * elements + e] * m->factor[e];
      },
      {from, to});
  recipes.push_back([=, this] {
    const int gradient = all[out].gradient;
    if (gradient < 0)
      return;
    emit(
        [=](Plan::Instance &instance) {
          float *g = instance.floats(gradient);
          const float *x = kept < 0 ? nullptr : instance.floats(kept);
          float *sum = instance.accumulators.data() + m->accumulator;
          for (size_t n = 0; n < samples; ++n)
            for (size_t e = 0; e < elements; ++e) {
              float &value = g[n * elements + e];
              if (x)
                sum[e] += value * x[n * elements + e];
              value *= m->factor[e];
            }
        },
        {gradient, kept});
    contributeOwned(in, gradient);
  });
}

void PlanBuilder::addPool(Layer *layer) {
  const PoolParameters &p = layer->pool;
  const int in = valueOf(layer->inputs[0]);
  const int out = newValue(layer->shape, all[in].layout, layer->needsGradient,
                           layer->users.size() == 1);
  all[out].buffer = newBuffer(bytesOf(out));
  values[layer] = out;

  const SampleShape &shape = layer->inputs[0]->shape;
  memory::dims strides(p.strides.begin(), p.strides.end()),
      kernel(p.kernel.begin(), p.kernel.end()), before(2), behind(2);
  for (int i = 0; i < 2; ++i) {
    before[i] = p.pads[i];
    // As far as the last window reaches.
    behind[i] = (layer->shape[i + 1] - 1) * strides[i] + kernel[i] -
                shape[i + 1] - before[i];
  }
  using dnnl::algorithm;
  const algorithm kind = !p.average ? algorithm::pooling_max
                         : p.countIncludePad
                             ? algorithm::pooling_avg_include_padding
                             : algorithm::pooling_avg_exclude_padding;
  const bool backward = all[out].needsGradient && all[in].needsGradient;
  const memory::desc x = descriptor(in), y = descriptor(out);
  dnnl::pooling_forward::primitive_desc forward(
      {backward ? dnnl::prop_kind::forward_training
                : dnnl::prop_kind::forward_inference,
       kind, x, y, strides, kernel, before, behind},
      withUserScratchpad(), cpuEngine());
  name(layer, "forward", forward.get());
  std::vector<Operand> operands = {{DNNL_ARG_SRC, x, all[in].buffer},
                                   {DNNL_ARG_DST, y, all[out].buffer}};
  int winners = -1;
  if (backward && !p.average) {
    winners = newBuffer(forward.workspace_desc().get_size(), Place::Kept);
    operands.push_back({DNNL_ARG_WORKSPACE, forward.workspace_desc(), winners});
  }
  emit(dnnl::pooling_forward(forward), operands, forward.scratchpad_desc());
  if (!backward)
    return;
  dnnl::pooling_backward::primitive_desc descriptor(
      {kind, x, y, strides, kernel, before, behind}, withUserScratchpad(),
      cpuEngine(), forward);
  name(layer, "backward", descriptor.get());
  recipes.push_back([=, this] {
    const int gradient = all[out].gradient;
    if (gradient < 0)
      return;
    contribute(in, [&](int buffer) {
      std::vector<Operand> operands = {{DNNL_ARG_DIFF_DST, y, gradient},
                                       {DNNL_ARG_DIFF_SRC, x, buffer}};
      if (winners >= 0)
        operands.push_back(
            {DNNL_ARG_WORKSPACE, descriptor.workspace_desc(), winners});
      emit(dnnl::pooling_backward(descriptor), operands,
           descriptor.scratchpad_desc());
    });
  });
}

void PlanBuilder::addConcat(Layer *layer) {
  const bool isAligned =
      layer->shape.size() == 3 &&
      std::all_of(layer->inputs.begin(), layer->inputs.end(),
                  [&](Layer *i) { return i->shape[0] % channelBlock() == 0; });
  const Layout layout = isAligned ? Layout::Blocked : Layout::Plain;
  const int out = newValue(layer->shape, layout, layer->needsGradient,
                           layer->users.size() == 1);
  all[out].buffer = newBuffer(bytesOf(out));
  values[layer] = out;
  const memory::desc whole = descriptor(out);
  int64_t channel = 0;
  for (Layer *input : layer->inputs) {
    const int in = valueOf(input);
    memory::dims extent = descriptor(in).dims();
    memory::dims offset(extent.size(), 0);
    offset[1] = channel;
    channel += input->shape[0];
    const memory::desc part = whole.submemory_desc(extent, offset);
    emitReorder(descriptor(in), all[in].buffer, part, all[out].buffer);
    recipes.push_back([=, this] {
      if (all[out].gradient >= 0)
        contribute(in, [&](int buffer) {
          emitReorder(part, all[out].gradient, descriptor(in), buffer);
        });
    });
  }
}

void PlanBuilder::addReshape(Layer *layer) {
  // A dense layer reads what is before a flattening itself.
  const bool isRead =
      layer->users.empty() ||
      std::any_of(layer->users.begin(), layer->users.end(), [&](Layer *user) {
        return !within.count(user) || user->kind != Layer::Kind::Dense;
      });
  if (!isRead)
    return;
  const int in = inLayout(valueOf(layer->inputs[0]), Layout::Plain);
  const int out = newValue(layer->shape, Layout::Plain, layer->needsGradient,
                           layer->users.size() == 1);
  const bool isAlias = all[in].exclusive;
  all[out].buffer = isAlias ? all[in].buffer : newBuffer(bytesOf(out));
  if (!isAlias)
    emitCopy(all[in].buffer, all[out].buffer);
  values[layer] = out;
  recipes.push_back([=, this] {
    if (all[out].gradient >= 0)
      contributeOwned(in, all[out].gradient);
  });
}
