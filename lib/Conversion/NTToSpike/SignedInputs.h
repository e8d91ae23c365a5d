//===- SignedInputs.h - Synapses of inputs with two lines -------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_NTTOSPIKE_SIGNEDINPUTS_H
#define NT_LIB_CONVERSION_NTTOSPIKE_SIGNEDINPUTS_H

#include "nt/Dialect/Spike/IR/SpikeOps.h"

namespace nt {

/// What a spike.connect holds.
struct Synapses {
  mlir::ElementsAttr codes;
  mlir::StringAttr hash;
  spike::ConvAttr geometry; ///< Null: dense.
};

/// The same on inputs whose units come in two halves (spike.encode signed): the
/// second half has the negated codes. A convolution in groups becomes one
/// without, as each group then reads channels of both halves; codes of other
/// groups' channels are 0.
Synapses ofSignedInputs(const Synapses &synapses);

} // namespace nt

#endif // NT_LIB_CONVERSION_NTTOSPIKE_SIGNEDINPUTS_H
