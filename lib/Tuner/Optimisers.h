//===- Optimisers.h - Steps of trained values --------------------*- C++
//-*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TUNER_OPTIMISERS_H
#define NT_LIB_TUNER_OPTIMISERS_H

#include "nt/Tuner/Training.h"

namespace nt::tuner {

/// The trained values of one site, as many as its groups, and the optimiser's
/// state for each.
class Parameters {
public:
  /// `groupOfValue` says which of the site's values are one; empty: none are.
  Parameters(size_t site, const Site &values,
             std::vector<uint32_t> groupOfValue);

  /// One step down the gradients in `site`; writes its values.
  void step(Site &site, const TrainingOptions &options, double rate);
  size_t size() const { return values.size(); }

  size_t site;
  std::vector<float> values, mean, square;
  uint64_t steps = 0;

  /// Copies the trained values into the site's.
  void store(Site &site) const;

private:
  std::vector<uint32_t> groupOfValue;
  float neutral; ///< What L1 pulls to.
  std::vector<float> gradients;
};

} // namespace nt::tuner

#endif // NT_LIB_TUNER_OPTIMISERS_H
