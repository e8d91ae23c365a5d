//===- QuantizationSupport.h - Shared by quantising passes ------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_DIALECT_NT_TRANSFORMS_QUANTIZATIONSUPPORT_H
#define NT_LIB_DIALECT_NT_TRANSFORMS_QUANTIZATIONSUPPORT_H

#include "LayerPatches.h"

#include "nt/Dialect/NT/IR/Joins.h"
#include "nt/Mapping/DomainProblem.h"
#include "nt/Quantization/Rounding.h"
#include "nt/Support/TaskData.h"
#include "nt/Tuner/StagedEvaluation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "ntrt/DeviceModel.h"

#include <optional>
#include <vector>

namespace nt {

/// The weights of a layer, a row for each channel.
using WeightRows =
    Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic,
                                   Eigen::RowMajor>>;

/// The option `rounding` of passes: to the nearest; with the error of each
/// weight spread over those to come; and then descent on single codes.
enum class RoundingMethod { Nearest, Sequential, Descent };
/// How rounding works: what the options of the passes say.
struct RoundingSettings {
  RoundingMethod method = RoundingMethod::Descent;
  /// Columns of a Hessian's block where a layer has more than four times as
  /// many inputs; the Hessian of a smaller one is whole.
  unsigned block = 512;
  unsigned threads = 1;
  /// Errors that a bias corrects do not count.
  bool centred = false;

  PatchOptions patches(int64_t fanIn) const;
};
/// Emits NT-OPT-001 for what is not one and fails.
mlir::FailureOr<RoundingSettings> roundingSettings(mlir::ModuleOp module,
                                                   llvm::StringRef method,
                                                   unsigned block,
                                                   unsigned threads);

/// How much the inputs of a layer weigh in the choice of its scales: the
/// Hessian's diagonal, with a small floor that keeps weights of inputs that
/// were never seen in the choice.
Eigen::VectorXf importanceOf(const PatchHessian &hessian);

/// Adds costsOf(group, channel), what each channel costs at all points of the
/// problem's grid.
void addCosts(mapping::DomainProblem &problem,
              llvm::ArrayRef<ChannelGroup> groups, unsigned threads,
              llvm::function_ref<std::vector<double>(size_t, int64_t)> costsOf);

/// Codes of the layer's weights at the scales that the solution gives its
/// channels, row-major; one Hessian a group. Emits and fails as
/// quantization::solve.
mlir::FailureOr<std::vector<int8_t>>
roundCodes(FrozenLayer layer, llvm::ArrayRef<ChannelGroup> groups,
           llvm::ArrayRef<PatchHessian> hessians, const WeightRows &weights,
           llvm::ArrayRef<double> scales,
           const mapping::DomainSolution &solution, int32_t maxCode,
           const RoundingSettings &settings);

/// The largest |weight| of each row.
std::vector<double> largestOf(const WeightRows &weights);

/// Loads the device a pass option names; emits on `module` and fails if it is
/// empty or unknown, or if `domains` asks for more than it has (rule H2).
mlir::FailureOr<ntrt::DeviceModel>
loadDevice(mlir::ModuleOp module, llvm::StringRef nameOrPath, unsigned domains);

/// Every frozen layer of a network, in order.
std::vector<FrozenLayer> layersOf(mlir::func::FuncOp network);
/// The op that holds a layer's weights; emits NT-QUANT-003 and fails if there
/// is none.
mlir::FailureOr<FrozenOp> frozenWeightsOf(FrozenLayer layer);

/// Activation ranges of a layer (nt-calibrate).
struct LayerRanges {
  double input = 0, output = 0;
};
/// Emits NT-QUANT-004 and fails if a range is missing or not positive.
mlir::FailureOr<LayerRanges> rangesOf(FrozenLayer layer);

/// All tasks of a module; emits NT-TASK-001 and fails if there is none.
mlir::FailureOr<std::vector<TaskOp>> tasksOf(mlir::ModuleOp module);
/// The values a task has for a site; emits NT-TASK-002 or -003 and fails if
/// they are missing or not as many as the site takes.
mlir::FailureOr<HostTensor> taskValues(TaskOp task, ModulateOp site);

/// Calibration samples of every task with its modulation values; of a module
/// without tasks, one entry without an op. Emits and fails if there is no data,
/// or data or values do not fit the network.
mlir::FailureOr<std::vector<StagedTask>>
loadStagedTasks(mlir::func::FuncOp network, llvm::StringRef data,
                unsigned samples);
/// The same of data that is there already.
mlir::FailureOr<std::vector<StagedTask>>
stagedTasks(mlir::func::FuncOp network, llvm::ArrayRef<TaskSamples> data);
/// The same without samples.
mlir::FailureOr<std::vector<StagedTask>>
stagedTasksWithoutData(mlir::func::FuncOp network);
/// Writes a task's current values back to its op.
void storeValues(StagedTask &task);

/// Name of a resource made from that of `source`; empty if it holds none. Only
/// a name derived from a valid one is sure to read back.
std::string derivedKey(FrozenOp source, llvm::StringRef suffix);

/// Replaces a layer's weights by codes and records the solution on it. `what`
/// is the step of the derivation.
void setCodes(FrozenLayer layer, llvm::ArrayRef<int8_t> codes,
              const mapping::DomainSolution &domains,
              llvm::ArrayRef<double> scaleOfDac, const llvm::Twine &what);

/// Warns where the DAC grid is too short for a layer's weights (rule H3), given
/// the largest |weight| of each channel: channels that saturate, and channels
/// that vanish though they are not small within the layer.
void warnUnreachable(FrozenLayer layer, llvm::ArrayRef<double> largestWeights,
                     llvm::ArrayRef<double> scaleOfDac, int32_t maxCode);

/// Erases frozen values of a network that nothing reads any more.
void eraseUnusedFrozen(mlir::func::FuncOp network);

} // namespace nt

#endif // NT_LIB_DIALECT_NT_TRANSFORMS_QUANTIZATIONSUPPORT_H
