// Words belong to a site with values.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

// expected-error @+1 {{words name site 'gc', which has no values}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>} words {gc = #nt.words<codes = dense<[3, -7]> : tensor<2xi8>, domains = dense<[0, 1]> : tensor<2xi8>, dac = [17, 90]>}

// -----

// expected-error @+1 {{words of site 'fc' must be a #nt.words attribute}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>} words {fc = 1 : i64}
