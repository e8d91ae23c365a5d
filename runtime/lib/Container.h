//===- Container.h - The section container of .ntb and .ntm -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Header, section table and the primitive fields of docs/bitstream.md. The
// sections' contents are in Bitstream.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_CONTAINER_H
#define NTRT_LIB_CONTAINER_H

#include "ntrt/Bitstream.h"

#include <optional>
#include <span>
#include <string_view>

namespace ntrt {

inline constexpr uint16_t kFormatVersion = 1;
/// Bytes of the header before the section table, and of one table entry.
inline constexpr size_t kHeaderSize = 24, kTableEntrySize = 24;

/// Four ASCII characters, as they stand in the file.
using Tag = std::string_view;

/// Appends fields to a section.
class FieldWriter {
public:
  Bytes bytes;

  void u8(uint8_t value) { bytes.push_back(value); }
  void u16(uint16_t value) { fixed(value, 2); }
  void u32(uint32_t value) { fixed(value, 4); }
  void u64(uint64_t value) { fixed(value, 8); }
  void f64(double value);
  void raw(std::string_view text) {
    bytes.insert(bytes.end(), text.begin(), text.end());
  }
  /// LEB128, shortest form.
  void varint(uint64_t value);
  /// Small magnitudes of either sign as a small varint.
  void zigzag(int64_t value) {
    varint(uint64_t(value) << 1 ^ uint64_t(value >> 63));
  }
  void string(const std::string &value) {
    varint(value.size());
    raw(value);
  }

private:
  void fixed(uint64_t value, int size) {
    for (int i = 0; i < size; ++i)
      bytes.push_back(uint8_t(value >> (8 * i)));
  }
};

/// Appends bit fields of up to 32 bits, least significant bit first.
class BitWriter {
public:
  explicit BitWriter(Bytes &bytes) : bytes(bytes) {}
  void bits(uint32_t value, unsigned width) {
    pending |= uint64_t(value) << used;
    for (used += width; used >= 8; used -= 8, pending >>= 8)
      bytes.push_back(uint8_t(pending));
  }
  /// Fills the last byte up with zeros.
  void finish() {
    if (used > 0)
      bytes.push_back(uint8_t(pending));
    used = 0;
  }

private:
  Bytes &bytes;
  uint64_t pending = 0;
  unsigned used = 0;
};

/// Reads the fields of one section, and collects its misfits. Reading past the
/// end is reported once and gives zeros from then on, so a reader need only ask
/// ok() before it trusts a loop or allocates.
class FieldReader {
public:
  FieldReader(std::span<const uint8_t> bytes, std::string place,
              DiagnosticList &diagnostics)
      : bytes(bytes), place(std::move(place)), diagnostics(diagnostics) {}

  bool ok() const { return !ended; }
  size_t remaining() const { return bytes.size() - position; }

  uint8_t u8() { return uint8_t(fixed(1)); }
  uint16_t u16() { return uint16_t(fixed(2)); }
  uint32_t u32() { return uint32_t(fixed(4)); }
  uint64_t u64() { return fixed(8); }
  double f64();
  /// LEB128 of at most 64 bits; a longer form than needed is a misfit.
  uint64_t varint();
  /// A varint that must fit 32 bits (or `limit`); `what` names it if not.
  uint32_t varint32(const char *what, uint32_t limit = UINT32_MAX);
  int64_t zigzag() {
    uint64_t value = varint();
    return int64_t(value >> 1) ^ -int64_t(value & 1);
  }
  std::string string();
  std::span<const uint8_t> raw(size_t size);
  /// The number of entries that follow, each of `entrySize` bytes or more: one
  /// that the rest of the section cannot hold is a truncation, and gives 0.
  uint32_t count(const char *what, size_t entrySize);

  void misfit(Diag diag, std::string detail);
  /// Reports bytes left over and misfits left out. True if there was no misfit.
  bool finish();

private:
  /// Misfits of a section that are told one by one.
  static constexpr size_t kMaxMisfits = 16;

  uint64_t fixed(size_t size);
  void end();

  std::span<const uint8_t> bytes;
  std::string place;
  DiagnosticList &diagnostics;
  size_t position = 0;
  bool ended = false;
  size_t misfits = 0;
};

/// Reads bit fields of up to 32 bits, least significant bit first; zeros past
/// the end.
class BitReader {
public:
  explicit BitReader(std::span<const uint8_t> bytes) : bytes(bytes) {}
  uint32_t bits(unsigned width) {
    for (; available < width; available += 8)
      if (next < bytes.size())
        pending |= uint64_t(bytes[next++]) << available;
    uint32_t value = uint32_t(pending & ((uint64_t(1) << width) - 1));
    pending >>= width;
    available -= width;
    return value;
  }
  /// Are the bits of the last byte that no field took all zero?
  bool paddingIsZero() const { return pending == 0; }

private:
  std::span<const uint8_t> bytes;
  size_t next = 0;
  uint64_t pending = 0;
  unsigned available = 0;
};

/// Puts header, section table and sections together.
Bytes writeContainer(std::string_view magic, uint64_t deviceHash,
                     std::span<const std::pair<Tag, Bytes>> sections);

/// A container whose header has been read and whose sections' CRCs have been
/// checked.
class ContainerReader {
public:
  /// `tags` are the sections of the kind of file, in order; the first
  /// `required` of them must be there. Misfits are added to `diagnostics`; a
  /// file whose header is damaged has no sections.
  ContainerReader(std::span<const uint8_t> bytes, std::string_view magic,
                  std::span<const Tag> tags, size_t required, std::string place,
                  DiagnosticList &diagnostics);

  uint64_t deviceHash() const { return device; }
  /// Was the section table itself readable?
  bool headerIsSound() const { return sound; }
  /// A reader of a section, unless it is missing or damaged.
  std::optional<FieldReader> section(Tag tag);

private:
  void readHeader(std::string_view magic);
  void readSections(std::span<const Tag> tags, size_t required, size_t count);
  void misfit(Diag diag, std::string detail) {
    diagnostics.push_back({diag, place, std::move(detail)});
  }
  std::string sectionPlace(Tag tag) const;

  struct Section {
    Tag tag;
    std::span<const uint8_t> bytes;
  };
  std::span<const uint8_t> bytes;
  std::string place;
  DiagnosticList &diagnostics;
  uint64_t device = 0;
  size_t sectionCount = 0;
  bool sound = false;
  std::vector<Section> sections;
};

} // namespace ntrt

#endif // NTRT_LIB_CONTAINER_H
