//===- StreamedFile.h - A file written whole, as a stream -------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_STREAMEDFILE_H
#define NT_TARGET_SPICE_STREAMEDFILE_H

#include "ntrt/Diagnostics.h"

#include <fstream>
#include <memory>

namespace nt::spice {

/// A file that appears whole or not at all, written as a stream so that a large
/// netlist never is in memory: a temporary beside it takes its place at
/// commit().
class StreamedFile {
public:
  /// NT-FILE-003 if it cannot be made.
  static ntrt::Result<StreamedFile> open(const std::string &path);
  StreamedFile(StreamedFile &&) = default;
  StreamedFile &operator=(StreamedFile &&) = delete;
  ~StreamedFile();

  std::ostream &stream() { return *out; }
  /// Puts the file in its place; NT-FILE-003 if anything was not written.
  ntrt::Status commit();

private:
  StreamedFile() = default;
  std::string path, temporary;
  std::unique_ptr<std::ofstream> out;
};

} // namespace nt::spice

#endif // NT_TARGET_SPICE_STREAMEDFILE_H
