//===- Container.cpp - The section container of .ntb and .ntm -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Container.h"
#include "Text.h"

#include <algorithm>
#include <bit>

using namespace ntrt;

void FieldWriter::f64(double value) { u64(std::bit_cast<uint64_t>(value)); }

void FieldWriter::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    bytes.push_back(uint8_t(value) | 0x80);
  bytes.push_back(uint8_t(value));
}

uint64_t FieldReader::fixed(size_t size) {
  uint64_t value = 0;
  std::span<const uint8_t> field = raw(size);
  for (size_t i = 0; i < field.size(); ++i)
    value |= uint64_t(field[i]) << (8 * i);
  return value;
}

double FieldReader::f64() { return std::bit_cast<double>(u64()); }

uint64_t FieldReader::varint() {
  uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    uint8_t byte = u8();
    if (!ok())
      return 0;
    // The tenth byte holds the last bit of 64.
    if (shift == 63 && byte > 1) {
      misfit(Diag::BitField, "a number has more than 64 bits");
      end();
      return 0;
    }
    value |= uint64_t(byte & 0x7F) << shift;
    if (byte & 0x80)
      continue;
    if (byte == 0 && shift > 0)
      misfit(Diag::BitField, "a number is not in its shortest form");
    return value;
  }
}

uint32_t FieldReader::varint32(const char *what, uint32_t limit) {
  uint64_t value = varint();
  if (value <= limit)
    return uint32_t(value);
  misfit(Diag::BitField, std::string(what) + " is " + text(value) +
                             ", the largest value is " + text(limit));
  return 0;
}

std::string FieldReader::string() {
  uint32_t size = count("bytes of a name", 1);
  std::span<const uint8_t> text = raw(size);
  return std::string(text.begin(), text.end());
}

std::span<const uint8_t> FieldReader::raw(size_t size) {
  if (!ok() || size > remaining()) {
    if (ok())
      misfit(Diag::BitTruncated, "a field of " + text(size) + " bytes, but " +
                                     text(remaining()) + " are left");
    end();
    return {};
  }
  position += size;
  return bytes.subspan(position - size, size);
}

uint32_t FieldReader::count(const char *what, size_t entrySize) {
  uint64_t value = varint();
  if (!ok())
    return 0;
  if (value > remaining() / entrySize || value > UINT32_MAX) {
    misfit(Diag::BitTruncated, text(value) + " " + what + ", but " +
                                   text(remaining()) + " bytes are left");
    end();
    return 0;
  }
  return uint32_t(value);
}

void FieldReader::misfit(Diag diag, std::string detail) {
  if (misfits++ < kMaxMisfits)
    diagnostics.push_back({diag, place, std::move(detail)});
}

void FieldReader::end() {
  ended = true;
  position = bytes.size();
}

bool FieldReader::finish() {
  if (ok() && remaining() > 0)
    misfit(Diag::BitField,
           text(remaining()) + " bytes follow the section's last field");
  if (misfits > kMaxMisfits)
    diagnostics.push_back(
        {Diag::BitField, place,
         text(misfits - kMaxMisfits) + " further misfits in this section"});
  return misfits == 0;
}

Bytes ntrt::writeContainer(std::string_view magic, uint64_t deviceHash,
                           std::span<const std::pair<Tag, Bytes>> sections) {
  // The header CRC stands between table and sections.
  uint64_t offset = kHeaderSize + sections.size() * kTableEntrySize + 4;
  uint64_t fileSize = offset;
  for (const auto &[tag, content] : sections)
    fileSize += content.size();

  FieldWriter file;
  file.bytes.reserve(fileSize);
  file.raw(magic);
  file.u16(kFormatVersion);
  file.u16(uint16_t(sections.size()));
  file.u64(deviceHash);
  file.u64(fileSize);
  for (const auto &[tag, content] : sections) {
    file.raw(tag);
    file.u32(crc32c(content.data(), content.size()));
    file.u64(offset);
    file.u64(content.size());
    offset += content.size();
  }
  file.u32(crc32c(file.bytes.data(), file.bytes.size()));
  for (const auto &[tag, content] : sections)
    file.bytes.insert(file.bytes.end(), content.begin(), content.end());
  return std::move(file.bytes);
}

ContainerReader::ContainerReader(std::span<const uint8_t> bytes,
                                 std::string_view magic,
                                 std::span<const Tag> tags, size_t required,
                                 std::string place, DiagnosticList &diagnostics)
    : bytes(bytes), place(std::move(place)), diagnostics(diagnostics) {
  readHeader(magic);
  if (sound)
    readSections(tags, required, sectionCount);
}

void ContainerReader::readHeader(std::string_view magic) {
  size_t known = std::min(bytes.size(), magic.size());
  if (!std::equal(bytes.begin(), bytes.begin() + known, magic.begin())) {
    std::string_view found(reinterpret_cast<const char *>(bytes.data()), known);
    std::string detail = "it does not start with " + std::string(magic);
    if (found == "NTB1")
      detail += "; it is a program (.ntb)";
    if (found == "NTM1")
      detail += "; it is a task overlay (.ntm)";
    return misfit(Diag::BitMagic, detail);
  }
  auto truncated = [&](uint64_t needed) {
    misfit(Diag::BitTruncated,
           text(bytes.size()) + " bytes, the header alone has " + text(needed));
  };
  if (bytes.size() < kHeaderSize)
    return truncated(kHeaderSize);

  // The header's own reads cannot run out; its misfits have no section.
  FieldReader header(bytes.subspan(magic.size()), place, diagnostics);
  uint16_t version = header.u16();
  if (version != kFormatVersion)
    return misfit(Diag::BitVersion, "version " + text(version) +
                                        ", this is version " +
                                        text(kFormatVersion));
  sectionCount = header.u16();
  device = header.u64();
  uint64_t fileSize = header.u64();
  size_t tableEnd = kHeaderSize + sectionCount * kTableEntrySize;
  if (bytes.size() < tableEnd + 4)
    return truncated(tableEnd + 4);
  FieldReader crcField(bytes.subspan(tableEnd), place, diagnostics);
  uint32_t expected = crcField.u32(), found = crc32c(bytes.data(), tableEnd);
  if (expected != found)
    return misfit(Diag::BitCrc, "the header's CRC is " + hex32(found) +
                                    ", it should be " + hex32(expected));
  sound = true;
  if (bytes.size() < fileSize)
    misfit(Diag::BitTruncated,
           text(bytes.size()) + " of " + text(fileSize) + " bytes are there");
  if (bytes.size() > fileSize)
    misfit(Diag::BitField, text(bytes.size() - fileSize) +
                               " bytes follow the end of the bitstream");
}

void ContainerReader::readSections(std::span<const Tag> tags, size_t required,
                                   size_t count) {
  FieldReader table(bytes.subspan(kHeaderSize, count * kTableEntrySize), place,
                    diagnostics);
  uint64_t nextOffset = kHeaderSize + count * kTableEntrySize + 4;
  std::vector<Tag> found;
  bool sensible = true;
  for (size_t i = 0; i < count; ++i) {
    auto tagBytes = table.raw(4);
    Tag tag(reinterpret_cast<const char *>(tagBytes.data()), tagBytes.size());
    uint32_t expectedCrc = table.u32();
    uint64_t offset = table.u64(), size = table.u64();
    auto sectionMisfit = [&](Diag diag, std::string detail) {
      diagnostics.push_back({diag, sectionPlace(tag), std::move(detail)});
    };

    bool isNew = std::find(found.begin(), found.end(), tag) == found.end();
    found.push_back(tag);
    const bool known = std::find(tags.begin(), tags.end(), tag) != tags.end();
    sensible &= known && isNew;
    if (!known)
      sectionMisfit(Diag::BitSection, "it is unknown");
    else if (!isNew)
      sectionMisfit(Diag::BitSection, "it is repeated");
    if (offset != nextOffset)
      sectionMisfit(Diag::BitField, "it starts at byte " + text(offset) +
                                        ", the one before ends at " +
                                        text(nextOffset));
    nextOffset = offset + size;
    // In this order no sum can overflow.
    if (offset > bytes.size() || size > bytes.size() - offset) {
      sectionMisfit(Diag::BitTruncated, "it has " + text(size) +
                                            " bytes from byte " + text(offset) +
                                            ", the file " + text(bytes.size()));
      continue;
    }
    std::span<const uint8_t> content = bytes.subspan(offset, size);
    uint32_t crc = crc32c(content.data(), content.size());
    if (crc != expectedCrc) {
      sectionMisfit(Diag::BitCrc, "its CRC is " + hex32(crc) +
                                      ", it should be " + hex32(expectedCrc));
      continue;
    }
    if (isNew)
      sections.push_back({tag, content});
  }
  for (Tag tag : tags.first(required))
    if (std::find(found.begin(), found.end(), tag) == found.end()) {
      sensible = false;
      diagnostics.push_back(
          {Diag::BitSection, sectionPlace(tag), "it is missing"});
    }
  // Tags rise in `tags`; those that are not required may be left out.
  if (sensible &&
      !std::is_sorted(found.begin(), found.end(), [&](Tag a, Tag b) {
        return std::find(tags.begin(), tags.end(), a) <
               std::find(tags.begin(), tags.end(), b);
      }))
    misfit(Diag::BitSection, "the sections are not in their order");
  if (nextOffset < bytes.size() && diagnostics.empty())
    misfit(Diag::BitField, "bytes follow the last section");
}

std::string ContainerReader::sectionPlace(Tag tag) const {
  std::string name(tag);
  // An unknown tag may be any four bytes.
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return place + ": section " + name;
}

std::optional<FieldReader> ContainerReader::section(Tag tag) {
  for (const Section &section : sections)
    if (section.tag == tag)
      return FieldReader(section.bytes, sectionPlace(tag), diagnostics);
  return std::nullopt;
}
