//===- RawFile.cpp - Reading ngspice's binary raw files -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A raw file is a text header (title, flags, counts, variables), the line
// "Binary:", and the doubles of each point in the machine's byte order, which
// is little-endian on all machines NT supports.
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/RawFile.h"
#include "ntrt/Bitstream.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <sstream>
#include <string_view>

using namespace nt::spice;
using ntrt::Diag;
using ntrt::Diagnostic;

size_t RawData::find(const std::string &name) const {
  return std::find(names.begin(), names.end(), name) - names.begin();
}

/// The number after "key:" in the header; nothing if there is none.
static std::optional<uint64_t> headerCount(std::string_view header,
                                           std::string_view key) {
  size_t at = header.find(key);
  if (at == std::string_view::npos)
    return std::nullopt;
  at = header.find_first_not_of(' ', at + key.size());
  uint64_t value = 0;
  if (at == std::string_view::npos ||
      std::from_chars(header.data() + at, header.data() + header.size(), value)
              .ec != std::errc())
    return std::nullopt;
  return value;
}

/// The names in the header's table: "<index> <name> <type>" a line.
static std::vector<std::string> variableNames(std::string_view header) {
  std::vector<std::string> names;
  constexpr std::string_view key = "Variables:\n";
  size_t at = header.find('\n' + std::string(key));
  if (at == std::string_view::npos)
    return names;
  std::istringstream lines(std::string(header.substr(at + 1 + key.size())));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string index, name;
    if (!(words >> index >> name))
      break;
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    names.push_back(name);
  }
  return names;
}

static ntrt::Result<RawData> parse(const std::vector<uint8_t> &bytes,
                                   const std::string &place, bool &truncated) {
  auto fail = [&](const std::string &detail) {
    return Diagnostic{Diag::SpiceRaw, place, detail};
  };
  std::string_view text(reinterpret_cast<const char *>(bytes.data()),
                        bytes.size());
  constexpr std::string_view mark = "\nBinary:\n";
  size_t end = text.find(mark);
  if (end == std::string_view::npos)
    return fail("no binary section");
  std::string_view header = text.substr(0, end + 1);
  if (header.find("\nFlags: real") == std::string_view::npos)
    return fail("not a plot of real numbers");

  auto variables = headerCount(header, "No. Variables:");
  auto points = headerCount(header, "No. Points:");
  if (!variables || !points || *variables == 0)
    return fail("the header lacks its counts of variables and points");
  RawData data;
  data.names = variableNames(header);
  if (data.names.size() != *variables)
    return fail("the header names " + std::to_string(data.names.size()) +
                " variables of " + std::to_string(*variables));

  const uint8_t *values = bytes.data() + end + mark.size();
  uint64_t size = bytes.size() - end - mark.size();
  uint64_t perPoint = *variables * sizeof(double);
  // Divide, so that no count of a damaged header can overflow.
  truncated = *points > size / perPoint;
  if (truncated)
    return fail("truncated: " + std::to_string(size / perPoint) +
                " points of " + std::to_string(*points));
  data.points = *points;
  data.values.resize(data.points * *variables);
  if (data.points)
    std::memcpy(data.values.data(), values,
                data.values.size() * sizeof(double));
  return data;
}

ntrt::Result<RawData> nt::spice::parseRaw(const std::vector<uint8_t> &bytes,
                                          const std::string &place) {
  bool truncated = false;
  return parse(bytes, place, truncated);
}

ntrt::Result<RawData> nt::spice::readRaw(const std::string &path,
                                         bool *truncated) {
  auto bytes = ntrt::readFile(path);
  if (!bytes)
    return Diagnostic{Diag::SpiceRaw, path, bytes.diagnostics().front().detail};
  bool isTruncated = false;
  auto data = parse(*bytes, path, isTruncated);
  if (truncated)
    *truncated = isTruncated;
  return data;
}

std::vector<double> nt::spice::risingCrossings(const RawData &data,
                                               size_t variable, double level) {
  std::vector<double> times;
  for (size_t i = 1; i < data.points; ++i) {
    double before = data.at(i - 1, variable), after = data.at(i, variable);
    if (before >= level || after < level)
      continue;
    double from = data.at(i - 1, 0), to = data.at(i, 0);
    times.push_back(from + (to - from) * (level - before) / (after - before));
  }
  return times;
}
