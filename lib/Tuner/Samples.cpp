//===- Samples.cpp - Batches of a data set
//----------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Samples.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace nt::tuner;

uint64_t nt::tuner::mix(uint64_t a, uint64_t b) {
  uint64_t z = a * 0x9E3779B97F4A7C15u + b + 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

std::vector<size_t> nt::tuner::shuffled(size_t count, uint64_t seed) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t(0));
  for (size_t i = count; i > 1; --i)
    std::swap(order[i - 1], order[mix(seed, i) % i]);
  return order;
}

void nt::tuner::augment(const float *from, float *to,
                        const std::vector<size_t> &shape, const Augmentation &a,
                        uint64_t random) {
  size_t size = 1;
  for (size_t extent : shape)
    size *= extent;
  if (!a.isActive()) {
    std::copy_n(from, size, to);
    return;
  }
  // Images of one channel may come without the channel.
  const size_t rank = shape.size();
  const size_t channels = rank > 2 ? shape[rank - 3] : 1;
  const auto height = static_cast<int64_t>(shape[rank - 2]),
             width = static_cast<int64_t>(shape[rank - 1]);
  auto upTo = [&](uint64_t salt, int64_t limit) {
    return static_cast<int64_t>(mix(random, salt) %
                                static_cast<uint64_t>(limit + 1));
  };
  const bool flips = a.flip && mix(random, 1) & 1;
  const int64_t shift = a.shift;
  const int64_t down = upTo(2, 2 * shift) - shift,
                right = upTo(3, 2 * shift) - shift;
  const int64_t smaller =
      upTo(4, std::min<int64_t>(a.crop, std::min(height, width) - 1));
  const int64_t top = upTo(5, smaller), left = upTo(6, smaller);
  const double scaleY = static_cast<double>(height - smaller) / height,
               scaleX = static_cast<double>(width - smaller) / width;
  for (size_t c = 0; c < channels; ++c) {
    const float *plane = from + c * height * width;
    auto pixel = [&](int64_t y, int64_t x) {
      return y < 0 || y >= height || x < 0 || x >= width ? 0.0f
                                                         : plane[y * width + x];
    };
    for (int64_t y = 0; y < height; ++y)
      for (int64_t x = 0; x < width; ++x) {
        const int64_t column = flips ? width - 1 - x : x;
        float &result = to[(c * height + y) * width + x];
        if (!smaller) {
          result = pixel(y - down, column - right);
          continue;
        }
        // Bilinear, pixel centres at half steps.
        const double sy = (y + 0.5) * scaleY - 0.5 + top - down,
                     sx = (column + 0.5) * scaleX - 0.5 + left - right;
        const auto y0 = static_cast<int64_t>(std::floor(sy)),
                   x0 = static_cast<int64_t>(std::floor(sx));
        const double fy = sy - y0, fx = sx - x0;
        result = static_cast<float>(
            (1 - fy) * ((1 - fx) * pixel(y0, x0) + fx * pixel(y0, x0 + 1)) +
            fy * ((1 - fx) * pixel(y0 + 1, x0) + fx * pixel(y0 + 1, x0 + 1)));
      }
  }
}
