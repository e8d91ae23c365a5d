// RUN: nt-opt %s --verify-diagnostics --split-input-file

// Rule H2: a channel takes a domain that there is.
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  // expected-error@+2 {{[NT-DOM-002] more domains than the device has (rule H2): channel 1 takes domain 1 of 1}}
  // expected-note@+1 {{lower the domains option}}
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0, 1] domains <dac = [17], lsb = [1.0e-09] A>
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
  // expected-error@+1 {{domain_of_channel must name one domain for each of the 2 channels, found 1}}
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
    domain_of_channel [0] domains <dac = [17], lsb = [1.0e-09] A>
    : <2> -> <2>
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}

// -----

// Rule H3: every domain has a DAC code and the current it gives.
spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[1, -2], [3, 7]]> : tensor<2x2xi8>
  // expected-error@+1 {{every domain needs one DAC code and one LSB current (rule H3), found 1 codes and 2 currents}}
    domain_of_channel [0, 0] domains <dac = [17], lsb = [1.0e-09, 2.0e-09] A>
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
  // expected-error@+1 {{domain 0 has DAC code -1, below 0 (rule H3)}}
    domain_of_channel [0, 0] domains <dac = [-1], lsb = [1.0e-09] A>
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
  // expected-error@+1 {{the LSB current of domain 0 must be above 0 A (rule H3)}}
    domain_of_channel [0, 0] domains <dac = [17], lsb = [0.0] A>
    : <2> -> <2>
  %2 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2> -> <2>
  spike.readout count %2 : <2>
}
