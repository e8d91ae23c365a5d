// A mechanically imported node with attributes, an absent operand and two results.
// RUN: nt-opt %s | nt-opt | FileCheck %s
// RUN: nt-opt %s --mlir-print-op-generic | nt-opt | FileCheck %s
// RUN: nt-opt %s --emit-bytecode | nt-opt | FileCheck %s

// CHECK-LABEL: func.func @node
func.func @node(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  // CHECK: %[[ABSENT:.*]] = nt.onnx_absent
  %0 = nt.onnx_absent
  // CHECK: nt.onnx_node "Clip" domain "" opset 13 name "c"(%{{.*}}, %[[ABSENT]]) {axis = 1 : i64, pads = array<i64: 0, 1>} : (tensor<1x4xf32>, none) -> (tensor<*xf32>, tensor<*xf32>)
  %1:2 = nt.onnx_node "Clip" domain "" opset 13 name "c" (%x, %0) {axis = 1 : i64, pads = array<i64: 0, 1>} : (tensor<1x4xf32>, none) -> (tensor<*xf32>, tensor<*xf32>)
  return %1#0 : tensor<*xf32>
}
