//===- BitstreamFields.h - Fields of a bitstream's sections -----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_LIB_BITSTREAMFIELDS_H
#define NTRT_LIB_BITSTREAMFIELDS_H

#include "Container.h"
#include "ntrt/Sources.h"

#include <array>
#include <bit>
#include <optional>
#include <vector>

namespace ntrt {

//===----------------------------------------------------------------------===//
// Sources: a code as `digits` fields of two bits
//===----------------------------------------------------------------------===//

/// Turns sources into codes by table.
class SourceDecoder {
public:
  SourceDecoder(unsigned digits, SynapseEncoding encoding)
      : codes(size_t(1) << (2 * digits)) {
    for (uint32_t sources = 0; sources < codes.size(); ++sources)
      codes[sources] = int16_t(
          codeOf(Sources(sources), digits, encoding).value_or(kInvalid));
  }
  /// The code, or nothing if a source is invalid or signs are mixed where they
  /// may not be.
  std::optional<int8_t> decode(uint32_t sources) const {
    int16_t code = codes[sources];
    if (code == kInvalid)
      return std::nullopt;
    return int8_t(code);
  }

private:
  static constexpr int16_t kInvalid = INT16_MAX;
  std::vector<int16_t> codes;
};

inline size_t payloadSize(uint32_t neurons, unsigned digits) {
  return (size_t(neurons) * digits * 2 + 7) / 8;
}

/// Bits of a domain index: none if there is no choice.
inline unsigned indexBits(size_t domains) {
  return domains > 1 ? unsigned(std::bit_width(domains - 1)) : 0;
}

//===----------------------------------------------------------------------===//
// Routes: lexicographic deltas
//===----------------------------------------------------------------------===//

/// Writes tuples in rising order: fields up to the first that differs from the
/// tuple before as differences, those after it as they are.
template <size_t N> class DeltaWriter {
public:
  explicit DeltaWriter(FieldWriter &out) : out(out) {}
  void write(const std::array<uint32_t, N> &tuple) {
    bool same = true;
    for (size_t i = 0; i < N; ++i) {
      out.varint(same ? tuple[i] - last[i] : tuple[i]);
      same &= tuple[i] == last[i];
    }
    last = tuple;
  }

private:
  FieldWriter &out;
  std::array<uint32_t, N> last{};
};

template <size_t N> class DeltaReader {
public:
  explicit DeltaReader(FieldReader &in) : in(in) {}
  std::array<uint32_t, N> read() {
    std::array<uint32_t, N> tuple;
    bool same = true;
    for (size_t i = 0; i < N; ++i) {
      uint32_t base = same ? last[i] : 0;
      tuple[i] = base + in.varint32("a route's field", UINT32_MAX - base);
      same &= tuple[i] == last[i];
    }
    last = tuple;
    return tuple;
  }

private:
  FieldReader &in;
  std::array<uint32_t, N> last{};
};

} // namespace ntrt

#endif // NTRT_LIB_BITSTREAMFIELDS_H
