// RUN: nt-opt %s --verify-diagnostics --split-input-file

// Reset below threshold.
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+2 {{[NT-SPIKE-004] a neuron parameter is out of order: v_reset (1.500000e+00 V) must be below v_th (1.000000e+00 V)}}
  // expected-note@+1 {{see docs/time-model.md}}
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 1.5 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}

// -----

// No neuron fires before it has begun.
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+2 {{[NT-SPIKE-004] a neuron parameter is out of order: v_init (1.000000e+00 V) must be below v_th}}
  // expected-note@+1 {{see docs/time-model.md}}
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 1.0 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}

// -----

// Threshold within the rails.
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+2 {{[NT-SPIKE-004] a neuron parameter is out of order: v_th (1.000000e+00 V) must be at most rail_high (7.500000e-01 V)}}
  // expected-note@+1 {{see docs/time-model.md}}
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 0.75 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}

// -----

// Reset within the rails.
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+2 {{[NT-SPIKE-004] a neuron parameter is out of order: rail_low (-3.000000e+00 V) must be at most v_reset (-4.000000e+00 V)}}
  // expected-note@+1 {{see docs/time-model.md}}
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = -4.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}

// -----

// A membrane stores charge.
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+2 {{[NT-SPIKE-004] a neuron parameter is out of order: capacitance must be above 0 F}}
  // expected-note@+1 {{see docs/time-model.md}}
  %2 = spike.population %1 name "fc" lif <capacitance = 0.0 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}

// -----

// A leak takes charge.
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+2 {{[NT-SPIKE-004] a neuron parameter is out of order: leak must not be below 0 S}}
  // expected-note@+1 {{see docs/time-model.md}}
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = -1.0e-10 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}
