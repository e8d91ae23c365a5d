// RUN: nt-opt %s --verify-diagnostics --split-input-file

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 10
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2>
  %1 = spike.connect %0 name "fc" codes dense<[[5, 0]]> : tensor<1x2xi8>
    domain_of_channel [0] domains <dac = [7], lsb = [1.0e-07] A> : <2> -> <1>
  %2 = spike.connect %0 name "shortcut" codes dense<[[0, 3]]> : tensor<1x2xi8>
    domain_of_channel [0] domains <dac = [8], lsb = [2.0e-07] A> : <2> -> <1>
  // expected-error@+1 {{takes "shortcut" and "fc" through one column, but their domains differ}}
  %3 = spike.population %1, %2 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.45 V, rails = -1.5 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <1>, <1> -> <1>
  spike.readout membrane %3 : <1>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 10
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  // expected-error@+1 {{signed inputs have units in two halves, found '!spike.events<3x4>'}}
  %0 = spike.encode signed full_scale 1.0 : <3x4>
  %1 = spike.connect %0 name "fc" codes dense<1> : tensor<1x12xi8>
    domain_of_channel [0] domains <dac = [7], lsb = [1.0e-07] A> : <3x4> -> <1>
  %3 = spike.population %1 name "fc" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.45 V, rails = -1.5 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <1> -> <1>
  spike.readout membrane %3 : <1>
}
