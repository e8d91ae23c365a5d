//===- ChipMap.cpp - The measured sources of a chip -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/ChipMap.h"
#include "Text.h"
#include "ntrt/Bitstream.h"
#include "ntrt/ChipVariation.h"
#include "ntrt/Dataset.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

using namespace ntrt;
using nlohmann::json;

/// No transistor is off by more; what is beyond is not a relative current.
static constexpr float kLargest = 16;

static std::string nameOf(CorePlace place) {
  return "row " + text(place.row) + ", column " + text(place.column);
}

const CoreSources *ChipMap::find(CorePlace place) const {
  auto found = std::lower_bound(
      cores.begin(), cores.end(), place,
      [](const CoreSources &core, CorePlace at) { return core.place < at; });
  return found != cores.end() && found->place == place ? &*found : nullptr;
}

float ChipMap::source(CorePlace place, uint32_t axon, uint32_t neuron,
                      uint32_t digit, bool isSinking) const {
  const CoreSources *core = find(place);
  if (!core || axon >= core->axons || neuron >= core->neurons)
    return 1;
  return core
      ->synapse[((size_t(axon) * core->neurons + neuron) * digits + digit) * 2 +
                isSinking];
}

float ChipMap::modulationSource(CorePlace place, uint32_t neuron,
                                uint32_t magnitude) const {
  const CoreSources *core = find(place);
  if (!core || neuron >= core->neurons)
    return 1;
  return core->modulation[size_t(neuron) * maxCode() + magnitude - 1];
}

DiagnosticList ChipMap::check(const std::string &place) const {
  DiagnosticList misfits;
  auto misfit = [&](Diag diag, std::string detail) {
    misfits.push_back({diag, place, std::move(detail)});
  };
  if (digits < 1 || digits > 7) {
    misfit(Diag::ChipMapShape,
           text(digits) + " digits a synapse, the range is 1 to 7");
    return misfits;
  }
  if (cores.empty())
    misfit(Diag::ChipMapShape, "it has no core");
  for (size_t i = 0; i < cores.size(); ++i) {
    const CoreSources &core = cores[i];
    const std::string name = nameOf(core.place) + ": ";
    if (i > 0 && !(cores[i - 1].place < core.place))
      misfit(Diag::ChipMapShape, name + "the core is there twice");
    auto checkList = [&](const std::vector<float> &list, size_t size,
                         const std::string &what) {
      if (list.size() != size)
        misfit(Diag::ChipMapShape, name + text(list.size()) + " numbers of " +
                                       what + ", expected " + text(size));
      size_t bad = 0, first = 0;
      for (size_t j = list.size(); j-- > 0;)
        if (!(std::fabs(list[j]) <= kLargest))
          ++bad, first = j;
      if (bad)
        misfit(Diag::ChipMapValue, name + text(bad) + " numbers of " + what +
                                       ", the first is number " + text(first) +
                                       ": " + std::to_string(list[first]));
    };
    checkList(core.synapse, size_t(core.axons) * core.neurons * digits * 2,
              "synapses");
    checkList(core.modulation, size_t(core.neurons) * maxCode(), "modulation");
  }
  return misfits;
}

DiagnosticList ChipMap::checkAgainst(const Program &program,
                                     const DeviceModel &device,
                                     const std::string &place) const {
  DiagnosticList misfits;
  if (digits != device.synapse.digits)
    misfits.push_back({Diag::ChipMapShape, place,
                       text(digits) + " digits a synapse, the device has " +
                           text(device.synapse.digits)});
  for (const CoreConfig &core : program.cores) {
    const CoreSources *mine = find({core.row, core.column});
    if (!mine)
      misfits.push_back({Diag::ChipMapCore, place,
                         nameOf({core.row, core.column}) + ": not in the map"});
    else if (mine->axons < core.axons || mine->neurons < core.columns())
      misfits.push_back({Diag::ChipMapCore, place,
                         nameOf(mine->place) + ": measured are " +
                             text(mine->axons) + " axons and " +
                             text(mine->neurons) +
                             " neurons, the program has " + text(core.axons) +
                             " and " + text(core.columns())});
  }
  return misfits;
}

ChipMap ChipMap::of(const ChipVariation &chip, const Program &program,
                    const DeviceModel &device) {
  ChipMap map;
  map.digits = device.synapse.digits;
  for (const CoreConfig &core : program.cores) {
    CoreSources mine{
        {core.row, core.column}, core.axons, core.columns(), {}, {}};
    mine.synapse.reserve(core.codes.size() * map.digits * 2);
    for (uint32_t axon = 0; axon < core.axons; ++axon)
      for (uint32_t neuron = 0; neuron < core.columns(); ++neuron)
        for (uint32_t digit = 0; digit < map.digits; ++digit)
          for (bool isSinking : {false, true})
            mine.synapse.push_back(
                chip.source(mine.place, axon, neuron, digit, isSinking));
    for (uint32_t neuron = 0; neuron < core.columns(); ++neuron)
      for (uint32_t magnitude = 1; magnitude <= map.maxCode(); ++magnitude)
        mine.modulation.push_back(
            chip.modulationSource(mine.place, neuron, magnitude));
    map.cores.push_back(std::move(mine));
  }
  std::sort(map.cores.begin(), map.cores.end(),
            [](const CoreSources &a, const CoreSources &b) {
              return a.place < b.place;
            });
  return map;
}

namespace {
/// The place in an array's name, kind_row_column.
std::optional<CorePlace> placeIn(const std::string &name,
                                 const std::string &kind) {
  unsigned row = 0, column = 0;
  int end = 0;
  if (std::sscanf(name.c_str(), (kind + "_%u_%u%n").c_str(), &row, &column,
                  &end) != 2 ||
      size_t(end) != name.size())
    return std::nullopt;
  return CorePlace{row, column};
}

std::string shapeText(const std::vector<size_t> &shape) {
  std::string result = "[";
  for (size_t size : shape)
    result += (result.size() > 1 ? ", " : "") + text(size);
  return result + "]";
}
} // namespace

static Result<ChipMap> fromArrays(std::map<std::string, NpyArray> arrays,
                                  const std::string &path) {
  DiagnosticList misfits;
  auto misfit = [&](const std::string &name, std::string detail) {
    misfits.push_back({Diag::ChipMapShape, path + ":" + name, detail});
  };
  ChipMap map;
  std::map<CorePlace, CoreSources> cores;
  for (auto &[name, array] : arrays) {
    if (auto place = placeIn(name, "synapse")) {
      if (array.shape.size() != 4 || array.shape[3] != 2 ||
          (map.digits && array.shape[2] != map.digits)) {
        misfit(name, shapeText(array.shape) +
                         ", expected [axons, neurons, digits, 2] with the "
                         "same digits everywhere");
        continue;
      }
      map.digits = uint32_t(array.shape[2]);
      CoreSources &core = cores[*place];
      core.place = *place;
      core.axons = uint32_t(array.shape[0]);
      core.neurons = uint32_t(array.shape[1]);
      core.synapse = std::move(array.values);
      const auto other = arrays.find("modulation" + name.substr(7));
      if (other == arrays.end())
        misfit(name, "there is no " + quoted("modulation" + name.substr(7)));
      else if (other->second.shape !=
               std::vector<size_t>{core.neurons, map.maxCode()})
        misfit(other->first, shapeText(other->second.shape) + ", expected " +
                                 shapeText({core.neurons, map.maxCode()}));
      else
        core.modulation = std::move(other->second.values);
    } else if (!placeIn(name, "modulation") ||
               !arrays.contains("synapse" + name.substr(10))) {
      misfit(name, "expected synapse_<row>_<column> and "
                   "modulation_<row>_<column> of each core");
    }
  }
  if (!misfits.empty())
    return misfits;
  for (auto &[place, core] : cores)
    map.cores.push_back(std::move(core));
  return map;
}

/// Appends the numbers of nested lists; false if they are not of the shape.
static bool flatten(const json &list, const size_t *shape, size_t rank,
                    std::vector<float> &out) {
  if (rank == 0) {
    // JSON has no NaN; null stands for one.
    if (!list.is_number() && !list.is_null())
      return false;
    out.push_back(list.is_null() ? NAN : list.get<float>());
    return true;
  }
  if (!list.is_array() || list.size() != *shape)
    return false;
  return std::all_of(list.begin(), list.end(), [&](const json &entry) {
    return flatten(entry, shape + 1, rank - 1, out);
  });
}

static Result<ChipMap> fromJson(const std::string &content,
                                const std::string &path) {
  DiagnosticList misfits;
  auto misfit = [&](std::string detail) {
    misfits.push_back({Diag::ChipMapShape, path, std::move(detail)});
  };
  const json root = json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!root.is_object() || root.value("nt_chip_map", json()) != 1 ||
      !root.value("digits", json()).is_number_unsigned() ||
      !root.value("cores", json()).is_array()) {
    misfit("neither a .npz nor a JSON object with nt_chip_map: 1, digits and "
           "cores");
    return misfits;
  }
  ChipMap map;
  map.digits = root["digits"].get<uint32_t>();
  if (map.digits < 1 || map.digits > 7)
    return map.check(path);
  for (const json &entry : root["cores"]) {
    const std::string name =
        "core " + text(map.cores.size()) + " of the list: ";
    CoreSources core;
    map.cores.emplace_back();
    auto number = [&](const char *key) {
      const json value = entry.is_object() ? entry.value(key, json()) : json();
      return value.is_number_unsigned() ? std::optional(value.get<uint32_t>())
                                        : std::nullopt;
    };
    auto row = number("row"), column = number("column");
    if (!row || !column) {
      misfit(name + "it has no row and column");
      continue;
    }
    core.place = {*row, *column};
    const json synapse = entry.value("synapse", json::array()),
               modulation = entry.value("modulation", json::array());
    core.axons = uint32_t(synapse.is_array() ? synapse.size() : 0);
    core.neurons = uint32_t(modulation.is_array() ? modulation.size() : 0);
    const size_t shape[] = {core.axons, core.neurons, map.digits, 2};
    const size_t words[] = {core.neurons, map.maxCode()};
    if (!flatten(synapse, shape, 4, core.synapse))
      misfit(name + "synapse is not [axons, " + text(core.neurons) + ", " +
             text(map.digits) + ", 2] numbers");
    if (!flatten(modulation, words, 2, core.modulation))
      misfit(name + "modulation is not [neurons, " + text(map.maxCode()) +
             "] numbers");
    map.cores.back() = std::move(core);
  }
  if (!misfits.empty())
    return misfits;
  std::sort(map.cores.begin(), map.cores.end(),
            [](const CoreSources &a, const CoreSources &b) {
              return a.place < b.place;
            });
  return map;
}

Result<ChipMap> ChipMap::load(const std::string &path) {
  Result<Bytes> bytes = readFile(path);
  if (!bytes)
    return bytes.diagnostics();
  const bool isArchive =
      bytes->size() > 1 && (*bytes)[0] == 'P' && (*bytes)[1] == 'K';
  Result<ChipMap> map = ChipMap{};
  if (isArchive) {
    auto arrays = readNpz(path);
    if (!arrays)
      return arrays.diagnostics();
    map = fromArrays(std::move(*arrays), path);
  } else {
    map = fromJson({bytes->begin(), bytes->end()}, path);
  }
  if (!map)
    return map.diagnostics();
  if (DiagnosticList misfits = map->check(path); !misfits.empty())
    return misfits;
  return map;
}

static json nested(const float *&values, const size_t *shape, size_t rank) {
  if (rank == 0)
    return *values++;
  json list = json::array();
  for (size_t i = 0; i < *shape; ++i)
    list.push_back(nested(values, shape + 1, rank - 1));
  return list;
}

Status ChipMap::save(const std::string &path) const {
  if (path.ends_with(".json")) {
    json list = json::array();
    for (const CoreSources &core : cores) {
      const size_t shape[] = {core.axons, core.neurons, digits, 2};
      const size_t words[] = {core.neurons, maxCode()};
      const float *synapse = core.synapse.data(),
                  *modulation = core.modulation.data();
      list.push_back({{"row", core.place.row},
                      {"column", core.place.column},
                      {"synapse", nested(synapse, shape, 4)},
                      {"modulation", nested(modulation, words, 2)}});
    }
    const std::string content =
        json{{"nt_chip_map", 1}, {"digits", digits}, {"cores", list}}.dump() +
        '\n';
    return writeFileWhole(path, content.data(), content.size());
  }
  std::map<std::string, NpyArray> arrays;
  for (const CoreSources &core : cores) {
    const std::string at =
        "_" + text(core.place.row) + "_" + text(core.place.column);
    arrays["synapse" + at] = {
        {core.axons, core.neurons, digits, 2}, core.synapse, "<f4"};
    arrays["modulation" + at] = {
        {core.neurons, maxCode()}, core.modulation, "<f4"};
  }
  return writeNpz(path, arrays);
}
