//===- Explore.cpp - Points of a trade-off sweep --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Explore.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <algorithm>

using namespace ntc;
namespace json = llvm::json;

std::string ExplorePoint::name() const {
  return llvm::formatv("g{0}-d{1}-b{2}", digits, domains, dacBits).str();
}

std::string ExplorePoint::deviceJson(llvm::StringRef base) const {
  json::Value device = llvm::cantFail(json::parse(base));
  json::Object &root = *device.getAsObject();
  auto set = [](json::Object &in, llvm::StringRef key, unsigned value) {
    (*in.getObject(key))["value"] = value;
  };
  root["name"] = (root.getString("name").value_or("") + "-" + name()).str();
  set(*root.getObject("synapse"), "digits", digits);
  json::Object &kinds = *root.getObject("domains");
  set(*kinds.getObject("synapse"), "count_per_core", domains);
  for (llvm::StringRef kind : {"synapse", "modulation"})
    set(*kinds.getObject(kind), "dac_bits", dacBits);
  return llvm::formatv("{0:2}\n", device).str();
}

std::string ExplorePoint::toJson() const {
  json::Object object{{"digits", digits},
                      {"domains", domains},
                      {"dac_bits", dacBits},
                      {"identity", identity},
                      {"accuracy_percent", accuracy_percent},
                      {"fits", fits}};
  if (fits) {
    object["cores"] = static_cast<int64_t>(cores);
    object["program_bits"] = static_cast<int64_t>(programBits);
    object["task_bits"] = static_cast<int64_t>(taskBits);
    object["chip_accuracy_percent"] = chipAccuracy_percent;
    object["energy_J_per_image"] = energyPerImage_J;
  }
  return llvm::formatv("{0}", json::Value(std::move(object))).str();
}

std::optional<ExplorePoint> ExplorePoint::parse(llvm::StringRef line) {
  llvm::Expected<json::Value> value = json::parse(line);
  if (!value) {
    llvm::consumeError(value.takeError());
    return std::nullopt;
  }
  const json::Object *object = value->getAsObject();
  if (!object || !object->getString("identity"))
    return std::nullopt;
  auto count = [&](llvm::StringRef key) {
    return static_cast<uint64_t>(object->getInteger(key).value_or(0));
  };
  ExplorePoint point;
  point.digits = static_cast<unsigned>(count("digits"));
  point.domains = static_cast<unsigned>(count("domains"));
  point.dacBits = static_cast<unsigned>(count("dac_bits"));
  point.identity = object->getString("identity")->str();
  point.accuracy_percent = object->getNumber("accuracy_percent").value_or(0);
  point.fits = object->getBoolean("fits").value_or(false);
  point.cores = count("cores");
  point.programBits = count("program_bits");
  point.taskBits = count("task_bits");
  point.chipAccuracy_percent =
      object->getNumber("chip_accuracy_percent").value_or(0);
  point.energyPerImage_J = object->getNumber("energy_J_per_image").value_or(0);
  return point;
}

std::optional<std::vector<unsigned>> ntc::parseRange(llvm::StringRef text,
                                                     unsigned most) {
  std::vector<unsigned> values;
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, ',');
  for (llvm::StringRef part : parts) {
    unsigned first = 0, last = 0;
    auto [from, to] = part.split("..");
    if (from.getAsInteger(10, first))
      return std::nullopt;
    last = first;
    if (part.contains("..") && to.getAsInteger(10, last))
      return std::nullopt;
    if (first < 1 || last > most || last < first)
      return std::nullopt;
    for (unsigned value = first; value <= last; ++value)
      values.push_back(value);
  }
  llvm::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

void ntc::markPareto(std::vector<ExplorePoint> &points) {
  auto beats = [](const ExplorePoint &a, const ExplorePoint &b) {
    const bool isNoWorse = a.accuracy_percent >= b.accuracy_percent &&
                           a.energyPerImage_J <= b.energyPerImage_J &&
                           a.programBits <= b.programBits;
    const bool isBetter = a.accuracy_percent > b.accuracy_percent ||
                          a.energyPerImage_J < b.energyPerImage_J ||
                          a.programBits < b.programBits;
    return a.fits && isNoWorse && isBetter;
  };
  for (ExplorePoint &point : points)
    point.isPareto =
        point.fits && llvm::none_of(points, [&](const ExplorePoint &other) {
          return beats(other, point);
        });
}

std::string ntc::paretoPicture(const std::vector<ExplorePoint> &points) {
  constexpr double width = 640, height = 400, margin = 56;
  constexpr llvm::StringLiteral colours[] = {"#4c78a8", "#f58518", "#54a24b",
                                             "#e45756", "#72b7b2", "#b279a2",
                                             "#9d755d"};
  double lowE = 0, highE = 0, lowA = 100, highA = 0;
  for (const ExplorePoint &point : points)
    if (point.fits) {
      highE = std::max(highE, point.energyPerImage_J);
      lowE = lowE > 0 ? std::min(lowE, point.energyPerImage_J)
                      : point.energyPerImage_J;
      lowA = std::min(lowA, point.accuracy_percent);
      highA = std::max(highA, point.accuracy_percent);
    }
  auto place = [](double value, double low, double high, double from,
                  double to) {
    return high > low ? from + (value - low) / (high - low) * (to - from)
                      : (from + to) / 2;
  };
  std::string text =
      llvm::formatv("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "
                    "{0} {1}\" font-family=\"sans-serif\" font-size=\"12\">\n"
                    "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
                    "<text x=\"{2}\" y=\"{3}\" text-anchor=\"middle\">energy "
                    "an image, µJ: {4:f3} to {5:f3}</text>\n"
                    "<text x=\"16\" y=\"24\">accuracy, %: {6:f2} to {7:f2}; "
                    "ringed: Pareto</text>\n",
                    width, height, width / 2, height - 12, 1e6 * lowE,
                    1e6 * highE, lowA, highA)
          .str();
  for (const ExplorePoint &point : points) {
    if (!point.fits)
      continue;
    text +=
        llvm::formatv(
            "<circle cx=\"{0:f1}\" cy=\"{1:f1}\" r=\"5\" fill=\"{2}\"{3}>"
            "<title>{4} digits, {5} domains, {6} bits: {7:f2} %</title>"
            "</circle>\n",
            place(point.energyPerImage_J, lowE, highE, margin, width - margin),
            place(point.accuracy_percent, lowA, highA, height - margin, margin),
            colours[(point.digits - 1) % std::size(colours)],
            point.isPareto ? " stroke=\"black\" stroke-width=\"2\"" : "",
            point.digits, point.domains, point.dacBits, point.accuracy_percent)
            .str();
  }
  std::vector<unsigned> digits;
  for (const ExplorePoint &point : points)
    if (!llvm::is_contained(digits, point.digits))
      digits.push_back(point.digits);
  for (auto [index, count] : llvm::enumerate(digits))
    text += llvm::formatv("<text x=\"{0}\" y=\"{1}\" fill=\"{2}\">{3} digits"
                          "</text>\n",
                          width - margin - 20, margin + 16.0 * double(index),
                          colours[(count - 1) % std::size(colours)], count)
                .str();
  return text + "</svg>\n";
}
