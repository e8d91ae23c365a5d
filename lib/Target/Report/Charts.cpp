//===- Charts.cpp - Text, bars, histograms and pictures -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Report/Charts.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>

using namespace nt::report;
using llvm::formatv;

std::string nt::report::escape(llvm::StringRef text) {
  std::string result;
  for (char c : llvm::json::fixUTF8(text))
    switch (c) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '"':
      result += "&quot;";
      break;
    case '\'':
      result += "&#39;";
      break;
    default:
      // XML 1.0 has no other control characters.
      result += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t'
                    ? '?'
                    : c;
    }
  return result;
}

std::string nt::report::siUnit(double value, llvm::StringRef unit) {
  if (value == 0 || !std::isfinite(value))
    return formatv("{0} {1}", value == 0 ? "0" : "?", unit).str();
  static const char *const prefixes[] = {"a", "f", "p", "n", "µ", "m",
                                         "",  "k", "M", "G", "T"};
  double magnitude = std::fabs(value);
  int index = 6;
  // 999.5 would be rounded to 1000.
  for (; magnitude < 0.9995 && index > 0; --index)
    magnitude *= 1e3;
  for (; magnitude >= 999.5 && index < 10; ++index)
    magnitude /= 1e3;
  const int decimals = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0;
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.*f", decimals,
                std::copysign(magnitude, value));
  return formatv("{0} {1}{2}", digits, prefixes[index], unit).str();
}

std::string nt::report::grouped(uint64_t count) {
  std::string digits = std::to_string(count);
  for (size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

/// The opening tag of a chart; it shrinks with the page but never grows.
static std::string open(double width, double height, llvm::StringRef label) {
  return formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" "
                 "role=\"img\" aria-label=\"{0}\" viewBox=\"0 0 {1:f0} "
                 "{2:f0}\" width=\"{1:f0}\" height=\"{2:f0}\">",
                 escape(label), width, height)
      .str();
}

std::string nt::report::barChart(const std::vector<Bar> &bars, double maximum,
                                 llvm::StringRef label) {
  constexpr double right = 150, row = 24;
  double low = 0, high = maximum, left = 0;
  for (const Bar &bar : bars) {
    // About 7 units a letter.
    left = std::max(left, 16 + 7.0 * double(bar.label.size()));
    low = std::min(low, bar.value);
    high = std::max(high, bar.value);
  }
  const double scale = high > low ? kBarArea / (high - low) : 0;
  const double zero = left - low * scale;
  std::string result;
  llvm::raw_string_ostream out(result);
  out << open(left + kBarArea + right, row * double(bars.size()), label);
  double y = 0;
  for (const Bar &bar : bars) {
    const double width = std::fabs(bar.value) * scale;
    const double x = bar.value < 0 ? zero - width : zero;
    out << formatv("<text x=\"{0:f0}\" y=\"{1:f0}\" class=\"end\">{2}</text>",
                   left - 8, y + 16, escape(bar.label))
        << formatv("<rect x=\"{0:f1}\" y=\"{1:f0}\" width=\"{2:f1}\" "
                   "height=\"16\" rx=\"2\" class=\"{3}\"/>",
                   x, y + 4, width, escape(bar.style))
        << formatv("<text x=\"{0:f1}\" y=\"{1:f0}\" class=\"value\">{2}"
                   "</text>",
                   x + width + 6, y + 16, escape(bar.text));
    y += row;
  }
  out << formatv("<path class=\"axis\" d=\"M{0:f1} 0V{1:f0}\"/></svg>", zero,
                 y);
  return result;
}

std::string nt::report::histogram(const std::vector<uint64_t> &counts,
                                  int first, bool skipZero,
                                  llvm::StringRef style,
                                  llvm::StringRef label) {
  constexpr double column = 15, top = 14, bottom = 16;
  uint64_t largest = 0;
  for (size_t i = 0; i < counts.size(); ++i)
    if (!skipZero || first + int(i) != 0)
      largest = std::max(largest, counts[i]);
  std::string result;
  llvm::raw_string_ostream out(result);
  const double base = top + kColumnArea;
  const double width = column * double(counts.size());
  out << open(width, base + bottom, label)
      << formatv("<text x=\"0\" y=\"10\" class=\"small\">{0}</text>",
                 grouped(largest));
  for (size_t i = 0; i < counts.size(); ++i) {
    const int code = first + int(i);
    const double x = column * double(i);
    if (skipZero && code == 0)
      out << formatv("<path class=\"axis\" d=\"M{0:f1} {1:f0}v6\"/>",
                     x + column / 2, base - 6);
    else if (largest > 0 && counts[i] > 0)
      out << formatv("<rect x=\"{0:f1}\" y=\"{1:f2}\" width=\"{2:f1}\" "
                     "height=\"{3:f2}\" class=\"{4}\"><title>code {5}: {6}"
                     "</title></rect>",
                     x + 1, base - kColumnArea * double(counts[i]) / largest,
                     column - 2, kColumnArea * double(counts[i]) / largest,
                     escape(style), code, grouped(counts[i]));
    out << formatv("<text x=\"{0:f1}\" y=\"{1:f0}\" class=\"small middle\">{2}"
                   "</text>",
                   x + column / 2, base + 12, code);
  }
  out << formatv("<path class=\"axis\" d=\"M0 {0:f1}H{1:f0}\"/></svg>", base,
                 width);
  return result;
}

std::string nt::report::stackedBar(const std::vector<Part> &parts,
                                   llvm::StringRef label) {
  double sum = 0;
  for (const Part &part : parts)
    sum += std::max(part.value, 0.0);
  std::string result;
  llvm::raw_string_ostream out(result);
  out << open(kStackWidth, 26, label);
  double x = 0;
  for (const Part &part : parts) {
    if (part.value <= 0)
      continue;
    const double width = kStackWidth * part.value / sum;
    out << formatv("<rect x=\"{0:f1}\" y=\"0\" width=\"{1:f1}\" "
                   "height=\"26\" class=\"{2}\"><title>{3}: {4:f1} %</title>"
                   "</rect>",
                   x, width, escape(part.style), escape(part.label),
                   100 * part.value / sum);
    x += width;
  }
  out << "</svg>";
  return result;
}

std::string nt::report::picture(const std::vector<size_t> &shape,
                                const std::vector<float> &values) {
  size_t channels = 1, height = 0, width = 0;
  if (shape.size() == 2 ||
      (shape.size() == 3 && (shape[0] == 1 || shape[0] == 3))) {
    channels = shape.size() == 3 ? shape[0] : 1;
    height = shape[shape.size() - 2];
    width = shape.back();
  } else if (shape.size() == 1) {
    height = width = static_cast<size_t>(std::lround(std::sqrt(shape[0])));
  }
  if (height == 0 || width == 0 || channels * height * width != values.size())
    return "";

  float largest = 1;
  for (float value : values)
    largest = std::max(largest, value);
  auto level = [&](size_t channel, size_t pixel) {
    const float value = values[channel * height * width + pixel];
    return static_cast<unsigned>(
        std::lround(255 * std::clamp(value / largest, 0.0f, 1.0f)));
  };
  auto colour = [&](size_t pixel) {
    const unsigned red = level(0, pixel);
    return channels == 1 ? red * 0x010101u
                         : red << 16 | level(1, pixel) << 8 | level(2, pixel);
  };
  std::string result;
  llvm::raw_string_ostream out(result);
  out << formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"picture\" "
                 "role=\"img\" aria-label=\"input image\" viewBox=\"0 0 {0} "
                 "{1}\" width=\"168\" height=\"{2}\" "
                 "shape-rendering=\"crispEdges\"><rect width=\"{0}\" "
                 "height=\"{1}\" fill=\"#000000\"/>",
                 width, height, 168 * height / width);
  for (size_t y = 0; y < height; ++y)
    for (size_t x = 0; x < width;) {
      // One rectangle for a run of equal pixels.
      const unsigned value = colour(y * width + x);
      size_t end = x + 1;
      while (end < width && colour(y * width + end) == value)
        ++end;
      if (value != 0)
        out << formatv("<rect x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"1\" "
                       "fill=\"#{3:x-6}\"/>",
                       x, y, end - x, value);
      x = end;
    }
  out << "</svg>";
  return result;
}
