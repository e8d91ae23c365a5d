//===- CharacterizedDevice.cpp - A device file from measured figures ------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/Characterization.h"
#include "ntrt/Bitstream.h"
#include "ntrt/DeviceFile.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

using namespace nt::spice;
using ntrt::Diag;
using ntrt::Diagnostic;
using Json = nlohmann::ordered_json;

/// Five digits: what the benches are good for, and a file people can read.
static double rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.5g", value);
  return std::strtod(text, nullptr);
}

/// A curve's figures in place of the base's. Its ends are the DAC's range
/// itself, not what is left of it after the sweep's rounding.
static Json curveJson(const Curve &curve, const ntrt::DomainModel &domain,
                      const std::string &source) {
  Json volts = Json::array(), amperes = Json::array();
  for (size_t i = 0; i < curve.x.size(); ++i) {
    double x = i == 0                    ? domain.voltsMin
               : i + 1 == curve.x.size() ? domain.voltsMax
                                         : rounded(curve.x[i]);
    volts.push_back(x);
    amperes.push_back(rounded(curve.y[i]));
  }
  return Json{{"volts", volts},
              {"amperes", amperes},
              {"units", Json{{"volts", "V"}, {"amperes", "A"}}},
              {"source", curve.what + "; " + source}};
}

ntrt::Result<std::string>
nt::spice::deviceJson(const Characterization &result,
                      const CharacterizationOptions &options,
                      const std::string &name, const std::string &command) {
  auto path = ntrt::findDeviceFile(options.base);
  if (!path)
    return path.diagnostics();
  auto bytes = ntrt::readFile(*path);
  auto base = ntrt::DeviceModel::load(options.base);
  if (!bytes)
    return bytes.diagnostics();
  if (!base)
    return base.diagnostics();
  Json device = Json::parse(bytes->begin(), bytes->end(), nullptr, false);

  const Measurements &found = result.measurements;
  std::string source =
      result.simulator + ", " + result.cells + ", '" + command + "'";
  ntrt::DiagnosticList misfits;
  device["name"] = name;
  device["description"] =
      "Characterised from NT's transistor-level cells: " + result.cells + "; " +
      std::to_string(base->gridRows) + " x " +
      std::to_string(base->gridColumns) + " cores of " +
      std::to_string(base->coreAxons) + " axons and " +
      std::to_string(base->coreNeurons) + " neurons, slot and fabric of " +
      base->name + '.';
  for (const Figure &figure : found.figures()) {
    if (figure.name[0] != '/')
      continue;
    double value = rounded(figure.value);
    if (!std::isfinite(value)) {
      misfits.push_back({Diag::SpiceFigure, figure.name, "not a number"});
      continue;
    }
    // Written afresh, so that no description of the base stays behind.
    device[Json::json_pointer(figure.name)] = {
        {"value", value},
        {"unit", figure.unit},
        {"source", figure.what + "; " + source}};
  }
  for (auto [curve, domain, model] :
       {std::tuple("event_lsb", "synapse", &base->synapseDomain),
        {"modulation_dc_lsb", "modulation", &base->modulationDomain}}) {
    const Curve *measured = found.curve(curve);
    if (!measured) {
      misfits.push_back({Diag::SpiceFigure, curve, "not measured"});
      continue;
    }
    device["domains"][domain]["curve"] = curveJson(*measured, *model, source);
  }
  // The membrane starts at the same fraction of its swing as the base's.
  const ntrt::NeuronModel &neuron = base->neuron;
  double low = found.value("/neuron/v_reset"),
         high = found.value("/neuron/v_th");
  double part = (neuron.vInit_V - neuron.vReset_V) /
                (neuron.vThreshold_V - neuron.vReset_V);
  if (std::isfinite(low) && std::isfinite(high))
    device["neuron"]["v_init"] = {
        {"value", rounded(low + part * (high - low))},
        {"unit", "V"},
        {"source",
         "assumed: as far between V_reset and V_th as in " + base->name}};
  if (!misfits.empty())
    return misfits;

  std::string text = device.dump(2) + '\n';
  auto checked = ntrt::DeviceModel::parse(text, name + ".json");
  if (!checked)
    return checked.diagnostics();
  return text;
}

std::string nt::spice::measurementsJson(const Characterization &result,
                                        const std::string &command) {
  Json figures = Json::array(), curves = Json::array();
  for (const Figure &figure : result.measurements.figures())
    figures.push_back({{"name", figure.name},
                       {"value", figure.value},
                       {"unit", figure.unit},
                       {"what", figure.what}});
  for (const Curve &curve : result.measurements.curves())
    curves.push_back({{"name", curve.name},
                      {"x_unit", curve.xUnit},
                      {"y_unit", curve.yUnit},
                      {"what", curve.what},
                      {"x", curve.x},
                      {"y", curve.y}});
  Json failures = Json::array();
  for (const Diagnostic &failure : result.failures)
    failures.push_back(failure.str());
  return Json{{"command", command},
              {"cells", result.cells},
              {"simulator", result.simulator},
              {"complete", result.complete()},
              {"missing", result.missing},
              {"failures", failures},
              {"figures", figures},
              {"curves", curves}}
             .dump(2) +
         '\n';
}
