// The form of a task's gains.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

// expected-error @+1 {{nt.gains must be a dictionary on an nt.task, found 1 : i64}}
nt.task @a classes [0] values {} {nt.gains = 1}

// -----

// expected-error @+1 {{nt.gains must give <layer>.gain a dense tensor<domains x f32>, found "fc" = dense<1.000000e+00> : tensor<1xf32>}}
nt.task @a classes [0] values {} {nt.gains = {fc = dense<1.0> : tensor<1xf32>}}

// -----

// expected-error @+1 {{nt.gains must give <layer>.gain a dense tensor<domains x f32>, found "fc.gain" = dense<1.000000e+00> : tensor<1xf64>}}
nt.task @a classes [0] values {} {nt.gains = {fc.gain = dense<1.0> : tensor<1xf64>}}
