// RUN: not nt-opt %s --spike-print-evaluation="data=%S/Inputs/two-inputs.npz" 2>&1 | FileCheck %s --check-prefix=TWO
// RUN: not nt-opt %s --spike-print-evaluation="data=%S/Inputs/two-inputs.npz task=nosuch" 2>&1 | FileCheck %s --check-prefix=NONE

// TWO: [NT-TASK-001]{{.*}}none is named and the network has 2
// NONE: [NT-TASK-001]{{.*}}"nosuch"
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 10
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[4, 0], [0, 4]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [7], lsb = [1.0e-07] A> : <2> -> <2>
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.45 V, rails = -1.5 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout membrane %2 : <2>
}
spike.task @source of @net classes [0, 1] words {
  fc = #spike.words<codes = dense<0> : tensor<2xi8>, domain_of = dense<0> : tensor<2xi8>,
    domains = <dac = [9], lsb = [1.0e-08] A>>}
spike.task @target of @net classes [0, 1] words {
  fc = #spike.words<codes = dense<0> : tensor<2xi8>, domain_of = dense<0> : tensor<2xi8>,
    domains = <dac = [9], lsb = [1.0e-08] A>>}
