//===- ExactRounding.h - The best codes of a row of few weights -*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_QUANTIZATION_EXACTROUNDING_H
#define NT_LIB_QUANTIZATION_EXACTROUNDING_H

#include <Eigen/Core>

#include <cstdint>
#include <vector>

namespace nt::quantization {

/// Lowers `codes` to those that minimise |U (w - scale q)|^2 over integers
/// |q| <= maxCode, where U is upper triangular with a positive diagonal, and
/// returns the least. Depth first, the nearest code of each weight first,
/// leaving what exceeds the best so far (Schnorr and Euchner 1994); of a row
/// that takes more than a million steps, the best that was seen.
double roundExactly(const Eigen::MatrixXd &upper,
                    const Eigen::VectorXd &weights, double scale,
                    int32_t maxCode, std::vector<int32_t> &codes);

} // namespace nt::quantization

#endif // NT_LIB_QUANTIZATION_EXACTROUNDING_H
