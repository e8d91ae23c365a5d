//===- Plan.h - A part of the network ready to run --------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plan is made for one number of samples and one direction of use: oneDNN
// primitives with their weights, and one block of memory in which buffers share
// space once nothing reads them any more.
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TUNER_PLAN_H
#define NT_LIB_TUNER_PLAN_H

#include "Graph.h"

#include "ntrt/ElementKernels.h"

#include <unordered_map>

namespace nt::tuner {

/// How an activation of {channels, height, width} lies in memory.
enum class Layout : uint8_t {
  Plain,  ///< NCHW
  Blocked ///< nChw16c with AVX-512, nChw8c otherwise
};

/// Channels in a block of Layout::Blocked.
int64_t channelBlock();
/// Floats of one sample, channels rounded up to blocks where they are.
size_t elementsOf(const SampleShape &shape, Layout layout);
/// Calls visit(element, unit) for each element that is not padding.
template <typename Visit>
void forEachUnit(const SampleShape &shape, Layout layout, Visit visit) {
  if (layout == Layout::Plain) {
    for (size_t u = 0, units = sizeOf(shape); u < units; ++u)
      visit(u, u);
    return;
  }
  const size_t block = static_cast<size_t>(channelBlock());
  const size_t positions = static_cast<size_t>(shape[1] * shape[2]);
  for (size_t c = 0; c < static_cast<size_t>(shape[0]); ++c)
    for (size_t p = 0; p < positions; ++p)
      visit((c / block * positions + p) * block + c % block, c * positions + p);
}

/// Memory on a cache line; never shrinks.
class AlignedBytes {
public:
  AlignedBytes() = default;
  explicit AlignedBytes(size_t bytes) { reserve(bytes); }
  void reserve(size_t bytes);
  uint8_t *data() const { return memory.get(); }
  float *floats() const { return reinterpret_cast<float *>(memory.get()); }
  size_t size() const { return bytes; }

private:
  struct Free {
    void operator()(uint8_t *p) const;
  };
  std::unique_ptr<uint8_t, Free> memory;
  size_t bytes = 0;
};

/// Memory that belongs to whoever runs a plan.
struct Bindings {
  float *input = nullptr, *output = nullptr;
  float *inputGradient = nullptr, *outputGradient = nullptr;
  uint8_t *kept = nullptr;
};
enum class Place : uint8_t {
  Arena,
  Input,
  Output,
  InputGradient,
  OutputGradient,
  Kept
};

struct Buffer {
  size_t bytes = 0, offset = 0;
  Place place = Place::Arena;
  int first = 1 << 30, last = -1; ///< Times of the first and last use.
};

/// An argument of a primitive: a buffer, or memory of its own.
struct Operand {
  int argument = 0;
  dnnl::memory::desc desc;
  int buffer = -1;
  void *constant = nullptr;
};
struct PlannedPrimitive {
  dnnl::primitive primitive;
  std::vector<Operand> operands;
};

/// Values that a chain adds, and where their gradients go.
struct Adder {
  std::vector<size_t> sites;
  SampleShape shape;
  Layout layout = Layout::Plain;
  bool perChannel = false;
  bool trained = false;
  std::vector<float> constant; ///< By unit; may be empty.
  std::vector<float> add;      ///< By element or padded channel.
  bool active = true;          ///< Something is not 0.
  size_t accumulator = 0;      ///< Offset in an instance's accumulators.
};
/// As Adder, for values that multiply.
struct Multiplier {
  size_t site = 0;
  SampleShape shape;
  Layout layout = Layout::Plain;
  std::vector<float> factor; ///< By element.
  size_t accumulator = 0;
};
/// A bias of its own for a fused layer: frozen bias plus per-channel values.
struct FusedBias {
  const std::vector<float> *bias = nullptr;
  std::vector<size_t> sites;
  std::vector<float> constant; ///< By channel; may be empty.
  size_t positions = 1;        ///< Units of a channel.
  std::vector<float> values;
};

struct PlanOptions {
  size_t samples = 1;
  unsigned threads = 1;
  bool training = false, winograd = true;
  /// For inference: sites whose values are not all 0 (by index).
  std::vector<bool> activeSites;
};

class Plan {
public:
  /// `layers` are those between `input` (a layer before them) and `output`.
  Plan(const std::vector<Layer *> &layers, Layer *input, Layout inputLayout,
       Layer *output, bool isNetworkOutput, const std::vector<Site> &sites,
       const PlanOptions &options);

  class Instance;
  using Action = std::function<void(Instance &)>;

  /// Takes over the sites' values; must not run meanwhile.
  void refresh(const std::vector<Site> &sites);
  /// The instance of a worker, made if need be.
  Instance &instance(size_t worker);
  /// Adds the gradients of all instances to the sites' and clears them.
  void collect(std::vector<Site> &sites);

  Layout outputLayout = Layout::Plain;
  size_t arenaBytes = 0, keptBytes = 0, accumulators = 0;
  size_t bytes() const;
  std::vector<std::string> primitiveNames;

private:
  friend class PlanBuilder;
  PlanOptions options;
  std::vector<Buffer> buffers;
  std::vector<PlannedPrimitive> primitives;
  std::vector<Action> forwardActions, backwardActions;
  // Lists: actions hold references to their elements.
  std::list<Adder> adders;
  std::list<Multiplier> multipliers;
  std::list<FusedBias> biases;
  std::vector<std::unique_ptr<Instance>> instances;
};

/// A plan with memory of its own.
class Plan::Instance {
public:
  explicit Instance(Plan &plan);
  void bind(const Bindings &bindings);
  void forward();
  void backward();

  float *floats(int buffer) const;
  void execute(size_t primitive);
  std::vector<float> accumulators;

private:
  friend class Plan;
  struct Bound {
    std::unordered_map<int, dnnl::memory> arguments;
    /// Arguments whose memory the bindings give.
    std::vector<std::pair<int, int>> external;
  };
  Plan &plan;
  AlignedBytes arena;
  Bindings bindings;
  dnnl::stream stream;
  std::vector<Bound> bound;
};

dnnl::engine &cpuEngine();

} // namespace nt::tuner

#endif // NT_LIB_TUNER_PLAN_H
