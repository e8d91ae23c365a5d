//===- Pipelines.h - The stages of the compiler -----------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each arrow of docs/architecture.md is one pipeline with its own options
// struct; the tools run nothing else.
//
//===----------------------------------------------------------------------===//
#ifndef NT_PIPELINES_PIPELINES_H
#define NT_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace nt {

/// Import: ONNX nodes to nt ops.
void populateImportPipeline(mlir::OpPassManager &pm);
/// Normalise: fold batch norms, drop what a spiking network has no use for.
void populateNormalizePipeline(mlir::OpPassManager &pm);

struct ModulatePipelineOptions
    : public mlir::PassPipelineOptions<ModulatePipelineOptions> {
  Option<std::string> granularity{
      *this, "granularity",
      llvm::cl::desc("what shares one value: neuron or channel"),
      llvm::cl::init("neuron")};
  Option<double> clip{
      *this, "clip",
      llvm::cl::desc("percentile of the activations on `data` at which neurons "
                     "saturate from now on (0: none)"),
      llvm::cl::init(0)};
  Option<std::string> data{*this, "data",
                           llvm::cl::desc("samples, as for nt-calibrate"),
                           llvm::cl::init("")};
  Option<unsigned> samples{*this, "samples",
                           llvm::cl::desc("samples used of each task"),
                           llvm::cl::init(128)};
};
void populateModulatePipeline(mlir::OpPassManager &pm,
                              const ModulatePipelineOptions &options);

struct TunePipelineOptions
    : public mlir::PassPipelineOptions<TunePipelineOptions> {
  Option<std::string> task{*this, "task",
                           llvm::cl::desc("name of the new task"),
                           llvm::cl::init("")};
  Option<std::string> data{*this, "data", llvm::cl::desc("training data"),
                           llvm::cl::init("")};
  Option<unsigned> epochs{*this, "epochs",
                          llvm::cl::desc("passes over the training data"),
                          llvm::cl::init(10)};
  Option<unsigned> batch{*this, "batch", llvm::cl::desc("samples a step"),
                         llvm::cl::init(64)};
  Option<double> learningRate{*this, "lr",
                              llvm::cl::desc("Adam's largest step size"),
                              llvm::cl::init(0.01)};
  Option<uint64_t> seed{*this, "seed",
                        llvm::cl::desc("of the order of samples"),
                        llvm::cl::init(1)};
  Option<bool> progress{*this, "progress",
                        llvm::cl::desc("show a progress bar on stderr"),
                        llvm::cl::init(false)};
  Option<bool> matchOutputs{
      *this, "match-outputs",
      llvm::cl::desc("assign outputs to classes by a one-to-one match first"),
      llvm::cl::init(true)};
  Option<std::string> training{
      *this, "training",
      llvm::cl::desc("key=value,key=value (see docs/tuning.md)"),
      llvm::cl::init("")};
  Option<std::string> teacher{
      *this, "teacher",
      llvm::cl::desc(".npz with logits y of the training samples"),
      llvm::cl::init("")};
  Option<std::string> test{
      *this, "test",
      llvm::cl::desc("data whose accuracy is reported behind training"),
      llvm::cl::init("")};
  Option<std::string> checkpoint{*this, "checkpoint",
                                 llvm::cl::desc("file to write the state to"),
                                 llvm::cl::init("")};
  Option<bool> resume{
      *this, "resume",
      llvm::cl::desc("go on from the checkpoint, if there is one"),
      llvm::cl::init(false)};
  Option<std::string> curves{
      *this, "curves", llvm::cl::desc("JSON file to write learning curves to"),
      llvm::cl::init("")};
};
void populateTunePipeline(mlir::OpPassManager &pm,
                          const TunePipelineOptions &options);

struct QuantizePipelineOptions
    : public mlir::PassPipelineOptions<QuantizePipelineOptions> {
  Option<std::string> device{*this, "device",
                             llvm::cl::desc("device file or name"),
                             llvm::cl::init("")};
  Option<std::string> data{
      *this, "data",
      llvm::cl::desc("calibration samples: a data spec for all tasks, or "
                     "task@spec|task@spec; 'uniform' for seeded noise"),
      llvm::cl::init("")};
  Option<unsigned> samples{*this, "samples",
                           llvm::cl::desc("samples used of each task"),
                           llvm::cl::init(128)};
  Option<double> percentile{
      *this, "percentile",
      llvm::cl::desc("of the activations that one spike a slot stands for"),
      llvm::cl::init(99.9)};
  Option<unsigned> domains{
      *this, "domains",
      llvm::cl::desc("synapse domains a layer may use (0: all of the device)"),
      llvm::cl::init(0)};
  Option<bool> equalize{
      *this, "equalize",
      llvm::cl::desc("first let every channel fill its layer's range"),
      llvm::cl::init(false)};
  Option<bool> refit{
      *this, "refit",
      llvm::cl::desc("round weights refitted to the inputs that quantised "
                     "layers give"),
      llvm::cl::init(true)};
  Option<std::string> volts{
      *this, "volts",
      llvm::cl::desc("what shares synapse domains: a layer or a core"),
      llvm::cl::init("layer")};
  Option<std::string> scales{
      *this, "scales",
      llvm::cl::desc("scales by output error, mse or percentile"),
      llvm::cl::init("output")};
  Option<std::string> rounding{*this, "rounding",
                               llvm::cl::desc("nearest, sequential or descent"),
                               llvm::cl::init("descent")};
  Option<std::string> grid{
      *this, "grid",
      llvm::cl::desc(
          "scales of the device's DAC, or free ones: device or free"),
      llvm::cl::init("device")};
  Option<std::string> paired{
      *this, "paired",
      llvm::cl::desc("layers of two columns a neuron: name|name, or all"),
      llvm::cl::init("")};
  Option<unsigned> block{
      *this, "block",
      llvm::cl::desc("columns of a Hessian's block where a layer has more than "
                     "four times as many inputs"),
      llvm::cl::init(512)};
  Option<unsigned> threads{*this, "threads",
                           llvm::cl::desc("threads of the staged evaluation"),
                           llvm::cl::init(1)};
};
/// Calibrate activation ranges and quantise weights to codes.
void populateQuantizePipeline(mlir::OpPassManager &pm,
                              const QuantizePipelineOptions &options);
/// Power domains for weights and biases.
void populateAssignDomainsPipeline(mlir::OpPassManager &pm,
                                   const QuantizePipelineOptions &options);

struct RetunePipelineOptions
    : public mlir::PassPipelineOptions<RetunePipelineOptions> {
  Option<std::string> device{*this, "device",
                             llvm::cl::desc("device file or name"),
                             llvm::cl::init("")};
  Option<std::string> data{
      *this, "data",
      llvm::cl::desc("training samples with labels: a data spec for all tasks, "
                     "or task@spec|task@spec"),
      llvm::cl::init("")};
  Option<std::string> reference{
      *this, "reference",
      llvm::cl::desc("module that holds the float network and its tasks"),
      llvm::cl::init("")};
  Option<unsigned> epochs{*this, "epochs",
                          llvm::cl::desc("passes over the training data"),
                          llvm::cl::init(3)};
  Option<double> learningRate{
      *this, "lr", llvm::cl::desc("largest step, in distances of words"),
      llvm::cl::init(0.1)};
  Option<uint64_t> seed{*this, "seed",
                        llvm::cl::desc("of the order of samples"),
                        llvm::cl::init(1)};
  Option<unsigned> threads{*this, "threads",
                           llvm::cl::desc("threads of the engine"),
                           llvm::cl::init(1)};
  Option<bool> volts{
      *this, "volts",
      llvm::cl::desc("also choose DAC codes of modulation domains again"),
      llvm::cl::init(false)};
  Option<bool> progress{*this, "progress",
                        llvm::cl::desc("show a progress bar on stderr"),
                        llvm::cl::init(false)};
};
/// Modulation words trained on the quantised network; nothing frozen changes.
void populateRetunePipeline(mlir::OpPassManager &pm,
                            const RetunePipelineOptions &options);

struct SpikePipelineOptions
    : public mlir::PassPipelineOptions<SpikePipelineOptions> {
  Option<std::string> device{*this, "device",
                             llvm::cl::desc("device file or name"),
                             llvm::cl::init("")};
  Option<unsigned> slots{*this, "slots",
                         llvm::cl::desc("slots a run takes by default"),
                         llvm::cl::init(64)};
  Option<std::string> readout{
      *this, "readout", llvm::cl::desc("score of an output: count or membrane"),
      llvm::cl::init("membrane")};
  Option<unsigned> correct{
      *this, "correct",
      llvm::cl::desc(
          "rounds that words are corrected for the dynamics (0: none)"),
      llvm::cl::init(0)};
  Option<unsigned> retune{
      *this, "retune",
      llvm::cl::desc("epochs that words are trained through spikes (0: none)"),
      llvm::cl::init(0)};
  Option<std::string> data{
      *this, "data",
      llvm::cl::desc("samples for both: a data spec for all tasks, or "
                     "task@spec|task@spec"),
      llvm::cl::init("")};
  Option<double> learningRate{
      *this, "lr", llvm::cl::desc("largest step, in distances of words"),
      llvm::cl::init(0.1)};
  Option<uint64_t> seed{*this, "seed",
                        llvm::cl::desc("of the order of samples"),
                        llvm::cl::init(1)};
  Option<bool> progress{*this, "progress",
                        llvm::cl::desc("show a progress bar on stderr"),
                        llvm::cl::init(false)};
};
/// LIF populations and connections, and words fitted to the dynamics if asked.
void populateSpikePipeline(mlir::OpPassManager &pm,
                           const SpikePipelineOptions &options);

struct ChipPipelineOptions
    : public mlir::PassPipelineOptions<ChipPipelineOptions> {
  Option<std::string> device{*this, "device",
                             llvm::cl::desc("device file or name"),
                             llvm::cl::init("")};
};
/// Partition, place, route and verify.
void populateChipPipeline(mlir::OpPassManager &pm,
                          const ChipPipelineOptions &options);

struct CPUPipelineOptions
    : public mlir::PassPipelineOptions<CPUPipelineOptions> {
  Option<std::string> device{*this, "device",
                             llvm::cl::desc("device file or name"),
                             llvm::cl::init("")};
  Option<std::string> task{*this, "task",
                           llvm::cl::desc("name of the chip.task"),
                           llvm::cl::init("source")};
  Option<std::string> prefix{
      *this, "prefix",
      llvm::cl::desc("what the names of its functions begin with"),
      llvm::cl::init("nt")};
};
/// Of a chip and one of its tasks code that simulates it, in the llvm dialect.
void populateCPUPipeline(mlir::OpPassManager &pm,
                         const CPUPipelineOptions &options);

/// Every stage but tuning, from import to chip.
struct CompilePipelineOptions
    : public mlir::PassPipelineOptions<CompilePipelineOptions> {
  Option<std::string> device{*this, "device",
                             llvm::cl::desc("device file or name"),
                             llvm::cl::init("")};
  Option<std::string> data{
      *this, "data",
      llvm::cl::desc("calibration samples, as for nt-quantize-pipeline"),
      llvm::cl::init("uniform")};
  Option<unsigned> samples{*this, "samples",
                           llvm::cl::desc("samples used of each task"),
                           llvm::cl::init(128)};
  Option<std::string> granularity{
      *this, "granularity",
      llvm::cl::desc("what shares one value: neuron or channel"),
      llvm::cl::init("neuron")};
  Option<unsigned> slots{*this, "slots",
                         llvm::cl::desc("slots a run takes by default"),
                         llvm::cl::init(64)};
};
void populateCompilePipeline(mlir::OpPassManager &pm,
                             const CompilePipelineOptions &options);

/// Registers all of the above under nt-<stage>-pipeline.
void registerPipelines();

} // namespace nt

#endif // NT_PIPELINES_PIPELINES_H
