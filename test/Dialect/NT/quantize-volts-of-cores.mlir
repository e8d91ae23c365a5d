// volts=core: channels of like scale share a core of 16 neurons, and each core has its own two domains.
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform samples=16 domains=2" | FileCheck %s --check-prefix=LAYER
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform samples=16 domains=2 volts=core" -o %t.mlir
// RUN: FileCheck %s --check-prefix=CORE --input-file=%t.mlir
// LAYER: nt.dense
// LAYER-SAME: domain_dac = array<i32: {{[0-9]+}}, {{[0-9]+}}>
// LAYER-NOT: nt.core_groups
// The first and third channels of four are large, the others small.
// CORE: nt.dense
// CORE-SAME: domain_dac = array<i32: {{[0-9]+}}, {{[0-9]+}}, {{[0-9]+}}, {{[0-9]+}}>
// CORE-SAME: nt.core_groups = array<i32: [[A:[0-9]]], [[B:[0-9]]], [[A]], [[B]],

// The cost, what no choice beats and that of free scales are recorded; cores of their own cost less than a layer.
// RUN: nt-opt %s --nt-quantize="device=nt1-tiny data=uniform samples=16 domains=2" -o %t.layer.mlir
// RUN: %python -c "import re; c, l = [[float(v) for v in re.search(r'nt.domain_cost = array<f64: ([^>]*)>', open(p).read())[1].split(',')] for p in ('%t.mlir', '%t.layer.mlir')]; print(c, l); assert c[0] < l[0] and all(v[0] >= v[1] >= v[2] for v in (c, l))"

// What was chosen stands on the device, as it is assigned and in the spiking network.
// RUN: nt-opt %t.mlir --nt-assign-domains="device=nt1-tiny domains=2" --convert-nt-to-spike=device=nt1-tiny | FileCheck %s --check-prefix=SPIKE
// SPIKE: spike.connect
// SPIKE-SAME: nt.core_groups
// RUN: nt-opt %t.mlir --nt-assign-domains="device=nt1-tiny domains=2" --convert-nt-to-spike=device=nt1-tiny --convert-spike-to-chip=device=nt1-tiny --chip-verify=device=nt1-tiny | FileCheck %s --check-prefix=CHIP
// Two cores of two synapse domains.
// CHIP-COUNT-2: chip.domain synapse
// CHIP: chip.core
// CHIP-COUNT-2: chip.domain synapse
// CHIP-NOT: chip.domain synapse

// RUN: not nt-opt %s --nt-quantize="device=nt1-tiny data=uniform volts=chip" 2>&1 | FileCheck %s --check-prefix=BAD
// BAD: NT-OPT-001{{.*}}volts is 'chip', one of layer, core
module {
  nt.task @source classes [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19] values {fc = dense<0.0> : tensor<20xf32>}
  func.func @net(%x: tensor<1x3xf32>) -> tensor<1x20xf32> attributes {nt.network} {
    %w = nt.frozen dense<[[0.70, -0.71, 0.40], [0.035, 0.031, -0.033], [0.75, 0.31, -0.35], [0.030, -0.01, 0.022],
                          [0.80, -0.71, 0.40], [0.036, 0.031, -0.033], [0.85, 0.31, -0.35], [0.040, -0.01, 0.022],
                          [0.90, -0.71, 0.40], [0.037, 0.031, -0.033], [0.95, 0.31, -0.35], [0.045, -0.01, 0.022],
                          [0.60, -0.71, 0.40], [0.038, 0.031, -0.033], [0.65, 0.31, -0.35], [0.050, -0.01, 0.022],
                          [0.50, -0.71, 0.40], [0.039, 0.031, -0.033], [0.55, 0.31, -0.35], [0.055, -0.01, 0.022]]> : tensor<20x3xf32> hash "000102030405060708090a0b0c0d0e0f" origin "w" : tensor<20x3xf32>
    %0 = nt.dense %x, %w name "fc" {input_range = 1.0 : f64, output_range = 1.0 : f64} : tensor<1x3xf32>, tensor<20x3xf32> -> tensor<1x20xf32>
    %1 = nt.modulate %0 site "fc" per neuron : tensor<1x20xf32>
    return %1 : tensor<1x20xf32>
  }
}
