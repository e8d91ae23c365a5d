//===- TargetClones.h - Portable builds with fast inner loops ---*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_TARGETCLONES_H
#define NTRT_LIB_TARGETCLONES_H

/// Compiles a function for AVX2 as well; the loader picks the one that the
/// machine can run. AVX2 alone has no fused multiply-add, so both give the same
/// bits. Sanitisers cannot run in the loader's choice.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(coverage_sanitizer)
#define NTRT_NO_CLONES
#endif
#endif
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(NTRT_NO_CLONES)
#define NTRT_TARGET_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define NTRT_TARGET_CLONES
#endif

#endif // NTRT_LIB_TARGETCLONES_H
