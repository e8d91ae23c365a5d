// Values of a site are f32 of one dimension, and finite.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

// expected-error @+1 {{values of site 'fc' must be a dense tensor<N x f32>}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<1x2xf32>}

// -----

// expected-error @+1 {{values of site 'fc' must be a dense tensor<N x f32>}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<2xf64>}

// -----

// expected-error @+1 {{values of site 'fc' must be a dense tensor<N x f32>}}
nt.task @t classes [0, 1] values {fc = 3 : i64}

// -----

// expected-error @+1 {{value 1 of site 'fc' is not finite}}
nt.task @t classes [0, 1] values {fc = dense<[0.0, 0x7FC00000]> : tensor<2xf32>}
