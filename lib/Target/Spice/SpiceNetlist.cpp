//===- SpiceNetlist.cpp - Writing SPICE netlists --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/SpiceNetlist.h"

#include <cassert>
#include <charconv>
#include <cmath>
#include <sstream>

using namespace nt::spice;

std::string nt::spice::formatNumber(double value) {
  assert(std::isfinite(value) && "SPICE has no infinite numbers");
  char text[32];
  // Adding 0 turns -0 into 0.
  auto end = std::to_chars(text, text + sizeof text, value + 0.0,
                           std::chars_format::general, 15)
                 .ptr;
  return std::string(text, end);
}

static bool isPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::string nt::spice::mangleName(std::string_view name) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string mangled;
  for (char c : name) {
    if (isPlain(c)) {
      mangled += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    mangled += {'_', hex[byte >> 4], hex[byte & 15]};
  }
  return mangled;
}

static int hexDigit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::string> nt::spice::demangleName(std::string_view mangled) {
  std::string name;
  for (size_t i = 0; i < mangled.size(); ++i) {
    if (isPlain(mangled[i])) {
      name += mangled[i];
      continue;
    }
    if (mangled[i] != '_' || i + 2 >= mangled.size())
      return std::nullopt;
    int high = hexDigit(mangled[i + 1]), low = hexDigit(mangled[i + 2]);
    if (high < 0 || low < 0)
      return std::nullopt;
    char c = static_cast<char>(high * 16 + low);
    // A plain character is never written in hex, so each name has one form.
    if (isPlain(c))
      return std::nullopt;
    name += c;
    i += 2;
  }
  return name;
}

std::string nt::spice::jsonQuote(std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      quoted += {'\\', c};
    else if (byte < 0x20)
      quoted += std::string("\\u00") + hex[byte >> 4] + hex[byte & 15];
    else
      quoted += c;
  }
  return quoted + '"';
}

std::string nt::spice::neuronName(std::string_view layer,
                                  uint32_t layerNeuron) {
  return mangleName(layer) + '_' + std::to_string(layerNeuron);
}

std::optional<std::pair<std::string, uint32_t>>
nt::spice::parseNeuronName(std::string_view name) {
  size_t split = name.rfind('_');
  if (split == std::string_view::npos)
    return std::nullopt;
  auto layer = demangleName(name.substr(0, split));
  uint32_t index = 0;
  const char *end = name.data() + name.size();
  auto parsed = std::from_chars(name.data() + split + 1, end, index);
  if (!layer || parsed.ec != std::errc() || parsed.ptr != end)
    return std::nullopt;
  return std::pair(*layer, index);
}

std::string nt::spice::nodeJson(const NeuronNodes &neuron) {
  return "{\"spike\": " + jsonQuote(neuron.spike) +
         ", \"membrane\": " + jsonQuote(neuron.membrane) +
         ", \"layer\": " + jsonQuote(neuron.layer) +
         ", \"neuron\": " + std::to_string(neuron.layerNeuron) +
         ", \"column\": " + std::to_string(neuron.column) + "}";
}

std::string nt::spice::nodeJson(const NeuronNodes &neuron, uint32_t core) {
  std::string json = nodeJson(neuron);
  json.back() = ',';
  return json + " \"core\": " + std::to_string(core) + "}";
}

std::string nt::spice::nodeMapJson(uint32_t core,
                                   const std::vector<NeuronNodes> &neurons) {
  std::string json = "{\"core\": " + std::to_string(core) + ", \"neurons\": [";
  for (size_t i = 0; i < neurons.size(); ++i)
    json += (i ? ",\n" : "\n") + nodeJson(neurons[i]);
  return json + "\n]}\n";
}

SpiceNetlist::SpiceNetlist(std::ostream &out, std::string_view title)
    : out(out) {
  out << "* " << title << '\n';
}

void SpiceNetlist::comment(std::string_view text) {
  out << "* " << text << '\n';
}

void SpiceNetlist::verbatim(std::string_view text) { out << text; }

void SpiceNetlist::line(const Names &words) {
  constexpr size_t limit = 78;
  size_t column = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i && column + 1 + words[i].size() > limit) {
      out << "\n+";
      column = 1;
    }
    if (i) {
      out << ' ';
      ++column;
    }
    out << words[i];
    column += words[i].size();
  }
  out << '\n';
}

static void append(SpiceNetlist::Names &words,
                   const std::vector<Parameter> &parameters) {
  for (const Parameter &parameter : parameters)
    words.push_back(parameter.name + '=' + formatNumber(parameter.value));
}

void SpiceNetlist::beginSubcircuit(std::string_view name, const Names &ports,
                                   const std::vector<Parameter> &defaults) {
  Names words{".subckt", std::string(name)};
  words.insert(words.end(), ports.begin(), ports.end());
  if (!defaults.empty())
    words.push_back("params:");
  append(words, defaults);
  line(words);
}

void SpiceNetlist::endSubcircuit(std::string_view name) {
  line({".ends", std::string(name)});
}

void SpiceNetlist::instance(std::string_view name, const Names &nodes,
                            std::string_view cell,
                            const std::vector<Parameter> &parameters) {
  Names words{'X' + std::string(name)};
  words.insert(words.end(), nodes.begin(), nodes.end());
  words.push_back(std::string(cell));
  append(words, parameters);
  line(words);
}

void SpiceNetlist::voltage(std::string_view name, std::string_view node,
                           double volts) {
  line({'V' + std::string(name), std::string(node), "0", formatNumber(volts)});
}

void SpiceNetlist::voltagePwl(
    std::string_view name, std::string_view node,
    const std::vector<std::pair<double, double>> &points) {
  Names words{'V' + std::string(name), std::string(node), "0", "PWL("};
  for (const auto &[time, volts] : points)
    words.push_back(formatNumber(time) + ' ' + formatNumber(volts));
  words.push_back(")");
  line(words);
}
