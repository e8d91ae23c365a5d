// RUN: nt-opt %s --nt-fold-task=task=target --verify-diagnostics --split-input-file

// expected-error @+2 {{NT-TASK-001] no such task: @target}}
// expected-note @+1 {{name a task that the module or folder holds}}
module {
nt.task @source classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  %r = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
}

// -----

// All misfits of a task in one run: a site without values, one with too many.
nt.task @target classes [1, 0] values {fc = dense<0.5> : tensor<3xf32>}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %b = nt.frozen dense<[0.25, -0.5]> : tensor<2xf32>
      hash "00000000000000000000000000000000" origin "b" : tensor<2xf32>
  %y = nt.dense %x, %w bias %b name "fc"
    : tensor<1x3xf32>, tensor<2x3xf32>, tensor<2xf32> -> tensor<1x2xf32>
  // expected-error @+2 {{NT-TASK-002] a task's values do not fit their modulation site: @target has 3 values for 'fc', which takes 2}}
  // expected-note @+1 {{tune the task}}
  %m = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  // expected-error @+2 {{NT-TASK-003] a task has no values for a modulation site: @target has none for 'more'}}
  // expected-note @+1 {{tune the task}}
  %r = nt.modulate %m site "more" per neuron : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}

// -----

// Gains of synapse domains are supplies of the chip: no bias holds them.
// expected-error @+2 {{[NT-TASK-006] the task has gains of synapse domains, which cannot be folded or quantised: @target}}
// expected-note @+1 {{tune the task without}}
nt.task @target classes [0, 1] values {fc = dense<0.5> : tensor<2xf32>} {nt.gains = {fc.gain = dense<1.5> : tensor<1xf32>}}
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]]> : tensor<2x3xf32>
      hash "00000000000000000000000000000000" origin "w" : tensor<2x3xf32>
  %y = nt.dense %x, %w name "fc" : tensor<1x3xf32>, tensor<2x3xf32> -> tensor<1x2xf32>
  %r = nt.modulate %y site "fc" per neuron : tensor<1x2xf32>
  return %r : tensor<1x2xf32>
}
