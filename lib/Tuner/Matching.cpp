//===- Matching.cpp - Which output stands for which class -----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Losses.h"

#include <algorithm>
#include <limits>

using namespace nt::tuner;

namespace {
/// Calls `visit(firstSample, scores, count)` for the whole data set in batches.
template <typename Visit>
void forEachBatch(Engine &engine, const ntrt::Dataset &data, Visit visit) {
  constexpr size_t batch = 256;
  for (size_t first = 0; first < data.samples(); first += batch) {
    const size_t count = std::min(batch, data.samples() - first);
    visit(first, engine.forward(data.sample(first), count), count);
  }
}
} // namespace

double nt::tuner::accuracy(Engine &engine, const ntrt::Dataset &data,
                           const std::vector<uint32_t> &classOfOutput) {
  size_t correct = 0;
  const size_t outputs = engine.outputSize();
  forEachBatch(engine, data,
               [&](size_t first, const float *scores, size_t count) {
                 for (size_t i = 0; i < count; ++i) {
                   const size_t output = largest(scores + i * outputs, outputs);
                   const size_t label =
                       classOfOutput.empty() ? output : classOfOutput[output];
                   correct += label == data.labels[first + i];
                 }
               });
  return static_cast<double>(correct) / static_cast<double>(data.samples());
}

std::vector<uint32_t> nt::tuner::matchOutputs(Engine &engine,
                                              const ntrt::Dataset &data,
                                              size_t classes) {
  const size_t outputs = engine.outputSize();
  // Cost of giving class c to output o: minus the responses that would be
  // right.
  std::vector<double> cost(outputs * outputs, 0.0);
  forEachBatch(engine, data,
               [&](size_t first, const float *scores, size_t count) {
                 for (size_t i = 0; i < count; ++i) {
                   const uint32_t label = data.labels[first + i];
                   const size_t output = largest(scores + i * outputs, outputs);
                   if (label < classes)
                     cost[output * outputs + label] -= 1;
                 }
               });
  std::vector<uint32_t> result;
  for (size_t label : assignMinimumCost(cost, outputs))
    result.push_back(static_cast<uint32_t>(label));
  return result;
}

std::vector<size_t>
nt::tuner::assignMinimumCost(const std::vector<double> &cost, size_t n) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  // Potentials and matching are 1-based; column 0 is the free start column.
  std::vector<double> rowPotential(n + 1), columnPotential(n + 1);
  std::vector<size_t> rowOfColumn(n + 1), previous(n + 1);
  for (size_t row = 1; row <= n; ++row) {
    rowOfColumn[0] = row;
    size_t column = 0;
    std::vector<double> slack(n + 1, infinity);
    std::vector<char> visited(n + 1, 0);
    do {
      visited[column] = 1;
      const size_t current = rowOfColumn[column];
      double delta = infinity;
      size_t next = 0;
      for (size_t j = 1; j <= n; ++j) {
        if (visited[j])
          continue;
        const double reduced = cost[(current - 1) * n + j - 1] -
                               rowPotential[current] - columnPotential[j];
        if (reduced < slack[j]) {
          slack[j] = reduced;
          previous[j] = column;
        }
        if (slack[j] < delta) {
          delta = slack[j];
          next = j;
        }
      }
      for (size_t j = 0; j <= n; ++j) {
        if (visited[j]) {
          rowPotential[rowOfColumn[j]] += delta;
          columnPotential[j] -= delta;
        } else {
          slack[j] -= delta;
        }
      }
      column = next;
    } while (rowOfColumn[column] != 0);
    while (column != 0) {
      rowOfColumn[column] = rowOfColumn[previous[column]];
      column = previous[column];
    }
  }
  std::vector<size_t> columnOfRow(n);
  for (size_t column = 1; column <= n; ++column)
    columnOfRow[rowOfColumn[column] - 1] = column - 1;
  return columnOfRow;
}
