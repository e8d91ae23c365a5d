// A frozen value has the type of its result, all of its bytes, and codes with a negative.
// RUN: nt-opt %s --verify-diagnostics --split-input-file

func.func @f() {
  // expected-error @+1 {{value has type 'tensor<2xf32>', result has 'tensor<1x2xf32>'}}
  %0 = nt.frozen dense<1.0> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<1x2xf32>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{code -128 is outside -127..127 (rule H1)}}
  %0 = nt.frozen dense<[1, -128]> : tensor<2xi8> hash "00000000000000000000000000000000" origin "m#w" : tensor<2xi8>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{resource 'gone' holds no data}}
  %0 = nt.frozen dense_resource<gone> : tensor<2xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<2xf32>
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{resource 'short' holds 8 bytes, its type takes 12}}
  %0 = nt.frozen dense_resource<short> : tensor<3xf32> hash "00000000000000000000000000000000" origin "m#w" : tensor<3xf32>
  return
}

{-#
  dialect_resources: {
    builtin: {
      short: "0x040000000000803F000000C0"
    }
  }
#-}
