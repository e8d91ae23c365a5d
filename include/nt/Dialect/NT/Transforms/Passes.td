//===- Passes.td - Passes on the nt dialect -*- tablegen -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_DIALECT_NT_TRANSFORMS_PASSES_TD
#define NT_DIALECT_NT_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def FoldBatchNorm : Pass<"nt-fold-batch-norm", "::mlir::ModuleOp"> {
  let summary = "Fold batch normalisation into the layer before it";
  let description = [{
    Rewrites frozen weights and bias of the dense or conv op whose only use is an
    `nt.batch_norm` (in double precision, rounded once), and records the folding in
    their `derivation` (rule F1). Weights that two layers share are not changed in
    place. A batch norm that cannot be folded is refused by name (NT-NORM-001): one
    with no layer before it, whose layer's result has other uses or whose layer is
    quantised, or with parameters that are not constant or not finite.
  }];
}

def LowerFakeQuantize : Pass<"nt-lower-fake-quantize", "::mlir::ModuleOp"> {
  let summary = "Make clips of the activation quantisation of a quantised model";
  let description = [{
    Spikes count activations in steps of their own, so that the rounding of a
    quantised model goes. Its range stays where it matters: behind a layer or a sum,
    an `nt.fake_quantize` whose zero point is its lowest code is a clip from 0, by
    which quantisers replace a ReLU. Any other one, whose range holds the values it
    was calibrated on, goes.
  }];
}

def DropSoftmax : Pass<"nt-drop-softmax", "::mlir::ModuleOp"> {
  let summary = "Drop a softmax that only feeds the network's result";
  let description = [{
    The class with the largest score stays the same, and a spiking read-out gives
    scores, not probabilities. The module records `nt.dropped_softmax`. Reshapes
    behind the softmax do not matter; a softmax whose axis does not hold all scores
    is left alone, as it changes which score is the largest.
  }];
}

def LowerAvgPool : Pass<"nt-lower-avg-pool", "::mlir::ModuleOp"> {
  let summary = "Turn average pools into depthwise convolutions with frozen weights";
  let description = [{
    A pool of k inputs becomes a grouped `nt.conv` with weights 1/k, which a
    crossbar can hold. Needs pads of zero or count_include_pad; other pools are left
    alone. The layer has the name of the pool's node.
  }];
}

def LowerAdd : Pass<"nt-lower-add", "::mlir::ModuleOp"> {
  let summary = "Turn residual adds into layers that drive one population";
  let description = [{
    An `nt.add` behind which an activation or the network's result stands, and whose
    addends are layers' sums (modulated or not) or firing rates, is what the
    synapses of one population add up. Rates get a layer that passes each unit on
    (`<add>.shortcut`), and the addends' modulation becomes one site behind the
    sum, named after the deepest layer; values of tasks are added.

    Spikes take one slot from layer to layer, so all layers of a population must be
    equally deep: shorter ways get relays (`<add>.relay`), populations that send on
    what they hear. Adds of other kinds stay as they are.
  }];
}

def InsertModulation : Pass<"nt-insert-modulation", "::mlir::ModuleOp"> {
  let summary = "Give every modulatable layer a trainable supplemental bias";
  let description = [{
    Inserts an `nt.modulate` behind every op with the Modulatable interface that has
    none, and the task @source (all zeros, classes in order) if the module has no
    task. Tasks that there are get zeros for the new sites. Running it again changes
    nothing.
  }];
  let options = [
    Option<"granularity", "granularity", "std::string", "\"neuron\"",
           "what shares one value: neuron or channel">
  ];
  let dependentDialects = ["::nt::NTDialect"];
}

def FoldTask : Pass<"nt-fold-task", "::mlir::ModuleOp"> {
  let summary = "Fold one task's modulation into frozen biases";
  let description = [{
    Every `nt.modulate` becomes a bias (per channel or dense) or an `nt.add` of a
    frozen constant (per neuron behind a convolution); all tasks are removed. The
    module records the task's classes as `nt.classes`. The name may be left out if
    there is one task.
  }];
  let options = [
    Option<"task", "task", "std::string", "\"\"", "name of the task to fold">
  ];
}

def RecordNormalisation : Pass<"nt-record-normalisation", "::mlir::ModuleOp"> {
  let summary = "Record how the network's inputs are made of stored values";
  let description = [{
    Sets `nt.input_normalisation` on the network, so that every later stage that
    loads data (tuning, calibration, evaluation, simulation, verification, report)
    gives the network (value - mean) / std. Tuning and calibration record what their
    data says, too. A network that records another one is left alone (NT-DATA-008).
  }];
  let options = [
    Option<"values", "values", "std::string", "\"\"",
           "mean=m;std=s, of one number or one a channel each">
  ];
}

def PrintEvaluation : Pass<"nt-print-evaluation", "::mlir::ModuleOp"> {
  let summary = "Evaluate samples with the reference interpreter and print the scores";
  let description = [{
    Runs the reference interpreter on every sample of `data` and prints, on standard
    output, the scores of the first `count` samples, the class they give through the
    task's classes (and the sample's label), and how many of all samples are right,
    if the data has labels. The IR stays as it is.

    ```
    sample 0: 0.5000 3.2500 -1.0000 -> class 1 (label 1)
    accuracy 100.00 % (1 of 1)
    ```
  }];
  let options = [
    Option<"data", "data", "std::string", "\"\"", "samples (see docs/data.md)">,
    Option<"task", "task", "std::string", "\"\"",
           "task to evaluate; may be left out if there is at most one">,
    Option<"count", "count", "unsigned", "4", "samples to print">
  ];
}

def VerifyFrozen : Pass<"nt-verify-frozen", "::mlir::ModuleOp"> {
  let summary = "Check every frozen tensor against its content hash (rule F1)";
}

def Tune : Pass<"nt-tune", "::mlir::ModuleOp"> {
  let summary = "Learn the modulation of a new task on frozen weights";
  let description = [{
    Neuromodulatory tuning (Barton 2022): gradient descent on the values of the
    `nt.modulate` sites alone, in mini-batches. Before training, outputs are assigned
    to classes by the best one-to-one match on training responses, which writes no
    weight. Stores the result as `nt.task`; the frozen hashes are checked before and
    after.

    `training` is a list key=value,key=value: optimiser, schedule, what is trained,
    validation, augmentation, loss, threads. docs/tuning.md lists the keys. With
    `checkpoint`, a run that was killed goes on with `resume` and gives the same bits.
  }];
  let options = [
    Option<"task", "task", "std::string", "\"\"", "name of the new task">,
    Option<"data", "data", "std::string", "\"\"", "training data (see docs/data.md)">,
    Option<"epochs", "epochs", "unsigned", "10", "passes over the training data">,
    Option<"batch", "batch", "unsigned", "64", "samples a step">,
    Option<"learningRate", "lr", "double", "0.01", "largest step size">,
    Option<"seed", "seed", "uint64_t", "1", "of the order of samples">,
    Option<"progress", "progress", "bool", "false", "show a progress bar on stderr">,
    Option<"matchOutputs", "match-outputs", "bool", "true",
           "assign outputs to classes by a one-to-one match first">,
    Option<"training", "training", "std::string", "\"\"",
           "key=value,key=value (see docs/tuning.md)">,
    Option<"teacher", "teacher", "std::string", "\"\"",
           ".npz with logits y of the training samples, for loss=distillation">,
    Option<"test", "test", "std::string", "\"\"",
           "data whose accuracy is reported behind training">,
    Option<"checkpoint", "checkpoint", "std::string", "\"\"",
           "file to write the state to: each epoch and every 10 s">,
    Option<"resume", "resume", "bool", "false", "go on from the checkpoint, if there is one">,
    Option<"curves", "curves", "std::string", "\"\"",
           "JSON file to write learning curves to">
  ];
  let dependentDialects = ["::nt::NTDialect"];
}

def Calibrate : Pass<"nt-calibrate", "::mlir::ModuleOp"> {
  let summary = "Record the activation range of every layer from calibration data";
  let description = [{
    Runs the network on calibration samples under every task, layer by layer on the
    tuning engine, and records, on each frozen layer, `output_range` and
    `input_range`.

    `output_range` is a percentile (nearest rank) of the positive values of the
    layer's activation: what is behind its `nt.modulate` and, if that alone reads
    it, its rectifier or clip, whose upper bound caps it; else, as in the last
    layer, of its modulated sums. It is the largest over the tasks, so that none of
    them saturates. A layer that is never positive takes the largest magnitude of
    its sums, or 0.001 if all are zero, and is warned of (NT-QUANT-006). So are 16 or
    more samples that all have one label (NT-DATA-007).

    `input_range` is the `output_range` of the layer that feeds it, through
    whatever is between them (reshapes, pools, activations), and 1.0, the encoder's
    full scale, for the network's argument. Where several feed it (`nt.add`,
    `nt.concat`), it is the largest of their ranges; frozen operands do not count.
  }];
  let options = [
    Option<"data", "data", "std::string", "\"\"",
           "samples: a data spec for all tasks, or task@spec|task@spec">,
    Option<"percentile", "percentile", "double", "99.9",
           "of the activations that a rate of one spike a slot stands for">,
    Option<"samples", "samples", "unsigned", "128", "samples used of each task">,
    Option<"threads", "threads", "unsigned", "1",
           "threads; results are the same for the same number">
  ];
}

def Equalize : Pass<"nt-equalize", "::mlir::ModuleOp"> {
  let summary = "Let every channel fill its layer's range";
  let description = [{
    Where one layer alone reads the rectified activation of another, channel by
    channel multiplies what gives it (weights, bias, every task's modulation) with a
    power of two and divides the weights that read it by the same: the network
    computes what it did (Nagel 2019), the channels' weights come to need like
    scales, and their rates use all slots. The factor is the largest, at most 64,
    that leaves the channel's largest activation on the samples of all tasks within
    that of the layer: a clip (ReLU6) only cuts what is larger than any seen.
    With `device` no weight grows beyond what synapses reach at the layer's ranges,
    for which `nt-calibrate` must have run (NT-QUANT-004).
    Ranges go; run `nt-calibrate` behind it. A quantised layer is refused
    (NT-QUANT-003). The frozen tensors' derivations record it (rule F1).
  }];
  let options = [
    Option<"device", "device", "std::string", "\"\"",
           "device file or name; empty: synapses reach any weight">,
    Option<"data", "data", "std::string", "\"\"",
           "samples, as for nt-calibrate">,
    Option<"samples", "samples", "unsigned", "128", "samples used of each task">,
    Option<"threads", "threads", "unsigned", "1", "threads of the engine">
  ];
  let dependentDialects = ["::nt::NTDialect"];
}

def ClipActivations : Pass<"nt-clip-activations", "::mlir::ModuleOp"> {
  let summary = "Let activations saturate where the ranges of their layers end";
  let description = [{
    A rate cannot exceed one spike a slot, which stands for the layer's
    `output_range`. Each rectifier or clip behind a frozen layer becomes an `nt.clip`
    that ends there, if it does not end below; the ranges, which `nt-calibrate` has
    recorded, go. Run before tuning, it makes new tasks keep within the ranges that
    the source task needs. Else a task of large activations sets the ranges of all,
    and the small rates of the others drown in the rounding of few slots. A layer
    without range is refused (NT-QUANT-004), all in one run.

    ```mlir
    %2 = nt.relu %1 : tensor<1x8xf32>                      // output_range = 1.75
    %2 = nt.clip %1 from 0.0 to 1.75 : tensor<1x8xf32>
    ```
  }];
}

def Quantize : Pass<"nt-quantize", "::mlir::ModuleOp"> {
  let summary = "Quantise frozen weights to synapse codes";
  let description = [{
    Layer by layer, with the errors of the layers before in view: a scale for each
    channel, then codes, then the mean error of each output moved into biases. Codes
    become an i8 `nt.frozen` whose derivation names the float tensor's hash; they fit
    the device (rule H1). docs/quantisation.md has the reasons.

    `scales` is what a channel's scale is chosen by: the error of its `output`
    (squared errors weighted with the mean squared input), `mse` (of the weights), or
    `percentile` (99.9 % of the magnitudes fit). `grid=device` takes scales that the
    DAC realises (rule H3), at most `domains` of them in a layer; `grid=free` takes
    any number, on a grid of 1 %: what the device's grid costs shows against it.
    With `domains=0` a free grid has a scale for each channel. On the device's grid
    `volts=layer` gives all channels of a layer the same domains; `volts=core` puts
    channels of like scale on the same cores and chooses the volts of each core, in
    as many groups of channels as take no more cores; `nt.core_groups` records them.

    `nt.domain_cost` on each layer holds the cost that the domains were chosen by, what
    no choice of as many domains can beat, and the cost of a domain for each channel.

    `rounding` is `nearest`, `sequential` (GPTQ, Frantar 2022, on the Hessian of
    calibration data) or `descent` (the same, then coordinate descent on single
    codes). No row of the last two ends worse than nearest rounding.

    `paired` names layers of which two columns of synapses make a weight, where the
    device joins columns (rule H8; docs/mixed-precision.md): names with `|` between,
    or `all`.
  }];
  let options = [
    Option<"device", "device", "std::string", "\"\"", "device file or name">,
    Option<"data", "data", "std::string", "\"\"",
           "calibration samples, as for nt-calibrate">,
    Option<"samples", "samples", "unsigned", "128", "samples used of each task">,
    Option<"domains", "domains", "unsigned", "0",
           "synapse domains a layer may use (0: all the device has)">,
    Option<"volts", "volts", "std::string", "\"layer\"",
           "what shares domains: a layer or a core">,
    Option<"scales", "scales", "std::string", "\"output\"",
           "output, mse or percentile">,
    Option<"rounding", "rounding", "std::string", "\"descent\"",
           "nearest, sequential or descent">,
    Option<"grid", "grid", "std::string", "\"device\"", "device or free">,
    Option<"paired", "paired", "std::string", "\"\"",
           "layers of two columns a neuron: name|name, or all">,
    Option<"correctMeans", "correct-means", "bool", "true",
           "move the mean error of each output into biases">,
    Option<"refit", "refit", "bool", "true",
           "round weights that give the float network's outputs on the inputs "
           "that the quantised layers before give">,
    Option<"centre", "centre", "bool", "true",
           "leave out of the error what correct-means takes away">,
    Option<"block", "block", "unsigned", "512",
           "columns of a Hessian's block where a layer has more than four times "
           "as many inputs">,
    Option<"threads", "threads", "unsigned", "1",
           "threads; results are the same for the same number">
  ];
  let dependentDialects = ["::nt::NTDialect"];
}

def AssignDomains : Pass<"nt-assign-domains", "::mlir::ModuleOp"> {
  let summary = "Give neurons their power domains and every task its words";
  let description = [{
    Chooses for each layer at most `domains` synapse-domain voltages on the DAC grid
    and a domain for each channel (exact; lib/Mapping), rounds the codes again at
    the realised scales, and turns every task's biases into modulation words on
    modulation domains. What the pass leaves is what the device realises exactly
    (rules H1-H3).
  }];
  let options = [
    Option<"device", "device", "std::string", "\"\"", "device file or name">,
    Option<"data", "data", "std::string", "\"\"",
           "calibration samples, as for nt-calibrate">,
    Option<"samples", "samples", "unsigned", "128", "samples used of each task">,
    Option<"domains", "domains", "unsigned", "0",
           "synapse domains a layer may use (0: all the device has)">,
    Option<"rounding", "rounding", "std::string", "\"descent\"",
           "codes whose scales the device has not, at those it has: nearest, "
           "sequential or descent, as for nt-quantize; without data nearest">,
    Option<"block", "block", "unsigned", "512",
           "columns of a Hessian's block where a layer has more than four times "
           "as many inputs">,
    Option<"threads", "threads", "unsigned", "1",
           "threads; results are the same for the same number">
  ];
  let dependentDialects = ["::nt::NTDialect"];
}

def Retune : Pass<"nt-retune", "::mlir::ModuleOp"> {
  let summary = "Retune modulation words on the quantised network";
  let description = [{
    Gradient descent on every task's modulation words, on what the device realises:
    codes, synapse domains and frozen values stay as they are (their hashes are
    checked before and after), the network runs on values that words give, and the
    gradient passes straight through to a float value behind each word. Scores
    are taught by the float network that the module `reference` holds, with
    `teacher-weight` of the loss (1: no label is read), and by labels, with the
    rest; without a reference by labels alone. The words of the epoch that is
    best on a tenth of the samples stand, those there were among them.

    With `share=channel` the words of all places of a channel move by the same
    steps, each from where it is: of few samples, which a word for each place
    would learn by heart.

    With `volts`, the DAC codes of the modulation domains are chosen again for what
    was learned, and the words trained once more; the result is taken if it is
    better.

    A task that `data` does not name keeps its words. A retuned task records
    `nt.retuned`, the epoch whose words stand.
  }];
  let options = [
    Option<"device", "device", "std::string", "\"\"", "device file or name">,
    Option<"data", "data", "std::string", "\"\"",
           "training samples, as for nt-calibrate; with labels">,
    Option<"reference", "reference", "std::string", "\"\"",
           "module that holds the float network with the same tasks">,
    Option<"teacherWeight", "teacher-weight", "double", "0.5",
           "share of the reference in the loss">,
    Option<"epochs", "epochs", "unsigned", "3", "passes over the training data">,
    Option<"batch", "batch", "unsigned", "64", "samples a step">,
    Option<"learningRate", "lr", "double", "0.1",
           "largest step, in mean distances of the values that words give">,
    Option<"seed", "seed", "uint64_t", "1", "of the order of samples">,
    Option<"threads", "threads", "unsigned", "1", "threads of the engine">,
    Option<"share", "share", "std::string", "\"neuron\"",
           "whose words move by the same steps: neuron or channel">,
    Option<"volts", "volts", "bool", "false",
           "also choose the DAC codes of modulation domains again">,
    Option<"progress", "progress", "bool", "false", "show a progress bar on stderr">
  ];
  let dependentDialects = ["::nt::NTDialect"];
}

#endif // NT_DIALECT_NT_TRANSFORMS_PASSES_TD
