// RUN: nt-opt %s | nt-opt | FileCheck %s

// A grouped convolution keeps its geometry and shares its codes.
// CHECK: spike.connect %{{.*}} name "conv" conv <input = 2x3x3, strides = [2, 1], pads = [1, 0, 1, 0], dilations = [1, 1], groups = 2>
// CHECK-SAME: codes dense<1> : tensor<2x1x3x3xi8> domain_of_channel [0, 1]
// CHECK-SAME: : <2x3x3> -> <2x2x1>
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2x3x3>
  %1 = spike.connect %0 name "conv"
    conv <input = 2x3x3, strides = [2, 1], pads = [1, 0, 1, 0],
          dilations = [1, 1], groups = 2>
    codes dense<1> : tensor<2x1x3x3xi8> domain_of_channel [0, 1]
    domains <dac = [17, 90], lsb = [1.0e-10, 2.0e-09] A> : <2x3x3> -> <2x2x1>
  %2 = spike.population %1 name "conv" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2x2x1> -> <2x2x1>
  spike.readout membrane %2 : <2x2x1>
}
