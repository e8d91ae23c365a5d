//===- Charts.h - Inline SVG charts of the report ---------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every function returns one <svg> element with a label for screen readers.
// Colours are CSS classes (fill-0 .. fill-7, stroke-0 .., fill-base), so that
// the page decides them for light and dark. All text given here is escaped.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_REPORT_CHARTS_H
#define NT_TARGET_REPORT_CHARTS_H

#include "nt/Target/Report/ReportData.h"

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace nt::report {

/// Text for HTML and attribute values: markup escaped, control characters and
/// invalid UTF-8 replaced.
std::string escape(llvm::StringRef text);
/// A value with an SI prefix and three digits: siUnit(2.7e-13, "J") is
/// "270 fJ".
std::string siUnit(double value, llvm::StringRef unit);
/// A count with thousands apart: "12,345".
std::string grouped(uint64_t count);
/// How many colour classes there are; layers beyond take them in turn.
inline constexpr unsigned kColours = 8;

struct Bar {
  std::string label, text; ///< Left of the bar, and behind its end.
  double value = 0;
  std::string style; ///< CSS class of the bar.
};
/// Width of the area of a bar chart, in user units: a bar of `maximum` has it
/// if no value is negative.
inline constexpr double kBarArea = 400;
/// Horizontal bars from 0 on a common scale whose end is `maximum`, or the
/// largest value if that is more.
std::string barChart(const std::vector<Bar> &bars, double maximum,
                     llvm::StringRef label);

/// Height of the largest column of a histogram, in user units.
inline constexpr double kColumnArea = 84;
/// Counts of the integers first, first + 1, ...; the code 0 is left to the text
/// if `skipZero`, for it is not stored work but absence.
std::string histogram(const std::vector<uint64_t> &counts, int first,
                      bool skipZero, llvm::StringRef style,
                      llvm::StringRef label);

struct Part {
  std::string label;
  double value = 0;
  std::string style;
};
/// Shares of a whole as one bar of kStackWidth units; negative parts are left
/// out.
inline constexpr double kStackWidth = 960;
std::string stackedBar(const std::vector<Part> &parts, llvm::StringRef label);

/// The device's grid of cores: used cores in the colour of their layer, filled
/// as far as their neurons (to the right) and axons (downwards) reach.
std::string floorplan(const ntrt::Program &program,
                      const ntrt::DeviceModel &device);

/// Most rows a raster shows of a layer, evenly chosen.
inline constexpr size_t kRasterRows = 60;
/// Spikes of one layer, or of the inputs (layer < 0), over the run's slots.
std::string raster(const ntrt::Program &program,
                   const ntrt::DeviceModel &device,
                   const ntrt::SimResult &result, int layer);

/// Samples of shape [h, w], [1, h, w] or [3, h, w], or a square number of
/// values, as pixels; empty for any other shape.
std::string picture(const std::vector<size_t> &shape,
                    const std::vector<float> &values);

} // namespace nt::report

#endif // NT_TARGET_REPORT_CHARTS_H
