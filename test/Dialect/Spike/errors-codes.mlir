// RUN: nt-opt %s --verify-diagnostics --split-input-file

// Rule H1: codes fit the digits.
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  // expected-error@+2 {{[NT-SYN-001] a synapse code is not representable (rule H1): the synapses hold 1 codes outside -7..7; the first, 8, at index 3}}
  // expected-note@+1 {{quantise for this device}}
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 8]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 1 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  // expected-error@+2 {{the synapses hold 3 codes outside -1..1; the first, -2, at index 1}}
  // expected-note@+1 {{quantise}}
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  // expected-error@+1 {{'spike.connect' op the synapses must be i8 values that are present}}
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi16>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}
