// RUN: nt-opt %s | nt-opt | FileCheck %s

// Only the number of units of an input counts: a flat input feeds a convolution.
// CHECK: spike.connect %{{.*}} name "conv" conv <input = 1x2x2,
// CHECK-SAME: : <4> -> <1x1x1>
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <4>
  %1 = spike.connect %0 name "conv"
    conv <input = 1x2x2, strides = [1, 1], pads = [0, 0, 0, 0],
          dilations = [1, 1], groups = 1>
    codes dense<1> : tensor<1x1x2x2xi8> domain_of_channel [0]
    domains <dac = [17], lsb = [1.0e-10] A> : <4> -> <1x1x1>
  %2 = spike.population %1 name "conv" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <1x1x1> -> <1>
  spike.readout count %2 : <1>
}
