// Where a layer has more than four times as many inputs as a block has columns, errors are spread within
// blocks only: with blocks of one column over nothing, which is nearest rounding.
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform refit=false rounding=sequential block=1" -o %t.one 2>/dev/null
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform refit=false rounding=nearest" -o %t.nearest 2>/dev/null
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform refit=false rounding=sequential block=3" -o %t.whole 2>/dev/null
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform refit=false rounding=sequential" -o %t.default 2>/dev/null
// RUN: diff %t.one %t.nearest
// RUN: diff %t.whole %t.default
// RUN: not diff -q %t.whole %t.nearest

// Threads do not change the result.
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform threads=3" -o %t.three 2>/dev/null
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform" -o %t.alone 2>/dev/null
// RUN: diff %t.three %t.alone
func.func @net(%x: tensor<1x12xf32>) -> tensor<1x4xf32> attributes {nt.network} {
  %m = nt.frozen dense<[[0.602, 0.013, -0.181, 0.293, 0.191, -0.416, -0.184, 0.42, -0.039, -0.132, 0.085, -0.013], [-0.001, -0.772, 0.7, 0.08, -0.351, 0.392, 0.124, 0.007, 0.419, 0.904, 0.221, 0.634], [0.863, -0.408, -0.209, 0.311, -0.683, -0.107, 0.517, 0.417, 0.232, -0.758, 0.94, 0.22], [0.307, 0.198, -0.686, -0.574, -0.487, 0.767, -0.332, -0.097, -0.102, 0.228, 0.2, 0.107], [-0.505, -1.256, 0.067, 0.107, 0.492, -0.041, -0.244, 0.164, -0.622, -0.417, -0.403, 0.115], [0.836, 0.305, 0.457, 0.095, 0.112, -0.18, -0.112, -0.972, -0.481, -0.515, 0.335, 0.265], [0.457, 0.622, -0.122, 0.422, 0.782, -0.003, 0.435, -0.066, -0.645, 0.048, -0.329, 0.044], [-0.185, 0.128, -0.855, 0.834, 0.544, -0.14, -0.364, 0.002, 0.27, 0.169, 0.161, -0.788], [-0.452, 0.537, 0.096, -0.609, -0.347, -0.579, -0.408, 0.473, -0.089, 0.453, 0.076, -0.608], [-0.263, 0.929, -0.311, -0.426, 0.502, 0.037, -0.003, 0.597, -0.717, 0.17, -0.43, -0.572], [-0.332, 0.47, -0.057, -0.749, -0.453, 0.622, 0.418, -0.445, 0.99, -0.15, -0.488, -0.056], [0.383, 0.658, 0.421, -0.175, -0.23, -0.595, -0.03, -0.244, 0.1, -0.518, -0.212, -0.361]]> : tensor<12x12xf32> hash "000102030405060708090a0b0c0d0e0f" origin "m" : tensor<12x12xf32>
  %w = nt.frozen dense<[[-0.3537, -0.3444, 0.2008, -0.6882, -0.043, -0.6768, 0.3303, 0.0609, 0.4069, -0.1513, 0.1195, -0.0858], [-0.2215, 0.0436, -0.3772, -0.1064, 0.209, 0.0173, -0.1231, 0.6568, 0.0175, -0.1761, 0.0479, -0.1568], [-0.1155, -0.1051, 0.6076, 0.0068, 0.0527, 0.2023, 0.6051, -0.0671, -0.1872, 0.7424, -0.4379, -0.1102], [0.2001, 0.6851, -0.285, -0.7283, 0.1985, -0.1565, -0.1162, 0.1384, 0.0671, 0.0873, -0.1293, 0.3868]]> : tensor<4x12xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<4x12xf32>
  %0 = nt.dense %x, %m name "mix" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x12xf32>, tensor<12x12xf32> -> tensor<1x12xf32>
  %1 = nt.dense %0, %w name "fc" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x12xf32>, tensor<4x12xf32> -> tensor<1x4xf32>
  return %1 : tensor<1x4xf32>
}
