//===- LinePlot.cpp - Lines and dots over common axes ---------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Report/Charts.h"
#include "nt/Target/Report/Cosim.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace nt::report;
using llvm::formatv;

namespace {

constexpr double kWidth = 960, kHeight = 230, kLeft = 64, kBottom = 34,
                 kTop = 20, kRight = 10;

/// The range of values that a plot shows.
struct Range {
  double low = INFINITY, high = -INFINITY;
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  void close() {
    if (!(low < high)) {
      low = std::isfinite(low) ? low - 0.5 : 0;
      high = low + 1;
    }
  }
  double fraction(double value) const { return (value - low) / (high - low); }
};

/// A round step that divides a range into about `count` parts.
double tickStep(const Range &range, double count) {
  const double rough = (range.high - range.low) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (double factor : {1.0, 2.0, 5.0})
    if (rough <= factor * power)
      return factor * power;
  return 10 * power;
}

/// Three digits, no trailing zeros.
std::string shortNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

/// A path through the points; of the points in one column of the plot only the
/// first, lowest, highest and last are kept.
std::string linePath(const std::vector<std::pair<double, double>> &points) {
  std::string path;
  llvm::raw_string_ostream out(path);
  auto emit = [&](const std::pair<double, double> &point) {
    out << formatv("{0}{1:f1} {2:f1}", path.empty() ? "M" : "L", point.first,
                   point.second);
  };
  for (size_t i = 0; i < points.size();) {
    size_t end = i, low = i, high = i;
    while (end < points.size() &&
           std::floor(points[end].first) == std::floor(points[i].first)) {
      if (points[end].second < points[low].second)
        low = end;
      if (points[end].second > points[high].second)
        high = end;
      ++end;
    }
    std::vector<size_t> kept{i, low, high, end - 1};
    std::sort(kept.begin(), kept.end());
    kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
    for (size_t k : kept)
      emit(points[k]);
    i = end;
  }
  return path;
}

} // namespace

std::string nt::report::linePlot(const std::vector<PlotSeries> &series,
                                 llvm::StringRef xLabel, llvm::StringRef yLabel,
                                 llvm::StringRef label,
                                 const std::vector<double> &marks, bool logY) {
  auto scaled = [&](double y) {
    return logY ? std::log10(std::max(y, 1e-300)) : y;
  };
  Range xs, ys;
  for (const PlotSeries &line : series)
    for (size_t i = 0; i < line.x.size(); ++i) {
      if (logY && line.y[i] <= 0)
        continue;
      xs.add(line.x[i]);
      ys.add(scaled(line.y[i]));
    }
  xs.close();
  ys.close();
  auto px = [&](double x) {
    return kLeft + xs.fraction(x) * (kWidth - kLeft - kRight);
  };
  auto py = [&](double y) {
    return kTop + (1 - ys.fraction(scaled(y))) * (kHeight - kTop - kBottom);
  };

  std::string svg;
  llvm::raw_string_ostream out(svg);
  out << formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart "
                 "raster\" role=\"img\" aria-label=\"{0}\" viewBox=\"0 0 "
                 "{1:f0} {2:f0}\" width=\"{1:f0}\" height=\"{2:f0}\">",
                 escape(label), kWidth, kHeight);
  double at = kLeft;
  for (size_t i = 0; i < series.size(); ++i) {
    // A cross for dots, a dash for a line.
    const char *key = series[i].dots ? "M{1:f0} 9h8m-4 -4v8" : "M{1:f0} 9h16";
    out << "<path class=\"" << series[i].style << "\" d=\""
        << formatv(key, 0, series[i].dots ? at + 6 : at)
        << formatv("\"/><text x=\"{0:f0}\" y=\"13\">{1}</text>", at + 22,
                   escape(series[i].label));
    at += 40 + 7.2 * static_cast<double>(series[i].label.size());
  }
  out << formatv("<path class=\"axis\" d=\"M{0:f1} {1:f1}V{2:f1}H{3:f1}\"/>",
                 kLeft, kTop, kHeight - kBottom, kWidth - kRight);
  const double xStep = tickStep(xs, 8), yStep = tickStep(ys, 5);
  for (double x = std::ceil(xs.low / xStep) * xStep;
       x <= xs.high + xStep * 1e-6; x += xStep)
    out << formatv("<text x=\"{0:f1}\" y=\"{1:f1}\" class=\"small middle\">"
                   "{2}</text>",
                   px(x), kHeight - kBottom + 12,
                   shortNumber(std::abs(x) < xStep * 1e-6 ? 0.0 : x));
  for (double y = std::ceil(ys.low / yStep) * yStep;
       y <= ys.high + yStep * 1e-6; y += yStep)
    out << formatv("<text x=\"{0:f1}\" y=\"{1:f1}\" class=\"small end\">{2}"
                   "</text>",
                   kLeft - 5,
                   kTop + (1 - ys.fraction(y)) * (kHeight - kTop - kBottom) + 3,
                   shortNumber(logY                         ? std::pow(10, y)
                               : std::abs(y) < yStep * 1e-6 ? 0.0
                                                            : y));
  out << formatv("<text x=\"{0:f1}\" y=\"{1:f1}\" class=\"small end\">{2}"
                 "</text><text x=\"4\" y=\"13\" class=\"small\">{3}</text>",
                 kWidth - kRight, kHeight - 4, escape(xLabel), escape(yLabel));
  for (double mark : marks)
    out << formatv("<path class=\"axis\" stroke-dasharray=\"3 3\" d=\"M{0:f1} "
                   "{1:f1}V{2:f1}\"/>",
                   px(mark), kTop, kHeight - kBottom);
  for (const PlotSeries &line : series) {
    std::vector<std::pair<double, double>> points;
    for (size_t i = 0; i < line.x.size(); ++i)
      if (!logY || line.y[i] > 0)
        points.emplace_back(px(line.x[i]), py(line.y[i]));
    if (!line.dots) {
      out << formatv("<path class=\"{0}\" d=\"{1}\"/>", line.style,
                     linePath(points));
      continue;
    }
    out << formatv("<path class=\"{0}\" d=\"", line.style);
    for (const auto &[x, y] : points)
      out << formatv("M{0:f1} {1:f1}h5m-2.5 -2.5v5", x - 2.5, y);
    out << "\"/>";
  }
  out << "</svg>";
  return svg;
}
