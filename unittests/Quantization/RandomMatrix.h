//===- RandomMatrix.h - Normal numbers from a seed --------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_UNITTESTS_QUANTIZATION_RANDOMMATRIX_H
#define NT_UNITTESTS_QUANTIZATION_RANDOMMATRIX_H

#include <Eigen/Core>

#include <random>

inline Eigen::MatrixXd randomMatrix(unsigned seed, Eigen::Index rows,
                                    Eigen::Index cols) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Eigen::MatrixXd matrix(rows, cols);
  for (Eigen::Index j = 0; j < cols; ++j)
    for (Eigen::Index i = 0; i < rows; ++i)
      matrix(i, j) = normal(random);
  return matrix;
}

#endif // NT_UNITTESTS_QUANTIZATION_RANDOMMATRIX_H
