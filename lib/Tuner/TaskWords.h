//===- TaskWords.h - A task's modulation words as values --------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TUNER_TASKWORDS_H
#define NT_LIB_TUNER_TASKWORDS_H

#include "nt/Dialect/NT/IR/NTOps.h"

#include "ntrt/DeviceModel.h"

#include <vector>

namespace nt {

/// What the words of one site of one task can give, for the DAC codes of its
/// modulation domains.
struct SiteWords {
  struct Word {
    int8_t code = 0, domain = 0;
  };
  std::string site;
  std::vector<int32_t> dac;
  std::vector<double> steps; ///< Bias of code 1 at every DAC code.
  /// Biases that a word gives, strictly increasing, and the word of each.
  std::vector<float> levels;
  std::vector<Word> words;
  std::vector<float> values; ///< The biases that there are.

  /// Fills `levels` and `words` for `dac`.
  void makeLevels(int32_t maxCode);
  /// The word that gives `value`, one of the levels.
  Word wordOf(float value) const;
};

/// Emits NT-DOM-001 at `task` and fails if the device has not a DAC code of the
/// site's.
mlir::LogicalResult checkDac(mlir::Operation *task, const SiteWords &words);

/// The site with the DAC codes that realise `targets` best; its values are as
/// they were. Emits at `loc` and fails as mapping::solve.
mlir::FailureOr<SiteWords> withVoltsFor(mlir::Location loc, SiteWords site,
                                        mlir::ArrayRef<float> targets,
                                        const ntrt::DeviceModel &device);

/// The words of every site of a task, in the order of `sites`. Emits and fails:
/// a task without words (NT-DOM-004), DAC codes or codes that the device has
/// not (NT-DOM-001), layers without ranges (NT-QUANT-004).
mlir::FailureOr<std::vector<SiteWords>>
wordsOf(TaskOp task, mlir::ArrayRef<ModulateOp> sites,
        const ntrt::DeviceModel &device);

/// Writes values, each of which is a level of its site, back as words and
/// values of the task.
void storeWords(TaskOp task, mlir::ArrayRef<SiteWords> sites);

} // namespace nt

#endif // NT_LIB_TUNER_TASKWORDS_H
