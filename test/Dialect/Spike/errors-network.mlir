// RUN: nt-opt %s --verify-diagnostics --split-input-file

// expected-error@+1 {{hash must be 16 hex digits, found "abc"}}
spike.network @net device "test" hash "abc" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
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

// expected-error@+2 {{[NT-SIM-001]}}
// expected-note@+1 {{give at least 1 slot}}
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 0
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
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

// expected-error@+1 {{digits must be 1 to 7 (rule H1), found 9}}
spike.network @net device "test" hash "0123456789abcdef" digits 9 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
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

// expected-error@+1 {{needs one spike.encode and one spike.readout, found 2 and 1}}
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %9 = spike.encode regular full_scale 1.0 : <2>
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
  // expected-error@+1 {{full_scale must be above 0}}
  %0 = spike.encode regular full_scale 0.0 : <2>
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
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  // expected-error@+1 {{must read a spike.population}}
  spike.readout count %0 : <2>
}
