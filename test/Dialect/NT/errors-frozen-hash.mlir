// A hash is 32 lower-case hex digits (rule F1).
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f() {
  // expected-error @+1 {{hash '12ab' is not 32 lower-case hex digits (rule F1)}}
  %0 = nt.frozen dense<1.0> : tensor<2xf32> hash "12ab" origin "m#w" : tensor<2xf32>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{is not 32 lower-case hex digits (rule F1)}}
  %0 = nt.frozen dense<1.0> : tensor<2xf32> hash "0000000000000000000000000000000G" origin "m#w" : tensor<2xf32>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{is not 32 lower-case hex digits (rule F1)}}
  %0 = nt.frozen dense<1.0> : tensor<2xf32> hash "AB000000000000000000000000000000" origin "m#w" : tensor<2xf32>
  return
}
