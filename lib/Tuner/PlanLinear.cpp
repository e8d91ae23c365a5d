//===- PlanLinear.cpp - Convolutions and dense layers of a plan -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "PlanBuilder.h"
#include "nt/Tuner/Threads.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

using namespace nt::tuner;
using dnnl::memory;

namespace {

memory::desc anyFormat(const memory::dims &dims) {
  return {dims, memory::data_type::f32, memory::format_tag::any};
}
memory::desc rowMajor(const memory::dims &dims) {
  memory::dims strides(dims.size(), 1);
  for (size_t i = dims.size() - 1; i > 0; --i)
    strides[i - 1] = strides[i] * dims[i];
  return {dims, memory::data_type::f32, strides};
}

/// oneDNN's plain loops: hundreds of times slower than a generated kernel.
bool isReference(const std::string &name) {
  return name.find("ref") != std::string::npos;
}

/// A descriptor, or nothing where oneDNN has no such primitive.
template <typename Descriptor, typename Make>
std::optional<Descriptor> attempt(Make make) {
  try {
    return make();
  } catch (const dnnl::error &) {
    return std::nullopt;
  }
}

} // namespace

void PlanBuilder::name(Layer *layer, const char *direction,
                       const dnnl_primitive_desc *descriptor) {
  const char *implementation = "";
  dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0,
                            &implementation);
  std::string shape;
  for (int64_t extent : layer->shape)
    shape += (shape.empty() ? "" : "x") + std::to_string(extent);
  plan.primitiveNames.push_back("layer " + std::to_string(layer->index) + " (" +
                                shape + ") " + direction + ": " +
                                implementation);
}

/// Frozen weights in a primitive's format; layers share one copy a format.
void *PlanBuilder::weightsFor(Layer *layer, const memory::desc &plain,
                              const memory::desc &wanted) {
  if (plain == wanted)
    return layer->weights.data();
  for (memory &known : layer->reorderedWeights)
    if (known.get_desc() == wanted)
      return known.get_data_handle();
  memory from(plain, cpuEngine(), layer->weights.data());
  memory to(wanted, cpuEngine());
  dnnl::stream stream(cpuEngine());
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
  layer->reorderedWeights.push_back(to);
  return to.get_data_handle();
}

/// The frozen bias, or one with the values that the fused chain adds; null if
/// there is neither.
void *PlanBuilder::biasFor(Layer *layer, const Epilogue &epilogue) {
  FusedBias fused;
  fused.bias = &layer->bias;
  if (epilogue.chain)
    for (Layer *add : epilogue.chain->adds) {
      const size_t channels = static_cast<size_t>(add->shape[0]);
      fused.positions = add->units() / channels;
      if (add->kind == Layer::Kind::Modulate) {
        if (fused.positions == 1 || sites[add->site].perChannel)
          fused.sites.push_back(add->site);
        continue;
      }
      fused.constant.resize(channels);
      for (size_t c = 0; c < channels; ++c)
        fused.constant[c] += add->bias[c * fused.positions];
    }
  if (fused.sites.empty() && fused.constant.empty())
    return layer->bias.empty() ? nullptr : layer->bias.data();
  fused.values.resize(static_cast<size_t>(layer->shape[0]));
  plan.biases.push_back(std::move(fused));
  return plan.biases.back().values.data();
}

dnnl::primitive_attr PlanBuilder::attributes(const Epilogue &epilogue) const {
  dnnl::primitive_attr result;
  result.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (!epilogue.chain)
    return result;
  dnnl::post_ops operations;
  if (epilogue.residual >= 0)
    operations.append_sum(1.0f);
  if (const Layer *clip = epilogue.chain->clip) {
    if (clip->lower == 0 && std::isinf(clip->upper))
      operations.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0, 0);
    else
      operations.append_eltwise(1.0f, dnnl::algorithm::eltwise_clip,
                                clip->lower, clip->upper);
  }
  result.set_post_ops(operations);
  return result;
}

/// The value that the layer, with what is fused into it, leaves: in the
/// residual's memory if there is one.
int PlanBuilder::resultValue(Layer *layer, const Epilogue &epilogue,
                             Layer *result, Layout layout) {
  const int out = newValue(layer->shape, layout, result->needsGradient,
                           result->users.size() == 1);
  values[result] = out;
  const int residual = epilogue.residual;
  if (residual >= 0 && all[residual].exclusive &&
      plan.buffers[all[residual].buffer].place == Place::Arena) {
    all[out].buffer = all[residual].buffer;
    return out;
  }
  all[out].buffer = newBuffer(bytesOf(out));
  if (residual >= 0)
    emitCopy(all[residual].buffer, all[out].buffer);
  return out;
}

void PlanBuilder::addLinear(Layer *layer, const Chain *fused, Layer *result) {
  Epilogue epilogue;
  epilogue.chain = fused;
  const bool isConv = layer->kind == Layer::Kind::Conv;
  if (fused && fused->residual)
    epilogue.residual = inLayout(valueOf(fused->residual),
                                 isConv ? Layout::Blocked : Layout::Plain);
  setPrimitiveThreads(options.threads);
  if (isConv)
    addConv(layer, epilogue, result);
  else
    addDense(layer, epilogue, result);
}

/// Measured on AVX-512: F(2,3) always does, F(4,3) once there are tiles enough
/// for its matrix products.
bool PlanBuilder::winogradPays(Layer *layer, const std::string &name) const {
  if (isReference(name))
    return false;
  if (name.find("2x3") != std::string::npos)
    return true;
  constexpr int64_t tile = 4, enough = 48;
  auto tiles = [](int64_t extent) { return (extent + tile - 1) / tile; };
  return static_cast<int64_t>(options.samples) * tiles(layer->shape[1]) *
             tiles(layer->shape[2]) >=
         enough;
}

void PlanBuilder::addConv(Layer *layer, const Epilogue &epilogue,
                          Layer *result) {
  using Forward = dnnl::convolution_forward;
  using Backward = dnnl::convolution_backward_data;
  using dnnl::algorithm;
  const ConvParameters &p = layer->conv;
  memory::dims weightDims = p.weightShape;
  if (p.groups > 1) {
    weightDims[0] /= p.groups;
    weightDims.insert(weightDims.begin(), p.groups);
  }
  const memory::dims strides = p.strides, before = {p.pads[0], p.pads[1]},
                     behind = {p.pads[2], p.pads[3]},
                     dilations = {p.dilations[0] - 1, p.dilations[1] - 1};
  const bool canWinograd = options.winograd && p.groups == 1 &&
                           p.weightShape[2] == 3 && p.weightShape[3] == 3 &&
                           strides == memory::dims{1, 1} &&
                           dilations == memory::dims{0, 0};
  void *bias = biasFor(layer, epilogue);
  const memory::desc biasDesc = rowMajor({layer->shape[0]});
  const dnnl::primitive_attr attribute = attributes(epilogue);
  auto makeForward = [&](algorithm kind, const memory::desc &x,
                         const memory::desc &y) {
    return attempt<Forward::primitive_desc>([&] {
      const auto use = options.training ? dnnl::prop_kind::forward_training
                                        : dnnl::prop_kind::forward_inference;
      return Forward::primitive_desc(
          bias ? Forward::desc(use, kind, x, anyFormat(weightDims), biasDesc, y,
                               strides, dilations, before, behind)
               : Forward::desc(use, kind, x, anyFormat(weightDims), y, strides,
                               dilations, before, behind),
          attribute, cpuEngine());
    });
  };

  // A plain source is taken as it is where oneDNN has a kernel for it: the
  // first layer, with few channels.
  int in = valueOf(layer->inputs[0]);
  std::optional<Forward::primitive_desc> forward;
  const memory::desc y = descriptor(layer->shape, Layout::Blocked);
  auto tryForward = [&](const memory::desc &x, const memory::desc &to) {
    if (canWinograd) {
      forward = makeForward(algorithm::convolution_winograd, x, to);
      if (forward && winogradPays(layer, forward->impl_info_str()))
        return true;
    }
    forward = makeForward(algorithm::convolution_direct, x, to);
    return forward && !isReference(forward->impl_info_str());
  };
  if (all[in].layout == Layout::Blocked || !tryForward(descriptor(in), y)) {
    in = inLayout(in, Layout::Blocked);
    if (!tryForward(descriptor(in), y))
      // Whatever it likes, between reorders.
      tryForward(anyFormat(descriptor(in).dims()), anyFormat(y.dims()));
  }
  name(layer, "forward", forward->get());

  const int out = resultValue(layer, epilogue, result, Layout::Blocked);
  std::vector<Operand> operands;
  auto borrow = [&](const memory::desc &have, int buffer,
                    const memory::desc &wanted, bool isSource) {
    if (have == wanted)
      return buffer;
    const int other = newBuffer(wanted.get_size());
    if (isSource)
      emitReorder(have, buffer, wanted, other);
    return other;
  };
  const int source =
      borrow(descriptor(in), all[in].buffer, forward->src_desc(), true);
  // The residual is in the result's memory already.
  const int destination =
      borrow(y, all[out].buffer, forward->dst_desc(), epilogue.residual >= 0);
  operands = {
      {DNNL_ARG_SRC, forward->src_desc(), source},
      {DNNL_ARG_DST, forward->dst_desc(), destination},
      {DNNL_ARG_WEIGHTS, forward->weights_desc(), -1,
       weightsFor(layer, rowMajor(weightDims), forward->weights_desc())}};
  if (bias)
    operands.push_back({DNNL_ARG_BIAS, biasDesc, -1, bias});
  emit(dnnl::convolution_forward(*forward), operands,
       forward->scratchpad_desc());
  if (destination != all[out].buffer)
    emitReorder(forward->dst_desc(), destination, y, all[out].buffer);
  if (!options.training || !all[in].needsGradient)
    return;

  // The hint's algorithm does not matter, its shapes do.
  auto makeBackward = [&](algorithm kind, const memory::desc &x,
                          const memory::desc &to) {
    return attempt<Backward::primitive_desc>([&] {
      const Forward::primitive_desc hint(
          Forward::desc(dnnl::prop_kind::forward_training,
                        algorithm::convolution_direct, x, anyFormat(weightDims),
                        to, strides, dilations, before, behind),
          cpuEngine());
      dnnl::primitive_attr plain;
      plain.set_scratchpad_mode(dnnl::scratchpad_mode::user);
      return Backward::primitive_desc(
          Backward::desc(kind, x, anyFormat(weightDims), to, strides, dilations,
                         before, behind),
          plain, cpuEngine(), hint);
    });
  };
  const memory::desc x = descriptor(in);
  std::optional<Backward::primitive_desc> backward;
  if (canWinograd) {
    backward = makeBackward(algorithm::convolution_winograd, x, y);
    if (backward && !winogradPays(layer, backward->impl_info_str()))
      backward.reset();
  }
  if (!backward)
    backward = makeBackward(algorithm::convolution_direct, x, y);
  if (!backward || isReference(backward->impl_info_str()))
    backward = makeBackward(algorithm::convolution_direct, anyFormat(x.dims()),
                            anyFormat(y.dims()));
  name(layer, "backward", backward->get());
  void *weights =
      weightsFor(layer, rowMajor(weightDims), backward->weights_desc());
  recipes.push_back([=, this] {
    int gradient = all[out].gradient;
    if (gradient < 0)
      return;
    if (y != backward->diff_dst_desc()) {
      const int other = newBuffer(backward->diff_dst_desc().get_size());
      emitReorder(y, gradient, backward->diff_dst_desc(), other);
      gradient = other;
    }
    contribute(in, [&](int buffer) {
      const bool isDirect = x == backward->diff_src_desc();
      const int to =
          isDirect ? buffer : newBuffer(backward->diff_src_desc().get_size());
      emit(dnnl::convolution_backward_data(*backward),
           {{DNNL_ARG_DIFF_DST, backward->diff_dst_desc(), gradient},
            {DNNL_ARG_DIFF_SRC, backward->diff_src_desc(), to},
            {DNNL_ARG_WEIGHTS, backward->weights_desc(), -1, weights}},
           backward->scratchpad_desc());
      if (!isDirect)
        emitReorder(backward->diff_src_desc(), to, x, buffer);
    });
  });
}

void PlanBuilder::addDense(Layer *layer, const Epilogue &epilogue,
                           Layer *result) {
  using Forward = dnnl::inner_product_forward;
  using Backward = dnnl::inner_product_backward_data;
  // A flattening before it is the layer's own business: its weights take the
  // order of whatever layout the activation has.
  Layer *before = layer->inputs[0];
  while (before->kind == Layer::Kind::Reshape && within.count(before))
    before = before->inputs[0];
  int in = valueOf(before);
  const int64_t samples = static_cast<int64_t>(options.samples),
                inputs = static_cast<int64_t>(before->units()),
                outputs = layer->shape[0];
  void *bias = biasFor(layer, epilogue);
  const memory::desc biasDesc = rowMajor({outputs}),
                     y = rowMajor({samples, outputs});
  memory::dims weightDims;
  std::optional<Forward::primitive_desc> forward;
  std::optional<Backward::primitive_desc> backward;
  auto make = [&](const memory::desc &x) {
    weightDims = x.dims();
    weightDims[0] = outputs;
    forward = attempt<Forward::primitive_desc>([&] {
      const auto use = options.training ? dnnl::prop_kind::forward_training
                                        : dnnl::prop_kind::forward_inference;
      return Forward::primitive_desc(
          bias ? Forward::desc(use, x, anyFormat(weightDims), biasDesc, y)
               : Forward::desc(use, x, anyFormat(weightDims), y),
          attributes(epilogue), cpuEngine());
    });
    if (!forward || isReference(forward->impl_info_str()))
      return false;
    if (!options.training || !all[in].needsGradient)
      return true;
    backward = attempt<Backward::primitive_desc>([&] {
      dnnl::primitive_attr plain;
      plain.set_scratchpad_mode(dnnl::scratchpad_mode::user);
      const Forward::primitive_desc hint(
          Forward::desc(dnnl::prop_kind::forward_training, x,
                        anyFormat(weightDims), y),
          cpuEngine());
      return Backward::primitive_desc(
          Backward::desc(x, anyFormat(weightDims), y), plain, cpuEngine(),
          hint);
    });
    return backward && !isReference(backward->impl_info_str());
  };
  memory::desc x = descriptor(in);
  if (x.dims().size() == 3 || !make(x)) {
    in = inLayout(in, Layout::Plain);
    x = rowMajor({samples, inputs});
    make(x);
  }
  name(layer, "forward", forward->get());
  const int out = resultValue(layer, epilogue, result, Layout::Plain);
  std::vector<Operand> operands = {
      {DNNL_ARG_SRC, x, all[in].buffer},
      {DNNL_ARG_DST, y, all[out].buffer},
      {DNNL_ARG_WEIGHTS, forward->weights_desc(), -1,
       weightsFor(layer, rowMajor(weightDims), forward->weights_desc())}};
  if (bias)
    operands.push_back({DNNL_ARG_BIAS, biasDesc, -1, bias});
  emit(dnnl::inner_product_forward(*forward), operands,
       forward->scratchpad_desc());
  if (!backward)
    return;
  name(layer, "backward", backward->get());
  void *weights =
      weightsFor(layer, rowMajor(weightDims), backward->weights_desc());
  recipes.push_back([=, this] {
    const int gradient = all[out].gradient;
    if (gradient < 0)
      return;
    contribute(in, [&](int buffer) {
      emit(dnnl::inner_product_backward_data(*backward),
           {{DNNL_ARG_DIFF_DST, y, gradient},
            {DNNL_ARG_DIFF_SRC, x, buffer},
            {DNNL_ARG_WEIGHTS, backward->weights_desc(), -1, weights}},
           backward->scratchpad_desc());
    });
  });
}
