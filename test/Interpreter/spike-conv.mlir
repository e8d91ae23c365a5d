// RUN: nt-opt %s --spike-print-evaluation="data=%S/Inputs/two-inputs.npz count=1 spikes" | FileCheck %s

// A 1x2 kernel with a pad on the right: unit 0 sees both inputs, unit 1 the second
// alone. Sample 0 drives the first input: 4 codes for unit 0, none for unit 1.
// CHECK: sample 0: spikes [4, 0], scores [4.0000, 0.0000]
// CHECK-NOT: c[1]
// CHECK: accuracy
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 10
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <1x1x2>
  %1 = spike.connect %0 name "c" conv <input = 1x1x2, strides = [1, 1], pads = [0, 0, 0, 1],
      dilations = [1, 1], groups = 1> codes dense<[[[[4, 3]]]]> : tensor<1x1x1x2xi8>
    domain_of_channel [0] domains <dac = [7], lsb = [1.0e-07] A> : <1x1x2> -> <1x1x2>
  %2 = spike.population %1 name "c" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.45 V, rails = -1.5 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <1x1x2> -> <1x1x2>
  spike.readout membrane %2 : <1x1x2>
}
spike.task @source of @net classes [0, 1] words {
  c = #spike.words<codes = dense<0> : tensor<2xi8>, domain_of = dense<0> : tensor<2xi8>,
    domains = <dac = [9], lsb = [1.0e-08] A>>}
