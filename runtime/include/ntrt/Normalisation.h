//===- Normalisation.h - From stored values to inputs -----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_NORMALISATION_H
#define NTRT_NORMALISATION_H

#include "ntrt/Diagnostics.h"

#include <string>
#include <vector>

namespace ntrt {

/// How a network's input is made of a stored value of a channel:
/// (value - mean) / deviation.
struct Normalisation {
  /// One number for all channels, or one a channel; empty: 0 and 1.
  std::vector<float> mean, deviation;

  /// Does it leave every value as it is?
  bool isIdentity() const;
  /// The same with lists as short as they can be. Two normalisations do the
  /// same if their canonical forms are equal.
  Normalisation canonical() const;
  bool operator==(const Normalisation &other) const;

  /// "mean=0.5;std=0.25": the shortest numbers that read back as they are;
  /// empty for the identity.
  std::string str() const;
  /// Reads such a text; misfits at `place` (NT-OPT-001).
  static Result<Normalisation> parse(const std::string &text,
                                     const std::string &place);
  /// Reads the numbers of one field, "mean" or "std". Misfits are added to
  /// `diagnostics`; false if the field is another.
  bool readField(const std::string &name, const std::string &value,
                 const std::string &place, DiagnosticList &diagnostics);

  /// Normalises samples of {channels, height, width}, or of fewer dimensions
  /// and thus one channel, in place. Errors: lists of another number of
  /// channels (NT-OPT-001).
  Status apply(std::vector<float> &values,
               const std::vector<size_t> &sampleShape,
               const std::string &place) const;
};

} // namespace ntrt

#endif // NTRT_NORMALISATION_H
