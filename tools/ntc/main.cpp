//===- main.cpp - The command line of ntc ---------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Only parses: every command lives in a file of its own. Built with exceptions,
// for CLI11, as ChipCommandLine.cpp is, which has the commands that run a chip.
//
//===----------------------------------------------------------------------===//
#include "CommandLine.h"

#include <iostream>

using namespace ntc;

namespace {

void addTraining(CLI::App &c, unsigned &epochs, unsigned &batch, double &rate,
                 uint64_t &seed) {
  c.add_option("--epochs", epochs, "passes over the training data")
      ->capture_default_str();
  c.add_option("--batch", batch, "samples a step")->capture_default_str();
  c.add_option("--lr", rate, "Adam's largest step")->capture_default_str();
  c.add_option("--seed", seed, "of the order of samples")
      ->capture_default_str();
}

void addImport(CLI::App &app, int &exitCode) {
  addCommand<ImportOptions>(
      app, "import", "Read an ONNX model into the nt dialect",
      "ntc import models/cnn.onnx -o cnn.mlir", runImport, exitCode,
      [](CLI::App &c, ImportOptions &o) {
        c.add_option("--normalise", o.normalise,
                     "record that inputs are (value - mean) / std: "
                     "'mean=0.29;std=0.35', one number or one a channel");
        c.add_option("model", o.model, "model.onnx")->required();
        c.add_option("-o,--output", o.output,
                     "module to write (.mlir, .mlirbc)")
            ->required();
        c.add_option("--input", o.inputShapes,
                     "fix a dynamic shape: name=1x3x224x224");
      });
}

void addInspect(CLI::App &app, int &exitCode) {
  addCommand<InspectOptions>(
      app, "inspect", "Say what a model is as neurons and synapses",
      "ntc inspect models/cnn.onnx --device nt1", runInspect, exitCode,
      [](CLI::App &c, InspectOptions &o) {
        c.add_option("model", o.model, "model.onnx")->required();
        c.add_option("--device", o.device,
                     "device file or name: also say what of it is needed");
        c.add_option("--input", o.inputShapes,
                     "fix a dynamic shape: name=1x3x224x224");
        c.add_option("--dot", o.dot,
                     "also write the graph for Graphviz (dot -Tsvg)");
        c.add_flag("--json", o.json, "print JSON");
      });
}

void addExport(CLI::App &app, int &exitCode) {
  addCommand<ExportOptions>(
      app, "export", "Write a network as ONNX, a task's modulation folded in",
      "ntc export out/cnn/tune.mlirbc --task target -o shirts.onnx", runExport,
      exitCode, [](CLI::App &c, ExportOptions &o) {
        c.add_option("input", o.input,
                     "module of the stages import to assign-domains, or an "
                     "ONNX model")
            ->required();
        c.add_option("-o,--output", o.output, "model.onnx to write")
            ->required();
        c.add_option("--task", o.task,
                     "task to fold in (may be left out if there is one)");
        c.add_flag("--batch-1", o.closedBatch,
                   "fix the batch dimension at 1 in place of leaving it open");
        c.add_flag("--normalise", o.normalise,
                   "begin with the recorded normalisation, so that the model "
                   "takes stored values");
      });
}

void addRun(CLI::App &app, int &exitCode) {
  addCommand<RunOptions>(
      app, "run", "Compute a model's outputs",
      "ntc run models/cnn.onnx --data models/cnn-reference.npz -o y.npz",
      runRun, exitCode, [](CLI::App &c, RunOptions &o) {
        c.add_option("model", o.model, "model.onnx, or a module")->required();
        c.add_option(
             "--data", o.data,
             std::string(".npz whose array x holds samples, taken as "
                         "they are; or with labels, for the accuracy: ") +
                 kDataHelp)
            ->required();
        c.add_option("-o,--output", o.output,
                     ".npz to write: array y, in the order of x");
        c.add_flag("--json", o.json, "accuracy as JSON");
        c.add_option("--task", o.task,
                     "task whose modulation to use (default: none)");
        c.add_option("--threads", o.threads, "threads of the engine")
            ->capture_default_str();
        c.add_flag("--reference", o.reference,
                   "use the reference interpreter, slow and in double "
                   "precision");
        c.add_option("--input", o.inputShapes,
                     "fix a dynamic shape: name=1x3x224x224");
      });
}

void addTune(CLI::App &app, int &exitCode) {
  addCommand<TuneOptions>(
      app, "tune", "Learn the modulation of a new task on frozen weights",
      "ntc tune cnn.mlir --task shirts --data "
      "'fashion-mnist:train;classes=1,3,6,7,9' -o tuned.mlir",
      runTune, exitCode, [](CLI::App &c, TuneOptions &o) {
        c.add_option("input", o.input, "model.onnx, or a module")->required();
        c.add_option("--task", o.task, "name of the new task")->required();
        c.add_option("--data", o.data, kDataHelp)->required();
        c.add_option("-o,--output", o.output, "module to write")->required();
        addTraining(c, o.epochs, o.batch, o.learningRate, o.seed);
        c.add_option("--threads", o.threads,
                     "threads; results are the same for the same number")
            ->capture_default_str();
        c.add_option("--set", o.set,
                     "key=value,...: optimiser, schedule, filter, l1, "
                     "validation, augmentation, loss (docs/tuning.md)");
        c.add_option("--granularity", o.granularity,
                     "of new modulation sites: neuron or channel")
            ->capture_default_str();
        c.add_option("--test", o.test, "data whose accuracy is reported");
        c.add_option("--teacher", o.teacher,
                     ".npz with logits y of the training samples");
        c.add_option("--curves", o.curves, "JSON of learning curves to write");
        c.add_option("--search", o.search,
                     "try key=a|b,key=c|d on a validation split first");
        c.add_flag("--resume", o.resume,
                   "go on from <output>.ckpt of a run that was stopped");
        c.add_flag("--no-match", o.noMatch,
                   "output i stands for class i, without a match");
        c.add_option("--input", o.inputShapes,
                     "fix a dynamic shape: name=1x3x224x224");
      });
}

void addTask(CLI::App &app, int &exitCode) {
  CLI::App *task = app.add_subcommand("task", "List, compare, merge, delete or "
                                              "export a module's tasks");
  task->require_subcommand(1);
  task->footer("Example:\n  ntc task list tuned.mlir");
  auto add = [&](const char *name, const char *summary, const char *example,
                 TaskAction action, auto declare) {
    addCommand<TaskOptions>(*task, name, summary, example, runTask, exitCode,
                            [&](CLI::App &c, TaskOptions &o) {
                              o.action = action;
                              c.add_option("module", o.module,
                                           "module with tasks (.mlir, .mlirbc)")
                                  ->required();
                              declare(c, o);
                            });
  };
  auto declareTasks = [](CLI::App &c, TaskOptions &o, const char *help) {
    c.add_option("tasks", o.tasks, help)->required();
  };
  auto declareOutput = [](CLI::App &c, TaskOptions &o, const char *help) {
    c.add_option("-o,--output", o.output, help)->required();
  };
  add("list", "Say what each task holds", "ntc task list tuned.mlir",
      TaskAction::List, [](CLI::App &c, TaskOptions &o) {
        c.add_flag("--json", o.json, "print JSON, with a task's layers");
      });
  add("compare", "Distance of two tasks, the layers that move most first",
      "ntc task compare tuned.mlir source shirts", TaskAction::Compare,
      [&](CLI::App &c, TaskOptions &o) {
        declareTasks(c, o, "two tasks");
        c.add_flag("--json", o.json, "print JSON");
      });
  add("merge", "Add a task whose values are the mean of others'",
      "ntc task merge tuned.mlir first second --name both -o merged.mlir",
      TaskAction::Merge, [&](CLI::App &c, TaskOptions &o) {
        declareTasks(c, o, "tasks to merge");
        c.add_option("--name", o.name, "name of the new task")->required();
        declareOutput(c, o, "module to write");
      });
  add("delete", "Remove tasks", "ntc task delete tuned.mlir first -o rest.mlir",
      TaskAction::Delete, [&](CLI::App &c, TaskOptions &o) {
        declareTasks(c, o, "tasks to remove");
        declareOutput(c, o, "module to write");
      });
  add("export", "Write the network with one task as ONNX",
      "ntc task export tuned.mlir shirts -o shirts.onnx", TaskAction::Export,
      [&](CLI::App &c, TaskOptions &o) {
        declareTasks(c, o, "the task");
        declareOutput(c, o, "model to write (.onnx)");
      });
}

void addCompile(CLI::App &app, int &exitCode) {
  addCommand<CompileOptions>(
      app, "compile", "Compile a model, or go on from a stage's module",
      "ntc compile models/cnn.onnx --device nt1 --data "
      "'fashion-mnist:train;classes=0,2,4,5,8' --task "
      "'target=fashion-mnist:train;classes=1,3,6,7,9' -o out/cnn",
      runCompile, exitCode, [](CLI::App &c, CompileOptions &o) {
        c.add_option("input", o.input,
                     "model.onnx, or the .mlir of any stage to go on from")
            ->required();
        c.add_option("-o,--output", o.outputDir, "folder for all artefacts")
            ->required();
        c.add_option("--device", o.device, "device file or name")->required();
        c.add_option("--data", o.data,
                     std::string("calibration samples of the source task: ") +
                         kDataHelp);
        c.add_option("--task", o.tasks,
                     "tune a new task: name=<training data> (repeatable)");
        c.add_option("--input", o.inputShapes,
                     "fix a dynamic shape: name=1x3x224x224");
        c.add_option("--granularity", o.granularity,
                     "modulation per neuron or channel")
            ->capture_default_str()
            ->check(CLI::IsMember({"neuron", "channel"}));
        addTraining(c, o.epochs, o.batch, o.learningRate, o.seed);
        c.add_option("--calibration-samples", o.samples, "of each task")
            ->capture_default_str();
        c.add_option("--percentile", o.percentile,
                     "of activations that one spike a slot stands for")
            ->capture_default_str();
        c.add_option("--clip-percentile", o.clipPercentile,
                     "of the source task's activations at which neurons "
                     "saturate, in tuning as on the chip, so that all tasks "
                     "keep to ranges that few slots resolve (0: none)")
            ->capture_default_str();
        c.add_option("--domains", o.domains,
                     "synapse domains a layer may use (0: all)")
            ->capture_default_str();
        c.add_option("--paired", o.paired,
                     "layers of which two columns of synapses make a weight, "
                     "where the device joins columns: names, or all")
            ->delimiter(',');
        c.add_option("--threads", o.threads,
                     "threads of quantising and retuning; results are the same "
                     "for the same number")
            ->capture_default_str()
            ->check(CLI::Range(1, 256));
        c.add_flag("--equalize", o.equalize,
                   "before quantising, let every channel fill its layer's "
                   "range (networks whose channels differ widely, as with "
                   "depthwise convolutions)");
        c.add_option("--volts", o.volts,
                     "what shares synapse domains: all channels of a layer, or "
                     "those of a core, which like channels then share")
            ->capture_default_str()
            ->check(CLI::IsMember({"layer", "core"}));
        c.add_option("--scales", o.scales, "what scales are chosen by")
            ->capture_default_str()
            ->check(CLI::IsMember({"output", "mse", "percentile"}));
        c.add_option("--rounding", o.rounding, "of weights to codes")
            ->capture_default_str()
            ->check(CLI::IsMember({"nearest", "sequential", "descent"}));
        c.add_option("--retune", o.retune,
                     "epochs that modulation words are trained for on the "
                     "quantised network (0: not at all)")
            ->capture_default_str();
        c.add_flag("--retune-volts", o.retuneVolts,
                   "with --retune: also choose the volts of modulation domains "
                   "again");
        c.add_option("--spike-correct", o.spikeCorrect,
                     "rounds that modulation words are corrected for leak, "
                     "reset and slots on calibration data (0: not at all; "
                     "docs/spiking.md)")
            ->capture_default_str();
        c.add_option("--spike-retune", o.spikeRetune,
                     "epochs that modulation words are trained for through "
                     "the spikes of --slots slots (0: not at all)")
            ->capture_default_str();
        c.add_option("--slots", o.slots, "slots a run takes")
            ->capture_default_str();
        c.add_option("--readout", o.readout, "score of an output")
            ->capture_default_str()
            ->check(CLI::IsMember({"membrane", "count", "first"}));
        c.add_option("--stop-after", o.stopAfter, "last stage to run")
            ->check(CLI::IsMember({"import", "normalize", "modulate", "tune",
                                   "quantize", "assign-domains", "retune",
                                   "spike", "chip"}));
        c.add_flag("--emit-cpu", o.emitCpu,
                   "also write model.so and model.h for each task");
        c.add_option("--cpu", o.cpu,
                     "processor that --emit-cpu compiles for: native, generic, "
                     "x86-64-v3, ... (all give the same result)")
            ->capture_default_str();
      });
}

void addSpice(CLI::App &app, int &exitCode) {
  addCommand<SpiceOptions>(
      app, "spice", "Write the SPICE netlist of mapped cores",
      "ntc spice out/tiny/model.ntb --task out/tiny/source.ntm --device "
      "nt1-tiny --chip --data 'models/digits4x4.npz:test' --image 3 -o "
      "chip.cir",
      runSpice, exitCode, [](CLI::App &c, SpiceOptions &o) {
        c.add_option("program", o.program, "model.ntb")->required();
        c.add_option("--task", o.task, "task.ntm")->required();
        c.add_option("--device", o.device, "device file or name")->required();
        c.add_option("--data", o.data, kDataHelp)->required();
        c.add_option("--image", o.image, "which sample drives the circuit")
            ->capture_default_str();
        c.add_option("--core", o.cores,
                     "cores to emit (default: the read-out's)")
            ->delimiter(',');
        c.add_option("--layer", o.layers, "emit the cores of this layer");
        c.add_option("--neurons", o.neurons,
                     "with one --layer: its neurons to emit; else columns of "
                     "the one core")
            ->delimiter(',');
        c.add_flag("--chip", o.chip, "all cores, with the event fabric");
        c.add_option("--inputs", o.inputs,
                     "several cores: row voltages, or spike sources through "
                     "the fabric")
            ->capture_default_str()
            ->check(CLI::IsMember({"rows", "spikes"}));
        c.add_option("--save", o.save,
                     "waveforms beside the spikes (default: membranes)")
            ->delimiter(',')
            ->check(CLI::IsMember({"spikes", "membranes", "rows"}));
        c.add_flag("--measure", o.measure,
                   "add .meas lines; run the netlist without -r then");
        c.add_flag("--per-digit", o.perDigit,
                   "one source for each digit of a synapse");
        c.add_option("--cells", o.cells, "cell library: a level or a file")
            ->capture_default_str();
        c.add_option("--slots", o.slots, "slots (0: as compiled)");
        c.add_option("-o,--output", o.output, "netlist to write")->required();
      });
}

void addCosim(CLI::App &app, int &exitCode) {
  addCommand<CosimOptions>(
      app, "cosim", "Run cores or the chip in ngspice against the simulator",
      "ntc cosim out/tiny --chip --data "
      "'models/digits4x4.npz:test;classes=0,1,2,3,4' --images 0,1,2 -o "
      "cosim.html",
      runCosim, exitCode, [](CLI::App &c, CosimOptions &o) {
        c.add_option("directory", o.directory, "folder ntc compile wrote")
            ->required();
        c.add_option("--data", o.data,
                     std::string("test data, or task=<data> for each task: ") +
                         kDataHelp)
            ->required();
        c.add_option("--task", o.task, "task to run")->capture_default_str();
        c.add_option("--images", o.images, "samples to run")
            ->delimiter(',')
            ->capture_default_str();
        c.add_option("--core", o.cores,
                     "cores to run, each alone on the simulator's events "
                     "(default: the read-out's)")
            ->delimiter(',');
        c.add_option("--layer", o.layers, "run the cores of this layer");
        c.add_flag("--chip", o.chip,
                   "one circuit with the event fabric: of all cores, or of "
                   "the chosen ones");
        c.add_option("--retarget", o.retarget,
                     "tasks in turn within one transient, e.g. "
                     "source,target,source; each runs the first of --images")
            ->delimiter(',');
        c.add_option("--sweep", o.sweep,
                     "<core>:<modulation domain>: rate against its supply");
        c.add_option("--block", o.block,
                     "<rows>x<columns>: of one core only its busiest rows and "
                     "first columns, as a circuit of its own");
        c.add_option("--dac", o.dacs, "DAC codes of --sweep (default: eight)")
            ->delimiter(',');
        c.add_option("--inputs", o.inputs,
                     "row voltages, or spike sources through the fabric")
            ->capture_default_str()
            ->check(CLI::IsMember({"rows", "spikes"}));
        c.add_option("--time-tolerance", o.timeTolerance,
                     "of the median time error, in mean intervals")
            ->capture_default_str();
        c.add_option("--margin", o.marginTolerance,
                     "within which a difference is excused, of V_th - V_reset")
            ->capture_default_str();
        c.add_option("--slots", o.slots, "slots (0: as compiled)");
        c.add_option("--cells", o.cells, "cell library: a level or a file")
            ->capture_default_str();
        c.add_option("--parallel", o.parallel, "ngspice runs side by side")
            ->capture_default_str()
            ->check(CLI::PositiveNumber);
        c.add_option("--timeout", o.timeout, "seconds for each run")
            ->capture_default_str()
            ->check(CLI::PositiveNumber);
        c.add_option("--ngspice", o.ngspice,
                     "the program (default: $NT_NGSPICE, or ngspice)");
        c.add_option("--keep", o.keep,
                     "folder for netlists, logs and waveforms");
        c.add_option("-o,--output", o.output, "page to write (.html)");
        c.add_flag("--json", o.json, "print JSON");
      });
}

void addCells(CLI::App &c, CellOptions &o) {
  c.add_option("--cells", o.cells,
               "mos: NT's model cards; pdk: a foundry's library")
      ->capture_default_str();
  c.add_option("--corner", o.corner, "tt, ss or ff (mos)")
      ->capture_default_str();
  c.add_option("--temp", o.temperature, "degrees Celsius")
      ->capture_default_str()
      ->check(CLI::Range(-55.0, 150.0));
  c.add_option("--cell-file", o.cellFile, "cells in place of mos.lib");
  c.add_option("--pdk", o.pdk, "the foundry's .lib file (pdk)");
  c.add_option("--pdk-section", o.pdkSection, "section of it (pdk)");
  c.add_option("--pdk-nfet", o.nfet, "model of the nMOS (pdk)");
  c.add_option("--pdk-pfet", o.pfet, "model of the pMOS (pdk)");
  c.add_option("--ngspice", o.ngspice, "the program to run");
  c.add_option("--parallel", o.parallel, "runs side by side")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  c.add_option("--keep", o.keep,
               "folder that keeps netlists, waveforms and logs");
}

void addTransistors(CLI::App &app, int &exitCode) {
  addCommand<TransistorsOptions>(
      app, "transistors",
      "Run a program on transistor-level cores in ngspice, beside the time "
      "model",
      "ntc transistors out/tiny/model.ntb --task out/tiny/source.ntm --device "
      "nt1-tiny-mos --data 'models/digits4x4.npz:test;first=5' --images 5",
      runTransistors, exitCode, [](CLI::App &c, TransistorsOptions &o) {
        c.add_option("program", o.program, "model.ntb")->required();
        c.add_option("--task", o.task, "task.ntm")->required();
        c.add_option("--device", o.device,
                     "the device characterised from the same cells")
            ->required();
        c.add_option("--data", o.data, kDataHelp)->required();
        c.add_option("--images", o.images, "of the data, from the first")
            ->capture_default_str()
            ->check(CLI::PositiveNumber);
        c.add_option("--slots", o.slots, "slots (0: as compiled)");
        addCells(c, o);
        c.add_option("--timeout", o.timeout, "seconds of a core's run")
            ->capture_default_str();
        c.add_option("--record", o.record,
                     "write all figures to this JSON file");
      });
}

void addCharacterize(CLI::App &app, int &exitCode) {
  addCommand<CharacterizeOptions>(
      app, "characterize",
      "Measure the transistor-level cells in ngspice and write a device file",
      "ntc characterize --cells mos --corner tt --temp 27 --base nt1 -o "
      "mychip.json",
      runCharacterize, exitCode, [](CLI::App &c, CharacterizeOptions &o) {
        addCells(c, o);
        c.add_option("--base", o.base,
                     "device whose sizes, slot, DACs and fabric are kept")
            ->capture_default_str();
        c.add_option("-o,--output", o.output, "device file to write")
            ->required();
        c.add_option("--mismatch", o.mismatch,
                     "transistors of each kind drawn for mismatch (0: keep the "
                     "base's sigmas)")
            ->capture_default_str()
            ->check(CLI::Range(0, 5000));
        c.add_option("--seed", o.seed, "of the drawn mismatch")
            ->capture_default_str();
        c.add_option("--points", o.points, "volts of the synapse curve")
            ->capture_default_str()
            ->check(CLI::Range(2, 129));
        c.add_option("--measurements", o.measurements,
                     "also write all figures and curves to this JSON file");
        c.add_flag("--json", o.json, "print JSON");
      });
}

void addExplore(CLI::App &app, int &exitCode) {
  addCommand<ExploreOptions>(
      app, "explore", "Weigh digits, domains and DAC bits against each other",
      "ntc explore models/cnn.onnx --device nt1 --data "
      "'fashion-mnist:train;classes=0,2,4,5,8' --test "
      "'fashion-mnist:test;classes=0,2,4,5,8' --digits 2..4 -o out/explore",
      runExplore, exitCode, [](CLI::App &c, ExploreOptions &o) {
        c.add_option("input", o.input,
                     "model.onnx, or a float module (tune.mlirbc)")
            ->required();
        c.add_option("--device", o.device,
                     "device file or name that the points differ from")
            ->required();
        c.add_option("--data", o.data,
                     std::string("calibration samples, for all tasks or "
                                 "task@<data>|task@<data>: ") +
                         kDataHelp)
            ->required();
        c.add_option("--test", o.test, "test data of the task")->required();
        c.add_option("--task", o.task, "task to measure")
            ->capture_default_str();
        c.add_option("--digits", o.digits, "of a synapse: a..b or a,b")
            ->capture_default_str();
        c.add_option("--domains", o.domains, "synapse domains a core")
            ->capture_default_str();
        c.add_option("--dac-bits", o.dacBits, "of both kinds of domain")
            ->capture_default_str();
        c.add_option("--calibration-samples", o.samples, "of each task")
            ->capture_default_str();
        c.add_option("--images", o.images,
                     "test images that the chip is simulated on")
            ->capture_default_str();
        c.add_option("--slots", o.slots, "slots of the simulation")
            ->capture_default_str();
        c.add_option("--retune", o.retune, "epochs of nt-retune (0: none)")
            ->capture_default_str();
        c.add_option("--parallel", o.parallel, "points at a time")
            ->capture_default_str()
            ->check(CLI::Range(1, 256));
        c.add_option("-o,--output", o.output,
                     "folder for points.jsonl and pareto.svg; a run that was "
                     "stopped goes on from it")
            ->required();
        c.add_flag("--json", o.json, "print the points as JSON lines");
      });
}

void addLedger(CLI::App &app, int &exitCode) {
  addCommand<LedgerOptions>(
      app, "ledger", "Say where a compiled network loses accuracy",
      "ntc ledger out/cnn --data "
      "'target=fashion-mnist:test;classes=1,3,6,7,9'",
      runLedger, exitCode, [](CLI::App &c, LedgerOptions &o) {
        c.add_option("directory", o.directory, "folder ntc compile wrote")
            ->required();
        c.add_option("--data", o.data,
                     std::string("test data of a task, task=<data> "
                                 "(repeatable): ") +
                         kDataHelp)
            ->required();
        c.add_option("--seed", o.seed, "of the chip whose mismatch is taken")
            ->capture_default_str();
        c.add_option("--threads", o.threads, "threads of the engine")
            ->capture_default_str();
        c.add_flag("--json", o.json, "print JSON");
        c.add_option("-o,--output", o.output,
                     "module to write: quantised, each layer with what it "
                     "loses (nt.loss)");
      });
}

void addVerify(CLI::App &app, int &exitCode) {
  addCommand<VerifyOptions>(
      app, "verify", "Check a compiled folder level by level",
      "ntc verify out/tiny --data 'source=models/digits4x4.npz:test;"
      "classes=0,1,2,3,4'",
      runVerify, exitCode, [](CLI::App &c, VerifyOptions &o) {
        c.add_option("directory", o.directory, "folder ntc compile wrote")
            ->required();
        c.add_option("--data", o.data, "test data of a task: name=<data>")
            ->required();
        c.add_option("--reference", o.reference,
                     ".npz with x and y of another runtime (ONNX Runtime)");
        c.add_option("--baselines", o.baselines,
                     "JSON with accuracies to show beside NT's");
        c.add_option("--images", o.images, "images compared spike for spike")
            ->capture_default_str();
        c.add_option("--accuracy-images", o.accuracyImages,
                     "images for the accuracy table (0: all)")
            ->capture_default_str();
        c.add_option("--interpreter-images", o.interpreterImages,
                     "images through the reference interpreter")
            ->capture_default_str();
        c.add_option("--spice-images", o.spiceImages,
                     "images through ngspice (0: none)")
            ->capture_default_str();
        c.add_option("--spice-core", o.spiceCores,
                     "cores to simulate in ngspice (default: the read-out's)");
        c.add_option("--threads", o.threads, "threads (0: all cores)");
        c.add_option("--json", o.json, "also write the tables to this file");
      });
}

void addDisasm(CLI::App &app, int &exitCode) {
  addCommand<DisasmOptions>(
      app, "disasm", "Decode a bitstream into chip IR",
      "ntc disasm out/tiny/model.ntb --device nt1-tiny --task "
      "out/tiny/source.ntm",
      runDisasm, exitCode, [](CLI::App &c, DisasmOptions &o) {
        c.add_option("program", o.program, "model.ntb")->required();
        c.add_option("--device", o.device, "device file or name")->required();
        c.add_option("--task", o.tasks, "task.ntm (repeatable)");
        c.add_option("-o,--output", o.output,
                     "file to write (default: stdout)");
      });
}

void addReport(CLI::App &app, int &exitCode) {
  addCommand<ReportOptions>(
      app, "report", "Write an HTML report of verified folders",
      "ntc report out/demo -o out/demo/report.html", runReport, exitCode,
      [](CLI::App &c, ReportOptions &o) {
        c.add_option(
             "directory", o.directory,
             "folder with <model>/verify.json files, or one such folder")
            ->required();
        c.add_option("-o,--output", o.output,
                     "report.html; the same for machines goes to report.json "
                     "beside it")
            ->required();
      });
}

void addDemo(CLI::App &app, int &exitCode) {
  addCommand<DemoOptions>(
      app, "demo", "Run the whole chain on the demo models",
      "ntc demo --models models -o out/demo", runDemo, exitCode,
      [](CLI::App &c, DemoOptions &o) {
        c.add_option("--models", o.models, "folder with the demo models")
            ->capture_default_str();
        c.add_option("-o,--output", o.outputDir, "folder for the results")
            ->capture_default_str();
        c.add_flag("--quick", o.quick, "fewer images and epochs, for a test");
      });
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("NT: from an ONNX model to a neuromorphic analog chip");
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 the input is at fault, 2 usage, 3 internal.");
  app.set_version_flag("--version", std::string("ntc ") + NT_VERSION);
  int exitCode = kDone;
  addImport(app, exitCode);
  addInspect(app, exitCode);
  addExport(app, exitCode);
  addRun(app, exitCode);
  addTune(app, exitCode);
  addTask(app, exitCode);
  addCompile(app, exitCode);
  addSim(app, exitCode);
  addMonteCarlo(app, exitCode);
  addChipMap(app, exitCode);
  addCalibrate(app, exitCode);
  addSpice(app, exitCode);
  addCosim(app, exitCode);
  addCharacterize(app, exitCode);
  addTransistors(app, exitCode);
  addVerify(app, exitCode);
  addLedger(app, exitCode);
  addExplore(app, exitCode);
  addDisasm(app, exitCode);
  addReport(app, exitCode);
  addDemo(app, exitCode);
  // CLI11 would say that a command is missing, not that this one is unknown.
  const auto hasCommand = [&](const std::string &name) {
    return !app.get_subcommands(
                   [&](CLI::App *command) { return command->check_name(name); })
                .empty();
  };
  if (argc > 1 && argv[1][0] != '-' && !hasCommand(argv[1])) {
    std::cerr << "ntc: unknown command '" << argv[1]
              << "'; ntc --help lists the commands\n";
    return kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError &error) {
    // Nor what is missing before what is not known.
    for (const std::string &argument : app.remaining(true))
      std::cerr << "ntc: unexpected argument '" << argument << "'\n";
    app.exit(error);
    return kUsage;
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  return exitCode;
}
