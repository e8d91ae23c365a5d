//===- ActivationStoreTest.cpp - Tests of activations kept
//----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/ActivationStore.h"

#include "gtest/gtest.h"

#include <cstdlib>

using namespace nt::tuner;

namespace {

/// Sets TMPDIR for as long as it lives.
class Folder {
public:
  explicit Folder(const char *path) {
    if (const char *value = std::getenv("TMPDIR"))
      before = value;
    setenv("TMPDIR", path, 1);
  }
  ~Folder() {
    if (before.empty())
      unsetenv("TMPDIR");
    else
      setenv("TMPDIR", before.c_str(), 1);
  }

private:
  std::string before;
};

void fill(ActivationStore &store) {
  std::vector<float> scratch;
  for (size_t s = 0; s < store.samples(); ++s)
    store.write(s, 1, scratch, /*keeps=*/false, [&](float *to) {
      for (size_t u = 0; u < store.units(); ++u)
        to[u] = static_cast<float>(100 * s + u);
    });
}

TEST(ActivationStoreTest, MemoryIsSharedAndGivenBack) {
  ActivationMemory memory{3 * 5 * sizeof(float)};
  {
    ActivationStore first(3, 5, memory), second(3, 5, memory);
    EXPECT_TRUE(first.isInMemory());
    EXPECT_FALSE(second.isInMemory());
    EXPECT_EQ(memory.used, memory.limit);
  }
  EXPECT_EQ(memory.used, 0u);
}

TEST(ActivationStoreTest, AFileHoldsTheSameValues) {
  ActivationMemory much, none{0};
  for (ActivationMemory *memory : {&much, &none}) {
    ActivationStore store(4, 7, *memory);
    EXPECT_EQ(store.isInMemory(), memory == &much);
    fill(store);
    std::vector<float> scratch;
    store.write(1, 2, scratch, /*keeps=*/true, [](float *values) {
      for (size_t i = 0; i < 14; ++i)
        values[i] += 0.5f;
    });
    const float *values = store.read(1, 3, scratch);
    EXPECT_EQ(values[0], 100.5f);
    EXPECT_EQ(values[13], 206.5f);
    EXPECT_EQ(values[14], 300.0f);
    EXPECT_TRUE(store.status());
  }
}

TEST(ActivationStoreTest, AFolderThatIsNotThereIsNamed) {
  Folder folder("/nowhere/at/all");
  ActivationMemory none{0};
  ActivationStore store(2, 3, none);
  fill(store);
  auto status = store.status();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.diagnostics().front().diag, ntrt::Diag::FileNotWritten);
  EXPECT_NE(status.diagnostics().front().str().find("/nowhere/at/all"),
            std::string::npos);
}

TEST(ForEachBatchTest, CoversAllWithAtLeastOneSample) {
  std::vector<std::pair<size_t, size_t>> batches;
  auto note = [&](size_t first, size_t count) {
    batches.emplace_back(first, count);
  };
  forEachBatch(1, 6, 10, 25, note);
  EXPECT_EQ(batches,
            (std::vector<std::pair<size_t, size_t>>{{1, 2}, {3, 2}, {5, 1}}));
  batches.clear();
  forEachBatch(0, 2, 100, 25, note);
  EXPECT_EQ(batches.size(), 2u);
}

} // namespace
