//===- SupportedOps.h - The ONNX operators NT takes -------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_CONVERSION_ONNXTONT_SUPPORTEDOPS_H
#define NT_CONVERSION_ONNXTONT_SUPPORTEDOPS_H

#include <string>

namespace nt {

/// docs/supported-ops.md, made from the table of handlers that
/// convert-onnx-to-nt uses.
std::string supportedOpsMarkdown();

} // namespace nt

#endif // NT_CONVERSION_ONNXTONT_SUPPORTEDOPS_H
