//===- DeviceModelTest.cpp - Reading and checking device files ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The schema and the parser are two accounts of one format: the tests under
// DeviceSchema walk the schema and ask the parser about each thing it says.
//
//===----------------------------------------------------------------------===//

#include "ntrt/DeviceModel.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <unistd.h>

using namespace ntrt;
using nlohmann::json;
using Pointer = json::json_pointer;

namespace {
std::string textOf(const std::string &path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string devicePath(const std::string &name) {
  return NTRT_TEST_SHARE_DIR "/devices/" + name + ".json";
}

json deviceJson(const std::string &name = "nt1") {
  return json::parse(textOf(devicePath(name)));
}

json schemaJson() {
  return json::parse(textOf(NTRT_TEST_SHARE_DIR "/device.schema.json"));
}

Result<DeviceModel> parse(const json &device) {
  return DeviceModel::parse(device.dump(1), "nt1.json");
}

DiagnosticList misfits(const json &device) {
  Result<DeviceModel> result = parse(device);
  return result ? DiagnosticList{} : result.diagnostics();
}

bool has(const DiagnosticList &list, Diag diag, const std::string &pointer) {
  for (const Diagnostic &d : list)
    if (d.diag == diag && d.place == "nt1.json:" + pointer)
      return true;
  return false;
}

/// nt1 with one value changed.
json with(const std::string &pointer, const json &value) {
  json device = deviceJson();
  device[Pointer(pointer)] = value;
  return device;
}

json without(const std::string &pointer) {
  json device = deviceJson();
  Pointer p(pointer);
  device[p.parent_pointer()].erase(p.back());
  return device;
}

/// Calls `visit` with each subschema of the device that says something about a
/// member, its pointer in a device, and whether the member is required.
using Visitor =
    std::function<void(const json &schema, const std::string &, bool required)>;
void walk(const json &root, const json &schema, const std::string &pointer,
          const Visitor &visit) {
  for (const auto &item : schema["properties"].items()) {
    json member = item.value();
    if (member.contains("$ref"))
      member = root[Pointer(member["$ref"].get<std::string>().substr(1))];
    const json &required = schema["required"];
    bool needed = std::find(required.begin(), required.end(), item.key()) !=
                  required.end();
    std::string place = pointer + "/" + item.key();
    visit(member, place, needed);
    if (member.contains("properties"))
      walk(root, member, place, visit);
  }
}

/// A folder that goes away with the test.
struct TemporaryFolder {
  std::filesystem::path path;
  TemporaryFolder() {
    char pattern[] = "/tmp/ntrt-device-XXXXXX";
    path = mkdtemp(pattern);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string write(const std::string &name, const std::string &text) const {
    std::ofstream(path / name) << text;
    return path / name;
  }
};

struct DevicePath {
  explicit DevicePath(const std::string &value) {
    setenv("NT_DEVICE_PATH", value.c_str(), 1);
  }
  ~DevicePath() { unsetenv("NT_DEVICE_PATH"); }
};
} // namespace

//===----------------------------------------------------------------------===//
// Schema and parser in step
//===----------------------------------------------------------------------===//

TEST(DeviceSchema, RequiresWhatTheParserRequires) {
  json root = schemaJson();
  int required = 0;
  walk(root, root, "",
       [&](const json &, const std::string &pointer, bool needed) {
         json device = without(pointer);
         DiagnosticList found = misfits(device);
         if (needed) {
           ++required;
           ASSERT_EQ(found.size(), 1u) << pointer << "\n" << toString(found);
           EXPECT_EQ(found[0].diag, Diag::DeviceMissingField) << pointer;
           EXPECT_EQ(found[0].place, "nt1.json:" + pointer);
         } else {
           EXPECT_TRUE(found.empty()) << pointer << "\n" << toString(found);
         }
       });
  EXPECT_GT(required, 150);
}

TEST(DeviceSchema, KnowsEveryMemberOfTheShippedDevices) {
  json root = schemaJson();
  std::set<std::string> known;
  walk(root, root, "", [&](const json &, const std::string &pointer, bool) {
    known.insert(pointer);
  });
  std::function<void(const json &, const std::string &)> check =
      [&](const json &value, const std::string &pointer) {
        for (const auto &item : value.items()) {
          std::string place = pointer + "/" + item.key();
          EXPECT_TRUE(known.count(place)) << place;
          if (item.value().is_object())
            check(item.value(), place);
        }
      };
  check(deviceJson("nt1"), "");
  check(deviceJson("nt1-tiny"), "");
}

TEST(DeviceSchema, TypesAreThoseOfTheParser) {
  json root = schemaJson();
  int checked = 0;
  walk(root, root, "",
       [&](const json &schema, const std::string &pointer, bool) {
         if (pointer == "/$schema" || pointer.ends_with("description"))
           return;
         ++checked;
         // No member may be a boolean.
         EXPECT_TRUE(
             has(misfits(with(pointer, true)), Diag::DeviceFieldType, pointer))
             << pointer;
         std::string type = schema.value("type", "string");
         json wrong = type == "string" ? json(1.5) : json("1.5");
         EXPECT_TRUE(
             has(misfits(with(pointer, wrong)), Diag::DeviceFieldType, pointer))
             << pointer;
         if (type == "integer") {
           EXPECT_TRUE(
               has(misfits(with(pointer, 1.5)), Diag::DeviceFieldType, pointer))
               << pointer;
         }
       });
  EXPECT_GT(checked, 150);
}

TEST(DeviceSchema, LimitsAreThoseOfTheParser) {
  json root = schemaJson();
  int checked = 0;
  auto check = [&](const json &schema, const std::string &pointer) {
    auto outside = [&](double value) {
      return has(misfits(with(pointer, value)), Diag::DeviceFieldRange,
                 pointer);
    };
    bool whole = schema["type"] == "integer";
    bool open = schema.contains("exclusiveMinimum");
    double low = open ? schema["exclusiveMinimum"] : schema["minimum"];
    double high = schema["maximum"];
    double below = whole ? low - 1 : std::nextafter(low, -INFINITY);
    double above = whole ? high + 1 : std::nextafter(high, INFINITY);
    EXPECT_TRUE(outside(below)) << pointer;
    EXPECT_EQ(outside(low), open) << pointer;
    EXPECT_FALSE(outside(high)) << pointer;
    EXPECT_TRUE(outside(above)) << pointer;
    ++checked;
  };
  walk(root, root, "",
       [&](const json &schema, const std::string &pointer, bool) {
         if (schema.contains("maximum"))
           check(schema, pointer);
         if (schema.contains("items"))
           check(schema["items"], pointer + "/0");
       });
  EXPECT_GT(checked, 45);
}

TEST(DeviceSchema, UnitsAreThoseOfTheParser) {
  json root = schemaJson();
  int checked = 0;
  walk(root, root, "",
       [&](const json &schema, const std::string &pointer, bool) {
         if (!schema.contains("const"))
           return;
         ++checked;
         EXPECT_TRUE(misfits(with(pointer, schema["const"])).empty())
             << pointer;
         EXPECT_TRUE(
             has(misfits(with(pointer, "kg")), Diag::DeviceFieldType, pointer))
             << pointer;
       });
  EXPECT_GT(checked, 40);
}

TEST(DeviceSchema, ChoicesAreThoseOfTheParser) {
  json root = schemaJson();
  int checked = 0;
  walk(root, root, "",
       [&](const json &schema, const std::string &pointer, bool) {
         if (!schema.contains("enum"))
           return;
         for (const json &choice : schema["enum"]) {
           ++checked;
           EXPECT_TRUE(misfits(with(pointer, choice)).empty()) << pointer;
         }
         EXPECT_TRUE(has(misfits(with(pointer, "none")), Diag::DeviceFieldRange,
                         pointer))
             << pointer;
       });
  EXPECT_EQ(checked, 5);
}

TEST(DeviceSchema, NoObjectTakesUnknownMembers) {
  json root = schemaJson();
  int checked = 0;
  auto check = [&](const json &schema, const std::string &pointer) {
    EXPECT_EQ(schema["additionalProperties"], false) << pointer;
    std::string unknown = pointer + "/capcitance";
    DiagnosticList found = misfits(with(unknown, 1));
    EXPECT_EQ(found.size(), 1u) << pointer;
    EXPECT_TRUE(has(found, Diag::DeviceUnknownField, unknown)) << pointer;
    ++checked;
  };
  check(root, "");
  walk(root, root, "",
       [&](const json &schema, const std::string &pointer, bool) {
         if (schema.contains("properties"))
           check(schema, pointer);
       });
  EXPECT_GT(checked, 50);
}

TEST(DeviceSchema, EverySourceSaysSomething) {
  for (const char *name : {"nt1", "nt1-tiny"}) {
    json device = deviceJson(name).flatten();
    int sources = 0;
    for (const auto &item : device.items())
      if (item.key().ends_with("/source")) {
        ++sources;
        EXPECT_FALSE(item.value().get<std::string>().empty()) << item.key();
      }
    EXPECT_GT(sources, 40) << name;
  }
  EXPECT_TRUE(has(misfits(with("/neuron/c_mem/source", "")),
                  Diag::DeviceFieldRange, "/neuron/c_mem/source"));
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

TEST(DeviceModel, ShippedDevicesHoldWhatTheirFilesSay) {
  for (const char *name : {"nt1", "nt1-tiny"}) {
    json file = deviceJson(name);
    Result<DeviceModel> d = DeviceModel::load(devicePath(name));
    ASSERT_TRUE(d) << toString(d.diagnostics());
    auto value = [&](const char *pointer) {
      return file[Pointer(std::string(pointer) + "/value")].get<double>();
    };
    EXPECT_EQ(d->name, name);
    EXPECT_EQ(d->synapse.digits, value("/synapse/digits"));
    EXPECT_EQ(d->synapse.pulseWidth_s, value("/synapse/pulse_width"));
    EXPECT_EQ(d->synapse.eventOffsetCharge_C,
              value("/synapse/event_offset_charge"));
    EXPECT_EQ(d->synapse.mismatchSigma, value("/synapse/mismatch_sigma"));
    for (bool synapse : {true, false}) {
      const DomainModel &m =
          d->domain(synapse ? DomainKind::Synapse : DomainKind::Modulation);
      std::string base = synapse ? "/domains/synapse/" : "/domains/modulation/";
      EXPECT_EQ(m.countPerCore, value((base + "count_per_core").c_str()));
      EXPECT_EQ(m.dacBits, value((base + "dac_bits").c_str()));
      EXPECT_EQ(m.voltsMin, value((base + "volts_min").c_str()));
      EXPECT_EQ(m.voltsMax, value((base + "volts_max").c_str()));
      EXPECT_EQ(json(m.curveVolts), file[Pointer(base + "curve/volts")]);
      EXPECT_EQ(json(m.curveAmperes), file[Pointer(base + "curve/amperes")]);
      EXPECT_EQ(m.settling_s, value((base + "settling").c_str()));
      EXPECT_EQ(m.staticPower_W, value((base + "static_power").c_str()));
      EXPECT_EQ(m.supplyLimit_A, value((base + "supply_limit").c_str()));
    }
    EXPECT_EQ(d->neuron.capacitance_F, value("/neuron/c_mem"));
    EXPECT_EQ(d->neuron.leak_S, value("/neuron/g_leak"));
    EXPECT_EQ(d->neuron.vRest_V, value("/neuron/v_rest"));
    EXPECT_EQ(d->neuron.vReset_V, value("/neuron/v_reset"));
    EXPECT_EQ(d->neuron.vThreshold_V, value("/neuron/v_th"));
    EXPECT_EQ(d->neuron.vInit_V, value("/neuron/v_init"));
    EXPECT_EQ(d->neuron.railLow_V, value("/neuron/rail_low"));
    EXPECT_EQ(d->neuron.railHigh_V, value("/neuron/rail_high"));
    EXPECT_EQ(d->neuron.refractory_s, value("/neuron/t_ref"));
    EXPECT_EQ(d->neuron.thresholdSigma_V, value("/neuron/threshold_sigma"));
    EXPECT_EQ(d->neuron.maxRate_Hz, value("/neuron/max_rate"));
    EXPECT_EQ(d->neuron.reset == ResetKind::Hard,
              file["neuron"]["reset"] == "hard");
    EXPECT_EQ(d->coreAxons, value("/core/axons"));
    EXPECT_EQ(d->coreNeurons, value("/core/neurons"));
    EXPECT_EQ(d->gridRows, value("/chip/grid_rows"));
    EXPECT_EQ(d->gridColumns, value("/chip/grid_columns"));
    EXPECT_EQ(d->slot_s, value("/fabric/slot"));
    EXPECT_EQ(d->linkLatency_slots, value("/fabric/link_latency"));
    EXPECT_EQ(d->linkFanOut, value("/fabric/link_fan_out"));
    EXPECT_EQ(d->linkEventRate_Hz, value("/fabric/link_event_rate"));
    EXPECT_EQ(d->energy.perSynapticEvent_J,
              value("/energy/per_synaptic_event"));
    EXPECT_EQ(d->energy.perSpike_J, value("/energy/per_spike"));
    EXPECT_EQ(d->energy.perRoutedEvent_J, value("/energy/per_routed_event"));
    EXPECT_EQ(d->energy.staticPerCore_W, value("/energy/static_per_core"));
    EXPECT_EQ(d->area.perSynapse_m2, value("/area/per_synapse"));
    EXPECT_EQ(d->area.perNeuron_m2, value("/area/per_neuron"));
    EXPECT_EQ(d->area.perDomain_m2, value("/area/per_domain"));
  }
}

TEST(DeviceModel, BothResetKindsAreShipped) {
  EXPECT_EQ(parse(deviceJson("nt1"))->neuron.reset, ResetKind::Subtract);
  EXPECT_EQ(parse(deviceJson("nt1-tiny"))->neuron.reset, ResetKind::Hard);
}

TEST(DeviceModel, EncodingIsRead) {
  EXPECT_EQ(parse(deviceJson())->synapse.encoding,
            SynapseEncoding::SignedDigit);
  EXPECT_EQ(
      parse(with("/synapse/encoding", "sign_magnitude"))->synapse.encoding,
      SynapseEncoding::SignMagnitude);
  EXPECT_EQ(parse(with("/synapse/digits/value", 5))->synapse.maxCode(), 31);
}

TEST(DomainModel, VoltsAreLinearInTheCode) {
  DomainModel domain = parse(deviceJson())->synapseDomain;
  ASSERT_EQ(domain.dacCodes(), 128u);
  EXPECT_EQ(domain.volts(0), domain.voltsMin);
  EXPECT_EQ(domain.volts(127), domain.voltsMax);
  double step = (domain.voltsMax - domain.voltsMin) / 127;
  for (uint32_t code = 1; code < 128; ++code)
    EXPECT_NEAR(domain.volts(code) - domain.volts(code - 1), step, 1e-12);
}

TEST(DomainModel, CurrentMeetsTheCurvesPointsAndRises) {
  DomainModel domain;
  domain.dacBits = 3; // 8 codes on the 8 points of the curve.
  domain.voltsMin = 0.9;
  domain.voltsMax = 1.6;
  domain.curveVolts = {0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6};
  domain.curveAmperes = {7.6e-11, 2.2e-10, 6.7e-10, 1.9e-9,
                         5.0e-9,  1.3e-8,  3.4e-8,  8.1e-8};
  for (uint32_t code = 0; code < 8; ++code)
    EXPECT_NEAR(domain.lsbCurrent_A(code) / domain.curveAmperes[code], 1, 1e-9);
  EXPECT_EQ(domain.lsbCurrent_A(7), domain.curveAmperes.back());
  domain.dacBits = 12;
  for (uint32_t code = 1; code < domain.dacCodes(); ++code)
    EXPECT_GT(domain.lsbCurrent_A(code), domain.lsbCurrent_A(code - 1));
}

TEST(DomainModel, CurrentIsLogLinearBetweenPoints) {
  DomainModel domain;
  domain.dacBits = 1;
  domain.curveVolts = {0, 1, 2};
  domain.curveAmperes = {1e-9, 4e-9, 64e-9};
  domain.voltsMin = 0.5;
  domain.voltsMax = 1.5;
  EXPECT_NEAR(domain.lsbCurrent_A(0), 2e-9, 1e-20);
  EXPECT_NEAR(domain.lsbCurrent_A(1), 16e-9, 1e-20);
}

TEST(DeviceModel, StepsAreFractionsOfTheThreshold) {
  DeviceModel device = *parse(deviceJson());
  double charge = device.neuron.capacitance_F *
                  (device.neuron.vThreshold_V - device.neuron.vReset_V);
  EXPECT_DOUBLE_EQ(device.thresholdCharge_C(), charge);
  EXPECT_DOUBLE_EQ(device.synapseStep(5e-9),
                   5e-9 * device.synapse.pulseWidth_s / charge);
  EXPECT_DOUBLE_EQ(device.modulationStep(5e-9), 5e-9 * device.slot_s / charge);
}

//===----------------------------------------------------------------------===//
// Contradictions
//===----------------------------------------------------------------------===//

TEST(DeviceModel, ContradictionsAreNamedWithTheirPlace) {
  const std::pair<std::string, double> cases[] = {
      {"/synapse/pulse_width/value", 2e-5}, // above the slot
      {"/neuron/v_reset/value", 1.25},      // above v_th
      {"/neuron/v_init/value", 1.25},       // above v_th
      {"/neuron/v_rest/value", -0.1},       // below the lower rail
      {"/neuron/v_th/value", 1.9},          // above the upper rail
      {"/neuron/max_rate/value", 2e5},      // two a slot
      {"/neuron/g_leak/value", 1e-30},      // lost in rounding
      {"/domains/synapse/volts_min/value", 0.7},
      {"/domains/modulation/volts_max/value", 1.7},
  };
  for (const auto &[pointer, value] : cases) {
    DiagnosticList found = misfits(with(pointer, value));
    EXPECT_EQ(found.size(), 1u) << pointer << "\n" << toString(found);
    EXPECT_TRUE(has(found, Diag::DeviceInconsistent, pointer))
        << pointer << "\n"
        << toString(found);
  }
  EXPECT_TRUE(has(misfits(with("/neuron/rail_low/value", 2)),
                  Diag::DeviceInconsistent, "/neuron/rail_low/value"));
  EXPECT_TRUE(has(misfits(with("/domains/synapse/volts_min/value", 1.6)),
                  Diag::DeviceInconsistent,
                  "/domains/synapse/volts_min/value"));
}

TEST(DeviceModel, RefractoryTimeLimitsTheRateOfAHardResetOnly) {
  json device = with("/neuron/t_ref/value", 2e-5);
  EXPECT_TRUE(misfits(device).empty());
  device["neuron"]["reset"] = "hard";
  EXPECT_TRUE(
      has(misfits(device), Diag::DeviceInconsistent, "/neuron/max_rate/value"));
}

TEST(DeviceModel, CurvesMustRise) {
  const std::string base = "/domains/synapse/curve";
  json flat =
      with(base + "/amperes/3", deviceJson()[Pointer(base + "/amperes/2")]);
  EXPECT_TRUE(has(misfits(flat), Diag::DeviceCurve, base + "/amperes/3"));
  json falling = with(base + "/volts/7", 1.1);
  EXPECT_TRUE(has(misfits(falling), Diag::DeviceCurve, base + "/volts/7"));
  json single = with(base + "/volts", json::array({0.9}));
  EXPECT_TRUE(has(misfits(single), Diag::DeviceCurve, base + "/volts"));
  json uneven = deviceJson();
  uneven[Pointer(base + "/amperes")].erase(7);
  EXPECT_TRUE(has(misfits(uneven), Diag::DeviceCurve, base));
  json text = with(base + "/volts/2", "1.1");
  EXPECT_TRUE(has(misfits(text), Diag::DeviceFieldType, base + "/volts/2"));
}

TEST(DeviceModel, AllMisfitsAreReportedInOneRun) {
  json device = deviceJson();
  device.erase("core");
  device["neuron"]["c_mem"].erase("value");
  device["neuron"]["g_leak"]["unit"] = "nS";
  device["neuron"]["v_reset"]["value"] = 1.3;
  device["fabric"]["slots"] = 3;
  device["synapse"]["digits"]["value"] = 0;
  DiagnosticList found = misfits(device);
  EXPECT_EQ(found.size(), 6u) << toString(found);
  EXPECT_TRUE(has(found, Diag::DeviceMissingField, "/core"));
  EXPECT_TRUE(has(found, Diag::DeviceMissingField, "/neuron/c_mem/value"));
  EXPECT_TRUE(has(found, Diag::DeviceFieldType, "/neuron/g_leak/unit"));
  EXPECT_TRUE(has(found, Diag::DeviceInconsistent, "/neuron/v_reset/value"));
  EXPECT_TRUE(has(found, Diag::DeviceUnknownField, "/fabric/slots"));
  EXPECT_TRUE(has(found, Diag::DeviceFieldRange, "/synapse/digits/value"));
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

TEST(DeviceModel, SyntaxErrorsNameTheLine) {
  auto result =
      DeviceModel::parse("{\n  \"name\": \"a\",\n  oops\n}", "d.json");
  ASSERT_FALSE(result);
  ASSERT_EQ(result.diagnostics().size(), 1u);
  EXPECT_EQ(result.diagnostics()[0].diag, Diag::DeviceSyntax);
  EXPECT_EQ(result.diagnostics()[0].place, "d.json:3");
}

TEST(DeviceModel, TruncationAnywhereIsAnErrorNotACrash) {
  std::string text = textOf(devicePath("nt1-tiny"));
  text.resize(text.find_last_of('}'));
  for (size_t size = 0; size < text.size(); size += 13) {
    auto result = DeviceModel::parse(text.substr(0, size), "cut");
    ASSERT_FALSE(result) << size;
    EXPECT_EQ(result.diagnostics()[0].diag, Diag::DeviceSyntax) << size;
  }
}

TEST(DeviceModel, OddTextsAreRefused) {
  for (const char *text : {"", "null", "[]", "3", "\"nt1\"", "\xff\xfe", "{}",
                           "{\"name\": 1e999}", "{} {}"})
    EXPECT_FALSE(DeviceModel::parse(text, "odd")) << text;
  std::string deep(100000, '[');
  EXPECT_FALSE(DeviceModel::parse(deep, "deep"));
}

TEST(DeviceModel, MembersGivenTwiceAreRefused) {
  std::string text = deviceJson().dump();
  text.insert(1, "\"name\": \"other\", ");
  auto result = DeviceModel::parse(text, "twice");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.diagnostics()[0].diag, Diag::DeviceInconsistent);
  EXPECT_NE(result.diagnostics()[0].detail.find("'name' twice"),
            std::string::npos);
}

TEST(DeviceModel, NamesAreLimited) {
  for (const char *name : {"", "a b", "../nt1", "\xc3\xa4"})
    EXPECT_TRUE(
        has(misfits(with("/name", name)), Diag::DeviceFieldRange, "/name"))
        << name;
  EXPECT_TRUE(misfits(with("/name", "my_chip-2.1")).empty());
}

//===----------------------------------------------------------------------===//
// Canonical form and hash
//===----------------------------------------------------------------------===//

TEST(DeviceModel, HashIgnoresWordingAndLayout) {
  uint64_t hash = parse(deviceJson())->hash;
  EXPECT_EQ(parse(with("/description", "other words"))->hash, hash);
  EXPECT_EQ(parse(with("/neuron/c_mem/source", "a paper"))->hash, hash);
  EXPECT_EQ(parse(with("/neuron/c_mem/description", "membrane"))->hash, hash);
  EXPECT_EQ(parse(with("/synapse/digits/value", 3.0))->hash, hash);
  EXPECT_EQ(DeviceModel::parse(deviceJson().dump(), "elsewhere")->hash, hash);
}

TEST(DeviceModel, HashFollowsEveryValue) {
  json device = deviceJson();
  uint64_t hash = parse(device)->hash;
  json flat = device.flatten();
  int checked = 0;
  for (const auto &item : flat.items()) {
    if (!item.value().is_number())
      continue;
    // A factor that keeps whole numbers whole; few values may be refused.
    json changed = device;
    changed[Pointer(item.key())] =
        item.value().is_number_integer()
            ? json(item.value().get<int>() + 1)
            : json(item.value().get<double>() * 0.999);
    Result<DeviceModel> result = parse(changed);
    if (!result)
      continue;
    ++checked;
    EXPECT_NE(result->hash, hash) << item.key();
  }
  EXPECT_GT(checked, 50);
  EXPECT_NE(parse(with("/neuron/reset", "hard"))->hash, hash);
  EXPECT_NE(parse(with("/name", "nt2"))->hash, hash);
}

TEST(DeviceModel, CanonicalJsonIsTheSameDevice) {
  Result<DeviceModel> device = parse(deviceJson());
  ASSERT_TRUE(device);
  EXPECT_EQ(device->canonicalJson.find("source"), std::string::npos);
  EXPECT_EQ(device->canonicalJson.find('\n'), std::string::npos);
  EXPECT_EQ(device->canonicalJson.find(": "), std::string::npos);
  Result<DeviceModel> again =
      DeviceModel::parse(device->canonicalJson, "canonical");
  ASSERT_TRUE(again) << toString(again.diagnostics());
  EXPECT_EQ(again->hash, device->hash);
  EXPECT_EQ(again->canonicalJson, device->canonicalJson);
  EXPECT_EQ(again->neuron.capacitance_F, device->neuron.capacitance_F);
}

TEST(DeviceModel, OnlyTheCanonicalFormMayDropSources) {
  json device = json::parse(parse(deviceJson())->canonicalJson);
  EXPECT_TRUE(misfits(device).empty());
  device["canonical"] = false;
  EXPECT_TRUE(
      has(misfits(device), Diag::DeviceMissingField, "/neuron/c_mem/source"));
}

//===----------------------------------------------------------------------===//
// Look-up
//===----------------------------------------------------------------------===//

TEST(DeviceModel, NamesAreFoundInTheSourceTree) {
  Result<DeviceModel> device = DeviceModel::load("nt1-tiny");
  ASSERT_TRUE(device) << toString(device.diagnostics());
  EXPECT_EQ(device->name, "nt1-tiny");
}

TEST(DeviceModel, TheDevicePathComesFirst) {
  TemporaryFolder folder;
  folder.write("nt1.json", with("/name", "mine").dump());
  DevicePath path("/nowhere:" + folder.path.string());
  EXPECT_EQ(DeviceModel::load("nt1")->name, "mine");
}

TEST(DeviceModel, AMissingDeviceNamesWhereItLooked) {
  DevicePath path("/nowhere:/neither");
  Result<DeviceModel> device = DeviceModel::load("nt99");
  ASSERT_FALSE(device);
  ASSERT_EQ(device.diagnostics().size(), 1u);
  const Diagnostic &d = device.diagnostics()[0];
  EXPECT_EQ(d.diag, Diag::DeviceNotFound);
  EXPECT_EQ(d.place, "nt99");
  EXPECT_NE(d.detail.find("/nowhere/nt99.json"), std::string::npos);
  EXPECT_NE(d.detail.find("/neither/nt99.json"), std::string::npos);
  EXPECT_NE(d.detail.find("share/nt/devices/nt99.json"), std::string::npos);
}

TEST(DeviceModel, AMissingPathIsNotLookedUpElsewhere) {
  Result<DeviceModel> device = DeviceModel::load("./nt1.json");
  ASSERT_FALSE(device);
  EXPECT_EQ(device.diagnostics()[0].diag, Diag::FileMissing);
  EXPECT_EQ(device.diagnostics()[0].place, "./nt1.json");
}

TEST(DeviceModel, MisfitsOfAFileNameItsPath) {
  TemporaryFolder folder;
  std::string path =
      folder.write("bad.json", without("/neuron/c_mem/value").dump());
  Result<DeviceModel> device = DeviceModel::load(path);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.diagnostics()[0].place, path + ":/neuron/c_mem/value");
}
