// RUN: nt-opt %s --verify-diagnostics --split-input-file

// A layer does not start before the one that feeds it.
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
  %3 = spike.connect %2 name "fc2" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+1 {{start_slot must be at least 2, one after that of its source, found 1}}
  %4 = spike.population %3 name "fc2" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %4 : <2>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+1 {{start_slot must be at least 1, found 0}}
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 0 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+1 {{range must be above 0}}
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range -1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+1 {{has 3 neurons for currents of 2}}
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <3>
  spike.readout count %2 : <3>
}

// -----

// One connection drives one population.
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  // expected-error@+1 {{must be the only one that its connection drives}}
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  %5 = spike.population %1 name "twin" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}
