//===- CsvData.cpp - Samples from a table
//-----------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "DataSources.h"

#include "ntrt/Bitstream.h"

#include <charconv>
#include <cmath>
#include <string_view>

using namespace ntrt;

namespace {
/// How many bad rows are named one by one.
constexpr size_t kNamed = 8;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

/// The numbers of a line; false if a field is not one, `bad` says which.
bool parseRow(std::string_view line, std::vector<float> &values,
              std::string &bad) {
  values.clear();
  size_t column = 0;
  while (true) {
    const size_t comma = std::min(line.find(','), line.size());
    const std::string_view field = trimmed(line.substr(0, comma));
    float value = 0;
    auto [next, error] =
        std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || next != field.data() + field.size()) {
      bad = "column " + std::to_string(column + 1) + " is '" +
            std::string(field.substr(0, 40)) + "', not a number";
      return false;
    }
    values.push_back(value);
    ++column;
    if (comma == line.size())
      return true;
    line.remove_prefix(comma + 1);
  }
}
} // namespace

Result<Dataset> ntrt::loadCsv(const std::string &path) {
  Result<Bytes> bytes = readFile(path);
  if (!bytes)
    return bytes.diagnostics();
  std::string_view text(reinterpret_cast<const char *>(bytes->data()),
                        bytes->size());
  Dataset data;
  DiagnosticList diagnostics;
  size_t line = 0, bad = 0, columns = 0;
  auto misfit = [&](Diag diag, const std::string &what) {
    if (bad++ < kNamed)
      diagnostics.push_back({diag, path + ":" + std::to_string(line), what});
  };
  std::vector<float> row;
  std::string problem;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view content = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    if (content.empty())
      continue;
    if (!parseRow(content, row, problem)) {
      if (line > 1) // The first line may be a header.
        misfit(Diag::DataFormat, problem);
      continue;
    }
    if (columns == 0)
      columns = row.size();
    if (row.size() != columns || columns < 2) {
      misfit(Diag::DataShape, std::to_string(row.size()) + " columns, " +
                                  (columns < 2 ? "at least 2 are needed"
                                               : "the first row has " +
                                                     std::to_string(columns)));
      continue;
    }
    const float label = row.back();
    constexpr float kLargest = 1 << 24;
    if (!(label >= 0 && label < kLargest && label == std::floor(label)))
      misfit(Diag::DataLabel, "the label is not a whole number from 0");
    else
      data.labels.push_back(static_cast<uint32_t>(label));
    for (size_t i = 0; i + 1 < columns; ++i) {
      if (!std::isfinite(row[i]))
        misfit(Diag::DataValue,
               "column " + std::to_string(i + 1) + " is not finite");
      data.values.push_back(row[i]);
    }
  }
  if (bad > kNamed)
    diagnostics.push_back({Diag::DataFormat, path,
                           "and " + std::to_string(bad - kNamed) + " more"});
  if (columns == 0 && diagnostics.empty())
    diagnostics.push_back({Diag::DataEmpty, path, "the table has no row"});
  if (!diagnostics.empty())
    return diagnostics;
  data.sampleShape = {columns - 1};
  return data;
}
