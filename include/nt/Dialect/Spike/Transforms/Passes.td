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

#endif // NT_DIALECT_SPIKE_TRANSFORMS_PASSES_TD
