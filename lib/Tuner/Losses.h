//===- Losses.h - Losses of scores -------------------------------*- C++
//-*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TUNER_LOSSES_H
#define NT_LIB_TUNER_LOSSES_H

#include "nt/Tuner/Training.h"

#include <algorithm>

namespace nt::tuner {

inline size_t largest(const float *scores, size_t count) {
  return static_cast<size_t>(std::max_element(scores, scores + count) - scores);
}

/// The scores of a batch [batch, outputs] and what they should be.
struct LossInput {
  const float *scores = nullptr;
  const uint32_t *labels = nullptr;
  const float *teacher = nullptr; ///< Logits as the scores; for distillation.
  size_t batch = 0, outputs = 0;
};

/// Mean loss of a batch; writes its gradient for the scores unless null.
/// `weights` is one value an output, or empty.
double lossOf(const LossInput &input, const TrainingOptions &options,
              const std::vector<double> &weights, float *gradient);

} // namespace nt::tuner

#endif // NT_LIB_TUNER_LOSSES_H
