//===- Plan.cpp - A part of the network ready to run ----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Plan.h"

#include <algorithm>
#include <cstdlib>
#include <new>

using namespace nt::tuner;

int64_t nt::tuner::channelBlock() {
  static const int64_t block = [] {
    switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::all:
    case dnnl::cpu_isa::sse41:
    case dnnl::cpu_isa::avx:
    case dnnl::cpu_isa::avx2:
    case dnnl::cpu_isa::avx2_vnni:
      return 8;
    default:
      return 16;
    }
  }();
  return block;
}

size_t nt::tuner::elementsOf(const SampleShape &shape, Layout layout) {
  if (layout == Layout::Plain)
    return sizeOf(shape);
  const int64_t block = channelBlock();
  return static_cast<size_t>((shape[0] + block - 1) / block * block * shape[1] *
                             shape[2]);
}

dnnl::engine &nt::tuner::cpuEngine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

void AlignedBytes::Free::operator()(uint8_t *p) const { std::free(p); }

void AlignedBytes::reserve(size_t wanted) {
  if (wanted <= bytes)
    return;
  constexpr size_t line = 64;
  bytes = (wanted + line - 1) / line * line;
  memory.reset(static_cast<uint8_t *>(std::aligned_alloc(line, bytes)));
  if (!memory)
    throw std::bad_alloc();
}

/// Index of the value that channel c of a per-channel site takes.
static size_t valueOfChannel(const Site &site, size_t channel,
                             size_t positions) {
  return site.valueOf(channel * positions);
}

static size_t positionsOf(const SampleShape &shape) {
  return sizeOf(shape) / static_cast<size_t>(shape[0]);
}

void Plan::refresh(const std::vector<Site> &sites) {
  for (Adder &adder : adders) {
    std::fill(adder.add.begin(), adder.add.end(), 0.0f);
    auto addUnits = [&](auto valueOfUnit) {
      if (adder.perChannel) {
        const size_t positions = positionsOf(adder.shape);
        for (size_t c = 0; c < static_cast<size_t>(adder.shape[0]); ++c)
          adder.add[c] += valueOfUnit(c * positions);
        return;
      }
      forEachUnit(adder.shape, adder.layout, [&](size_t element, size_t unit) {
        adder.add[element] += valueOfUnit(unit);
      });
    };
    for (size_t s : adder.sites)
      addUnits([&site = sites[s]](size_t unit) {
        return site.values[site.valueOf(unit)];
      });
    if (!adder.constant.empty())
      addUnits([&](size_t unit) { return adder.constant[unit]; });
    adder.active = std::any_of(adder.add.begin(), adder.add.end(),
                               [](float v) { return v != 0; });
  }
  for (Multiplier &multiplier : multipliers) {
    const Site &site = sites[multiplier.site];
    forEachUnit(multiplier.shape, multiplier.layout,
                [&](size_t element, size_t unit) {
                  multiplier.factor[element] = site.values[site.valueOf(unit)];
                });
  }
  for (FusedBias &fused : biases)
    for (size_t c = 0; c < fused.values.size(); ++c) {
      float value = fused.bias->empty() ? 0.0f : (*fused.bias)[c];
      for (size_t s : fused.sites)
        value += sites[s].values[valueOfChannel(sites[s], c, fused.positions)];
      if (!fused.constant.empty())
        value += fused.constant[c];
      fused.values[c] = value;
    }
}

Plan::Instance &Plan::instance(size_t worker) {
  while (instances.size() <= worker)
    instances.push_back(std::make_unique<Instance>(*this));
  return *instances[worker];
}

void Plan::collect(std::vector<Site> &sites) {
  for (auto &instance : instances) {
    for (const Adder &adder : adders) {
      if (!adder.trained)
        continue;
      const float *sum = instance->accumulators.data() + adder.accumulator;
      for (size_t s : adder.sites) {
        Site &site = sites[s];
        if (!site.trained)
          continue;
        const size_t positions = positionsOf(adder.shape);
        if (adder.perChannel)
          for (size_t c = 0; c < static_cast<size_t>(adder.shape[0]); ++c)
            site.gradients[valueOfChannel(site, c, positions)] += sum[c];
        else
          forEachUnit(adder.shape, adder.layout,
                      [&](size_t element, size_t unit) {
                        site.gradients[site.valueOf(unit)] += sum[element];
                      });
      }
    }
    for (const Multiplier &multiplier : multipliers) {
      Site &site = sites[multiplier.site];
      if (!site.trained)
        continue;
      const float *sum = instance->accumulators.data() + multiplier.accumulator;
      std::vector<double> total(site.values.size());
      forEachUnit(multiplier.shape, multiplier.layout,
                  [&](size_t element, size_t unit) {
                    total[site.valueOf(unit)] += sum[element];
                  });
      for (size_t i = 0; i < total.size(); ++i)
        site.gradients[i] += static_cast<float>(total[i]);
    }
    std::fill(instance->accumulators.begin(), instance->accumulators.end(),
              0.0f);
  }
}

size_t Plan::bytes() const {
  size_t sum = 0;
  for (const auto &instance : instances)
    sum += instance->arena.size();
  return sum;
}

Plan::Instance::Instance(Plan &plan)
    : accumulators(plan.options.training ? plan.accumulators : 0), plan(plan),
      arena(plan.arenaBytes), stream(cpuEngine()) {
  for (const PlannedPrimitive &planned : plan.primitives) {
    Bound &b = bound.emplace_back();
    for (const Operand &operand : planned.operands) {
      void *where = operand.constant;
      if (!where) {
        const Buffer &buffer = plan.buffers[operand.buffer];
        if (buffer.place == Place::Arena)
          where = arena.data() + buffer.offset;
        else
          b.external.push_back({operand.argument, operand.buffer});
      }
      b.arguments.emplace(operand.argument,
                          dnnl::memory(operand.desc, cpuEngine(), where));
    }
  }
}

float *Plan::Instance::floats(int index) const {
  const Buffer &buffer = plan.buffers[index];
  switch (buffer.place) {
  case Place::Arena:
    return reinterpret_cast<float *>(arena.data() + buffer.offset);
  case Place::Input:
    return bindings.input;
  case Place::Output:
    return bindings.output;
  case Place::InputGradient:
    return bindings.inputGradient;
  case Place::OutputGradient:
    return bindings.outputGradient;
  case Place::Kept:
    return reinterpret_cast<float *>(bindings.kept + buffer.offset);
  }
  return nullptr;
}

void Plan::Instance::bind(const Bindings &given) {
  bindings = given;
  for (Bound &b : bound)
    for (auto [argument, buffer] : b.external)
      b.arguments.at(argument).set_data_handle(floats(buffer));
}

void Plan::Instance::execute(size_t index) {
  plan.primitives[index].primitive.execute(stream, bound[index].arguments);
}

void Plan::Instance::forward() {
  for (const Action &action : plan.forwardActions)
    action(*this);
  stream.wait();
}
void Plan::Instance::backward() {
  for (const Action &action : plan.backwardActions)
    action(*this);
  stream.wait();
}
