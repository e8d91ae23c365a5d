//===- Hash.cpp - CRC-32C and FNV-1a --------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Bitstream.h"

#include <array>

using namespace ntrt;

/// tables[0] is the usual byte table of the reflected Castagnoli polynomial;
/// tables[k] advances a byte by k further zero bytes, so that eight bytes take
/// one step.
static constexpr auto kCrcTables = [] {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0u);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); ++k)
    for (uint32_t byte = 0; byte < 256; ++byte) {
      uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = (crc >> 8) ^ tables[0][crc & 0xFF];
    }
  return tables;
}();

uint32_t ntrt::crc32c(const uint8_t *data, size_t size) {
  uint32_t crc = ~0u;
  for (; size >= 8; data += 8, size -= 8) {
    uint32_t next = 0;
    for (size_t k = 0; k < 4; ++k)
      next ^= kCrcTables[7 - k][data[k] ^ ((crc >> (8 * k)) & 0xFF)];
    for (size_t k = 4; k < 8; ++k)
      next ^= kCrcTables[7 - k][data[k]];
    crc = next;
  }
  for (size_t i = 0; i < size; ++i)
    crc = (crc >> 8) ^ kCrcTables[0][(crc ^ data[i]) & 0xFF];
  return ~crc;
}

uint64_t ntrt::fnv1a64(const uint8_t *data, size_t size) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (size_t i = 0; i < size; ++i)
    hash = (hash ^ data[i]) * 0x100000001B3u;
  return hash;
}

uint64_t ntrt::frozenHash(const Bytes &programBytes) {
  return fnv1a64(programBytes.data(), programBytes.size());
}
