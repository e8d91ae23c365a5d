// Frozen tensors: in the text and as resources, with hash, origin and derivation.
// RUN: nt-opt %s | nt-opt | FileCheck %s
// RUN: nt-opt %s --mlir-print-op-generic | nt-opt | FileCheck %s
// RUN: nt-opt %s --emit-bytecode | nt-opt | FileCheck %s

// CHECK-LABEL: func.func @frozen
func.func @frozen() -> (tensor<2xf32>, tensor<2x2xi8>, tensor<2xf32>) {
  // CHECK: nt.frozen dense<[1.000000e+00, -2.000000e+00]> : tensor<2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "m.onnx#w" : tensor<2xf32>
  %0 = nt.frozen dense<[1.0, -2.0]> : tensor<2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "m.onnx#w" : tensor<2xf32>
  // CHECK: nt.frozen dense<{{\[\[}}7, -7], [127, -127]]> : tensor<2x2xi8> hash "{{.*}}" origin "m.onnx#v" derivation ["transposed", "quantised"] : tensor<2x2xi8>
  %1 = nt.frozen dense<[[7, -7], [127, -127]]> : tensor<2x2xi8> hash "000102030405060708090a0b0c0d0e0f" origin "m.onnx#v" derivation ["transposed", "quantised"] : tensor<2x2xi8>
  // CHECK: nt.frozen dense_resource<fc1.bias> : tensor<2xf32>
  %2 = nt.frozen dense_resource<fc1.bias> : tensor<2xf32> hash "000102030405060708090a0b0c0d0e0f" origin "m.onnx#fc1.bias" : tensor<2xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<2x2xi8>, tensor<2xf32>
}

// CHECK: dialect_resources
// CHECK: fc1.bias: "0x040000000000803F000000C0"
{-#
  dialect_resources: {
    builtin: {
      fc1.bias: "0x040000000000803F000000C0"
    }
  }
#-}
