//===- Verification.h - Level against level of a compilation ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each lowering is judged by something independent of it (design, section 5).
// Every function gives one row of the agreement table; a row that cannot be
// made is a failure with a diagnostic, a row that does not hold has passed ==
// false.
//
//===----------------------------------------------------------------------===//
#ifndef NT_VERIFICATION_VERIFICATION_H
#define NT_VERIFICATION_VERIFICATION_H

#include "nt/Target/Spice/CoreComparison.h"

#include "ntrt/Dataset.h"
#include "ntrt/Program.h"
#include "ntrt/Simulator.h"

#include "mlir/IR/BuiltinOps.h"

#include <optional>

namespace nt::verification {

/// One row: two levels, what was measured, and how far it may go.
struct AgreementRow {
  std::string level;  ///< What is judged.
  std::string judge;  ///< What judges it.
  std::string figure; ///< What was found, with its unit.
  std::string tolerance;
  bool passed = false;
  std::vector<std::string> notes;
};

/// Accuracy of one task at one stage.
struct AccuracyRow {
  std::string stage;
  double percent = 0;
  size_t images = 0;
  double seconds = 0;
  size_t trainedValues = 0; ///< Of the task, by tuning; 0: not this stage's.
};

/// What a run of the chip on a data set costs, by the device's figures.
struct ChipFigures {
  double accuracy = 0, seconds = 0;
  double energyPerImage_J = 0, timePerImage_s = 0;
  double spikesPerImage = 0, synapticEventsPerImage = 0;
  double area_m2 = 0; ///< Of the cores used.
  /// Settling of the domains: after all is configured, after a task change.
  double configure_s = 0, retarget_s = 0;
  std::vector<double> scores;            ///< images * outputs.
  std::vector<ntrt::CoreActivity> cores; ///< Of all images together.
};

/// Imported module against the outputs of another runtime (arrays x and y of an
/// .npz): largest error relative to the range of y, at most 1e-4.
mlir::FailureOr<AgreementRow> checkImport(mlir::ModuleOp imported,
                                          const std::string &referenceNpz);

/// Interpreter on the module before and after a stage without a new task:
/// largest error relative to the range. A softmax that `after` dropped is
/// applied again.
mlir::FailureOr<AgreementRow>
checkStage(llvm::StringRef level, mlir::ModuleOp before, mlir::ModuleOp after,
           llvm::StringRef task, const ntrt::Dataset &data, size_t images,
           double tolerance);

/// Batched engine against the interpreter on one module and task.
mlir::FailureOr<AgreementRow>
checkEngine(llvm::StringRef level, mlir::ModuleOp module, llvm::StringRef task,
            const ntrt::Dataset &data, size_t images);

/// Rule F1: every frozen tensor before tuning is there after it with the same
/// content, hashed anew.
AgreementRow checkFrozen(mlir::ModuleOp before, mlir::ModuleOp after);

/// Rule F2: assembling the chip module with each task alone gives the same
/// frozen bytes, those of `programBytes`.
mlir::FailureOr<AgreementRow>
checkFrozenSections(mlir::ModuleOp chip, const ntrt::DeviceModel &device,
                    const std::vector<uint8_t> &programBytes);

/// Decoded bitstream simulated against the spike simulation, spike for spike
/// (time and neuron), on `images` images.
mlir::FailureOr<AgreementRow> checkChipAgainstSpike(
    mlir::ModuleOp spike, const ntrt::Program &program,
    const ntrt::TaskOverlay &task, const ntrt::DeviceModel &device,
    const ntrt::Dataset &data, size_t images, unsigned threads);

/// The compiled network (nt/Target/CPU/CompiledNetwork.h) in the file `path`
/// against the simulation of the decoded bitstream, spike for spike (slot and
/// neuron) and score for score, on `images` images.
mlir::FailureOr<AgreementRow>
checkCompiled(mlir::Location loc, const std::string &path,
              const ntrt::Program &program, const ntrt::TaskOverlay &task,
              const ntrt::DeviceModel &device, const ntrt::Dataset &data,
              size_t images);

/// ngspice on the netlist of one core against the simulator, on `images`
/// images.
mlir::FailureOr<AgreementRow>
checkSpice(const ntrt::Program &program, const ntrt::TaskOverlay &task,
           const ntrt::DeviceModel &device, const ntrt::Dataset &data,
           size_t images, const spice::CompareOptions &options);

/// Accuracy of a float or quantised nt module under a task, by the engine.
mlir::FailureOr<AccuracyRow> networkAccuracy(llvm::StringRef stage,
                                             mlir::ModuleOp module,
                                             llvm::StringRef task,
                                             const ntrt::Dataset &data);
mlir::FailureOr<AccuracyRow> spikeAccuracy(mlir::ModuleOp spike,
                                           llvm::StringRef task,
                                           const ntrt::Dataset &data,
                                           unsigned threads);
mlir::FailureOr<ChipFigures>
chipFigures(const ntrt::Program &program, const ntrt::TaskOverlay &task,
            const ntrt::DeviceModel &device, const ntrt::Dataset &data,
            unsigned slots, unsigned threads, bool progress,
            ntrt::EngineKind engine = ntrt::EngineKind::Auto,
            const ntrt::ChipVariation *chip = nullptr);

} // namespace nt::verification

#endif // NT_VERIFICATION_VERIFICATION_H
