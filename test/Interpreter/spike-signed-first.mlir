// Values below 0 reach the second half of the encoder's units; the read-out
// gives slots since the first spike, and 0 without one.
// RUN: %python -c "import numpy as n; n.savez('%t.npz', x=n.array([[1, 0], [-2, 0], [-1, -1], [0, 2]], 'f4'))"
// RUN: nt-opt %s --spike-print-evaluation="data=%t.npz count=4" | FileCheck %s
// CHECK: sample 0: spikes [5, 0], scores [10.0000, 0.0000]
// CHECK: sample 1: spikes [0, 10], scores [0.0000, 10.0000]
// CHECK: sample 2: spikes [0, 5], scores [0.0000, 10.0000]
// CHECK: sample 3: spikes [0, 0], scores [0.0000, 0.0000]
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 10
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode signed full_scale 2.0 : <4>
  %1 = spike.connect %0 name "fc" codes dense<[[7, 0, -7, 0], [-7, 0, 7, 0]]> : tensor<2x4xi8>
    domain_of_channel [0, 0] domains <dac = [7], lsb = [1.4e-07] A> : <4> -> <2>
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.45 V, rails = -1.5 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout first %2 : <2>
}
spike.task @source of @net classes [0, 1] words {
  fc = #spike.words<codes = dense<0> : tensor<2xi8>, domain_of = dense<0> : tensor<2xi8>,
    domains = <dac = [9], lsb = [1.0e-08] A>>}
