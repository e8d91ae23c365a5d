//===- Normalisation.cpp - From stored values to inputs -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "ntrt/Normalisation.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

using namespace ntrt;

/// A list of equal numbers as one, and one that is `neutral` as none.
static std::vector<float> shortened(const std::vector<float> &list,
                                    float neutral) {
  if (std::any_of(list.begin(), list.end(),
                  [&](float value) { return value != list.front(); }))
    return list;
  if (list.empty() || list.front() == neutral)
    return {};
  return {list.front()};
}

Normalisation Normalisation::canonical() const {
  return {shortened(mean, 0), shortened(deviation, 1)};
}

bool Normalisation::isIdentity() const {
  const Normalisation shortest = canonical();
  return shortest.mean.empty() && shortest.deviation.empty();
}

bool Normalisation::operator==(const Normalisation &other) const {
  const Normalisation a = canonical(), b = other.canonical();
  return a.mean == b.mean && a.deviation == b.deviation;
}

/// "name=a,b,c" with the shortest numbers that read back as they are.
static std::string field(const char *name, const std::vector<float> &list) {
  std::string text;
  for (float value : list) {
    char digits[32];
    auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    text += (text.empty() ? std::string(name) + "=" : ",") +
            std::string(digits, end);
  }
  return text;
}

std::string Normalisation::str() const {
  const Normalisation shortest = canonical();
  const std::string means = field("mean", shortest.mean),
                    deviations = field("std", shortest.deviation);
  return means + (means.empty() || deviations.empty() ? "" : ";") + deviations;
}

bool Normalisation::readField(const std::string &name, const std::string &value,
                              const std::string &place,
                              DiagnosticList &diagnostics) {
  if (name != "mean" && name != "std")
    return false;
  const bool isDeviation = name == "std";
  std::vector<float> &target = isDeviation ? deviation : mean;
  if (!target.empty())
    diagnostics.push_back(
        {Diag::OptionInvalid, place, "'" + name + "=' is given twice"});
  target.clear();
  // A comma at the end would give no last part.
  std::istringstream parts(value + ",");
  for (std::string part; std::getline(parts, part, ',');) {
    float number = 0;
    const char *end = part.data() + part.size();
    auto [next, error] = std::from_chars(part.data(), end, number);
    if (error != std::errc() || next != end || !std::isfinite(number) ||
        (isDeviation && !(number > 0)))
      diagnostics.push_back({Diag::OptionInvalid, place,
                             "'" + name + "=" + value + "': expected numbers" +
                                 (isDeviation ? " above 0" : "")});
    target.push_back(number);
  }
  return true;
}

Result<Normalisation> Normalisation::parse(const std::string &text,
                                           const std::string &place) {
  Normalisation result;
  DiagnosticList diagnostics;
  std::istringstream fields(text);
  for (std::string entry; std::getline(fields, entry, ';');) {
    const size_t equals = std::min(entry.find('='), entry.size());
    const std::string value =
        equals < entry.size() ? entry.substr(equals + 1) : std::string();
    if (!result.readField(entry.substr(0, equals), value, place, diagnostics))
      diagnostics.push_back(
          {Diag::OptionInvalid, place, "'" + entry + "' is not mean= or std="});
  }
  if (!diagnostics.empty())
    return diagnostics;
  return result;
}

Status Normalisation::apply(std::vector<float> &values,
                            const std::vector<size_t> &sampleShape,
                            const std::string &place) const {
  const Normalisation shortest = canonical();
  if (isIdentity())
    return Done{};
  const size_t channels = sampleShape.size() > 2 ? sampleShape.front() : 1;
  DiagnosticList diagnostics;
  for (const auto &[name, list] : {std::pair("mean=", &shortest.mean),
                                   std::pair("std=", &shortest.deviation)})
    if (list->size() > 1 && list->size() != channels)
      diagnostics.push_back({Diag::OptionInvalid, place,
                             name + std::to_string(list->size()) +
                                 " numbers for " + std::to_string(channels) +
                                 " channels"});
  if (!diagnostics.empty())
    return diagnostics;
  auto of = [](const std::vector<float> &list, size_t channel, float none) {
    return list.empty() ? none : list[list.size() > 1 ? channel : 0];
  };
  size_t positions = 1;
  for (size_t extent : sampleShape)
    positions *= extent;
  positions /= channels;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t channel = i / positions % channels;
    values[i] = (values[i] - of(shortest.mean, channel, 0)) /
                of(shortest.deviation, channel, 1);
  }
  return Done{};
}
