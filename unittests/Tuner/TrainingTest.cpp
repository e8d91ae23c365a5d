//===- TrainingTest.cpp - Training, checkpoints and output matching -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "EngineTesting.h"

#include "ntrt/Bitstream.h"

#include <filesystem>
#include <numeric>
#include <unistd.h>

using namespace nt::tuner;

namespace {
/// Two classes that a bias can tell apart behind a frozen random hidden layer.
ntrt::Dataset blobs(size_t samples, unsigned seed) {
  ntrt::Dataset data;
  data.sampleShape = {4};
  data.sampleSize = 4;
  std::mt19937 generator(seed);
  std::normal_distribution<float> noise(0, 0.3f);
  for (size_t i = 0; i < samples; ++i) {
    const uint32_t label = i % 2;
    for (int d = 0; d < 4; ++d)
      data.values.push_back((label ? 1.0f : -1.0f) * (d % 2 ? 1 : 0.5f) +
                            noise(generator));
    data.labels.push_back(label);
  }
  return data;
}
std::unique_ptr<Engine> frozenHidden() {
  auto engine = std::make_unique<Engine>();
  Layer *x = engine->addInput({4});
  x = engine->addDense(x, randomValues(4 * 24, 21), {});
  x = engine->addModulate(x, "hidden", false);
  x = engine->addClip(x, 0.0f, INFINITY);
  x = engine->addDense(x, randomValues(24 * 2, 22), {});
  engine->addModulate(x, "out", false);
  return engine;
}
} // namespace

TEST(Training, ModulationAloneLearnsATask) {
  auto engine = frozenHidden();
  const ntrt::Dataset train = blobs(400, 1), test = blobs(200, 2);
  TrainingOptions options;
  options.epochs = 10;
  options.learningRate = 0.05;
  size_t reports = 0;
  const double loss =
      nt::tuner::train(*engine, train, options, [&](const TrainingProgress &) {
        ++reports;
      })->loss;
  EXPECT_EQ(reports, 10u * 7u);
  EXPECT_LT(loss, 0.2);
  EXPECT_GT(accuracy(*engine, test), 0.95);
}

TEST(Training, SameSeedGivesSameValues) {
  auto run = [](uint64_t seed) {
    auto engine = frozenHidden();
    TrainingOptions options;
    options.epochs = 2;
    options.seed = seed;
    EXPECT_TRUE(bool(nt::tuner::train(*engine, blobs(100, 1), options,
                                      [](const TrainingProgress &) {})));
    return engine->findSite("hidden")->values;
  };
  EXPECT_EQ(run(3), run(3));
  EXPECT_NE(run(3), run(4));
}

TEST(Training, DivergenceIsReportedAsNotFinite) {
  auto engine = frozenHidden();
  ntrt::Dataset data = blobs(100, 1);
  data.values[5] = NAN;
  const double loss =
      nt::tuner::train(*engine, data, {}, [](const TrainingProgress &) {
      })->loss;
  EXPECT_FALSE(std::isfinite(loss));
}

TEST(Training, AccuracyFollowsClassOfOutput) {
  auto engine = frozenHidden();
  const ntrt::Dataset data = blobs(200, 3);
  const double straight = accuracy(*engine, data, {0, 1});
  EXPECT_NEAR(accuracy(*engine, data, {1, 0}), 1 - straight, 1e-12);
}

TEST(Training, MatchOutputsIsTheBetterOfTwoAssignments) {
  auto engine = frozenHidden();
  const ntrt::Dataset data = blobs(200, 3);
  const std::vector<uint32_t> match = matchOutputs(*engine, data, 2);
  EXPECT_GE(accuracy(*engine, data, match),
            std::max(accuracy(*engine, data, {0, 1}),
                     accuracy(*engine, data, {1, 0})) -
                1e-12);
}

TEST(Assignment, EqualsBruteForceOnRandomMatrices) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const size_t n = 1 + seed % 6;
    const std::vector<float> random = randomValues(n * n, seed);
    const std::vector<double> cost(random.begin(), random.end());
    const std::vector<size_t> found = assignMinimumCost(cost, n);
    auto total = [&](const std::vector<size_t> &columns) {
      double sum = 0;
      for (size_t row = 0; row < n; ++row)
        sum += cost[row * n + columns[row]];
      return sum;
    };
    std::vector<size_t> order(n);
    std::iota(order.begin(), order.end(), size_t(0));
    double best = 1e9;
    do
      best = std::min(best, total(order));
    while (std::next_permutation(order.begin(), order.end()));
    EXPECT_NEAR(total(found), best, 1e-9) << "seed " << seed;
  }
}

namespace {

const auto kQuiet = [](const TrainingProgress &) {};

TrainingOptions parsed(const std::string &text) {
  TrainingOptions options;
  ntrt::Status status = parseTrainingOptions(text, "test", options);
  EXPECT_TRUE(bool(status)) << ntrt::toString(status.diagnostics());
  return options;
}

/// The values of both sites after training on blobs.
std::vector<float> trained(const TrainingOptions &options) {
  auto engine = frozenHidden();
  auto result = train(*engine, blobs(200, 1), options, kQuiet);
  EXPECT_TRUE(bool(result));
  std::vector<float> values;
  for (const Site &site : engine->sites())
    values.insert(values.end(), site.values.begin(), site.values.end());
  return values;
}

} // namespace

TEST(TrainingText, EveryKeyIsReadAndWrittenBack) {
  const std::string text =
      "epochs=3,batch=5,lr=0.25,seed=9,optimiser=sgd,momentum=0.5,"
      "weight-decay=0.125,l1=0.5,schedule=constant,warm-up=2,"
      "granularity=layer,filter=a*|b,gain=on,validation=0.25,patience=4,"
      "class-weights=1:2,flip=on,shift=2,crop=3,loss=mse,temperature=3,"
      "teacher-weight=0.75,threads=2,";
  EXPECT_EQ(toString(parsed(text)), text);
}

TEST(TrainingText, EveryMisfitIsNamed) {
  TrainingOptions options;
  ntrt::Status status = parseTrainingOptions(
      "optimiser=best,lr=-1,nothing=2,flip=yes,batch=0,class-weights=1:-1",
      "place", options);
  ASSERT_FALSE(bool(status));
  EXPECT_EQ(status.diagnostics().size(), 6u);
  const std::string all = ntrt::toString(status.diagnostics());
  for (const char *part : {"one of adam, adamw, sgd", "above 0", "no such key",
                           "on or off", "at least 1", "weights of 0 or more"})
    EXPECT_NE(all.find(part), std::string::npos) << part << "\n" << all;
}

TEST(Training, EveryOptimiserLearns) {
  for (const char *text :
       {"optimiser=adam,lr=0.05", "optimiser=adamw,lr=0.05,weight-decay=0.01",
        "optimiser=sgd,lr=0.5", "schedule=constant,lr=0.02",
        "warm-up=2,lr=0.05", "loss=mse,lr=0.05", "granularity=layer,lr=0.1",
        "class-weights=balanced,lr=0.05", "validation=0.2,lr=0.05"}) {
    auto engine = frozenHidden();
    auto result = train(*engine, blobs(400, 1), parsed(text), kQuiet);
    ASSERT_TRUE(bool(result));
    EXPECT_LT(result->curve.back().loss, result->curve.front().loss) << text;
    EXPECT_GT(accuracy(*engine, blobs(200, 2)), 0.9) << text;
  }
}

TEST(Training, SharedValuesAreOne) {
  auto engine = frozenHidden();
  auto result =
      train(*engine, blobs(200, 1), parsed("granularity=layer,lr=0.1"), kQuiet);
  EXPECT_EQ(result->trainedValues, 2u);
  const std::vector<float> &values = engine->findSite("hidden")->values;
  EXPECT_NE(values[0], 0.0f);
  EXPECT_EQ(values, std::vector<float>(values.size(), values[0]));
}

TEST(Training, ValuesOfADomainAreOne) {
  auto engine = frozenHidden();
  // Domains of channels in any order; the second site is one domain.
  std::vector<std::vector<uint32_t>> groups(2);
  for (uint32_t i = 0; i < 24; ++i)
    groups[0].push_back(i * 7 % 3);
  groups[1] = {0, 0};
  auto result = train(*engine, blobs(200, 1),
                      parsed("granularity=domain,lr=0.1"), kQuiet, groups);
  EXPECT_EQ(result->trainedValues, 4u);
  const std::vector<float> &values = engine->findSite("hidden")->values;
  for (uint32_t i = 0; i < 24; ++i)
    EXPECT_EQ(values[i], values[i * 7 % 3 == 0   ? 0
                                : i * 7 % 3 == 1 ? 1
                                                 : 2])
        << i;
  EXPECT_NE(values[0], values[1]);
  EXPECT_NE(values[1], values[2]);
}

TEST(Training, AChannelsNeuronsShareAValue) {
  Engine engine;
  Layer *x = engine.addInput({4});
  x = engine.addReshape(x, {1, 2, 2});
  x = engine.addConv(x, {3, 2, 2}, {{3, 1, 1, 1}, {1, 1}, {0, 0, 0, 0}, {1, 1}},
                     randomValues(3, 5), {});
  x = engine.addModulate(x, "conv", false);
  x = engine.addClip(x, 0.0f, INFINITY);
  x = engine.addReshape(x, {12});
  engine.addDense(x, randomValues(24, 6), {});
  auto result = train(engine, blobs(200, 1),
                      parsed("granularity=channel,lr=0.1"), kQuiet);
  EXPECT_EQ(result->trainedValues, 3u);
  const std::vector<float> &values = engine.findSite("conv")->values;
  ASSERT_EQ(values.size(), 12u);
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(values[i], values[i / 4 * 4]) << i;
  EXPECT_NE(values[0], values[4]);
}

TEST(Training, L1LeavesZeros) {
  auto zeros = [](const std::vector<float> &values) {
    return std::count(values.begin(), values.end(), 0.0f);
  };
  EXPECT_EQ(zeros(trained(parsed("lr=0.05"))), 0);
  EXPECT_GT(zeros(trained(parsed("lr=0.05,l1=0.5"))), 2);
}

TEST(Training, UntrainedSitesKeepTheirValues) {
  auto engine = frozenHidden();
  engine->train([](const Site &site) { return site.name == "out"; });
  auto result = train(*engine, blobs(200, 1), parsed("lr=0.05"), kQuiet);
  EXPECT_EQ(result->trainedValues, 2u);
  EXPECT_TRUE(result->usedFixedCache);
  const std::vector<float> &hidden = engine->findSite("hidden")->values;
  EXPECT_EQ(hidden, std::vector<float>(hidden.size(), 0.0f));
  EXPECT_NE(engine->findSite("out")->values[0], 0.0f);
}

TEST(Training, FixedCacheChangesNothing) {
  auto run = [](unsigned crop) {
    auto engine = frozenHidden();
    engine->train([](const Site &site) { return site.name == "out"; });
    ntrt::Dataset data = blobs(200, 1);
    data.sampleShape = {1, 2, 2};
    TrainingOptions options;
    // A shift that is never drawn: it only keeps the cache from being used.
    options.augmentation.crop = crop;
    options.epochs = 2;
    auto result = train(*engine, data, options, kQuiet);
    EXPECT_EQ(result->usedFixedCache, crop == 0);
    return engine->findSite("out")->values;
  };
  EXPECT_NE(run(0), run(1)); // The crop is at work.
  EXPECT_EQ(run(0), run(0));
}

TEST(Training, EarlyStoppingKeepsTheBestEpoch) {
  auto engine = frozenHidden();
  auto result =
      train(*engine, blobs(200, 1),
            parsed("epochs=200,lr=0.05,validation=0.3,patience=3"), kQuiet);
  EXPECT_TRUE(result->stoppedEarly);
  EXPECT_EQ(result->samplesHeldOut, 60u);
  EXPECT_EQ(result->curve.size(), result->bestEpoch + 4);
  for (const EpochRecord &record : result->curve)
    EXPECT_LE(record.validationAccuracy,
              result->curve[result->bestEpoch].validationAccuracy);
}

TEST(Training, DistillationFollowsTheTeacher) {
  // A teacher that is wrong on purpose: all weight on it turns the answers.
  const ntrt::Dataset data = blobs(200, 1);
  TrainingOptions options =
      parsed("loss=distillation,teacher-weight=1,lr=0.1,epochs=30");
  for (uint32_t label : data.labels) {
    options.teacher.push_back(label ? 4.0f : -4.0f);
    options.teacher.push_back(label ? -4.0f : 4.0f);
  }
  auto engine = frozenHidden();
  const double before = accuracy(*engine, data);
  ASSERT_TRUE(bool(train(*engine, data, options, kQuiet)));
  EXPECT_LT(accuracy(*engine, data), std::min(0.5, before));
}

TEST(Training, ThreadsAgreeToRounding) {
  auto run = [](unsigned threads) {
    EngineOptions engineOptions;
    engineOptions.threads = threads;
    Engine engine(engineOptions);
    Layer *x = engine.addInput({4});
    x = engine.addDense(x, randomValues(4 * 24, 21), {});
    x = engine.addModulate(x, "hidden", false);
    x = engine.addClip(x, 0.0f, INFINITY);
    engine.addDense(x, randomValues(24 * 2, 22), {});
    EXPECT_TRUE(bool(train(engine, blobs(100, 1), {}, kQuiet)));
    return engine.findSite("hidden")->values;
  };
  const std::vector<float> one = run(1), two = run(2), again = run(2);
  EXPECT_EQ(two, again);
  for (size_t i = 0; i < one.size(); ++i)
    EXPECT_NEAR(one[i], two[i], 1e-3);
}

namespace {
struct CheckpointTest : testing::Test {
  void SetUp() override {
    path = (std::filesystem::temp_directory_path() /
            ("nt-training-" + std::to_string(getpid()) + ".ckpt"))
               .string();
    std::filesystem::remove(path);
  }
  void TearDown() override { std::filesystem::remove(path); }

  TrainingOptions options() const {
    TrainingOptions result = parsed("epochs=6,batch=16,lr=0.05,validation=0.2");
    result.checkpoint = path;
    result.checkpointSeconds = 0; // Behind every step.
    result.resume = true;
    return result;
  }
  std::string path;
};
} // namespace

TEST_F(CheckpointTest, ResumedRunGivesTheSameBitsFromAnyStep) {
  const std::vector<float> whole = trained(options());
  // The file as it is when the process is killed in the middle of a step.
  const std::string atKill = path + ".killed";
  for (size_t stop : {1u, 7u, 10u, 11u, 35u}) {
    std::filesystem::remove(path);
    std::filesystem::remove(atKill);
    auto engine = frozenHidden();
    size_t step = 0;
    EXPECT_TRUE(bool(
        train(*engine, blobs(200, 1), options(), [&](const TrainingProgress &) {
          if (++step == stop && std::filesystem::exists(path))
            std::filesystem::copy_file(path, atKill);
        })));
    std::filesystem::remove(path);
    if (std::filesystem::exists(atKill))
      std::filesystem::rename(atKill, path);
    EXPECT_EQ(trained(options()), whole) << "killed in step " << stop;
  }
}

TEST_F(CheckpointTest, OfOtherOptionsOrDataIsRefused) {
  trained(options());
  TrainingOptions other = options();
  other.learningRate *= 2;
  auto engine = frozenHidden();
  auto refused = train(*engine, blobs(200, 1), other, kQuiet);
  ASSERT_FALSE(bool(refused));
  EXPECT_EQ(refused.diagnostics().front().diag, ntrt::Diag::TuneCheckpoint);
  EXPECT_FALSE(bool(train(*engine, blobs(200, 5), options(), kQuiet)));
}

TEST_F(CheckpointTest, DamageIsRefused) {
  trained(options());
  auto bytes = ntrt::readFile(path);
  ASSERT_TRUE(bool(bytes));
  for (size_t size : {size_t(0), size_t(20), bytes->size() - 1}) {
    ASSERT_TRUE(bool(ntrt::writeFileWhole(path, bytes->data(), size)));
    auto engine = frozenHidden();
    EXPECT_FALSE(bool(train(*engine, blobs(200, 1), options(), kQuiet)))
        << size;
  }
  (*bytes)[bytes->size() / 2] ^= 1;
  ASSERT_TRUE(bool(ntrt::writeFileWhole(path, bytes->data(), bytes->size())));
  auto engine = frozenHidden();
  EXPECT_FALSE(bool(train(*engine, blobs(200, 1), options(), kQuiet)));
}
