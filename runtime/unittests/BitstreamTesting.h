//===- BitstreamTesting.h - Taking bitstreams apart -------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shares nothing with the library's own reader and writer but the CRC.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_UNITTESTS_BITSTREAMTESTING_H
#define NTRT_UNITTESTS_BITSTREAMTESTING_H

#include "RandomProgram.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <istream>
#include <unistd.h>

namespace ntrt::test {

/// One core at row 1, column 2 with three axons (the second all off) and two
/// neurons; the example of docs/bitstream.md.
inline Program smallProgram(const DeviceModel &device) {
  Program program;
  program.name = "tiny";
  program.deviceName = device.name;
  program.deviceHash = device.hash;
  program.inputs = 2;
  program.defaultSlots = 16;
  program.layers = {{"fc", 2}};
  CoreConfig core;
  core.row = 1;
  core.column = 2;
  core.axons = 3;
  core.neurons = 2;
  core.codes = {5, -3, 0, 0, 0, 7};
  core.synapseDac = {10, 20};
  core.synapseDomain = {0, 1};
  core.layerNeuron = {0, 1};
  program.cores = {core};
  program.inputRoutes = {{0, 0, 0}, {1, 0, 1}};
  program.routes = {{0, 1, 0, 2}};
  program.readout = {{0, 1}};
  return program;
}

inline TaskOverlay taskOf(const Program &program, const DeviceModel &device) {
  TaskOverlay task;
  task.name = "new";
  task.deviceHash = device.hash;
  task.programHash = frozenHash(encodeProgram(program, device));
  task.cores = {{{33, 44, 55}, {{2, -6}, {1, 3}}}};
  task.classOfOutput = {9};
  return task;
}

/// A container as its sections.
struct File {
  Bytes head; ///< Magic to device hash: 16 bytes.
  std::vector<std::pair<std::string, Bytes>> sections;

  Bytes &section(const std::string &tag) {
    for (auto &[name, bytes] : sections)
      if (name == tag)
        return bytes;
    ADD_FAILURE() << "no section " << tag;
    return sections.front().second;
  }
  size_t offset(const std::string &tag) {
    size_t offset = 24 + 24 * sections.size() + 4;
    for (auto &[name, bytes] : sections) {
      if (name == tag)
        break;
      offset += bytes.size();
    }
    return offset;
  }
};

inline uint64_t get(const Bytes &bytes, size_t at, int size) {
  uint64_t value = 0;
  for (int i = size - 1; i >= 0; --i)
    value = value << 8 | bytes[at + i];
  return value;
}

inline void put(Bytes &bytes, uint64_t value, int size) {
  for (int i = 0; i < size; ++i)
    bytes.push_back(uint8_t(value >> 8 * i));
}

inline File parse(const Bytes &bytes) {
  File file;
  file.head.assign(bytes.begin(), bytes.begin() + 16);
  for (size_t i = 0; i < get(bytes, 6, 2); ++i) {
    size_t entry = 24 + 24 * i;
    size_t offset = get(bytes, entry + 8, 8), size = get(bytes, entry + 16, 8);
    file.sections.push_back(
        {std::string(bytes.begin() + entry, bytes.begin() + entry + 4),
         Bytes(bytes.begin() + offset, bytes.begin() + offset + size)});
  }
  return file;
}

/// Puts a file together again with fresh sizes and CRCs.
inline Bytes assemble(const File &file) {
  size_t offset = 24 + 24 * file.sections.size() + 4, size = offset;
  for (auto &[tag, content] : file.sections)
    size += content.size();
  Bytes bytes = file.head;
  bytes[6] = uint8_t(file.sections.size());
  put(bytes, size, 8);
  for (auto &[tag, content] : file.sections) {
    bytes.insert(bytes.end(), tag.begin(), tag.end());
    put(bytes, crc32c(content.data(), content.size()), 4);
    put(bytes, offset, 8);
    put(bytes, content.size(), 8);
    offset += content.size();
  }
  put(bytes, crc32c(bytes.data(), bytes.size()), 4);
  for (auto &[tag, content] : file.sections)
    bytes.insert(bytes.end(), content.begin(), content.end());
  return bytes;
}

inline void expectSame(const Program &a, const Program &b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.deviceName, b.deviceName);
  EXPECT_EQ(a.deviceHash, b.deviceHash);
  EXPECT_EQ(a.inputs, b.inputs);
  EXPECT_EQ(a.encoding, b.encoding);
  EXPECT_EQ(a.inputFullScale, b.inputFullScale);
  EXPECT_EQ(a.normalisation.mean, b.normalisation.mean);
  EXPECT_EQ(a.normalisation.deviation, b.normalisation.deviation);
  EXPECT_EQ(a.readoutKind, b.readoutKind);
  EXPECT_EQ(a.encoding, b.encoding);
  EXPECT_EQ(a.defaultSlots, b.defaultSlots);
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t i = 0; i < a.layers.size(); ++i) {
    EXPECT_EQ(a.layers[i].name, b.layers[i].name);
    EXPECT_EQ(a.layers[i].neurons, b.layers[i].neurons);
  }
  ASSERT_EQ(a.cores.size(), b.cores.size());
  for (size_t i = 0; i < a.cores.size(); ++i) {
    const CoreConfig &x = a.cores[i], &y = b.cores[i];
    EXPECT_EQ(x.row, y.row);
    EXPECT_EQ(x.column, y.column);
    EXPECT_EQ(x.axons, y.axons);
    EXPECT_EQ(x.neurons, y.neurons);
    EXPECT_EQ(x.columnsPerNeuron, y.columnsPerNeuron);
    EXPECT_EQ(x.startSlot, y.startSlot);
    EXPECT_EQ(x.codes, y.codes);
    EXPECT_EQ(x.synapseDomain, y.synapseDomain);
    EXPECT_EQ(x.synapseDac, y.synapseDac);
    EXPECT_EQ(x.layer, y.layer);
    EXPECT_EQ(x.layerNeuron, y.layerNeuron);
  }
  EXPECT_EQ(a.inputRoutes, b.inputRoutes);
  EXPECT_EQ(a.routes, b.routes);
  EXPECT_EQ(a.readout, b.readout);
}

/// Sixteen bytes a line, as docs/bitstream.md shows them.
inline std::string hexDump(const Bytes &bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    char byte[8];
    std::snprintf(byte, sizeof byte, "%02x%c", bytes[i],
                  i % 16 == 15 || i + 1 == bytes.size() ? '\n' : ' ');
    text += byte;
  }
  return text;
}

/// The next fenced block of a document whose fence names it.
inline std::string codeBlock(std::istream &in, const std::string &name) {
  std::string line, block;
  while (std::getline(in, line) && line != "```" + name)
    ;
  while (std::getline(in, line) && line != "```")
    block += line + "\n";
  return block;
}

/// A folder that goes with the test.
struct TemporaryFolder {
  std::string path;
  TemporaryFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "ntrt-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  size_t entries() const {
    return size_t(std::distance(std::filesystem::directory_iterator(path), {}));
  }
};

/// What scripts/decode-bitstream.py prints; discarded if it fails.
inline nlohmann::json decodeWithPython(const Bytes &bytes) {
  TemporaryFolder folder;
  std::string file = folder.path + "/x", out = folder.path + "/x.json";
  EXPECT_TRUE(writeFileWhole(file, bytes.data(), bytes.size()));
  std::string command = "python3 " + std::string(NTRT_TEST_SHARE_DIR) +
                        "/../../scripts/decode-bitstream.py " + file + " > " +
                        out + " 2>/dev/null";
  bool failed = std::system(command.c_str()) != 0;
  auto text = readFile(out);
  if (failed || !text)
    return nlohmann::json(nlohmann::json::value_t::discarded);
  return nlohmann::json::parse(*text, nullptr, false);
}

inline std::string hexText(uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%016llx", (unsigned long long)value);
  return text;
}

inline void expectSameAsJson(const Program &program,
                             const nlohmann::json &json) {
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["kind"], "program");
  EXPECT_EQ(json["name"], program.name);
  EXPECT_EQ(json["device"], program.deviceName);
  EXPECT_EQ(json["device_hash"], hexText(program.deviceHash));
  EXPECT_EQ(json["inputs"], program.inputs);
  EXPECT_EQ(json["input_full_scale"], program.inputFullScale);
  EXPECT_EQ(json["encoding"], program.hasSignedInputs() ? "signed" : "regular");
  const char *kinds[] = {"count", "membrane", "first"};
  EXPECT_EQ(json["readout_kind"], kinds[size_t(program.readoutKind)]);
  EXPECT_EQ(json["mean"], program.normalisation.mean);
  EXPECT_EQ(json["deviation"], program.normalisation.deviation);
  EXPECT_EQ(json["default_slots"], program.defaultSlots);
  EXPECT_EQ(json["layers"].size(), program.layers.size());
  ASSERT_EQ(json["cores"].size(), program.cores.size());
  for (size_t i = 0; i < program.cores.size(); ++i) {
    const CoreConfig &core = program.cores[i];
    const nlohmann::json &found = json["cores"][i];
    EXPECT_EQ(found["row"], core.row);
    EXPECT_EQ(found["column"], core.column);
    EXPECT_EQ(found["start_slot"], core.startSlot);
    EXPECT_EQ(found["columns_per_neuron"], core.columnsPerNeuron);
    EXPECT_EQ(found["layer"], core.layer);
    EXPECT_EQ(found["synapse_dac"], core.synapseDac);
    EXPECT_EQ(found["synapse_domain"], core.synapseDomain);
    EXPECT_EQ(found["layer_neuron"], core.layerNeuron);
    nlohmann::json codes = nlohmann::json::array();
    for (uint32_t axon = 0; axon < core.axons; ++axon) {
      auto row = core.codes.begin() + size_t(axon) * core.columns();
      codes.push_back(std::vector<int>(row, row + core.columns()));
    }
    EXPECT_EQ(found["codes"], codes);
  }
  nlohmann::json inputs = nlohmann::json::array(), routes = inputs,
                 readout = inputs;
  for (const InputRoute &r : program.inputRoutes)
    inputs.push_back({r.input, r.targetCore, r.targetAxon});
  for (const Route &r : program.routes)
    routes.push_back(
        {r.sourceCore, r.sourceNeuron, r.targetCore, r.targetAxon});
  for (const ReadoutNeuron &r : program.readout)
    readout.push_back({r.core, r.neuron});
  EXPECT_EQ(json["input_routes"], inputs);
  EXPECT_EQ(json["routes"], routes);
  EXPECT_EQ(json["readout"], readout);
}

inline void expectSameAsJson(const TaskOverlay &task,
                             const nlohmann::json &json) {
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["kind"], "task");
  EXPECT_EQ(json["name"], task.name);
  EXPECT_EQ(json["device_hash"], hexText(task.deviceHash));
  EXPECT_EQ(json["program_hash"], hexText(task.programHash));
  EXPECT_EQ(json["class_of_output"], task.classOfOutput);
  ASSERT_EQ(json["cores"].size(), task.cores.size());
  for (size_t i = 0; i < task.cores.size(); ++i) {
    EXPECT_EQ(json["cores"][i]["dac"], task.cores[i].dac);
    nlohmann::json words = nlohmann::json::array();
    for (const ModulationWord &word : task.cores[i].words)
      words.push_back({word.domain, word.code});
    EXPECT_EQ(json["cores"][i]["words"], words);
  }
}

} // namespace ntrt::test

#endif // NTRT_UNITTESTS_BITSTREAMTESTING_H
