//===- Progress.cpp - Progress on a terminal or in a log ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Support/Progress.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

using namespace nt;

ProgressBar::ProgressBar(std::string label, size_t total, bool enabled)
    : label(std::move(label)), total(std::max<size_t>(total, 1)),
      enabled(enabled),
      terminal(isatty(STDERR_FILENO) && !std::getenv("NT_PLAIN_PROGRESS")),
      start(Clock::now()), lastDraw(start) {}

ProgressBar::~ProgressBar() { finish(); }

void ProgressBar::update(size_t done, const std::string &note) {
  if (!enabled || finished)
    return;
  lastNote = note;
  lastDone = std::min(done, total);
  if (terminal) {
    const auto now = Clock::now();
    if (now - lastDraw < std::chrono::milliseconds(100) && lastDone < total)
      return;
    lastDraw = now;
    draw(lastDone);
    return;
  }
  const size_t tenth = lastDone * 10 / total;
  if (tenth > lastTenth) {
    lastTenth = tenth;
    draw(lastDone);
  }
}

void ProgressBar::finish() {
  if (!enabled || finished)
    return;
  finished = true;
  if (terminal) {
    draw(lastDone);
    std::fputc('\n', stderr);
  }
}

void ProgressBar::draw(size_t done) {
  const double fraction =
      static_cast<double>(done) / static_cast<double>(total);
  const double seconds =
      std::chrono::duration<double>(Clock::now() - start).count();
  const double left = fraction > 0 ? seconds * (1 - fraction) / fraction : 0;
  if (!terminal) {
    std::fprintf(stderr, "%s: %3.0f %% (%.1f s) %s\n", label.c_str(),
                 100 * fraction, seconds, lastNote.c_str());
    return;
  }
  constexpr int width = 28;
  const int filled = static_cast<int>(fraction * width + 0.5);
  std::string bar(static_cast<size_t>(filled), '#');
  bar.resize(width, '.');
  std::fprintf(stderr, "\r%-18s [%s] %3.0f %% %5.1f s, %5.1f s left  %s\033[K",
               label.c_str(), bar.c_str(), 100 * fraction, seconds, left,
               lastNote.c_str());
  std::fflush(stderr);
}
