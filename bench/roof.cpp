//===- roof.cpp - What a core of this machine can do at most --------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints roofs of one core: single-precision operations a second of independent
// fused multiply-adds in registers; bytes a second read from memory that no
// cache holds; bytes a second of rows of 64 that a list names in the nearest
// cache, added up in eight bits; double-precision operations a second of
// independent sums and products, not fused. Best of several runs each.
//   g++ -O3 -march=native -o roof bench/roof.cpp && ./roof
//
//===----------------------------------------------------------------------===//
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif
typedef float Vector __attribute__((vector_size(4 * kLanes), aligned(4)));
/// Enough chains to hide the latency of a multiply-add on any core.
constexpr int kChains = 16;

double seconds() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double operationsPerSecond(float &sink) {
  Vector sums[kChains], factor, step;
  for (int lane = 0; lane < kLanes; ++lane) {
    factor[lane] = 0.999f;
    step[lane] = 1e-3f;
    for (Vector &sum : sums)
      sum[lane] = static_cast<float>(lane);
  }
  constexpr int64_t rounds = 20'000'000;
  const double start = seconds();
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (Vector &sum : sums)
      sum = sum * factor + step;
  }
  const double elapsed = seconds() - start;
  for (const Vector &sum : sums)
    sink += sum[0];
  return 2.0 * kLanes * kChains * rounds / elapsed;
}

double bytesPerSecond(const std::vector<float> &data, float &sink) {
  Vector sums[4] = {};
  const auto *p = reinterpret_cast<const Vector *>(data.data());
  const size_t count = data.size() / kLanes;
  const double start = seconds();
  for (size_t i = 0; i + 4 <= count; i += 4)
    for (size_t k = 0; k < 4; ++k)
      sums[k] += p[i + k];
  const double elapsed = seconds() - start;
  for (const Vector &sum : sums)
    sink += sum[0];
  return static_cast<double>(data.size() * sizeof(float)) / elapsed;
}

double rowBytesPerSecond(float &sink) {
  typedef int8_t Row __attribute__((vector_size(64)));
  constexpr uint32_t kRows = 512; // 32 KiB
  static Row rows[kRows];
  std::vector<uint32_t> list;
  for (uint32_t i = 0; i < kRows; ++i)
    if (i % 3 == 0)
      list.push_back(i);
  constexpr int rounds = 100'000;
  Row sums[4] = {};
  const size_t count = list.size() / 4 * 4;
  const double start = seconds();
  for (int i = 0; i < rounds; ++i) {
    asm volatile("" ::"r"(rows) : "memory");
    for (size_t r = 0; r < count; r += 4)
      for (size_t k = 0; k < 4; ++k)
        sums[k] += rows[list[r + k]];
  }
  const double elapsed = seconds() - start;
  for (const Row &sum : sums)
    sink += sum[0];
  return double(rounds) * double(count) * sizeof(Row) / elapsed;
}

double doubleOperationsPerSecond(float &sink) {
  typedef double Doubles __attribute__((vector_size(4 * kLanes)));
  Doubles sums[kChains / 2], products[kChains / 2], factor, step;
  for (int lane = 0; lane < kLanes / 2; ++lane) {
    factor[lane] = 0.999999999;
    step[lane] = 1e-3;
    for (int k = 0; k < kChains / 2; ++k)
      sums[k][lane] = products[k][lane] = 1 + lane;
  }
  constexpr int64_t rounds = 20'000'000;
  const double start = seconds();
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 8
    for (int k = 0; k < kChains / 2; ++k) {
      sums[k] += step;
      products[k] *= factor;
    }
  }
  const double elapsed = seconds() - start;
  for (int k = 0; k < kChains / 2; ++k)
    sink += float(sums[k][0] + products[k][0]);
  return double(kLanes / 2) * kChains * rounds / elapsed;
}

} // namespace

int main() {
  float sink = 0;
  std::vector<float> data(size_t(1) << 27, 1.0f); // 512 MiB
  double operations = 0, bytes = 0, rows = 0, doubles = 0;
  for (int run = 0; run < 5; ++run) {
    operations = std::max(operations, operationsPerSecond(sink));
    bytes = std::max(bytes, bytesPerSecond(data, sink));
    rows = std::max(rows, rowBytesPerSecond(sink));
    doubles = std::max(doubles, doubleOperationsPerSecond(sink));
  }
  std::printf("{\"operations_per_s\": %.6g, \"bytes_per_s\": %.6g, "
              "\"row_bytes_per_s\": %.6g, \"double_operations_per_s\": %.6g, "
              "\"lanes\": %d}\n",
              operations, bytes, rows, doubles, kLanes);
  return sink == 0.5f;
}
