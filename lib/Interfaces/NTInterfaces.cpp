//===- NTInterfaces.cpp - What passes ask of ops --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Interfaces/NTInterfaces.h"

#include "nt/Interfaces/NTInterfaces.cpp.inc"
