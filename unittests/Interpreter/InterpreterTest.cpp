//===- InterpreterTest.cpp - Use and misuse of the interpreter ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "gtest/gtest.h"

#include "NetworkBuilder.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace nt;
using namespace nt::test;

namespace {

/// x -> dense -> modulate -> relu.
void addLayer(Network &network) {
  network.add({1, 2}, [&](Value x) {
    Value y = network.op<DenseOp>(
        {1, 2}, {x, network.frozen({2, 2}, {1, -1, 0, 2})}, network.name("fc"));
    return network.op<ReluOp>({1, 2},
                              network.modulate(y, "fc", Granularity::Neuron));
  });
}

bool mentions(const Network &network, StringRef text) {
  return llvm::any_of(network.errors,
                      [&](StringRef error) { return error.contains(text); });
}

TEST(InterpreterTest, SizesAndRepeatedRuns) {
  Network network;
  addLayer(network);
  auto interpreter = Interpreter::create(*network.module);
  ASSERT_TRUE(succeeded(interpreter));
  EXPECT_EQ((*interpreter)->inputSize(), 2);
  EXPECT_EQ((*interpreter)->outputSize(), 2);
  EXPECT_EQ((*interpreter)->run({3, 1})->values, (std::vector<double>{2, 2}));
  EXPECT_EQ((*interpreter)->run({0, 1})->values, (std::vector<double>{0, 2}));
  EXPECT_EQ((*interpreter)->run({3, 1})->values, (std::vector<double>{2, 2}));
}

TEST(InterpreterTest, TasksDoNotDisturbEachOther) {
  Network network;
  addLayer(network);
  network.task("a", "fc", {1, 1});
  network.task("b", "fc", {-1, 5});
  auto a = Interpreter::create(*network.module, "a");
  auto b = Interpreter::create(*network.module, "b");
  ASSERT_TRUE(succeeded(a) && succeeded(b));
  EXPECT_EQ((*a)->run({3, 1})->values, (std::vector<double>{3, 3}));
  EXPECT_EQ((*b)->run({3, 1})->values, (std::vector<double>{1, 7}));
  EXPECT_EQ((*a)->run({3, 1})->values, (std::vector<double>{3, 3}));
}

TEST(InterpreterTest, FrozenValuesAreReadOnce) {
  Network network;
  addLayer(network);
  auto interpreter = Interpreter::create(*network.module);
  ASSERT_TRUE(succeeded(interpreter));
  network.module->walk([&](FrozenOp op) {
    op.setValueAttr(DenseElementsAttr::get(network.type({2, 2}), 0.0f));
  });
  EXPECT_EQ((*interpreter)->run({3, 1})->values, (std::vector<double>{2, 2}));
}

TEST(InterpreterTest, ObserverSeesEveryValueOnce) {
  Network network;
  addLayer(network);
  auto interpreter = Interpreter::create(*network.module);
  ASSERT_TRUE(succeeded(interpreter));
  std::vector<std::string> seen;
  auto result =
      (*interpreter)->run({1, 3}, [&](Value value, const HostTensor &tensor) {
        Operation *op = value.getDefiningOp();
        seen.push_back(op ? op->getName().stripDialect().str() : "argument");
        if (isa_and_nonnull<DenseOp>(op))
          EXPECT_EQ(tensor.values, (std::vector<double>{-2, 6}));
        if (isa_and_nonnull<ReluOp>(op))
          EXPECT_EQ(tensor.values, (std::vector<double>{0, 6}));
      });
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(seen, (std::vector<std::string>{"argument", "frozen", "dense",
                                            "modulate", "relu"}));
}

TEST(InterpreterTest, WrongInputSizeFails) {
  Network network;
  addLayer(network);
  auto interpreter = Interpreter::create(*network.module);
  ASSERT_TRUE(succeeded(interpreter));
  EXPECT_TRUE(failed((*interpreter)->run({1, 2, 3})));
  EXPECT_TRUE(failed((*interpreter)->run({})));
  ASSERT_EQ(network.errors.size(), 2u);
  EXPECT_TRUE(mentions(network, "[NT-DATA-002]"));
  EXPECT_TRUE(
      mentions(network, "the sample has 3 values, the network takes 2"));
}

TEST(InterpreterTest, UnknownTaskFails) {
  Network network;
  addLayer(network);
  network.task("a", "fc", {1, 1});
  EXPECT_TRUE(failed(Interpreter::create(*network.module, "b")));
  EXPECT_TRUE(mentions(network, "[NT-TASK-001] no such task: @b"));
}

TEST(InterpreterTest, TaskOfAnotherShapeFailsAtRun) {
  Network network;
  addLayer(network);
  network.task("a", "fc", {1, 1, 1});
  auto interpreter = Interpreter::create(*network.module, "a");
  ASSERT_TRUE(succeeded(interpreter));
  EXPECT_TRUE(failed((*interpreter)->run({1, 2})));
  EXPECT_TRUE(mentions(network, "[NT-TASK-002]"));
}

TEST(InterpreterTest, NoNetworkAndTwoNetworksFail) {
  Network network;
  EXPECT_TRUE(failed(findNetwork(*network.module)));
  EXPECT_TRUE(mentions(network, "found 0"));
  addLayer(network);
  EXPECT_TRUE(succeeded(findNetwork(*network.module)));
  auto copy = cast<func::FuncOp>(findNetwork(*network.module)->clone());
  copy.setName("second");
  network.module->push_back(copy);
  EXPECT_TRUE(failed(findNetwork(*network.module)));
  EXPECT_TRUE(mentions(network, "found 2"));
}

TEST(InterpreterTest, AllOpsThatCannotBeEvaluatedAreNamed) {
  Network network;
  network.add({1, 2}, [&](Value x) {
    for (int i = 0; i < 2; ++i)
      x = network.builder
              .create<func::CallOp>(network.loc(), "net",
                                    TypeRange(x.getType()), x)
              .getResult(0);
    return x;
  });
  EXPECT_TRUE(failed(Interpreter::create(*network.module)));
  EXPECT_EQ(llvm::count_if(network.errors,
                           [](StringRef error) {
                             return error.contains(
                                 "does not implement Evaluable");
                           }),
            2);
}

TEST(HostTensorTest, ReadsEveryElementType) {
  Network network;
  Builder &b = network.builder;
  auto type = [](Type element) { return RankedTensorType::get({2}, element); };
  using Doubles = std::vector<double>;
  EXPECT_EQ(toHostTensor(DenseElementsAttr::get(type(b.getF32Type()),
                                                ArrayRef<float>{0.5f, -2}))
                .values,
            (Doubles{0.5, -2}));
  EXPECT_EQ(toHostTensor(DenseElementsAttr::get(type(b.getF64Type()),
                                                ArrayRef<double>{0.1, 1e300}))
                .values,
            (Doubles{0.1, 1e300}));
  EXPECT_EQ(toHostTensor(DenseElementsAttr::get(type(b.getI8Type()),
                                                ArrayRef<int8_t>{-7, 127}))
                .values,
            (Doubles{-7, 127}));
  EXPECT_EQ(toHostTensor(DenseElementsAttr::get(
                             type(b.getI32Type()),
                             ArrayRef<int32_t>{-2147483647, 2147483647}))
                .values,
            (Doubles{-2147483647.0, 2147483647.0}));
}

TEST(HostTensorTest, ReadsSplatsAndResources) {
  Network network;
  HostTensor splat =
      toHostTensor(DenseElementsAttr::get(network.type({2, 3}), 1.5f));
  EXPECT_EQ(splat.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(splat.values, std::vector<double>(6, 1.5));
  const std::vector<float> values = {1, 2, 3};
  auto resource = DenseResourceElementsAttr::get(
      network.type({3}), "name",
      HeapAsmResourceBlob::allocateAndCopyInferAlign(ArrayRef<float>(values)));
  EXPECT_EQ(toHostTensor(resource).values, (std::vector<double>{1, 2, 3}));
}

} // namespace
