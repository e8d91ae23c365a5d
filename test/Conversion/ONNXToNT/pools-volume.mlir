// A pool over three axes in steps of 1 sees its places by slices: no table of places, which at the
// largest size taken would not fit in memory.
// RUN: nt-opt %s --convert-onnx-to-nt | FileCheck %s

// CHECK-LABEL: @main
// CHECK-NOT: tosa.gather
// CHECK: tosa.slice {{.*}}size = array<i64: 1, 1, 1048575, 32, 2>, start = array<i64: 0, 0, 0, 0, 0>
// CHECK: tosa.slice {{.*}}size = array<i64: 1, 1, 1048575, 32, 2>, start = array<i64: 0, 0, 1, 0, 0>
// CHECK: tosa.maximum
// CHECK-NOT: tosa.gather
func.func @main(%x: tensor<1x1x1048576x32x2xf32>) -> tensor<*xf32> attributes {nt.network} {
  %y = nt.onnx_node "MaxPool" domain "" opset 10 name "pool" (%x) {kernel_shape = array<i64: 2, 1, 1>} : (tensor<1x1x1048576x32x2xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}
