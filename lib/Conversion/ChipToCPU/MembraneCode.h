//===- MembraneCode.h - The time model as code ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_CHIPTOCPU_MEMBRANECODE_H
#define NT_LIB_CONVERSION_CHIPTOCPU_MEMBRANECODE_H

#include "CodeBuilder.h"

#include "ntrt/TimeModel.h"

namespace nt::cpu {

/// Neurons that emitted code advances at once.
inline constexpr int64_t kLanes = 8;

/// Where a neuron's (or a vector of neurons') state lies.
struct StatePlaces {
  Expr membrane_V, quietStart_V, quietSlots, hold_s;
};

/// Builds docs/time-model.md: the formulas of one device, in their order.
class MembraneCode {
public:
  /// Adds the device's table and the functions that a step may call.
  MembraneCode(CodeBuilder &code, const ntrt::TimeModel &time);

  /// One slot of kLanes neurons: their sums of codes (integers), LSB currents
  /// (A) and modulation currents (A). Stores their new state; returns who
  /// spikes, as a vector of truths.
  Expr step(const StatePlaces &places, Expr synaptic_A, Expr modulation_A);

private:
  Expr clampToRails(Expr v) const;
  Expr targetOf(Expr current_A) const;
  Expr advance(const ntrt::MembranePiece &piece, Expr v, Expr current_A) const;
  Expr advance(Expr decay, Expr perCapacitance, Expr v, Expr current_A) const;
  Expr advanceQuiet(Expr start, Expr modulation_A, Expr slots);
  /// A quiet slot begins a run or goes on with one.
  struct QuietSlot {
    Expr start_V, slots, end_V;
  };
  QuietSlot quietSlot(Expr v, Expr quietStart, Expr quietSlots,
                      Expr modulation_A);
  Expr afterSpike(Expr decay, Expr perCapacitance, Expr v,
                  Expr current_A) const;
  void addExp();
  void addLog();
  void addHardPiece();
  void addHardStep();
  /// What a piece of a given duration leaves and moves.
  std::pair<Expr, Expr> pieceOf(Expr duration_s);

  CodeBuilder &code;
  const ntrt::MembraneConstants m;
  mlir::LLVM::GlobalOp decays;
  mlir::LLVM::LLVMFuncOp exp, log, hardPiece, hardStep;
};

} // namespace nt::cpu

#endif // NT_LIB_CONVERSION_CHIPTOCPU_MEMBRANECODE_H
