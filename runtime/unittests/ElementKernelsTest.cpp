//===- ElementKernelsTest.cpp - Chains against plain loops ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "ntrt/ElementKernels.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace ntrt;

namespace {

std::vector<float> randomValues(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = uniform(generator);
  return values;
}

/// What element e of a sample takes from a value a channel or an element.
size_t index(const ElementShape &shape, size_t e) {
  const size_t lanes = elementLanes();
  return shape.positions ? e / (shape.positions * lanes) * lanes + e % lanes
                         : e;
}

void check(ElementShape shape, bool hasAdd, bool hasResidual, float lower,
           float upper) {
  const size_t total = shape.samples * shape.elements;
  const std::vector<float> x = randomValues(total, 1),
                           residual = randomValues(total, 2),
                           add = randomValues(shape.elements, 3);
  const size_t bytes = maskBytes(shape.elements);
  std::vector<uint8_t> mask(shape.samples * bytes, 0xFF);
  ElementChain chain;
  chain.add = hasAdd ? add.data() : nullptr;
  chain.residual = hasResidual ? residual.data() : nullptr;
  chain.lower = lower;
  chain.upper = upper;
  chain.mask = mask.data();
  std::vector<float> y(total), gradient = randomValues(total, 4),
                               sums(shape.elements, 1.0f),
                               expected(shape.elements, 1.0f);
  elementForward(shape, x.data(), y.data(), chain);
  std::vector<float> passed = gradient;
  elementBackward(shape, passed.data(), mask.data(), sums.data());
  for (size_t n = 0; n < shape.samples; ++n)
    for (size_t e = 0; e < shape.elements; ++e) {
      const size_t i = n * shape.elements + e;
      float v = x[i];
      if (hasAdd)
        v += add[index(shape, e)];
      if (hasResidual)
        v += residual[i];
      ASSERT_EQ(y[i], std::min(std::max(v, lower), upper)) << i;
      const bool isInside = v > lower && v < upper;
      ASSERT_EQ(mask[n * bytes + e / 8] >> e % 8 & 1, isInside) << i;
      ASSERT_EQ(passed[i], isInside ? gradient[i] : 0.0f) << i;
      expected[index(shape, e)] += passed[i];
    }
  for (size_t e = 0; e < shape.elements; ++e)
    ASSERT_NEAR(sums[e], expected[e], 1e-5) << e;
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();

} // namespace

TEST(ElementKernels, AnyNumberOfElements) {
  for (size_t elements : {1, 5, 8, 15, 16, 17, 40, 64, 77})
    for (int parts = 0; parts < 4; ++parts)
      check({3, elements, 0}, parts & 1, parts & 2, 0, kInfinity);
}

TEST(ElementKernels, OneValueAChannel) {
  const size_t lanes = elementLanes();
  for (size_t positions : {1, 2, 9})
    for (size_t blocks : {1, 3})
      for (int parts = 0; parts < 4; ++parts)
        check({2, blocks * positions * lanes, positions}, parts & 1, parts & 2,
              -0.3f, 0.4f);
}

TEST(ElementKernels, NotANumberStays) {
  std::vector<float> x(20, NAN), y(20);
  ElementChain chain;
  chain.lower = 0;
  chain.upper = 1;
  elementForward({1, 20, 0}, x.data(), y.data(), chain);
  for (float value : y)
    EXPECT_TRUE(std::isnan(value));
}

TEST(ElementKernels, InPlaceAndWithoutMask) {
  std::vector<float> x = randomValues(50, 1), y(50);
  ElementChain chain;
  chain.lower = -kInfinity;
  chain.upper = kInfinity;
  chain.residual = x.data();
  elementForward({1, 50, 0}, x.data(), y.data(), chain);
  for (size_t i = 0; i < 50; ++i)
    EXPECT_EQ(y[i], 2 * x[i]);
  std::vector<float> sums(50, 0.0f);
  addInto(y.data(), x.data(), 50);
  elementBackward({1, 50, 0}, y.data(), nullptr, sums.data());
  for (size_t i = 0; i < 50; ++i)
    EXPECT_EQ(sums[i], 2 * x[i] + x[i]);
}
