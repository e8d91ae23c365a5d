// Adds that are no sums of one population, or whose layers do not fit each other, are named together.
// RUN: not nt-opt %s --convert-nt-to-spike=device=nt1-tiny -o /dev/null 2>&1 | FileCheck %s
// CHECK-DAG: [NT-SPIKE-001]{{.*}}layer "b" is 2 layers deep and joins "a", which is 1 deep
// CHECK-DAG: [NT-DOM-001]{{.*}}layer "b" and "a" drive the same neurons and have different domains
// CHECK-DAG: [NT-SPIKE-002]{{.*}}layer "b" has output_range 2.{{.*}}, "a", which it joins, has 1.
// CHECK-DAG: [NT-SPIKE-001]{{.*}} nt.add of what is not the sums of layers
nt.task @source classes [0, 1] values {s = dense<0.0> : tensor<2xf32>, a = dense<0.0> : tensor<2xf32>}
  words {s = #nt.words<codes = dense<1> : tensor<2xi8>, domains = dense<0> : tensor<2xi8>, dac = [5]>,
         a = #nt.words<codes = dense<1> : tensor<2xi8>, domains = dense<0> : tensor<2xi8>, dac = [5]>}
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[1, -1], [5, 6]]> : tensor<2x2xi8> hash "694b555ea3a37d820898f060af53c1dd" origin "m.onnx#w2" : tensor<2x2xi8>
  %0 = nt.dense %x, %w name "s" {input_range = 1.0, output_range = 1.0, scales = dense<0.27> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 127>} : tensor<1x2xf32>, tensor<2x2xi8> -> tensor<1x2xf32>
  %1 = nt.modulate %0 site "s" per neuron : tensor<1x2xf32>
  %2 = nt.relu %1 : tensor<1x2xf32>
  %3 = nt.dense %x, %w name "a" {input_range = 1.0, output_range = 1.0, scales = dense<0.27> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 127>} : tensor<1x2xf32>, tensor<2x2xi8> -> tensor<1x2xf32>
  %4 = nt.dense %2, %w name "b" {input_range = 1.0, output_range = 2.0, scales = dense<5.066666666666667e-4> : tensor<2xf64>,
      domain_of_channel = array<i32: 0, 0>, domain_dac = array<i32: 0>} : tensor<1x2xf32>, tensor<2x2xi8> -> tensor<1x2xf32>
  %5 = nt.add %3, %4 : tensor<1x2xf32>
  %6 = nt.modulate %5 site "a" per neuron : tensor<1x2xf32>
  %7 = nt.relu %6 : tensor<1x2xf32>
  %8 = nt.add %7, %2 : tensor<1x2xf32>
  return %8 : tensor<1x2xf32>
}
