//===- PlanBuilder.h - From layers to a plan ---------------------*- C++
//-*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TUNER_PLANBUILDER_H
#define NT_LIB_TUNER_PLANBUILDER_H

#include "Plan.h"

#include <map>
#include <set>

namespace nt::tuner {

/// Fills a plan: chooses layouts and primitives, joins chains of elementwise
/// layers, and gives every buffer its place. Forward actions are emitted in the
/// order of the layers; each leaves a recipe for its backward actions, and the
/// recipes run in reverse.
class PlanBuilder {
public:
  PlanBuilder(Plan &plan, const std::vector<Site> &sites)
      : plan(plan), sites(sites), options(plan.options) {}

  void build(const std::vector<Layer *> &layers, Layer *input,
             Layout inputLayout, Layer *output, bool isNetworkOutput);

private:
  /// An activation in one layout.
  struct Value {
    SampleShape shape;
    Layout layout = Layout::Plain;
    int buffer = -1;
    bool needsGradient = false;
    /// Nothing else reads the buffer: it may be overwritten by what follows.
    bool exclusive = false;
    int gradient = -1; ///< Buffer, once something contributed to it.
  };
  /// Elementwise layers that run as one: clip(head + adds + residual).
  struct Chain {
    Layer *head = nullptr, *residual = nullptr, *clip = nullptr;
    std::vector<Layer *> adds;
    bool trained = false;
  };
  /// What a linear layer does behind its sums, by oneDNN's post-ops.
  struct Epilogue {
    const Chain *chain = nullptr;
    int residual = -1; ///< Value whose buffer takes the result.
  };

  // Values and buffers.
  int newBuffer(size_t bytes, Place place = Place::Arena);
  int newValue(SampleShape shape, Layout layout, bool needsGradient,
               bool exclusive);
  int valueOf(Layer *layer) const { return values.at(layer); }
  /// The value in another layout.
  int inLayout(int value, Layout layout);
  dnnl::memory::desc descriptor(const SampleShape &shape, Layout layout) const;
  dnnl::memory::desc descriptor(int value) const {
    return descriptor(all[value].shape, all[value].layout);
  }
  size_t bytesOf(int value) const;

  // Actions.
  void emit(Plan::Action action, std::initializer_list<int> used);
  void emit(dnnl::primitive primitive, std::vector<Operand> operands,
            const dnnl::memory::desc &scratchpad);
  void emitReorder(const dnnl::memory::desc &from, int fromBuffer,
                   const dnnl::memory::desc &to, int toBuffer);
  void emitCopy(int from, int to);
  /// Lets `produce` write the value's gradient, or add to what there is.
  void contribute(int value, const std::function<void(int buffer)> &produce);
  /// Gives a gradient that nothing else needs any more.
  void contributeOwned(int value, int gradient);

  // Chains.
  void findMerged(const std::vector<Layer *> &layers, Layer *output);
  Chain chainEndingAt(Layer *last) const;
  Layout layoutFor(const Chain &chain, int head) const;
  bool canFuse(const Chain &chain) const;
  bool isUniform(const Chain &chain) const;

  // Layers.
  void addLayer(Layer *layer);
  void addChain(Layer *last);
  void addConv(Layer *layer, const Epilogue &epilogue, Layer *result);
  void addDense(Layer *layer, const Epilogue &epilogue, Layer *result);
  void addLinear(Layer *layer, const Chain *fused, Layer *result);
  void addPool(Layer *layer);
  void addConcat(Layer *layer);
  void addReshape(Layer *layer);
  void addGain(Layer *layer);
  void finishEnds(int input, int output);
  void placeBuffers();

  // Linear layers.
  void *weightsFor(Layer *layer, const dnnl::memory::desc &plain,
                   const dnnl::memory::desc &wanted);
  void *biasFor(Layer *layer, const Epilogue &epilogue);
  dnnl::primitive_attr attributes(const Epilogue &epilogue) const;
  int resultValue(Layer *layer, const Epilogue &epilogue, Layer *result,
                  Layout layout);
  bool winogradPays(Layer *layer, const std::string &name) const;
  void name(Layer *layer, const char *direction,
            const dnnl_primitive_desc *descriptor);

  Plan &plan;
  const std::vector<Site> &sites;
  const PlanOptions &options;
  std::vector<Value> all;
  std::map<Layer *, int> values;
  std::set<Layer *> merged;
  std::set<Layer *> within;
  /// Linear layers that run with the chain behind them.
  std::set<Layer *> deferred;
  std::vector<std::function<void()>> recipes;
  std::vector<Plan::Action> *actions = nullptr;
  int time = 0;
};

} // namespace nt::tuner

#endif // NT_LIB_TUNER_PLANBUILDER_H
