// Options of nt-quantize: each wrong one is named; each choice gives codes the device has.
// RUN: not nt-opt %s --nt-quantize="device=nt1-tiny data=uniform scales=best rounding=up grid=none block=0 threads=0" 2>&1 | FileCheck %s --check-prefix=BAD
// BAD-DAG: NT-OPT-001{{.*}}scales is 'best', one of output, mse, percentile
// BAD-DAG: NT-OPT-001{{.*}}rounding is 'up', one of nearest, sequential, descent
// BAD-DAG: NT-OPT-001{{.*}}block is 0
// BAD-DAG: NT-OPT-001{{.*}}threads is 0
// BAD-DAG: NT-OPT-001{{.*}}grid is 'none', one of device, free

// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform scales=mse rounding=nearest correct-means=false" 2>/dev/null | FileCheck %s --check-prefix=DEVICE
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform scales=percentile rounding=sequential" 2>/dev/null | FileCheck %s --check-prefix=DEVICE
// DEVICE: nt.dense{{.*}}domain_dac = array<i32:{{.*}}domain_of_channel

// Scales that no DAC gives stand in no domain; every channel has its own.
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform grid=free rounding=nearest correct-means=false" 2>/dev/null | FileCheck %s --check-prefix=FREE
// FREE: dense<{{\[\[}}7, -7, 4], [3, 0, -3]]> : tensor<2x3xi8>
// FREE-NOT: domain_dac
func.func @net(%x: tensor<1x3xf32>) -> tensor<1x2xf32> attributes {nt.network} {
  %w = nt.frozen dense<[[0.7, -0.7, 0.4], [0.35, 0.0, -0.35]]> : tensor<2x3xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<2x3xf32>
  %0 = nt.dense %x, %w name "fc" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x3xf32>, tensor<2x3xf32> -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
