// Classes are distinct labels.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

// expected-error @+1 {{class 1 of output 2 is given twice}}
nt.task @t classes [0, 1, 1] values {fc = dense<0.0> : tensor<2xf32>}

// -----

// expected-error @+1 {{class -1 of output 0 is negative}}
nt.task @t classes [-1, 1] values {fc = dense<0.0> : tensor<2xf32>}

// -----

// expected-error @+1 {{has no classes, must have one an output}}
nt.task @t classes [] values {fc = dense<0.0> : tensor<2xf32>}
