//===- StagedEvaluationTest.cpp - Staged against reference
//----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "gtest/gtest.h"

#include "../Interpreter/NetworkBuilder.h"

#include "nt/Tuner/StagedEvaluation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace mlir;
using namespace nt;
using namespace nt::test;

namespace {

/// A network with every kind of op that the stages know, and one that they
/// leave to the interpreter (a concatenation of another axis).
struct StagedNetwork : Network {
  StagedNetwork() {
    add({1, 6, 9, 9}, [&](Value x) {
      Value conv = op<ConvOp>({1, 8, 9, 9},
                              {x, frozen({8, 3, 3, 3}, randomValues(216, 1)),
                               frozen({8}, randomValues(8, 2))},
                              {name("conv"), i64s("strides", {1, 1}),
                               i64s("pads", {1, 1, 1, 1}),
                               i64s("dilations", {1, 1}), i64("groups", 2)});
      conv = modulate(conv, "conv", Granularity::Channel);
      Value relu = op<ReluOp>({1, 8, 9, 9}, conv);
      Value coded = op<ConvOp>(
          {1, 8, 9, 9}, {relu, codes({8, 8, 1, 1}, std::vector<int8_t>(64, 3))},
          {name("coded"), i64s("strides", {1, 1}), i64s("pads", {0, 0, 0, 0}),
           i64s("dilations", {1, 1}), i64("groups", 1),
           scales({.1, .2, .01, .03, .1, .2, .3, .4})});
      Value sum = op<AddOp>({1, 8, 9, 9}, {coded, relu});
      Value rows = op<ConcatOp>({1, 8, 18, 9}, {sum, relu}, {i64("axis", 2)});
      Value both = op<ConcatOp>({1, 16, 18, 9}, {rows, rows}, {i64("axis", 1)});
      Value pool =
          op<MaxPoolOp>({1, 16, 9, 4}, both,
                        {i64s("kernel", {2, 2}), i64s("strides", {2, 2}),
                         i64s("pads", {0, 0, 0, 0})});
      Value flat = op<ReshapeOp>({1, 576}, pool);
      Value dense =
          op<DenseOp>({1, 10}, {flat, frozen({10, 576}, randomValues(5760, 3))},
                      {name("fc")});
      return modulate(dense, "fc", Granularity::Neuron);
    });
  }

  func::FuncOp network() { return *findNetwork(*module); }
  /// Two tasks without ops: values by name are all that evaluation asks.
  std::vector<StagedTask> tasks() {
    std::vector<StagedTask> result(2);
    for (unsigned t = 0; t < 2; ++t) {
      for (unsigned s = 0; s < 3 - t; ++s)
        result[t].samples.push_back(randomValues(6 * 81, 10 + 5 * t + s));
      for (auto [site, size] : {std::pair<StringRef, size_t>("conv", 8),
                                std::pair<StringRef, size_t>("fc", 10)}) {
        const std::vector<float> values = randomValues(size, 20 + t);
        HostTensor &tensor = result[t].reference[site];
        tensor.shape = {static_cast<int64_t>(size)};
        tensor.values.assign(values.begin(), values.end());
      }
      result[t].current = result[t].reference;
    }
    result[1].current["conv"].values[2] += 0.5;
    return result;
  }
};

/// Largest difference between two stores relative to the largest magnitude.
double difference(const tuner::ActivationStore &a,
                  const tuner::ActivationStore &b) {
  std::vector<float> scratchA, scratchB;
  const size_t count = a.samples() * a.units();
  const float *x = a.read(0, a.samples(), scratchA),
              *y = b.read(0, b.samples(), scratchB);
  double range = 0, most = 0;
  for (size_t i = 0; i < count; ++i) {
    range = std::max<double>(range, std::abs(y[i]));
    most = std::max<double>(most, std::abs(x[i] - y[i]));
  }
  EXPECT_GT(range, 0);
  return most / range;
}

void compare(StagedNetwork &net, const StagedOptions &options) {
  StagedOptions judge;
  judge.reference = true;
  StagedEvaluation staged(net.network(), net.tasks(), options),
      reference(net.network(), net.tasks(), judge);
  EXPECT_EQ(staged.numSamples(), 5u);
  EXPECT_EQ(staged.firstSample(1), 3u);
  for (Operation *op : staged.operations()) {
    for (StagedEvaluation *each : {&staged, &reference}) {
      ASSERT_TRUE(succeeded(each->evaluateReference(op)));
      ASSERT_TRUE(succeeded(each->evaluateCurrent(op)));
    }
    const Value result = op->getResult(0);
    EXPECT_LT(difference(staged.reference(result), reference.reference(result)),
              2e-6)
        << op->getName().getStringRef().str();
    EXPECT_LT(difference(staged.current(result), reference.current(result)),
              2e-6)
        << op->getName().getStringRef().str();
    staged.release(op);
    reference.release(op);
  }
}

TEST(StagedEvaluationTest, EqualsTheReferenceInterpreter) {
  StagedNetwork net;
  compare(net, {});
}

TEST(StagedEvaluationTest, EqualsItWithThreads) {
  StagedNetwork net;
  StagedOptions options;
  options.threads = 3;
  compare(net, options);
}

TEST(StagedEvaluationTest, EqualsItFromFiles) {
  StagedNetwork net;
  StagedOptions options;
  options.memory = 0;
  compare(net, options);
}

/// What a moved bias does is added to one stream, and seen in the means.
TEST(StagedEvaluationTest, MeansOfATask) {
  StagedNetwork net;
  StagedEvaluation staged(net.network(), net.tasks());
  Operation *conv = staged.operations().front();
  ASSERT_TRUE(succeeded(staged.evaluateReference(conv)));
  ASSERT_TRUE(succeeded(staged.evaluateCurrent(conv)));
  std::vector<double> added(8 * 81, 0.0);
  added[5] = 0.25;
  staged.addToCurrent(conv->getResult(0), added);
  for (size_t task : {0, 1}) {
    const std::vector<double> mean =
        staged.meanDifference(conv->getResult(0), task);
    EXPECT_NEAR(mean[5], -0.25, 1e-6);
    EXPECT_EQ(mean[6], 0);
  }
}

/// Not a number would go into biases.
TEST(StagedEvaluationTest, ATaskWithoutSamplesHasMeansOfZero) {
  StagedNetwork net;
  std::vector<StagedTask> tasks = net.tasks();
  tasks[1].samples.clear();
  StagedEvaluation staged(net.network(), std::move(tasks));
  Operation *conv = staged.operations().front();
  ASSERT_TRUE(succeeded(staged.evaluateReference(conv)));
  ASSERT_TRUE(succeeded(staged.evaluateCurrent(conv)));
  for (double mean : staged.meanDifference(conv->getResult(0), 1))
    EXPECT_EQ(mean, 0);
}

TEST(StagedEvaluationTest, NoRoomForFilesIsSaid) {
  StagedNetwork net;
  setenv("TMPDIR", "/nowhere/at/all", 1);
  StagedOptions options;
  options.memory = 0;
  StagedEvaluation staged(net.network(), net.tasks(), options);
  EXPECT_TRUE(failed(staged.evaluateReference(staged.operations().front())));
  unsetenv("TMPDIR");
  ASSERT_EQ(net.errors.size(), 1u);
  EXPECT_NE(net.errors.front().find("NT-FILE-003"), std::string::npos);
}

} // namespace
