//===- PairingCostTest.cpp - What pairs of columns cost -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Mapping/PairingCost.h"

#include <gtest/gtest.h>

using namespace nt::mapping;

TEST(PairingCostTest, CountsWhatTheSecondColumnsTake) {
  ntrt::DeviceModel device;
  device.synapse.digits = 3;
  device.synapse.pairing = ntrt::ColumnPairing::AdjacentColumns;
  device.synapseDomain.dacBits = 1;
  device.synapseDomain.voltsMax = 1;
  device.synapseDomain.curveVolts = {0, 1};
  device.synapseDomain.curveAmperes = {1e-9, 8e-9};
  device.coreNeurons = 4;
  ntrt::Program program;
  program.layers = {{"plain", 1}, {"pairs", 2}};
  program.cores.resize(2);
  program.cores[0].neurons = 1;
  ntrt::CoreConfig &core = program.cores[1];
  core.layer = 1;
  core.axons = 2;
  core.neurons = 2;
  core.columnsPerNeuron = 2;
  core.synapseDac = {0, 1};
  core.synapseDomain = {1, 0, 1, 0};
  // The second axon is all off: it has no frame.
  core.codes = {3, -1, 0, 7, 0, 0, 0, 0};

  const std::vector<PairingCost> costs = pairingCosts(program, device);
  ASSERT_EQ(costs.size(), 1u);
  EXPECT_EQ(costs[0].layer, 1u);
  EXPECT_EQ(costs[0].neurons, 2u);
  EXPECT_EQ(costs[0].cores, 1u);
  EXPECT_EQ(costs[0].coresUnpaired, 1u);
  EXPECT_EQ(costs[0].synapses, 2u);
  // Two codes of 2 x 3 bits, and one bit of domain for each second column.
  EXPECT_EQ(costs[0].configurationBits, 2u * 6 + 2 * 1);
  EXPECT_DOUBLE_EQ(costs[0].secondPeak_A, 8e-9);
  EXPECT_DOUBLE_EQ(costs[0].peak_A, 8e-9 + 3 * 8e-9);
}
