// Codes, domains and DAC codes of modulation words (rules H1, H2, H3).
// RUN: nt-opt %s --verify-diagnostics --split-input-file

// expected-error @+1 {{2 codes but 3 domain indices, must be one each a neuron}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>} words {fc = #nt.words<codes = dense<[3, -7]> : tensor<2xi8>, domains = dense<0> : tensor<3xi8>, dac = [17, 90]>}

// -----

// expected-error @+1 {{domain 2 of neuron 1, but there are 2 modulation domains (rule H2)}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>} words {fc = #nt.words<codes = dense<[3, -7]> : tensor<2xi8>, domains = dense<[0, 2]> : tensor<2xi8>, dac = [17, 90]>}

// -----

// expected-error @+1 {{domain -1 of neuron 0, but there are 2 modulation domains (rule H2)}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>} words {fc = #nt.words<codes = dense<[3, -7]> : tensor<2xi8>, domains = dense<[-1, 0]> : tensor<2xi8>, dac = [17, 90]>}

// -----

// expected-error @+1 {{code -128 of neuron 0 is outside -127..127 (rule H1)}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>} words {fc = #nt.words<codes = dense<[-128, 0]> : tensor<2xi8>, domains = dense<[0, 1]> : tensor<2xi8>, dac = [17, 90]>}

// -----

// expected-error @+1 {{DAC code -3 of modulation domain 0 is negative (rule H3)}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>} words {fc = #nt.words<codes = dense<[3, -7]> : tensor<2xi8>, domains = dense<[0, 1]> : tensor<2xi8>, dac = [-3, 90]>}

// -----

// expected-error @+1 {{codes must be a dense tensor<N x i8>, found 'tensor<2xi32>'}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>} words {fc = #nt.words<codes = dense<0> : tensor<2xi32>, domains = dense<[0, 1]> : tensor<2xi8>, dac = [17, 90]>}

// -----

// expected-error @+1 {{domains must be a dense tensor<N x i8>, found 'tensor<1x2xi8>'}}
nt.task @t classes [0, 1] values {fc = dense<0.0> : tensor<2xf32>} words {fc = #nt.words<codes = dense<[3, -7]> : tensor<2xi8>, domains = dense<0> : tensor<1x2xi8>, dac = [17, 90]>}
