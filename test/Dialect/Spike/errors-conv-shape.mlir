// RUN: nt-opt %s --verify-diagnostics --split-input-file

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2x3x3>
  // expected-error@+1 {{groups (2) must divide the channels of the input (2) and of the output (2), and the codes' second dimension must be their quotient}}
  %1 = spike.connect %0 name "conv" conv <input = 2x3x3, strides = [1, 1],
      pads = [0, 0, 0, 0], dilations = [1, 1], groups = 2>
    codes dense<1> : tensor<2x2x3x3xi8> domain_of_channel [0, 0]
    domains <dac = [17], lsb = [1.0e-10] A> : <2x3x3> -> <2x1x1>
  %2 = spike.population %1 name "conv" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2x1x1> -> <2x1x1>
  spike.readout membrane %2 : <2x1x1>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2x3x3>
  // expected-error@+1 {{the convolution sees 24 inputs, its operand has 18}}
  %1 = spike.connect %0 name "conv" conv <input = 2x3x4, strides = [1, 1],
      pads = [0, 0, 0, 0], dilations = [1, 1], groups = 1>
    codes dense<1> : tensor<2x2x3x3xi8> domain_of_channel [0, 0]
    domains <dac = [17], lsb = [1.0e-10] A> : <2x3x3> -> <2x1x1>
  %2 = spike.population %1 name "conv" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2x1x1> -> <2x1x1>
  spike.readout membrane %2 : <2x1x1>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2x3x3>
  // expected-error@+1 {{the kernel is larger than the padded input}}
  %1 = spike.connect %0 name "conv" conv <input = 2x3x3, strides = [1, 1],
      pads = [0, 0, 0, 0], dilations = [2, 1], groups = 1>
    codes dense<1> : tensor<2x2x3x3xi8> domain_of_channel [0, 0]
    domains <dac = [17], lsb = [1.0e-10] A> : <2x3x3> -> <2x1x1>
  %2 = spike.population %1 name "conv" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2x1x1> -> <2x1x1>
  spike.readout membrane %2 : <2x1x1>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2x3x3>
  // expected-error@+1 {{the convolution gives 2x2x1 units, its result has 2}}
  %1 = spike.connect %0 name "conv" conv <input = 2x3x3, strides = [1, 1],
      pads = [1, 0, 0, 0], dilations = [1, 1], groups = 1>
    codes dense<1> : tensor<2x2x3x3xi8> domain_of_channel [0, 0]
    domains <dac = [17], lsb = [1.0e-10] A> : <2x3x3> -> <2x1x1>
  %2 = spike.population %1 name "conv" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2x1x1> -> <2x1x1>
  spike.readout membrane %2 : <2x1x1>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2x3x3>
  // expected-error@+1 {{found 3, 1, 4 and 2}}
  %1 = spike.connect %0 name "conv" conv <input = 2x3x3, strides = [1],
      pads = [0, 0, 0, 0], dilations = [1, 1], groups = 1>
    codes dense<1> : tensor<2x2x3x3xi8> domain_of_channel [0, 0]
    domains <dac = [17], lsb = [1.0e-10] A> : <2x3x3> -> <2x1x1>
  %2 = spike.population %1 name "conv" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2x1x1> -> <2x1x1>
  spike.readout membrane %2 : <2x1x1>
}

// -----

spike.network @net device "test" hash "0123456789abcdef" digits 3 slots 4
    timing <slot = 1.0e-05 s, pulse = 1.0e-06 s, latency = 0> {
  %0 = spike.encode regular full_scale 1.0 : <2x3x3>
  // expected-error@+1 {{pads must not be negative}}
  %1 = spike.connect %0 name "conv" conv <input = 2x3x3, strides = [1, 1],
      pads = [0, -1, 0, 0], dilations = [1, 1], groups = 1>
    codes dense<1> : tensor<2x2x3x3xi8> domain_of_channel [0, 0]
    domains <dac = [17], lsb = [1.0e-10] A> : <2x3x3> -> <2x1x1>
  %2 = spike.population %1 name "conv" lif <capacitance = 1.0e-12 F, leak = 0.0 S, v_rest = 0.0 V,
      v_reset = 0.0 V, v_th = 1.0 V, v_init = 0.5 V, rails = -3.0 V to 3.0 V,
      t_ref = 1.0e-06 s, reset = subtract>
    start_slot 1 range 1.0 : <2x1x1> -> <2x1x1>
  spike.readout membrane %2 : <2x1x1>
}
