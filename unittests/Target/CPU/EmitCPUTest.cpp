//===- EmitCPUTest.cpp - A chip as a shared library -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EmittedAgreement.h"

#include "mlir/IR/Diagnostics.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <unistd.h>

using namespace nt::test;
using nt::cpu::CompiledNetwork;
using ntrt::test::AgreementCase;

namespace {
class EmitCPUTest : public testing::Test {
protected:
  EmitCPUTest() {
    folder = testing::TempDir() + "nt-emit-cpu-" + std::to_string(getpid());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  ~EmitCPUTest() override { std::filesystem::remove_all(folder); }

  mlir::LogicalResult emit(const AgreementCase &test, const std::string &name,
                           llvm::StringRef cpu = "native") {
    return nt::cpu::emitSharedLibrary(&context, folder, name, test.program,
                                      test.task, test.device, cpu);
  }

  mlir::MLIRContext context;
  std::string folder;
};
} // namespace

/// A number that the environment may give (bench/spiking-agreement does).
static uint32_t numberOf(const char *variable, uint32_t otherwise) {
  const char *text = std::getenv(variable);
  return text ? uint32_t(std::strtoul(text, nullptr, 10)) : otherwise;
}

TEST_F(EmitCPUTest, SpikesAreThoseOfTheReferenceOnRandomNetworks) {
  uint64_t spikes = 0;
  const uint32_t first = numberOf("NT_TEST_FIRST_NETWORK", 0),
                 networks = numberOf("NT_TEST_NETWORKS", 16);
  for (uint32_t seed = first; seed < first + networks; ++seed) {
    AgreementCase test(seed);
    const std::string name = "net" + std::to_string(seed);
    // Every second for a machine without wide vectors.
    ASSERT_TRUE(succeeded(emit(test, name, seed % 2 ? "generic" : "native")));
    auto emitted = CompiledNetwork::load(folder + "/" + name + ".so");
    ASSERT_TRUE(emitted) << toString(emitted.diagnostics());
    ASSERT_EQ(compareEmitted(test, *emitted, spikes), "")
        << "seed " << seed << ": " << test.describe();
    std::filesystem::remove(folder + "/" + name + ".so");
  }
  EXPECT_GT(spikes, 1000u);
  RecordProperty("spikes", std::to_string(spikes));
}

TEST_F(EmitCPUTest, BadInputIsNamed) {
  AgreementCase test(3);
  ASSERT_TRUE(succeeded(emit(test, "net")));
  auto net = CompiledNetwork::load(folder + "/net.so");
  ASSERT_TRUE(net) << toString(net.diagnostics());
  EXPECT_EQ(net->inputs(), test.program.inputs);
  EXPECT_EQ(net->outputs(), test.program.readout.size());
  EXPECT_EQ(net->slots(), test.program.defaultSlots);
  auto errorOf = [&](const float *values, uint32_t slots) {
    auto result = net->run(values, slots);
    return result ? "no error" : toString(result.diagnostics());
  };
  EXPECT_NE(errorOf(nullptr, 8).find("NULL"), std::string::npos);
  for (uint32_t slots : {2000000u, 4294967295u}) {
    const std::string text = errorOf(test.image.data(), slots);
    EXPECT_NE(text.find(std::to_string(slots) + " slots"), std::string::npos)
        << text;
  }
  for (float bad : {-1.0f, std::numeric_limits<float>::infinity(),
                    -std::numeric_limits<float>::infinity(),
                    std::numeric_limits<float>::quiet_NaN()}) {
    if (bad == -1 && test.program.hasSignedInputs())
      continue;
    std::vector<float> values = test.image;
    values[4] = values[7] = bad;
    const std::string text = errorOf(values.data(), 8);
    EXPECT_NE(text.find("input 4"), std::string::npos) << text;
    EXPECT_NE(text.find("NT-DATA"), std::string::npos) << text;
  }
}

TEST_F(EmitCPUTest, WhatIsNoNetworkDoesNotLoad) {
  for (const char *file : {"none.so", "text.so"}) {
    if (file[0] == 't')
      std::ofstream(folder + "/text.so") << "no library";
    auto net = CompiledNetwork::load(folder + "/" + file);
    ASSERT_FALSE(net);
    EXPECT_NE(toString(net.diagnostics()).find("NT-CPU-002"),
              std::string::npos);
  }
  // A library of other functions.
  AgreementCase test(3);
  ASSERT_TRUE(succeeded(emit(test, "net")));
  std::filesystem::rename(folder + "/net.so", folder + "/other.so");
  auto net = CompiledNetwork::load(folder + "/other.so");
  ASSERT_FALSE(net);
  EXPECT_NE(toString(net.diagnostics()).find("other_create"),
            std::string::npos);
}

TEST_F(EmitCPUTest, AnUnknownProcessorIsAnErrorAndLeavesNoFile) {
  AgreementCase test(3);
  std::string said;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &d) {
    said += d.str();
    return mlir::success();
  });
  EXPECT_TRUE(failed(emit(test, "net", "z80")));
  EXPECT_NE(said.find("z80"), std::string::npos) << said;
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}
