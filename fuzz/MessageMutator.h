//===- MessageMutator.h - Small changes to protobuf messages ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_FUZZ_MESSAGEMUTATOR_H
#define NT_FUZZ_MESSAGEMUTATOR_H

#include <google/protobuf/message.h>

#include <random>

namespace nt::fuzz {

/// Makes one change somewhere in `message`, which stays a message: a number
/// becomes an extreme or a neighbour, a string becomes another string of the
/// message (so that edges of a graph are redrawn), an element of a list is
/// dropped, doubled or moved, a field is cleared.
void mutate(google::protobuf::Message &message, std::mt19937 &random);

} // namespace nt::fuzz

#endif // NT_FUZZ_MESSAGEMUTATOR_H
