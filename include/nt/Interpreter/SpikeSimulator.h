//===- SpikeSimulator.h - The reference simulator of spike ------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Clocked, population by population, slow and obvious: it judges every lowering
// of spike. Its arithmetic is that of ntrt::Simulator, in the same order, so
// that the spikes of a mapped network must be equal bit for bit.
//
//===----------------------------------------------------------------------===//
#ifndef NT_INTERPRETER_SPIKESIMULATOR_H
#define NT_INTERPRETER_SPIKESIMULATOR_H

#include "ntrt/Diagnostics.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nt {

/// One spike of a population.
struct PopulationSpike {
  uint32_t slot = 0;
  uint32_t neuron = 0; ///< Row-major in the population's shape.
  double time_s = 0;   ///< From the start of the slot.
  double margin_V = 0; ///< See ntrt::SlotOutcome.
};

struct SpikeRunOptions {
  /// Slots each population integrates; 0 takes the network's.
  uint32_t slots = 0;
  bool recordSpikes = false;
};

/// What one image gave.
struct SpikeRun {
  uint32_t slots = 0;
  std::vector<double> scores;   ///< One an output, of the network's kind.
  std::vector<uint32_t> counts; ///< Spikes of each output.
  uint32_t output = 0;          ///< Of the largest score, first of equals.
  uint32_t label = 0;           ///< What the output stands for in the task.
  /// spikeCounts[population][neuron].
  std::vector<std::vector<uint32_t>> spikeCounts;
  /// If recorded: spikes[population], by slot and neuron.
  std::vector<std::vector<PopulationSpike>> spikes;

  /// Fraction of a population's neurons that fired in at least `threshold` of
  /// the slots (rule H7).
  double saturatedFraction(size_t population, double threshold = 0.95) const;
};

/// Simulates the spike.network of a module under one task. Immutable after
/// creation, so that many threads may run images through one simulator; it
/// keeps no reference to the IR.
class SpikeSimulator {
public:
  struct Population {
    std::string name;
    uint32_t neurons = 0;
    uint32_t startSlot = 0;
    double range = 1; ///< Activation that one spike a slot stands for.
  };

  /// `task` names a spike.task; empty: the only one. Emits a diagnostic and
  /// fails if the module has not exactly one network, or no such task.
  static mlir::FailureOr<SpikeSimulator> create(mlir::ModuleOp module,
                                                llvm::StringRef task = {});

  llvm::ArrayRef<Population> populations() const;
  uint32_t numInputs() const;
  uint32_t numOutputs() const;
  uint32_t defaultSlots() const;

  /// Runs one image: `values` has numInputs() values, each >= 0 and finite.
  ntrt::Result<SpikeRun> run(llvm::ArrayRef<float> values,
                             const SpikeRunOptions &options = {}) const;
  /// Runs many images of numInputs() values each on `threads` threads (0: one a
  /// core); calls `done` with the index and run of each, from one thread at a
  /// time and in no order. Stops at the first image that is refused.
  ntrt::Status
  runMany(llvm::ArrayRef<float> values, const SpikeRunOptions &options,
          unsigned threads,
          llvm::function_ref<void(size_t, const SpikeRun &)> done) const;

private:
  struct Impl;
  std::shared_ptr<const Impl> impl;
};

} // namespace nt

#endif // NT_INTERPRETER_SPIKESIMULATOR_H
