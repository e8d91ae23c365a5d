//===- CoreCode.h - One core as code ----------------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_CHIPTOCPU_CORECODE_H
#define NT_LIB_CONVERSION_CHIPTOCPU_CORECODE_H

#include "MembraneCode.h"

#include "ntrt/BlockLayout.h"
#include "ntrt/Program.h"

namespace nt::cpu {

/// Where an event goes.
struct EventTarget {
  uint32_t core, axon;
};

/// What the functions of one run are given.
struct RunPlaces {
  /// Events on their way: of core c in slot s there are counts[c * ring + s %
  /// ring], listed from lists[ring * (axons of the cores before) + s % ring *
  /// (its axons)] on. `ring` is the slots kept, `total` those of the run.
  Expr work, lists, counts, ring, total;
  /// If not null: a byte for each slot a core integrates, and neuron.
  Expr raster;

  static llvm::SmallVector<Type> types(const CodeBuilder &code) {
    return {code.pointer, code.pointer, code.pointer,
            code.i64,     code.i64,     code.pointer};
  }
  static RunPlaces of(llvm::ArrayRef<Expr> in) {
    return {in[0], in[1], in[2], in[3], in[4], in[5]};
  }
  llvm::SmallVector<Value> with(llvm::ArrayRef<Value> others) const {
    llvm::SmallVector<Value> all{work, lists, counts, ring, total, raster};
    all.append(others.begin(), others.end());
    return all;
  }
};

/// Sends an event of a source to its axons.
class Delivery {
public:
  Delivery(CodeBuilder &code, llvm::ArrayRef<ntrt::CoreConfig> cores);
  /// Constants that say where the events of sources 0, 1, ... go.
  struct Table {
    mlir::LLVM::GlobalOp first, targets;
  };
  Table table(llvm::StringRef name,
              llvm::ArrayRef<std::vector<EventTarget>> targetsOf);
  /// An event of `source` (i64) that acts in `slot`.
  void send(const RunPlaces &run, const Table &table, Expr source, Expr slot);

private:
  CodeBuilder &code;
  mlir::LLVM::LLVMFuncOp function;
};

/// Where the state of a core lies in the work memory, in bytes from its start.
struct CorePlaces {
  /// Moves `offset` behind the state of whole blocks of neurons.
  CorePlaces(const ntrt::CoreConfig &core, int64_t &offset);

  int64_t positions; ///< Neurons, with those that fill the last block.
  int64_t membrane_V, quietStart_V, quietSlots, hold_s;
  /// Of each column of a neuron.
  llvm::SmallVector<int64_t, ntrt::kMaxColumnsPerNeuron> sums;
  /// Spikes; with a read-out by first spikes the slot of the first, counted
  /// from 1 at the core's start.
  int64_t spikes;
};

/// What a core must know of the rest of the network.
struct CoreContext {
  uint32_t index;
  uint64_t firstAxon, firstNeuron; ///< Those of the cores before.
  uint64_t neurons;                ///< Of all cores.
  uint64_t latency_slots;
  std::vector<std::vector<EventTarget>> targetsOf; ///< [neuron]
};

/// One core: its constants, and the function that advances it by one slot.
class CoreCode {
public:
  CoreCode(CodeBuilder &code, MembraneCode &membrane, Delivery &delivery,
           const ntrt::CoreConfig &core, const ntrt::CoreModulation &modulation,
           const ntrt::DeviceModel &device, ntrt::ReadoutKind readout,
           const CorePlaces &places, CoreContext context);

  /// step(run places, slot).
  mlir::LLVM::LLVMFuncOp step() const { return function; }
  /// The place of a neuron's state among the positions.
  uint32_t positionOf(uint32_t neuron) const {
    return layout.positionOf[neuron];
  }

private:
  void addConstants(const ntrt::CoreModulation &modulation,
                    const ntrt::DeviceModel &device);
  std::string named(llvm::StringRef what) const;
  Expr place(const RunPlaces &run, int64_t offset) {
    return code.at(run.work, code.i8, offset);
  }
  /// Of the first or second columns of the neurons.
  void sumDense(const RunPlaces &run, uint32_t column, Expr list, Expr count);
  void sumSparse(const RunPlaces &run, uint32_t column, Expr list, Expr count);
  void stepBlock(const RunPlaces &run, Expr slot, Expr block);

  CodeBuilder &code;
  MembraneCode &membrane;
  Delivery &delivery;
  const ntrt::CoreConfig &core;
  const ntrt::ReadoutKind readout;
  const CorePlaces &places;
  const CoreContext context;
  const ntrt::BlockLayout layout;
  const int32_t maxCode;
  const Type sumType; ///< Wide enough for all axons at once.
  mlir::LLVM::GlobalOp firstBlock, blockOf, modulation_A, isUsed, neuronAt;
  /// Of each column of a neuron.
  mlir::LLVM::GlobalOp codes[ntrt::kMaxColumnsPerNeuron],
      lsb_A[ntrt::kMaxColumnsPerNeuron];
  Delivery::Table routes;
  mlir::LLVM::LLVMFuncOp function;
};

} // namespace nt::cpu

#endif // NT_LIB_CONVERSION_CHIPTOCPU_CORECODE_H
