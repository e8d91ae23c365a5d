//===- DeviceModel.cpp - Reading and checking device files ----------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The limits given here are those of share/nt/device.schema.json; a unit test
// keeps the two in step.
//
//===----------------------------------------------------------------------===//

#include "ntrt/DeviceModel.h"
#include "ExactMath.h"
#include "ntrt/DeviceFile.h"

#include "ntrt/Bitstream.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

using namespace ntrt;
using nlohmann::json;

double DomainModel::volts(uint32_t dacCode) const {
  uint32_t last = dacCodes() - 1;
  if (dacCode >= last)
    return voltsMax;
  return voltsMin + (voltsMax - voltsMin) * dacCode / last;
}

double DomainModel::lsbCurrent_A(uint32_t dacCode) const {
  return current_A(volts(dacCode));
}

double DomainModel::current_A(double v) const {
  auto above = std::upper_bound(curveVolts.begin(), curveVolts.end(), v);
  if (above == curveVolts.begin())
    return curveAmperes.front();
  if (above == curveVolts.end())
    return curveAmperes.back();
  size_t i = above - curveVolts.begin();
  double fraction =
      (v - curveVolts[i - 1]) / (curveVolts[i] - curveVolts[i - 1]);
  return curveAmperes[i - 1] *
         exactExp(fraction * exactLog(curveAmperes[i] / curveAmperes[i - 1]));
}

namespace {
/// Limits of a figure; `open` leaves the lower one out.
struct Range {
  double low, high;
  bool open = false;
};

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr Range kVolts = {-100, 100};
constexpr Range kDuration = {1e-12, 1};
constexpr Range kDelay = {0, 1};
constexpr Range kRate = {0, 1e15, true};
constexpr Range kEnergy = {0, 1e-3};
constexpr Range kPower = {0, 1e3};
constexpr Range kArea = {0, 1e-2};
constexpr Range kRelative = {0, 1};
constexpr Range kDimension = {1, 65536};

std::string printed(double value) {
  std::ostringstream stream;
  stream.precision(10);
  stream << value;
  return stream.str();
}

std::string printed(const Range &range) {
  return (range.open ? "above " + printed(range.low) + " and at most "
                     : "from " + printed(range.low) + " to ") +
         printed(range.high);
}

/// Reads one device file, gathering every misfit. Figures that cannot be read
/// become NaN, so that a check over several figures passes if one is missing.
class Parser {
public:
  Parser(std::string place) : place(std::move(place)) {}

  Result<DeviceModel> parse(const std::string &text);

private:
  /// An object of the file and the members asked for so far.
  struct Group {
    const json *object = nullptr;
    std::string pointer;
    std::set<std::string> asked;
  };

  void report(Diag diag, const std::string &pointer, std::string detail) {
    diagnostics.push_back({diag, place + ":" + pointer, std::move(detail)});
  }

  /// The member `name`, or null after a report that it is missing.
  const json *member(Group &group, const std::string &name) {
    group.asked.insert(name);
    if (!group.object)
      return nullptr;
    auto it = group.object->find(name);
    if (it != group.object->end())
      return &*it;
    report(Diag::DeviceMissingField, group.pointer + "/" + name,
           "'" + name + "' is missing");
    return nullptr;
  }

  Group groupOf(Group &parent, const std::string &name) {
    Group group{member(parent, name), parent.pointer + "/" + name, {}};
    if (group.object && !group.object->is_object()) {
      report(Diag::DeviceFieldType, group.pointer,
             "found " + kind(*group.object) + ", expected an object");
      group.object = nullptr;
    }
    return group;
  }

  /// Reports the members of a group that nothing asked for.
  void finish(const Group &group) {
    if (!group.object)
      return;
    for (const auto &item : group.object->items())
      if (!group.asked.count(item.key()))
        report(Diag::DeviceUnknownField, group.pointer + "/" + item.key(),
               "'" + item.key() + "' is not known here");
  }

  static std::string kind(const json &value) {
    std::string name = value.type_name();
    return (name == "array" || name == "object" ? "an " : "a ") + name;
  }

  /// A member that must be a string; null after a report.
  const std::string *string(Group &group, const std::string &name) {
    const json *value = member(group, name);
    if (!value)
      return nullptr;
    if (!value->is_string()) {
      report(Diag::DeviceFieldType, group.pointer + "/" + name,
             "found " + kind(*value) + ", expected a string");
      return nullptr;
    }
    return value->get_ptr<const std::string *>();
  }

  void unit(Group &group, const std::string &name, const std::string &unit) {
    const std::string *found = string(group, name);
    if (found && *found != unit)
      report(Diag::DeviceFieldType, group.pointer + "/" + name,
             "found unit '" + *found + "', expected '" + unit + "'");
  }

  void source(Group &group) {
    // Canonical JSON has dropped the sources.
    if (canonical)
      return;
    const std::string *found = string(group, "source");
    if (found && found->empty())
      report(Diag::DeviceFieldRange, group.pointer + "/source",
             "the source is empty; write where the figure comes from, or "
             "'assumed'");
  }

  /// A number within `range`, or NaN after a report.
  double number(const json &value, const std::string &pointer, Range range) {
    if (!value.is_number()) {
      report(Diag::DeviceFieldType, pointer,
             "found " + kind(value) + ", expected a number");
      return kNaN;
    }
    double x = value.get<double>();
    if (x < range.low || x > range.high || (range.open && x == range.low)) {
      report(Diag::DeviceFieldRange, pointer,
             "found " + printed(x) + ", expected " + printed(range));
      return kNaN;
    }
    return x;
  }

  /// {"value": number, "unit": unit, "source": ...}
  void figure(Group &group, const std::string &name,
              const std::string &unitName, Range range, double &target) {
    Group figure = groupOf(group, name);
    const json *value = member(figure, "value");
    target = value ? number(*value, figure.pointer + "/value", range) : kNaN;
    unit(figure, "unit", unitName);
    source(figure);
    figure.asked.insert("description");
    finish(figure);
  }

  /// A figure that counts something.
  void count(Group &group, const std::string &name, const std::string &unitName,
             Range range, uint32_t &target) {
    double value = kNaN;
    figure(group, name, unitName, range, value);
    if (std::isnan(value))
      return;
    if (value != std::floor(value))
      report(Diag::DeviceFieldType, group.pointer + "/" + name + "/value",
             "found " + printed(value) + ", expected a whole number");
    else
      target = static_cast<uint32_t>(value);
  }

  /// A member that is one of a few names.
  template <typename Enum>
  void choice(Group &group, const std::string &name,
              const std::vector<std::pair<std::string, Enum>> &choices,
              Enum &target) {
    const std::string *found = string(group, name);
    if (!found)
      return;
    std::string expected;
    for (const auto &[text, value] : choices) {
      if (*found == text) {
        target = value;
        return;
      }
      expected += (expected.empty() ? "'" : " or '") + text + "'";
    }
    report(Diag::DeviceFieldRange, group.pointer + "/" + name,
           "found '" + *found + "', expected " + expected);
  }

  bool curveAxis(Group &group, const std::string &name, Range range,
                 std::vector<double> &target);
  void curve(Group &group, DomainModel &domain);
  void domain(Group &group, const std::string &name, DomainModel &domain);
  void read(const json &root);
  void checkNeuron();
  void checkTimes();

  bool readJson(const std::string &text, json &root);

  std::string place;
  bool canonical = false;
  DeviceModel model;
  DiagnosticList diagnostics;
};

/// Reads an array of at least two strictly increasing numbers; false after a
/// report.
bool Parser::curveAxis(Group &group, const std::string &name, Range range,
                       std::vector<double> &target) {
  const json *values = member(group, name);
  if (!values)
    return false;
  std::string pointer = group.pointer + "/" + name;
  if (!values->is_array()) {
    report(Diag::DeviceFieldType, pointer,
           "found " + kind(*values) + ", expected an array of numbers");
    return false;
  }
  bool good = true;
  for (size_t i = 0; i < values->size(); ++i) {
    target.push_back(
        number((*values)[i], pointer + "/" + std::to_string(i), range));
    good &= !std::isnan(target.back());
    if (i > 0 && target[i] <= target[i - 1]) {
      report(Diag::DeviceCurve, pointer + "/" + std::to_string(i),
             printed(target[i]) + " follows " + printed(target[i - 1]));
      good = false;
    }
  }
  if (target.size() < 2) {
    report(Diag::DeviceCurve, pointer,
           "found " + std::to_string(target.size()) + " points");
    good = false;
  }
  return good;
}

void Parser::curve(Group &group, DomainModel &domain) {
  Group curve = groupOf(group, "curve");
  bool good = curveAxis(curve, "volts", kVolts, domain.curveVolts);
  good &= curveAxis(curve, "amperes", {0, 1, true}, domain.curveAmperes);
  Group units = groupOf(curve, "units");
  unit(units, "volts", "V");
  unit(units, "amperes", "A");
  finish(units);
  source(curve);
  curve.asked.insert("description");
  finish(curve);
  if (!good)
    return;

  if (domain.curveVolts.size() != domain.curveAmperes.size()) {
    report(Diag::DeviceCurve, curve.pointer,
           std::to_string(domain.curveVolts.size()) + " volts against " +
               std::to_string(domain.curveAmperes.size()) + " amperes");
    return;
  }
  // H3: a domain's current is read from the curve, never extrapolated.
  if (domain.voltsMin < domain.curveVolts.front())
    report(Diag::DeviceInconsistent, group.pointer + "/volts_min/value",
           printed(domain.voltsMin) + " V is below the curve's first point, " +
               printed(domain.curveVolts.front()) + " V (rule H3)");
  if (domain.voltsMax > domain.curveVolts.back())
    report(Diag::DeviceInconsistent, group.pointer + "/volts_max/value",
           printed(domain.voltsMax) + " V is above the curve's last point, " +
               printed(domain.curveVolts.back()) + " V (rule H3)");
}

void Parser::domain(Group &parent, const std::string &name,
                    DomainModel &domain) {
  Group group = groupOf(parent, name);
  count(group, "count_per_core", "1", {1, 256}, domain.countPerCore);
  count(group, "dac_bits", "1", {1, 16}, domain.dacBits);
  figure(group, "volts_min", "V", kVolts, domain.voltsMin);
  figure(group, "volts_max", "V", kVolts, domain.voltsMax);
  curve(group, domain);
  figure(group, "settling", "s", kDelay, domain.settling_s);
  figure(group, "static_power", "W", kPower, domain.staticPower_W);
  figure(group, "supply_limit", "A", {0, 1e3, true}, domain.supplyLimit_A);
  finish(group);
  if (domain.voltsMin >= domain.voltsMax)
    report(Diag::DeviceInconsistent, group.pointer + "/volts_min/value",
           printed(domain.voltsMin) + " V is not below volts_max, " +
               printed(domain.voltsMax) + " V");
}

void Parser::checkNeuron() {
  const NeuronModel &n = model.neuron;
  const std::string base = "/neuron/";
  if (n.railLow_V >= n.railHigh_V)
    report(Diag::DeviceInconsistent, base + "rail_low/value",
           printed(n.railLow_V) + " V is not below rail_high, " +
               printed(n.railHigh_V) + " V");
  const std::pair<const char *, double> potentials[] = {
      {"v_rest", n.vRest_V},
      {"v_reset", n.vReset_V},
      {"v_th", n.vThreshold_V},
      {"v_init", n.vInit_V}};
  for (const auto &[name, volts] : potentials) {
    if (volts < n.railLow_V)
      report(Diag::DeviceInconsistent, base + name + "/value",
             printed(volts) + " V is below rail_low, " + printed(n.railLow_V) +
                 " V");
    if (volts > n.railHigh_V)
      report(Diag::DeviceInconsistent, base + name + "/value",
             printed(volts) + " V is above rail_high, " +
                 printed(n.railHigh_V) + " V");
  }
  if (n.vReset_V >= n.vThreshold_V)
    report(Diag::DeviceInconsistent, base + "v_reset/value",
           printed(n.vReset_V) + " V is not below v_th, " +
               printed(n.vThreshold_V) + " V");
  if (n.vInit_V >= n.vThreshold_V)
    report(Diag::DeviceInconsistent, base + "v_init/value",
           printed(n.vInit_V) + " V is not below v_th, " +
               printed(n.vThreshold_V) + " V");
}

void Parser::checkTimes() {
  const NeuronModel &n = model.neuron;
  // Room for the rounding of a product such as 1e5 Hz x 10 us.
  constexpr double kOne = 1 + 1e-9;
  if (model.synapse.pulseWidth_s > model.slot_s)
    report(Diag::DeviceInconsistent, "/synapse/pulse_width/value",
           printed(model.synapse.pulseWidth_s) +
               " s is longer than fabric/slot, " + printed(model.slot_s) +
               " s");
  if (n.maxRate_Hz * model.slot_s > kOne)
    report(Diag::DeviceInconsistent, "/neuron/max_rate/value",
           printed(n.maxRate_Hz) + " Hz is more than one spike a slot, " +
               printed(1 / model.slot_s) + " Hz");
  if (n.reset == ResetKind::Hard && n.maxRate_Hz * n.refractory_s > kOne)
    report(Diag::DeviceInconsistent, "/neuron/max_rate/value",
           printed(n.maxRate_Hz) + " Hz is more than 1/t_ref, " +
               printed(1 / n.refractory_s) + " Hz");
  // So small a leak would drown in the rounding of the closed form.
  double leakPerSlot = n.leak_S * model.slot_s / n.capacitance_F;
  if (leakPerSlot > 0 && leakPerSlot < 1e-9)
    report(Diag::DeviceInconsistent, "/neuron/g_leak/value",
           printed(n.leak_S) + " S leaks less than 1e-9 of the membrane in a "
                               "slot; write 0 for no leak");
}

void Parser::read(const json &root) {
  Group top{&root, "", {"$schema", "description", "canonical"}};
  if (auto it = root.find("canonical"); it != root.end()) {
    canonical = it->is_boolean() && it->get<bool>();
    if (!canonical)
      report(Diag::DeviceFieldRange, "/canonical",
             "only 'true' has a meaning here");
  }

  if (const std::string *name = string(top, "name")) {
    auto good = [](unsigned char c) {
      return c < 128 && (std::isalnum(c) || c == '-' || c == '_' || c == '.');
    };
    if (name->empty() || name->size() > 64 ||
        !std::all_of(name->begin(), name->end(), good))
      report(Diag::DeviceFieldRange, "/name",
             "found '" + *name +
                 "', expected 1 to 64 letters, digits, '-', '_' or '.'");
    model.name = *name;
  }

  Group synapse = groupOf(top, "synapse");
  count(synapse, "digits", "1", {1, 7}, model.synapse.digits);
  choice<SynapseEncoding>(synapse, "encoding",
                          {{"signed_digit", SynapseEncoding::SignedDigit},
                           {"sign_magnitude", SynapseEncoding::SignMagnitude}},
                          model.synapse.encoding);
  if (synapse.object && synapse.object->contains("pairing"))
    choice<ColumnPairing>(
        synapse, "pairing",
        {{"adjacent_columns", ColumnPairing::AdjacentColumns}},
        model.synapse.pairing);
  figure(synapse, "pulse_width", "s", kDuration, model.synapse.pulseWidth_s);
  figure(synapse, "event_offset_charge", "C", {-1e-9, 1e-9},
         model.synapse.eventOffsetCharge_C);
  figure(synapse, "mismatch_sigma", "1", kRelative,
         model.synapse.mismatchSigma);
  finish(synapse);

  Group domains = groupOf(top, "domains");
  domain(domains, "synapse", model.synapseDomain);
  domain(domains, "modulation", model.modulationDomain);
  finish(domains);

  Group neuron = groupOf(top, "neuron");
  figure(neuron, "c_mem", "F", {1e-18, 1e-3}, model.neuron.capacitance_F);
  figure(neuron, "g_leak", "S", {0, 1}, model.neuron.leak_S);
  figure(neuron, "v_rest", "V", kVolts, model.neuron.vRest_V);
  figure(neuron, "v_reset", "V", kVolts, model.neuron.vReset_V);
  figure(neuron, "v_th", "V", kVolts, model.neuron.vThreshold_V);
  figure(neuron, "v_init", "V", kVolts, model.neuron.vInit_V);
  figure(neuron, "rail_low", "V", kVolts, model.neuron.railLow_V);
  figure(neuron, "rail_high", "V", kVolts, model.neuron.railHigh_V);
  figure(neuron, "t_ref", "s", kDelay, model.neuron.refractory_s);
  choice<ResetKind>(
      neuron, "reset",
      {{"hard", ResetKind::Hard}, {"subtract", ResetKind::Subtract}},
      model.neuron.reset);
  figure(neuron, "threshold_sigma", "V", {0, 100},
         model.neuron.thresholdSigma_V);
  figure(neuron, "max_rate", "Hz", kRate, model.neuron.maxRate_Hz);
  finish(neuron);

  Group core = groupOf(top, "core");
  count(core, "axons", "1", kDimension, model.coreAxons);
  count(core, "neurons", "1", kDimension, model.coreNeurons);
  finish(core);

  Group chip = groupOf(top, "chip");
  count(chip, "grid_rows", "1", {1, 1024}, model.gridRows);
  count(chip, "grid_columns", "1", {1, 1024}, model.gridColumns);
  finish(chip);

  Group fabric = groupOf(top, "fabric");
  figure(fabric, "slot", "s", kDuration, model.slot_s);
  count(fabric, "link_latency", "slots", {0, 1024}, model.linkLatency_slots);
  count(fabric, "link_fan_out", "1", {1, 1048576}, model.linkFanOut);
  figure(fabric, "link_event_rate", "Hz", kRate, model.linkEventRate_Hz);
  finish(fabric);

  Group energy = groupOf(top, "energy");
  figure(energy, "per_synaptic_event", "J", kEnergy,
         model.energy.perSynapticEvent_J);
  figure(energy, "per_spike", "J", kEnergy, model.energy.perSpike_J);
  figure(energy, "per_routed_event", "J", kEnergy,
         model.energy.perRoutedEvent_J);
  figure(energy, "static_per_core", "W", kPower, model.energy.staticPerCore_W);
  finish(energy);

  Group area = groupOf(top, "area");
  figure(area, "per_synapse", "m^2", kArea, model.area.perSynapse_m2);
  figure(area, "per_neuron", "m^2", kArea, model.area.perNeuron_m2);
  figure(area, "per_domain", "m^2", kArea, model.area.perDomain_m2);
  finish(area);

  if (root.contains("variation")) {
    VariationModel &v = model.variation;
    Group variation = groupOf(top, "variation");
    figure(variation, "capacitor_sigma", "1", kRelative, v.capacitorSigma);
    figure(variation, "leak_sigma", "1", kRelative, v.leakSigma);
    figure(variation, "volts_sigma", "V", {0, 100}, v.voltsSigma_V);
    figure(variation, "droop", "Ohm", {0, 1e9}, v.droop_Ohm);
    figure(variation, "temperature", "K", {0, 1000}, v.temperature_K);
    figure(variation, "shot_noise", "1", {0, 100}, v.shotNoise);
    figure(variation, "dead_neurons", "1", kRelative, v.deadNeurons);
    figure(variation, "stuck_digits", "1", kRelative, v.stuckDigits);
    finish(variation);
  }

  finish(top);
  checkNeuron();
  checkTimes();
}

/// Parses the text; false after a report. Members given twice are reported but
/// do not stop the reading.
bool Parser::readJson(const std::string &text, json &root) {
  std::vector<std::set<std::string>> open;
  auto watch = [&](int, json::parse_event_t event, json &value) {
    if (event == json::parse_event_t::object_start) {
      open.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      open.pop_back();
    } else if (event == json::parse_event_t::key) {
      std::string key = value.get<std::string>();
      if (!open.back().insert(key).second)
        diagnostics.push_back({Diag::DeviceInconsistent, place,
                               "an object holds '" + key + "' twice"});
    }
    return true;
  };
  try {
    root = json::parse(text, watch);
  } catch (const json::parse_error &error) {
    size_t end = std::min(error.byte, text.size());
    size_t line = 1 + std::count(text.begin(), text.begin() + end, '\n');
    // An error at the very end of a line is that line's.
    if (end > 0 && text[end - 1] == '\n')
      --line;
    diagnostics.push_back(
        {Diag::DeviceSyntax, place + ":" + std::to_string(line), error.what()});
    return false;
  } catch (const json::exception &error) {
    diagnostics.push_back({Diag::DeviceSyntax, place, error.what()});
    return false;
  }
  if (root.is_object())
    return true;
  diagnostics.push_back({Diag::DeviceFieldType, place,
                         "found " + kind(root) + ", expected an object"});
  return false;
}

/// Drops what does not change the hardware and gives every number one form, so
/// that 3, 3.0 and 0.3e1 have the same canonical JSON.
void canonicalize(json &value) {
  if (value.is_object()) {
    for (const char *name : {"$schema", "description", "source"})
      value.erase(name);
  }
  if (value.is_structured()) {
    for (json &child : value)
      canonicalize(child);
  } else if (value.is_number()) {
    // The addition turns -0 into 0.
    value = value.get<double>() + 0.0;
  }
}

Result<DeviceModel> Parser::parse(const std::string &text) {
  json root;
  if (!readJson(text, root))
    return diagnostics;
  read(root);
  if (!diagnostics.empty())
    return diagnostics;
  canonicalize(root);
  // The mark lets the canonical form be parsed again without its sources.
  root["canonical"] = true;
  model.canonicalJson = root.dump();
  model.hash =
      fnv1a64(reinterpret_cast<const uint8_t *>(model.canonicalJson.data()),
              model.canonicalJson.size());
  return model;
}

Result<DeviceModel> loadFile(const std::string &path) {
  Result<Bytes> bytes = readFile(path);
  if (!bytes)
    return bytes.diagnostics();
  return DeviceModel::parse(std::string(bytes->begin(), bytes->end()), path);
}

/// The device folder of the installation this library lies in.
std::optional<std::string> installedFolder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<const void *>(&installedFolder), &info) ||
      !info.dli_fname)
    return std::nullopt;
  std::error_code error;
  std::filesystem::path library =
      std::filesystem::canonical(info.dli_fname, error);
  if (error)
    return std::nullopt;
  return (library.parent_path() / NTRT_INSTALL_DEVICE_DIR)
      .lexically_normal()
      .string();
}
} // namespace

Result<DeviceModel> DeviceModel::parse(const std::string &text,
                                       const std::string &place) {
  return Parser(place).parse(text);
}

Result<std::string> ntrt::findDeviceFile(const std::string &nameOrPath) {
  if (nameOrPath.find('/') != std::string::npos ||
      nameOrPath.ends_with(".json"))
    return nameOrPath;

  std::vector<std::string> folders;
  if (const char *path = std::getenv("NT_DEVICE_PATH")) {
    std::istringstream parts(path);
    for (std::string folder; std::getline(parts, folder, ':');)
      if (!folder.empty())
        folders.push_back(folder);
  }
  if (std::optional<std::string> folder = installedFolder())
    folders.push_back(*folder);
  folders.push_back(NTRT_SOURCE_DEVICE_DIR);

  std::string looked;
  for (const std::string &folder : folders) {
    std::string file = folder + "/" + nameOrPath + ".json";
    std::error_code ignored;
    if (std::filesystem::is_regular_file(file, ignored))
      return file;
    looked += (looked.empty() ? "" : ", ") + file;
  }
  return Diagnostic{Diag::DeviceNotFound, nameOrPath, "looked for " + looked};
}

Result<DeviceModel> DeviceModel::load(const std::string &nameOrPath) {
  Result<std::string> path = findDeviceFile(nameOrPath);
  if (!path)
    return path.diagnostics();
  return loadFile(*path);
}
