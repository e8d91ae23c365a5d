//===- Threads.cpp - Threads shared with oneDNN ---------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/Threads.h"

#include <algorithm>
#include <atomic>
#include <dlfcn.h>

using namespace nt::tuner;

namespace {

// The runtime that oneDNN was linked with: GNU's, or LLVM's, which has the same
// entry points.
template <typename Function> Function ofOpenMP(const char *name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

struct Work {
  const std::function<void(unsigned)> &work;
  unsigned workers;
  std::atomic<unsigned> next{0};
};

/// Takes worker numbers until none is left: right with fewer threads, too.
void runWorkers(void *argument) {
  Work &work = *static_cast<Work *>(argument);
  for (unsigned i = work.next++; i < work.workers; i = work.next++)
    work.work(i);
}

} // namespace

void nt::tuner::setPrimitiveThreads(unsigned threads) {
  static const auto set = ofOpenMP<void (*)(int)>("omp_set_num_threads");
  if (set)
    set(static_cast<int>(threads));
}

void nt::tuner::parallel(unsigned workers,
                         const std::function<void(unsigned)> &work) {
  static const auto run =
      ofOpenMP<void (*)(void (*)(void *), void *, unsigned, unsigned)>(
          "GOMP_parallel");
  Work shared{work, workers, {}};
  if (run && workers > 1)
    run(runWorkers, &shared, workers, 0);
  else
    runWorkers(&shared);
}

void nt::tuner::forEachPart(unsigned workers, size_t count,
                            const std::function<void(size_t, size_t)> &work) {
  const auto parts =
      static_cast<unsigned>(std::min<size_t>(std::max(workers, 1u), count));
  parallel(parts, [&](unsigned part) {
    work(part * count / parts, (part + 1) * count / parts);
  });
}
