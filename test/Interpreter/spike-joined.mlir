// Two connections add up in one population; on the chip they are axons of one core.
// RUN: %python -c "import numpy as n; n.savez('%t.npz', x=n.array([[1, 0], [1, 1], [0.5, 1]], 'f4'))"
// RUN: nt-opt %s --spike-print-evaluation="data=%t.npz count=3" | FileCheck %s
// RUN: nt-opt %s | nt-opt | FileCheck %s --check-prefix=SAME
// CHECK: sample 0: spikes [5], scores [5.{{.*}}]
// CHECK: sample 1: spikes [8], scores [8.0000]
// CHECK: sample 2: spikes [5], scores [5.{{.*}}]
// SAME: spike.population %{{.*}}, %{{.*}} name "fc" lif
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 10
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[5, 0]]> : tensor<1x2xi8>
    domain_of_channel [0] domains <dac = [7], lsb = [1.0e-07] A> : <2> -> <1>
  %2 = spike.connect %0 name "shortcut" codes dense<[[0, 3]]> : tensor<1x2xi8>
    domain_of_channel [0] domains <dac = [7], lsb = [1.0e-07] A> : <2> -> <1>
  %3 = spike.population %1, %2 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.45 V, rails = -1.5 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <1>, <1> -> <1>
  spike.readout membrane %3 : <1>
}
spike.task @source of @net classes [0] words {
  fc = #spike.words<codes = dense<0> : tensor<1xi8>, domain_of = dense<0> : tensor<1xi8>,
    domains = <dac = [9], lsb = [1.0e-08] A>>}
