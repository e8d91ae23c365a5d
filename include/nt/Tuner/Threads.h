//===- Threads.h - Threads shared with oneDNN -------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_THREADS_H
#define NT_TUNER_THREADS_H

#include <cstddef>
#include <functional>

namespace nt::tuner {

/// How many threads oneDNN's primitives made from now on, by this
/// thread, use, and multiply() takes.
void setPrimitiveThreads(unsigned threads);

/// Calls work(0) ... work(workers - 1), each on a thread of its own: those of
/// oneDNN's OpenMP runtime, so that no second pool waits beside them. One after
/// the other if there is no such runtime.
void parallel(unsigned workers, const std::function<void(unsigned)> &work);

/// Calls work(begin, end) for parts that cover [0, count), one a worker.
void forEachPart(unsigned workers, size_t count,
                 const std::function<void(size_t begin, size_t end)> &work);

} // namespace nt::tuner

#endif // NT_TUNER_THREADS_H
