//===- HostTensor.h - A dense tensor of doubles -----------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_INTERPRETER_HOSTTENSOR_H
#define NT_INTERPRETER_HOSTTENSOR_H

#include <cstdint>
#include <vector>

namespace nt {

/// A row-major tensor on the host. Integer element types are held exactly.
struct HostTensor {
  std::vector<int64_t> shape;
  std::vector<double> values;

  int64_t size() const { return static_cast<int64_t>(values.size()); }
};

} // namespace nt

#endif // NT_INTERPRETER_HOSTTENSOR_H
