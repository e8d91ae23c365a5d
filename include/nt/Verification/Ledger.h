//===- Ledger.h - Where accuracy is lost on the way to codes ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_VERIFICATION_LEDGER_H
#define NT_VERIFICATION_LEDGER_H

#include "ntrt/Dataset.h"
#include "ntrt/DeviceModel.h"

#include "mlir/IR/BuiltinOps.h"

#include <array>
#include <string>
#include <vector>

namespace nt::verification {

/// What takes accuracy from a layer, in the order of the flow.
enum class Effect {
  Rounding, ///< Codes, with a free scale for each channel.
  Domains,  ///< As few scales as there are synapse domains, on no grid.
  Grid,     ///< Scales that the domains' DAC realises.
  Words,    ///< Biases as modulation words.
  Mismatch  ///< Sources that are off their values, in one chip.
};
inline constexpr size_t kEffects = 5;
/// Attribute of a layer that ntc ledger writes: what each effect of
/// quantisation adds to the error of the network's scores, relative.
inline constexpr llvm::StringLiteral kLayerLoss = "nt.loss";

/// "weight rounding", "domain grouping", "DAC grid", "modulation words",
/// "mismatch".
llvm::StringRef nameOf(Effect effect);
/// What the user can do about it.
llvm::StringRef remedyOf(Effect effect);

/// The network's scores against those of the float network.
struct Loss {
  double error = 0;           ///< RMS over the RMS of the float scores about 0.
  double accuracyLost_pt = 0; ///< Percentage points; below 0: gained.
};

struct LedgerRow {
  std::string layer; ///< Empty: the effect in all layers.
  /// Two columns make its weights in the quantised network (or those of any
  /// layer, in the row of all): rounding then is that of the pair on the
  /// device's grid, and Domains and Grid, measured on one column, add nothing.
  bool isPaired = false;
  /// With the effect on in this layer alone, the rest in float. Domains stand
  /// on rounding and the grid on domains: what one of them takes is the
  /// difference to the one before.
  std::array<Loss, kEffects> with;

  /// What the effect itself adds.
  Loss added(Effect effect) const;
};

struct Ledger {
  std::string task;
  size_t images = 0;
  double accuracyFloat_percent = 0;
  /// What folding batch norms takes, without modulation, on the first
  /// `foldImages`; none if the folder has no imported module.
  Loss fold;
  size_t foldImages = 0;
  std::vector<LedgerRow> rows; ///< One a layer, in order, then all layers.

  /// The layer and effect that add the largest error to the scores.
  std::pair<const LedgerRow *, Effect> worst() const;
  /// Layers of one column a neuron of whose effects weight rounding is the
  /// largest, by falling error: those that two columns would help.
  std::vector<std::string> wantingDigits() const;
};

/// One network at the stages whose differences are the effects: same layers,
/// same task.
struct LedgerModules {
  mlir::ModuleOp floatNetwork;
  mlir::ModuleOp freeScales;   ///< nt-quantize grid=free, a scale a channel.
  mlir::ModuleOp sharedScales; ///< grid=free, as many scales as domains.
  mlir::ModuleOp quantised;    ///< nt-quantize on the device's grid.
};

/// Runs the float network with one effect at a time switched on in one layer.
/// Mismatch is that of chip `seed`, one draw for each weight: positions of a
/// convolution share it, which a chip's do not. Emits and fails where modules
/// or data do not fit.
mlir::FailureOr<Ledger> measureLedger(LedgerModules modules,
                                      llvm::StringRef task,
                                      const ntrt::Dataset &data,
                                      const ntrt::DeviceModel &device,
                                      uint64_t seed, unsigned threads);

/// What `normalised` lost to `imported`, both without tasks, by the reference
/// interpreter on at most 64 images. Labels are outputs. Emits and fails where
/// modules or data do not fit.
mlir::FailureOr<Loss> measureFold(mlir::ModuleOp imported,
                                  mlir::ModuleOp normalised,
                                  const ntrt::Dataset &data);
inline constexpr size_t kFoldImages = 64;

} // namespace nt::verification

#endif // NT_VERIFICATION_LEDGER_H
