//===- InputNormalisation.h - What a network's inputs are made of -*- C++
//-*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The normalisation of a network's data stands on the network through all
// stages (function, spike.network, chip.program, bitstream), so that every
// command that loads data applies the same without being told again.
//
//===----------------------------------------------------------------------===//
#ifndef NT_SUPPORT_INPUTNORMALISATION_H
#define NT_SUPPORT_INPUTNORMALISATION_H

#include "mlir/IR/Operation.h"

#include "ntrt/Normalisation.h"

namespace nt {

/// {mean = array<f32: ...>, std = array<f32: ...>}, each of one number or one a
/// channel, either may be left out; on the op that is the network.
inline constexpr llvm::StringLiteral kInputNormalisation =
    "nt.input_normalisation";

/// A unit on the function that is the network: its calibration samples had
/// values below 0, so its inputs come by two lines each.
inline constexpr llvm::StringLiteral kSignedInputs = "nt.signed_inputs";

/// The recorded normalisation; the identity if there is none.
ntrt::Normalisation inputNormalisationOf(mlir::Operation *network);

/// Records it; the identity leaves no attribute.
void recordInputNormalisation(mlir::Operation *network,
                              const ntrt::Normalisation &normalisation);

/// Records how the samples of `spec` were normalised, if they were. Emits
/// NT-DATA-008 and fails if that would change the inputs of a task that was
/// tuned on values as they are. The network stands in a module with its tasks.
mlir::LogicalResult
recordDataNormalisation(mlir::Operation *network, llvm::StringRef spec,
                        const ntrt::Normalisation &normalisation);

/// Checks the form of the attribute.
mlir::LogicalResult verifyInputNormalisation(mlir::Operation *op,
                                             mlir::Attribute attribute);

} // namespace nt

#endif // NT_SUPPORT_INPUTNORMALISATION_H
