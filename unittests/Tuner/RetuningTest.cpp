//===- RetuningTest.cpp - Tests of retuning modulation words --------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/Retuning.h"
#include "EngineTesting.h"

using namespace nt::tuner;

namespace {

/// Two layers with fixed random weights and values of code * step.
std::unique_ptr<Engine> network() {
  auto engine = std::make_unique<Engine>();
  Layer *x = engine->addInput({8});
  x = engine->addDense(x, randomValues(16 * 8, 1), {});
  x = engine->addModulate(x, "hidden", false);
  x = engine->addClip(x, 0, 1e30f);
  x = engine->addDense(x, randomValues(3 * 16, 2), {});
  engine->addModulate(x, "scores", false);
  return engine;
}

std::vector<WordSite> wordSites(Engine &engine, float step) {
  std::vector<WordSite> sites;
  for (const Site &site : engine.sites()) {
    WordSite words;
    for (int code = -7; code <= 7; ++code)
      words.levels.push_back(step * static_cast<float>(code));
    words.latent.assign(site.values.size(), 0.0f);
    sites.push_back(words);
  }
  return sites;
}

/// Words that the labels come from.
std::vector<float> taughtWords(size_t count) {
  std::vector<float> words = randomValues(count, 4);
  for (float &word : words)
    word = 0.1f * std::round(word * 7);
  return words;
}

/// Labels by the network with other words: words that give them exist.
ntrt::Dataset taughtSamples(size_t count) {
  ntrt::Dataset data;
  data.sampleShape = {8};
  data.sampleSize = 8;
  data.values = randomValues(count * 8, 3);
  auto engine = network();
  for (Site &site : engine->sites())
    site.values = taughtWords(site.values.size());
  EngineNetwork teacher(*engine);
  const std::vector<float> logits = logitsOf(teacher, data);
  for (size_t i = 0; i < count; ++i)
    data.labels.push_back(static_cast<uint32_t>(
        std::max_element(&logits[i * 3], &logits[i * 3] + 3) - &logits[i * 3]));
  return data;
}

TEST(RetuningTest, NearestLevelAtEndsBetweenAndHalfWay) {
  const std::vector<float> levels = {-2, 0, 1};
  EXPECT_EQ(nearestLevel(levels, -9), -2);
  EXPECT_EQ(nearestLevel(levels, 9), 1);
  EXPECT_EQ(nearestLevel(levels, -0.9f), 0);
  EXPECT_EQ(nearestLevel(levels, -1), -2);
  EXPECT_EQ(nearestLevel(levels, 0.5f), 0);
}

TEST(RetuningTest, LearnsAndLeavesOnlyLevels) {
  auto engine = network();
  const ntrt::Dataset data = taughtSamples(2000);
  std::vector<WordSite> sites = wordSites(*engine, 0.1f);
  EngineNetwork tunable(*engine);
  RetuningOptions options;
  options.epochs = 8;
  auto result = retune(tunable, data, {}, sites, options);
  ASSERT_TRUE(result);
  EXPECT_LT(result->lossAfter, 0.8 * result->lossBefore);
  EXPECT_GT(result->accuracyAfter, result->accuracyBefore + 0.05);
  EXPECT_EQ(result->samplesHeldOut, 200u);
  for (size_t s = 0; s < sites.size(); ++s)
    for (float value : engine->sites()[s].values)
      EXPECT_TRUE(std::binary_search(sites[s].levels.begin(),
                                     sites[s].levels.end(), value))
          << value;
}

TEST(RetuningTest, TheTeacherAloneNeedsNoLabels) {
  auto engine = network();
  ntrt::Dataset data = taughtSamples(1000);
  std::vector<float> teacher(3000, 0.0f);
  for (size_t i = 0; i < 1000; ++i)
    teacher[i * 3 + data.labels[i]] = 4;
  data.labels.clear();
  std::vector<WordSite> sites = wordSites(*engine, 0.1f);
  EngineNetwork tunable(*engine);
  RetuningOptions options;
  options.teacherWeight = 1;
  auto result = retune(tunable, data, teacher, sites, options);
  ASSERT_TRUE(result);
  EXPECT_LT(result->lossAfter, result->lossBefore);
}

TEST(RetuningTest, NeverWorseThanTheWordsThereWere) {
  auto engine = network();
  const ntrt::Dataset data = taughtSamples(500);
  std::vector<WordSite> sites = wordSites(*engine, 0.1f);
  std::vector<std::vector<float>> start;
  for (WordSite &site : sites) {
    for (size_t i = 0; i < site.latent.size(); ++i)
      site.latent[i] =
          nearestLevel(site.levels, taughtWords(site.latent.size())[i]);
    start.push_back(site.latent);
  }
  EngineNetwork tunable(*engine);
  RetuningOptions options;
  // Leaps from end to end, away from words that are right.
  options.learningRate = 100;
  options.epochs = 2;
  auto result = retune(tunable, data, {}, sites, options);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->bestEpoch, 0u);
  EXPECT_EQ(result->lossAfter, result->lossBefore);
  for (size_t s = 0; s < sites.size(); ++s)
    EXPECT_EQ(engine->sites()[s].values, start[s]);
}

TEST(RetuningTest, ValuesThatMoveTogetherKeepTheirDistances) {
  auto engine = network();
  const ntrt::Dataset data = taughtSamples(256);
  std::vector<WordSite> sites = wordSites(*engine, 0.1f);
  for (size_t i = 0; i < sites[0].latent.size(); ++i)
    sites[0].latent[i] = i % 2 ? 0.1f : -0.2f;
  sites[0].together = 4;
  const WordSite before = sites[0];
  EngineNetwork tunable(*engine);
  RetuningOptions options;
  options.epochs = 20;
  options.heldOut = 0;
  auto result = retune(tunable, data, {}, sites, options);
  ASSERT_TRUE(result);
  ASSERT_NE(result->bestEpoch, 0u);
  size_t groupsMoved = 0;
  for (size_t first = 0; first < before.latent.size(); first += 4) {
    const float move = sites[0].latent[first] - before.latent[first];
    groupsMoved += move != 0;
    for (size_t i = first; i < first + 4; ++i)
      EXPECT_NEAR(sites[0].latent[i] - before.latent[i], move, 1e-5);
  }
  EXPECT_GT(groupsMoved, 0u);
}

TEST(RetuningTest, SameSeedSameWords) {
  const ntrt::Dataset data = taughtSamples(500);
  std::vector<std::vector<float>> found;
  for (int run = 0; run < 2; ++run) {
    auto engine = network();
    std::vector<WordSite> sites = wordSites(*engine, 0.1f);
    EngineNetwork tunable(*engine);
    ASSERT_TRUE(retune(tunable, data, {}, sites, {}));
    found.push_back(engine->sites()[0].values);
  }
  EXPECT_EQ(found[0], found[1]);
}

TEST(RetuningTest, ALossThatIsNotFiniteIsAnError) {
  auto engine = network();
  ntrt::Dataset data = taughtSamples(100);
  for (float &value : data.values)
    value = std::numeric_limits<float>::quiet_NaN();
  std::vector<WordSite> sites = wordSites(*engine, 0.1f);
  EngineNetwork tunable(*engine);
  auto result = retune(tunable, data, {}, sites, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.diagnostics().front().diag, ntrt::Diag::TuneDiverged);
}

} // namespace
