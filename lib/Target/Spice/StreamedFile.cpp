//===- StreamedFile.cpp - A file written whole, as a stream ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/StreamedFile.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

using namespace nt::spice;
using ntrt::Diag;
using ntrt::Diagnostic;

ntrt::Result<StreamedFile> StreamedFile::open(const std::string &path) {
  // Process id and counter keep writers of the same path apart.
  static std::atomic<unsigned> counter{0};
  StreamedFile file;
  file.path = path;
  file.temporary = path + ".tmp." + std::to_string(getpid()) + "." +
                   std::to_string(counter++);
  file.out = std::make_unique<std::ofstream>(
      file.temporary, std::ios::binary | std::ios::trunc);
  if (!*file.out)
    return Diagnostic{Diag::FileNotWritten, path,
                      std::string("creating it: ") + std::strerror(errno)};
  return file;
}

StreamedFile::~StreamedFile() {
  if (!out)
    return;
  out->close();
  unlink(temporary.c_str());
}

ntrt::Status StreamedFile::commit() {
  errno = 0;
  out->close();
  const char *action = "writing it";
  bool written = bool(*out);
  if (written) {
    action = "putting it in its place";
    written = std::rename(temporary.c_str(), path.c_str()) == 0;
  }
  // A stream that failed earlier has not left its reason.
  std::string reason = std::strerror(errno ? errno : EIO);
  if (!written)
    return Diagnostic{Diag::FileNotWritten, path,
                      std::string(action) + ": " + reason};
  out.reset();
  return ntrt::Done{};
}
