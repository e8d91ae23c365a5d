//===- Pipelines.cpp - The stages of the compiler -------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Pipelines/Pipelines.h"

#include "nt/Conversion/ChipToCPU/ChipToCPU.h"
#include "nt/Conversion/Passes.h"
#include "nt/Dialect/Chip/Transforms/Passes.h"
#include "nt/Dialect/NT/Transforms/Passes.h"
#include "nt/Dialect/Spike/Transforms/Passes.h"

#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace nt;

void nt::populateImportPipeline(mlir::OpPassManager &pm) {
  pm.addPass(createConvertONNXToNT());
  pm.addPass(mlir::createCanonicalizerPass());
}

void nt::populateNormalizePipeline(mlir::OpPassManager &pm) {
  pm.addPass(createFoldBatchNorm());
  pm.addPass(createLowerFakeQuantize());
  pm.addPass(createDropSoftmax());
  pm.addPass(createLowerAvgPool());
  pm.addPass(mlir::createCanonicalizerPass());
}

void nt::populateModulatePipeline(mlir::OpPassManager &pm,
                                  const ModulatePipelineOptions &options) {
  InsertModulationOptions insert;
  insert.granularity = options.granularity;
  pm.addPass(createInsertModulation(insert));
  if (options.clip == 0)
    return;
  CalibrateOptions calibrate;
  calibrate.data = options.data;
  calibrate.percentile = options.clip;
  calibrate.samples = options.samples;
  pm.addPass(createCalibrate(calibrate));
  pm.addPass(createClipActivations());
}

void nt::populateTunePipeline(mlir::OpPassManager &pm,
                              const TunePipelineOptions &options) {
  TuneOptions tune;
  tune.task = options.task;
  tune.data = options.data;
  tune.epochs = options.epochs;
  tune.batch = options.batch;
  tune.learningRate = options.learningRate;
  tune.seed = options.seed;
  tune.progress = options.progress;
  tune.matchOutputs = options.matchOutputs;
  tune.training = options.training;
  tune.teacher = options.teacher;
  tune.test = options.test;
  tune.checkpoint = options.checkpoint;
  tune.resume = options.resume;
  tune.curves = options.curves;
  pm.addPass(createVerifyFrozen());
  pm.addPass(createTune(tune));
  pm.addPass(createVerifyFrozen());
}

void nt::populateQuantizePipeline(mlir::OpPassManager &pm,
                                  const QuantizePipelineOptions &options) {
  CalibrateOptions calibrate;
  calibrate.data = options.data;
  calibrate.percentile = options.percentile;
  calibrate.samples = options.samples;
  calibrate.threads = options.threads;
  QuantizeOptions quantize;
  quantize.device = options.device;
  quantize.data = options.data;
  quantize.samples = options.samples;
  quantize.domains = options.domains;
  quantize.refit = options.refit;
  quantize.volts = options.volts;
  quantize.scales = options.scales;
  quantize.rounding = options.rounding;
  quantize.grid = options.grid;
  quantize.paired = options.paired;
  quantize.block = options.block;
  quantize.threads = options.threads;
  pm.addPass(createVerifyFrozen());
  pm.addPass(createLowerAdd());
  if (options.equalize) {
    EqualizeOptions equalize;
    equalize.device = options.device;
    equalize.data = options.data;
    equalize.samples = options.samples;
    equalize.threads = options.threads;
    pm.addPass(createCalibrate(calibrate));
    pm.addPass(createEqualize(equalize));
  }
  pm.addPass(createCalibrate(calibrate));
  pm.addPass(createQuantize(quantize));
}

void nt::populateAssignDomainsPipeline(mlir::OpPassManager &pm,
                                       const QuantizePipelineOptions &options) {
  AssignDomainsOptions assign;
  assign.device = options.device;
  assign.data = options.data;
  assign.samples = options.samples;
  assign.domains = options.domains;
  assign.rounding = options.rounding;
  assign.block = options.block;
  assign.threads = options.threads;
  pm.addPass(createAssignDomains(assign));
  pm.addPass(createVerifyFrozen());
}

void nt::populateRetunePipeline(mlir::OpPassManager &pm,
                                const RetunePipelineOptions &options) {
  RetuneOptions retune;
  retune.device = options.device;
  retune.data = options.data;
  retune.reference = options.reference;
  retune.epochs = options.epochs;
  retune.learningRate = options.learningRate;
  retune.seed = options.seed;
  retune.threads = options.threads;
  retune.volts = options.volts;
  retune.progress = options.progress;
  pm.addPass(createRetune(retune));
  pm.addPass(createVerifyFrozen());
}

void nt::populateSpikePipeline(mlir::OpPassManager &pm,
                               const SpikePipelineOptions &options) {
  ConvertNTToSpikeOptions convert;
  convert.device = options.device;
  convert.slots = options.slots;
  convert.readout = options.readout;
  convert.fitted = options.correct != 0 || options.retune != 0;
  pm.addPass(createConvertNTToSpike(convert));
  if (options.correct == 0 && options.retune == 0)
    return;
  SpikeRetuneOptions retune;
  retune.device = options.device;
  retune.data = options.data;
  retune.correct = options.correct;
  retune.epochs = options.retune;
  retune.learningRate = options.learningRate;
  retune.seed = options.seed;
  retune.progress = options.progress;
  pm.addPass(createSpikeRetune(retune));
}

void nt::populateChipPipeline(mlir::OpPassManager &pm,
                              const ChipPipelineOptions &options) {
  ConvertSpikeToChipOptions convert;
  convert.device = options.device;
  ChipVerifyOptions verify;
  verify.device = options.device;
  pm.addPass(createConvertSpikeToChip(convert));
  pm.addPass(createChipVerify(verify));
}

void nt::populateCompilePipeline(mlir::OpPassManager &pm,
                                 const CompilePipelineOptions &options) {
  ModulatePipelineOptions modulate;
  modulate.granularity = options.granularity;
  QuantizePipelineOptions quantize;
  quantize.device = options.device;
  quantize.data = options.data;
  quantize.samples = options.samples;
  SpikePipelineOptions spike;
  spike.device = options.device;
  spike.slots = options.slots;
  ChipPipelineOptions chip;
  chip.device = options.device;
  populateImportPipeline(pm);
  populateNormalizePipeline(pm);
  populateModulatePipeline(pm, modulate);
  populateQuantizePipeline(pm, quantize);
  populateAssignDomainsPipeline(pm, quantize);
  populateSpikePipeline(pm, spike);
  populateChipPipeline(pm, chip);
}

void nt::populateCPUPipeline(mlir::OpPassManager &pm,
                             const CPUPipelineOptions &options) {
  ConvertChipToCPUOptions convert;
  convert.device = options.device;
  convert.task = options.task;
  convert.prefix = options.prefix;
  pm.addPass(createConvertChipToCPU(convert));
  cpu::populateCPUPipeline(pm);
}

void nt::registerPipelines() {
  mlir::PassPipelineRegistration<>("nt-import-pipeline", "ONNX nodes to nt ops",
                                   populateImportPipeline);
  mlir::PassPipelineRegistration<>("nt-normalize-pipeline",
                                   "Fold batch norms, drop identities",
                                   populateNormalizePipeline);
  mlir::PassPipelineRegistration<ModulatePipelineOptions>(
      "nt-modulate-pipeline", "Give neurons a trainable supplemental bias",
      populateModulatePipeline);
  mlir::PassPipelineRegistration<TunePipelineOptions>(
      "nt-tune-pipeline", "Learn the modulation of a new task",
      populateTunePipeline);
  mlir::PassPipelineRegistration<QuantizePipelineOptions>(
      "nt-quantize-pipeline", "Calibrate and quantise to synapse codes",
      populateQuantizePipeline);
  mlir::PassPipelineRegistration<QuantizePipelineOptions>(
      "nt-assign-domains-pipeline", "Power domains and modulation words",
      populateAssignDomainsPipeline);
  mlir::PassPipelineRegistration<RetunePipelineOptions>(
      "nt-retune-pipeline", "Train modulation words on the quantised network",
      populateRetunePipeline);
  mlir::PassPipelineRegistration<SpikePipelineOptions>(
      "nt-spike-pipeline", "Convert to LIF populations and connections",
      populateSpikePipeline);
  mlir::PassPipelineRegistration<ChipPipelineOptions>(
      "nt-chip-pipeline", "Partition, place and route on the chip",
      populateChipPipeline);
  mlir::PassPipelineRegistration<CPUPipelineOptions>(
      "nt-cpu-pipeline", "A configured chip as LLVM code for a CPU",
      populateCPUPipeline);
  mlir::PassPipelineRegistration<CompilePipelineOptions>(
      "nt-compile-pipeline", "Every stage but tuning, from import to chip",
      populateCompilePipeline);
}
