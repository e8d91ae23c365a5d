//===- Progress.h - Progress on a terminal or in a log ----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_SUPPORT_PROGRESS_H
#define NT_SUPPORT_PROGRESS_H

#include <chrono>
#include <cstddef>
#include <string>

namespace nt {

/// A bar on stderr that redraws itself on a terminal; elsewhere a plain line at
/// each tenth of the way. Silent if `enabled` is false.
class ProgressBar {
public:
  ProgressBar(std::string label, size_t total, bool enabled = true);
  ~ProgressBar();
  ProgressBar(const ProgressBar &) = delete;
  ProgressBar &operator=(const ProgressBar &) = delete;

  /// `done` of the total; `note` is shown behind the bar.
  void update(size_t done, const std::string &note = {});
  /// Ends the bar with a last line; called by the destructor if need be.
  void finish();

private:
  using Clock = std::chrono::steady_clock;
  void draw(size_t done);

  std::string label, lastNote;
  size_t total, lastTenth = 0, lastDone = 0;
  bool enabled, terminal, finished = false;
  Clock::time_point start, lastDraw;
};

} // namespace nt

#endif // NT_SUPPORT_PROGRESS_H
