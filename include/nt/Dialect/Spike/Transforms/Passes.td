//===- Passes.td - Passes on the spike dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_DIALECT_SPIKE_TRANSFORMS_PASSES_TD
#define NT_DIALECT_SPIKE_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def PrintSpikeEvaluation : Pass<"spike-print-evaluation", "::mlir::ModuleOp"> {
  let summary = "Simulate samples on a spiking network and print its answers";
  let description = [{
    Runs the reference simulator on every sample of `data` and prints, on standard
    output: for the first `count` samples the spikes and score of each output and
    the class they give; how many were right, if the data has labels; and for each
    population its mean rate and the fraction of its neurons that fired in 95 % of
    the slots or more. A population in which more than `saturation-limit` of the
    neurons are saturated is warned of (NT-SPIKE-003, rule H7). The IR stays as it
    is.
  }];
  let options = [
    Option<"data", "data", "std::string", "\"\"", "samples (see docs/data.md)">,
    Option<"task", "task", "std::string", "\"\"",
           "task to run; may be left out if there is one">,
    Option<"slots", "slots", "unsigned", "0", "slots a run takes (0: the network's)">,
    Option<"count", "count", "unsigned", "0", "samples to print one by one">,
    Option<"spikes", "spikes", "bool", "false",
           "print the spikes of those samples as well">,
    Option<"threads", "threads", "unsigned", "0", "threads (0: one a core)">,
    Option<"saturationLimit", "saturation-limit", "double", "0.01",
           "fraction of saturated neurons above which a population is warned of">
  ];
}

def SpikeRetune : Pass<"spike-retune", "::mlir::ModuleOp"> {
  let summary = "Fit modulation words to the spiking dynamics";
  let description = [{
    What leak, reset, few slots and rounded words take from accuracy, the modulation
    gives back. Two steps, each of which may be left out, on the task's own samples
    and on the time model itself, spike for spike:

    1. `correct` rounds of correction: for each neuron, the mean rate on the first
       `samples` samples is compared with the rate that exact arithmetic would give
       (its charge a slot over the swing, without leak), and its bias takes a damped
       Newton step. All layers move together, so that each sees the errors of those
       before it. The round whose outputs are nearest to the exact ones stands, the
       start among them. Labels are not needed.
    2. `epochs` of gradient descent through the spikes (a surrogate slope in place
       of the step, docs/spiking.md), half on labels and half on the scores of exact
       rates. The words of the epoch with the least loss on a tenth of the samples
       stand, those of before among them.

    With `volts`, the DAC codes of each population's modulation domains are chosen
    again for the corrected biases, and the better of both is taken.

    Only words and the volts of modulation domains change; codes, synapse domains
    and neurons cannot. A task that `data` does not name keeps its words. The
    network must be for `device`, and each population must start one slot, and the
    link's latency, behind the one that drives it.
  }];
  let options = [
    Option<"device", "device", "std::string", "\"\"", "device file or name">,
    Option<"data", "data", "std::string", "\"\"",
           "samples, as for nt-calibrate; with labels if epochs is not 0">,
    Option<"slots", "slots", "unsigned", "0", "slots a run takes (0: the network's)">,
    Option<"correct", "correct", "unsigned", "8", "rounds of correction">,
    Option<"samples", "samples", "unsigned", "256", "samples that correction takes">,
    Option<"volts", "volts", "bool", "true",
           "also choose the DAC codes of modulation domains again">,
    Option<"epochs", "epochs", "unsigned", "0", "passes over the samples">,
    Option<"batch", "batch", "unsigned", "64", "samples a step">,
    Option<"learningRate", "lr", "double", "0.1",
           "largest step, in mean distances of the values that words give">,
    Option<"seed", "seed", "uint64_t", "1", "of the order of samples">,
    Option<"threads", "threads", "unsigned", "0", "threads (0: one a core)">,
    Option<"progress", "progress", "bool", "false", "show a progress bar on stderr">
  ];
  let dependentDialects = ["::nt::spike::SpikeDialect"];
}

#endif // NT_DIALECT_SPIKE_TRANSFORMS_PASSES_TD
