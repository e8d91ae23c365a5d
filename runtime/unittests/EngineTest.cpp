//===- EngineTest.cpp - All engines give one result -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EngineAgreement.h"

#include <gtest/gtest.h>

using namespace ntrt;
using namespace ntrt::test;

TEST(EngineTest, EnginesAgreeOnHundredsOfRandomNetworks) {
  uint64_t spikes = 0;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    AgreementCase test(seed);
    std::string difference = test.compare(spikes);
    ASSERT_EQ(difference, "") << "seed " << seed << ": " << test.describe();
  }
  EXPECT_GT(spikes, 30000u);
}

TEST(EngineTest, AutoTakesTheEventEngineForThinCores) {
  for (bool isThin : {true, false}) {
    AgreementCase test(1);
    for (CoreConfig &core : test.program.cores)
      for (uint32_t axon = 0; axon < core.axons; ++axon)
        for (uint32_t n = 0; n < core.columns(); ++n)
          core.codes[axon * core.columns() + n] = !isThin || axon + n == 0;
    test.task = test.random.task(test.program, test.device);
    auto simulator = Simulator::create(test.program, test.task, test.device);
    ASSERT_TRUE(simulator);
    EXPECT_EQ(simulator->engineOf(0),
              isThin ? EngineKind::Event : EngineKind::Clocked);
  }
}
