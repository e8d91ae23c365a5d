//===- Bitstream.h - Writing and decoding .ntb and .ntm ---------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The format is specified in docs/bitstream.md: canonical little-endian bytes,
// no time stamps or seeds, sections with CRC-32C, array frames as a serial
// configuration port takes them.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_BITSTREAM_H
#define NTRT_BITSTREAM_H

#include "ntrt/Program.h"

namespace ntrt {

using Bytes = std::vector<uint8_t>;

/// Encodes a checked program. The same program always gives the same bytes.
Bytes encodeProgram(const Program &program, const DeviceModel &device);
Bytes encodeTask(const TaskOverlay &task, const DeviceModel &device);

/// Decodes and checks; `place` names the bytes in diagnostics. All misfits of a
/// section are reported together. Safe on any input.
Result<Program> decodeProgram(const Bytes &bytes, const DeviceModel &device,
                              const std::string &place);
Result<TaskOverlay> decodeTask(const Bytes &bytes, const Program &program,
                               const DeviceModel &device,
                               const std::string &place);

/// 64-bit FNV-1a of the frozen sections of an encoded program.
uint64_t frozenHash(const Bytes &programBytes);
/// The same of a program with its codes' sources of least current: what tasks
/// are bound to, whatever sources a chip was given for the codes.
uint64_t programHash(const Program &program, const DeviceModel &device);

Result<Bytes> readFile(const std::string &path);
/// Writes whole or not at all: to a temporary file in the same folder, renamed.
Status writeFileWhole(const std::string &path, const void *data, size_t size);

uint32_t crc32c(const uint8_t *data, size_t size);
uint64_t fnv1a64(const uint8_t *data, size_t size);

} // namespace ntrt

#endif // NTRT_BITSTREAM_H
