//===- File.cpp - Reading and writing whole files -------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Bitstream.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace ntrt;

Result<Bytes> ntrt::readFile(const std::string &path) {
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return Diagnostic{Diag::FileMissing, path, std::strerror(errno)};
  Bytes bytes;
  uint8_t buffer[1 << 16];
  while (size_t got = std::fread(buffer, 1, sizeof buffer, file))
    bytes.insert(bytes.end(), buffer, buffer + got);
  // Opening a folder succeeds; only reading it fails.
  int error = std::ferror(file) ? errno : 0;
  std::fclose(file);
  if (error)
    return Diagnostic{Diag::FileMissing, path, std::strerror(error)};
  return bytes;
}

Status ntrt::writeFileWhole(const std::string &path, const void *data,
                            size_t size) {
  // Process id and counter keep writers of the same path apart.
  static std::atomic<unsigned> counter{0};
  std::string temporary = path + ".tmp." + std::to_string(getpid()) + "." +
                          std::to_string(counter++);
  auto fail = [&](const char *action) -> Status {
    std::string detail = std::string(action) + ": " + std::strerror(errno);
    unlink(temporary.c_str());
    return Diagnostic{Diag::FileNotWritten, path, detail};
  };

  int file =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0)
    return fail("creating it");
  const char *next = static_cast<const char *>(data);
  while (size > 0) {
    ssize_t written = write(file, next, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0) {
      int error = written < 0 ? errno : ENOSPC;
      close(file);
      errno = error;
      return fail("writing it");
    }
    next += written;
    size -= size_t(written);
  }
  // A full disk may only show here.
  if (close(file) != 0)
    return fail("writing it");
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    return fail("putting it in its place");
  return Done{};
}
