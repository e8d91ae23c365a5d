// RUN: nt-opt %s --spike-print-evaluation="data=%S/Inputs/two-inputs.npz count=1 spikes" | FileCheck %s

// The second layer hears of a spike one slot after the first gave it, and runs one
// slot longer: spikes of slots 2, 4, 7, 9 give 0.7 V each in slots 3, 5, 8, 10.
// CHECK: sample 0: spikes [3, 0], scores [2.8000, 0.0000]
// CHECK: a[0] slot 2
// CHECK: a[0] slot 4
// CHECK: a[0] slot 7
// CHECK: a[0] slot 9
// CHECK: b[0] slot 3
// CHECK: b[0] slot 8
// CHECK: b[0] slot 10
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 10
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "a" codes dense<[[4, 0], [0, 4]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [7], lsb = [1.0e-07] A> : <2> -> <2>
  %2 = spike.population %1 name "a" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.45 V, rails = -1.5 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  %3 = spike.connect %2 name "b" codes dense<[[7, 0], [0, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [7], lsb = [1.0e-07] A> : <2> -> <2>
  %4 = spike.population %3 name "b" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.45 V, rails = -1.5 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 2 range 1.0 : <2> -> <2>
  spike.readout membrane %4 : <2>
}
spike.task @source of @net classes [0, 1] words {
  a = #spike.words<codes = dense<0> : tensor<2xi8>, domain_of = dense<0> : tensor<2xi8>,
    domains = <dac = [9], lsb = [1.0e-08] A>>,
  b = #spike.words<codes = dense<0> : tensor<2xi8>, domain_of = dense<0> : tensor<2xi8>,
    domains = <dac = [9], lsb = [1.0e-08] A>>}
