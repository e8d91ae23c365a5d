// RUN: nt-opt %s --verify-diagnostics --split-input-file

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
  spike.readout count %2 : <2>
}
// expected-error@+3 {{[NT-TASK-003] a task has no values for a modulation site: population "fc" of @net}}
// expected-note@+2 {{tune the task}}
// expected-error@+1 {{has words for "fcc", which is no population of @net}}
spike.task @source of @net classes [0, 1] words {
  fcc = #spike.words<codes = dense<[3, -7]> : tensor<2xi8>,
    domain_of = dense<[0, 1]> : tensor<2xi8>,
    domains = <dac = [17, 90], lsb = [1.0e-11, 5.2e-10] A>>}

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
  spike.readout count %2 : <2>
}
// expected-error@+2 {{[NT-TASK-002]}}
// expected-note@+1 {{tune the task}}
spike.task @source of @net classes [0, 1, 2] words {
  fc = #spike.words<codes = dense<[3, -7]> : tensor<2xi8>,
    domain_of = dense<[0, 1]> : tensor<2xi8>,
    domains = <dac = [17, 90], lsb = [1.0e-11, 5.2e-10] A>>}

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
  spike.readout count %2 : <2>
}
// expected-error@+2 {{class -1 is below 0}}
// expected-note@+1 {{labels run}}
spike.task @source of @net classes [0, -1] words {
  fc = #spike.words<codes = dense<[3, -7]> : tensor<2xi8>,
    domain_of = dense<[0, 1]> : tensor<2xi8>,
    domains = <dac = [17, 90], lsb = [1.0e-11, 5.2e-10] A>>}

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
  spike.readout count %2 : <2>
}
// expected-error@+1 {{there is no spike.network @other}}
spike.task @source of @other classes [0, 1] words {
  fc = #spike.words<codes = dense<[3, -7]> : tensor<2xi8>,
    domain_of = dense<[0, 1]> : tensor<2xi8>,
    domains = <dac = [17, 90], lsb = [1.0e-11, 5.2e-10] A>>}

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
  spike.readout count %2 : <2>
}
// expected-error@+2 {{[NT-SYN-001] a synapse code is not representable (rule H1): the words of "fc" hold 1 codes outside -7..7}}
// expected-note@+1 {{quantise}}
spike.task @source of @net classes [0, 1] words {
  fc = #spike.words<codes = dense<[3, -8]> : tensor<2xi8>,
    domain_of = dense<[0, 1]> : tensor<2xi8>,
    domains = <dac = [17, 90], lsb = [1.0e-11, 5.2e-10] A>>}

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
  spike.readout count %2 : <2>
}
// expected-error@+2 {{population "fc" has 2 neurons, the task 3 words}}
// expected-note@+1 {{tune}}
spike.task @source of @net classes [0, 1] words {
  fc = #spike.words<codes = dense<3> : tensor<3xi8>,
    domain_of = dense<0> : tensor<3xi8>,
    domains = <dac = [17, 90], lsb = [1.0e-11, 5.2e-10] A>>}
