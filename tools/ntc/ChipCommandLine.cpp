//===- ChipCommandLine.cpp - The command line of what runs a chip ---------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "CommandLine.h"

#include <set>

using namespace ntc;

/// Effects of docs/chip-variation.md.
static const std::set<std::string> kEffects = {
    "mismatch", "threshold", "capacitor", "leak", "domain",
    "droop",    "noise",     "dead",      "stuck"};

/// Which real chip, for commands that run one.
static void addChipOptions(CLI::App &c, ChipOptions &o) {
  c.add_option("--map", o.map,
               "measured sources of a chip (.npz or JSON, "
               "docs/chip-variation.md)");
  c.add_option("--chip-seed", o.seed,
               "a chip that is drawn; with --map, what the map does not say");
  c.add_option("--without", o.without, "effects of the chip to leave out")
      ->delimiter(',')
      ->check(CLI::IsMember(kEffects));
}

void ntc::addSim(CLI::App &app, int &exitCode) {
  addCommand<SimOptions>(
      app, "sim", "Simulate a bitstream on data",
      "ntc sim out/cnn/model.ntb --task out/cnn/target.ntm --device nt1 --data "
      "'fashion-mnist:test;classes=1,3,6,7,9;first=500'",
      runSim, exitCode, [](CLI::App &c, SimOptions &o) {
        c.add_option("program", o.program, "model.ntb")->required();
        c.add_option("--task", o.task, "task.ntm")->required();
        c.add_option("--device", o.device, "device file or name")->required();
        c.add_option("--data", o.data, kDataHelp)->required();
        c.add_option("--slots", o.slots, "slots (0: as compiled)");
        c.add_option("--threads", o.threads, "threads (0: all cores)");
        c.add_option("--engine", o.engine,
                     "how to simulate; all give the same result")
            ->capture_default_str()
            ->check(CLI::IsMember(
                {"auto", "reference", "clocked", "portable", "event", "avx2"}));
        addChipOptions(c, o.chip);
        c.add_option("--scores", o.scores, "write the scores to this .npz");
        c.add_option("--record", o.record,
                     "record spikes and/or membrane (comma between) instead")
            ->delimiter(',')
            ->check(CLI::IsMember({"spikes", "membrane"}));
        c.add_option("--neurons", o.neurons,
                     "of which neurons: layer, layer[3] or layer[0:8] "
                     "(default: all)");
        c.add_option("-o,--output", o.output, ".npz of the recording");
        c.add_option("--picture", o.picture,
                     "also draw the first image's recording (.svg)");
        c.add_flag("--json", o.json, "print JSON");
      });
}

void ntc::addChipMap(CLI::App &app, int &exitCode) {
  addCommand<ChipMapOptions>(
      app, "chip-map", "Write the sources of a chip that is drawn as a map",
      "ntc chip-map out/cnn/model.ntb --device nt1 --seed 7 -o chip7.npz",
      runChipMap, exitCode, [](CLI::App &c, ChipMapOptions &o) {
        c.add_option("program", o.program, "model.ntb: whose cores")
            ->required();
        c.add_option("--device", o.device, "device file or name")->required();
        c.add_option("--seed", o.seed,
                     "of the chip, as --chip-seed of ntc sim and as the "
                     "results of ntc montecarlo name it")
            ->capture_default_str();
        c.add_option("-o,--output", o.output, "map (.npz, or .json)")
            ->required();
      });
}

void ntc::addCalibrate(CLI::App &app, int &exitCode) {
  addCommand<CalibrateOptions>(
      app, "calibrate", "Fit a compiled program to the sources of one chip",
      "ntc calibrate out/cnn/model.ntb --task out/cnn/source.ntm --device nt1 "
      "--map chip7.npz --data 'fashion-mnist:train;classes=0,2,4,5,8' -o "
      "out/cnn-chip7",
      runCalibrate, exitCode, [](CLI::App &c, CalibrateOptions &o) {
        c.add_option("program", o.program, "model.ntb")->required();
        c.add_option("--task", o.tasks, "task.ntm; repeat for more")
            ->required();
        c.add_option("--device", o.device, "device file or name")->required();
        addChipOptions(c, o.chip);
        c.add_option("--data", o.data,
                     "training data with labels, <task>=<data> of each task")
            ->required();
        c.add_option(
            "--test", o.test,
            "test data likewise: print accuracies of the chip's rates");
        c.add_option("-o,--output", o.outputDir,
                     "folder for model.ntb and each task's .ntm")
            ->required();
        c.add_option("--encoding", o.encoding,
                     "sources of each code: keep them, choose among those of "
                     "the same code, or of its neighbours too")
            ->capture_default_str()
            ->check(CLI::IsMember({"keep", "same", "neighbours"}));
        c.add_flag("--after-only", o.afterOnly,
                   "with --test: leave out the ideal chip and this one before")
            ->needs("--test");
        c.add_flag("--keep-words", o.keepWords, "do not change words");
        c.add_option("--epochs", o.epochs,
                     "of training words; 0: only the means of neurons are set "
                     "right")
            ->capture_default_str();
        c.add_option("--batch", o.batch, "samples a step")
            ->capture_default_str()
            ->check(CLI::PositiveNumber);
        c.add_option("--lr", o.learningRate,
                     "largest step, in mean distances of a neuron's levels")
            ->capture_default_str()
            ->check(CLI::PositiveNumber);
        c.add_option("--teacher", o.teacher,
                     "share of the ideal chip's scores in what words are "
                     "trained on; the rest is the labels'")
            ->capture_default_str()
            ->check(CLI::Range(0.0, 1.0));
        c.add_option("--samples", o.samples,
                     "samples of each task that sources are fitted to")
            ->capture_default_str()
            ->check(CLI::PositiveNumber);
        c.add_option("--seed", o.seed, "of the order of samples")
            ->capture_default_str();
        c.add_option("--threads", o.threads, "threads")
            ->capture_default_str()
            ->check(CLI::PositiveNumber);
        c.add_flag("--json", o.json, "print JSON");
      });
}

void ntc::addMonteCarlo(CLI::App &app, int &exitCode) {
  addCommand<MonteCarloOptions>(
      app, "montecarlo", "Simulate many chips that differ as real ones do",
      "ntc montecarlo out/cnn/model.ntb --task out/cnn/source.ntm --device nt1 "
      "--data 'fashion-mnist:test;classes=0,2,4,5,8;first=1000' --chips 100 -o "
      "chips.jsonl",
      runMonteCarlo, exitCode, [](CLI::App &c, MonteCarloOptions &o) {
        c.add_option("program", o.program, "model.ntb")->required();
        c.add_option("--task", o.task, "task.ntm")->required();
        c.add_option("--device", o.device, "device file or name")->required();
        c.add_option("--data", o.data, kDataHelp)->required();
        c.add_option("-o,--output", o.output,
                     "results, one chip a line; a run that was stopped goes on "
                     "from what it holds")
            ->required();
        c.add_option("--chips", o.chips, "chips to simulate")
            ->capture_default_str();
        c.add_option("--seed", o.seed, "of all chips")->capture_default_str();
        c.add_option("--slots", o.slots, "slots (0: as compiled)");
        c.add_option("--threads", o.threads,
                     "threads (0: all cores); do not change the results");
        c.add_option("--without", o.without, "effects to leave out")
            ->delimiter(',')
            ->check(CLI::IsMember(kEffects));
        c.add_flag("--json", o.json, "print JSON");
      });
}
