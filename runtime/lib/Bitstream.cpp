//===- Bitstream.cpp - The sections of .ntb and .ntm ----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// docs/bitstream.md specifies what is written and read here, section by
// section.
//
//===----------------------------------------------------------------------===//

#include "ntrt/Bitstream.h"
#include "BitstreamFields.h"
#include "Container.h"
#include "Text.h"

#include <algorithm>
#include <bit>
#include <map>

using namespace ntrt;

static constexpr std::string_view kProgramMagic = "NTB1", kTaskMagic = "NTM1";
static constexpr Tag kProgramTags[] = {"META", "LAYR", "CORE", "FRAM", "INPT",
                                       "ROUT", "READ", "PAIR", "NORM"};
/// Of these; PAIR is there where cores have pairs of columns, NORM where inputs
/// are normalised.
static constexpr size_t kRequiredProgramTags = 7;
static constexpr Tag kTaskTags[] = {"META", "MODU", "CLAS"};

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static Bytes encodeMeta(const Program &program, const DeviceModel &device) {
  FieldWriter out;
  out.string(program.name);
  out.string(program.deviceName);
  out.u8(uint8_t(device.synapse.digits));
  out.u8(uint8_t(device.synapse.encoding));
  out.u8(uint8_t(program.encoding));
  out.u8(uint8_t(program.readoutKind));
  out.f64(program.inputFullScale);
  out.varint(program.inputs);
  out.varint(program.defaultSlots);
  return std::move(out.bytes);
}

static Bytes encodeLayers(const Program &program) {
  FieldWriter out;
  out.varint(program.layers.size());
  for (const Layer &layer : program.layers) {
    out.string(layer.name);
    out.varint(layer.neurons);
  }
  return std::move(out.bytes);
}

/// The synapse domains of the first or second columns of a core's neurons.
static void writeDomains(FieldWriter &out, const CoreConfig &core,
                         uint32_t first) {
  BitWriter domains(out.bytes);
  for (size_t column = first; column < core.synapseDomain.size();
       column += core.columnsPerNeuron)
    domains.bits(core.synapseDomain[column], indexBits(core.synapseDac.size()));
  domains.finish();
}

static bool hasPairs(const Program &program) {
  return std::any_of(program.cores.begin(), program.cores.end(),
                     [](const CoreConfig &core) { return core.isPaired(); });
}

static Bytes encodePairs(const Program &program) {
  FieldWriter out;
  out.varint(uint64_t(
      std::count_if(program.cores.begin(), program.cores.end(),
                    [](const CoreConfig &core) { return core.isPaired(); })));
  for (size_t i = 0; i < program.cores.size(); ++i)
    if (program.cores[i].isPaired()) {
      out.varint(i);
      writeDomains(out, program.cores[i], 1);
    }
  return std::move(out.bytes);
}

static Bytes encodeCores(const Program &program) {
  FieldWriter out;
  out.varint(program.cores.size());
  for (const CoreConfig &core : program.cores) {
    out.u16(uint16_t(core.row));
    out.u16(uint16_t(core.column));
    out.varint(core.axons);
    out.varint(core.neurons);
    out.varint(core.startSlot);
    out.varint(core.layer);
    out.varint(core.synapseDac.size());
    for (uint16_t dac : core.synapseDac)
      out.varint(dac);
    writeDomains(out, core, 0);
    // Neurons mostly follow each other, so that most differences are 0.
    int64_t expected = 0;
    for (uint32_t neuron : core.layerNeuron) {
      out.zigzag(int64_t(neuron) - expected);
      expected = int64_t(neuron) + 1;
    }
  }
  return std::move(out.bytes);
}

static Bytes encodeFrames(const Program &program, const DeviceModel &device,
                          bool ownSources) {
  unsigned digits = device.synapse.digits;
  FieldWriter frames;
  uint64_t count = 0;
  for (const CoreConfig &core : program.cores)
    for (uint32_t axon = 0; axon < core.axons; ++axon) {
      const int8_t *row = core.codes.data() + size_t(axon) * core.columns();
      if (std::all_of(row, row + core.columns(),
                      [](int8_t c) { return c == 0; }))
        continue;
      ++count;
      frames.u16(uint16_t(core.row));
      frames.u16(uint16_t(core.column));
      frames.u16(uint16_t(axon));
      BitWriter payload(frames.bytes);
      for (uint32_t column = 0; column < core.columns(); ++column)
        payload.bits(ownSources ? core.sourcesAt(axon, column, digits)
                                : leastCurrentSources(row[column], digits),
                     2 * digits);
      payload.finish();
    }
  FieldWriter out;
  out.varint(count);
  out.bytes.insert(out.bytes.end(), frames.bytes.begin(), frames.bytes.end());
  return std::move(out.bytes);
}

static Bytes encodeInputRoutes(const Program &program) {
  FieldWriter out;
  out.varint(program.inputRoutes.size());
  DeltaWriter<3> routes(out);
  for (const InputRoute &route : program.inputRoutes)
    routes.write({route.input, route.targetCore, route.targetAxon});
  return std::move(out.bytes);
}

static Bytes encodeRoutes(const Program &program) {
  FieldWriter out;
  out.varint(program.routes.size());
  DeltaWriter<4> routes(out);
  for (const Route &route : program.routes)
    routes.write({route.sourceCore, route.sourceNeuron, route.targetCore,
                  route.targetAxon});
  return std::move(out.bytes);
}

static Bytes encodeReadout(const Program &program) {
  FieldWriter out;
  out.varint(program.readout.size());
  for (const ReadoutNeuron &output : program.readout) {
    out.varint(output.core);
    out.varint(output.neuron);
  }
  return std::move(out.bytes);
}

static Bytes encodeNormalisation(const Normalisation &normalisation) {
  FieldWriter out;
  for (const std::vector<float> *list :
       {&normalisation.mean, &normalisation.deviation}) {
    out.varint(list->size());
    for (float value : *list)
      out.f64(value);
  }
  return std::move(out.bytes);
}

static Bytes encode(const Program &program, const DeviceModel &device,
                    bool ownSources) {
  std::vector<std::pair<Tag, Bytes>> sections = {
      {"META", encodeMeta(program, device)},
      {"LAYR", encodeLayers(program)},
      {"CORE", encodeCores(program)},
      {"FRAM", encodeFrames(program, device, ownSources)},
      {"INPT", encodeInputRoutes(program)},
      {"ROUT", encodeRoutes(program)},
      {"READ", encodeReadout(program)},
  };
  if (hasPairs(program))
    sections.emplace_back("PAIR", encodePairs(program));
  if (!program.normalisation.isIdentity())
    sections.emplace_back("NORM", encodeNormalisation(program.normalisation));
  return writeContainer(kProgramMagic, program.deviceHash, sections);
}

Bytes ntrt::encodeProgram(const Program &program, const DeviceModel &device) {
  return encode(program, device, /*ownSources=*/true);
}

uint64_t ntrt::programHash(const Program &program, const DeviceModel &device) {
  return frozenHash(encode(program, device, /*ownSources=*/false));
}

static Bytes encodeModulation(const TaskOverlay &task, unsigned digits) {
  FieldWriter out;
  out.varint(task.cores.size());
  for (const CoreModulation &core : task.cores) {
    out.varint(core.dac.size());
    for (uint16_t dac : core.dac)
      out.varint(dac);
    out.varint(core.words.size());
    BitWriter words(out.bytes);
    for (const ModulationWord &word : core.words) {
      words.bits(word.domain, indexBits(core.dac.size()));
      words.bits(leastCurrentSources(word.code, digits), 2 * digits);
    }
    words.finish();
  }
  return std::move(out.bytes);
}

Bytes ntrt::encodeTask(const TaskOverlay &task, const DeviceModel &device) {
  FieldWriter meta, classes;
  meta.string(task.name);
  meta.u64(task.programHash);
  meta.u8(uint8_t(device.synapse.digits));
  meta.u8(uint8_t(device.synapse.encoding));
  classes.varint(task.classOfOutput.size());
  for (uint32_t label : task.classOfOutput)
    classes.varint(label);
  std::pair<Tag, Bytes> sections[] = {
      {"META", std::move(meta.bytes)},
      {"MODU", encodeModulation(task, device.synapse.digits)},
      {"CLAS", std::move(classes.bytes)},
  };
  return writeContainer(kTaskMagic, task.deviceHash, sections);
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Reads the digits and the encoding of a synapse, which must be the device's.
static bool readSynapse(FieldReader &in, const DeviceModel &device) {
  uint8_t digits = in.u8(), encoding = in.u8();
  if (!in.ok())
    return false;
  if (digits == device.synapse.digits &&
      encoding == uint8_t(device.synapse.encoding) && digits >= 1 &&
      digits <= 7)
    return true;
  in.misfit(Diag::BitField, text(digits) + " digits of encoding " +
                                text(encoding) + ", the device has " +
                                text(device.synapse.digits) + " of encoding " +
                                text(uint32_t(device.synapse.encoding)) +
                                " (rule H1)");
  return false;
}

/// Reads a list of DAC codes of at most as many domains as the device has.
static std::vector<uint16_t> readDacCodes(FieldReader &in,
                                          const DomainModel &domain) {
  uint32_t count = in.count("domains", 1);
  if (count > domain.countPerCore || count > 256)
    in.misfit(Diag::MapDomains, text(count) +
                                    " domains, a core of the device has " +
                                    text(domain.countPerCore) + " (rule H2)");
  std::vector<uint16_t> codes(count);
  for (uint16_t &code : codes)
    code = uint16_t(in.varint32("a DAC code", UINT16_MAX));
  return codes;
}

namespace {
class ProgramDecoder {
public:
  ProgramDecoder(ContainerReader &file, const DeviceModel &device)
      : file(file), device(device) {}

  /// Reads every section that is sound, and reports all misfits.
  Program run() {
    program.deviceHash = file.deviceHash();
    readMeta();
    readLayers();
    readCores();
    readPairs();
    allocateArrays();
    readFrames();
    readInputRoutes();
    readRoutes();
    readReadout();
    readNormalisation();
    return std::move(program);
  }

private:
  void readMeta();
  void readLayers();
  void readCores();
  bool readCore(FieldReader &in, CoreConfig &core, const std::string &name);
  void readPairs();
  bool readPair(FieldReader &in, size_t &next);
  /// Of the cores whose sizes are the device's.
  void allocateArrays();
  void readFrames();
  bool readFrame(FieldReader &in, const SourceDecoder &decoder,
                 std::pair<size_t, uint32_t> &last);
  void readInputRoutes();
  void readRoutes();
  void readReadout();
  void readNormalisation();

  ContainerReader &file;
  const DeviceModel &device;
  Program program;
  bool synapseIsKnown = false, coresAreKnown = false;
};
} // namespace

void ProgramDecoder::readMeta() {
  auto in = file.section("META");
  if (!in)
    return;
  program.name = in->string();
  program.deviceName = in->string();
  synapseIsKnown = readSynapse(*in, device);
  program.encoding = InputEncoding(in->u8());
  program.readoutKind = ReadoutKind(in->u8());
  program.inputFullScale = in->f64();
  program.inputs = in->varint32("the number of inputs");
  program.defaultSlots = in->varint32("the number of slots");
  in->finish();
}

void ProgramDecoder::readLayers() {
  auto in = file.section("LAYR");
  if (!in)
    return;
  program.layers.resize(in->count("layers", 2));
  for (Layer &layer : program.layers) {
    layer.name = in->string();
    layer.neurons = in->varint32("a layer's size");
  }
  in->finish();
}

void ProgramDecoder::readCores() {
  auto in = file.section("CORE");
  if (!in)
    return;
  // Position, five numbers, and a neuron of at least one byte.
  uint32_t count = in->count("cores", 10);
  // What is allocated below is then no more than the device itself holds.
  uint64_t available = uint64_t(device.gridRows) * device.gridColumns;
  if (count > available)
    return in->misfit(Diag::MapCores, text(count) + " cores, the device has " +
                                          text(available));
  bool sound = true;
  for (uint32_t i = 0; i < count && in->ok() && sound; ++i) {
    program.cores.emplace_back();
    sound = readCore(*in, program.cores.back(), "core " + text(i));
  }
  coresAreKnown = in->finish() && sound;
}

/// False if what follows the core cannot be found or its sizes are not the
/// device's, so that nothing may be allocated by them.
bool ProgramDecoder::readCore(FieldReader &in, CoreConfig &core,
                              const std::string &name) {
  core.row = in.u16();
  core.column = in.u16();
  core.axons = in.varint32("the number of axons");
  core.neurons = in.varint32("the number of neurons");
  core.startSlot = in.varint32("a start slot");
  core.layer = in.varint32("a layer index");
  if (!in.ok())
    return false;
  if (core.axons > device.coreAxons) {
    in.misfit(Diag::MapFanIn, name + " has " + text(core.axons) +
                                  " axons, a core of the device has " +
                                  text(device.coreAxons) + " (rule H4)");
    return false;
  }
  if (core.neurons > device.coreNeurons) {
    in.misfit(Diag::BitField, name + " has " + text(core.neurons) +
                                  " neurons, a core of the device has " +
                                  text(device.coreNeurons));
    return false;
  }
  core.synapseDac = readDacCodes(in, device.synapseDomain);

  unsigned width = indexBits(core.synapseDac.size());
  auto packed = in.raw((size_t(core.neurons) * width + 7) / 8);
  // Each layer neuron takes a byte at least.
  if (!in.ok() || core.neurons > in.remaining()) {
    in.misfit(Diag::BitTruncated, name + " ends within its neurons");
    return false;
  }
  BitReader domains(packed);
  core.synapseDomain.resize(core.neurons);
  for (uint8_t &domain : core.synapseDomain)
    domain = uint8_t(domains.bits(width));
  if (!domains.paddingIsZero())
    in.misfit(Diag::BitField, name + " has padding bits that are not 0");

  core.layerNeuron.resize(core.neurons);
  int64_t expected = 0;
  for (uint32_t &neuron : core.layerNeuron) {
    // Unsigned, because a damaged difference may be any 64 bits.
    uint64_t value = uint64_t(expected) + uint64_t(in.zigzag());
    if (value > UINT32_MAX) {
      in.misfit(Diag::BitField, name + " holds no neuron of a layer");
      value = 0;
    }
    neuron = uint32_t(value);
    expected = int64_t(value) + 1;
  }
  return in.ok();
}

void ProgramDecoder::readPairs() {
  auto in = file.section("PAIR");
  if (!in || !coresAreKnown)
    return;
  // What follows a core that is none cannot be found.
  coresAreKnown = false;
  const uint32_t count = in->count("cores of pairs", 1);
  if (in->ok() && count == 0)
    in->misfit(Diag::BitField, "it names no core and must be left out");
  size_t next = 0;
  for (uint32_t i = 0; i < count && in->ok(); ++i)
    if (!readPair(*in, next))
      return;
  coresAreKnown = in->finish();
}

/// False if what follows the core cannot be found.
bool ProgramDecoder::readPair(FieldReader &in, size_t &next) {
  const uint32_t index = in.varint32("a core index");
  if (!in.ok())
    return false;
  if (index < next || index >= program.cores.size()) {
    in.misfit(Diag::BitField, "core " + text(index) +
                                  " is of no core, repeated or out of order");
    return false;
  }
  next = size_t(index) + 1;
  CoreConfig &core = program.cores[index];
  const std::string name = "core " + text(index);
  if (core.neurons > device.coreNeurons / 2) {
    in.misfit(Diag::BitField, name + " has " + text(core.neurons) +
                                  " neurons of 2 columns, a core of the device "
                                  "has " +
                                  text(device.coreNeurons) + " columns");
    return false;
  }
  const unsigned width = indexBits(core.synapseDac.size());
  BitReader domains(in.raw((size_t(core.neurons) * width + 7) / 8));
  if (!in.ok())
    return false;
  std::vector<uint8_t> both;
  for (uint8_t first : core.synapseDomain) {
    both.push_back(first);
    both.push_back(uint8_t(domains.bits(width)));
  }
  if (!domains.paddingIsZero())
    in.misfit(Diag::BitField, name + " has padding bits that are not 0");
  core.synapseDomain = std::move(both);
  core.columnsPerNeuron = 2;
  return true;
}

void ProgramDecoder::allocateArrays() {
  if (!coresAreKnown)
    return;
  for (CoreConfig &core : program.cores) {
    core.codes.resize(size_t(core.axons) * core.columns());
    core.sources.resize(core.codes.size());
  }
}

/// One form for "the sources of least current": none.
static void forgetLeastCurrent(CoreConfig &core, unsigned digits) {
  for (size_t i = 0; i < core.codes.size(); ++i)
    if (core.sources[i] != leastCurrentSources(core.codes[i], digits))
      return;
  core.sources.clear();
}

void ProgramDecoder::readFrames() {
  auto in = file.section("FRAM");
  if (!in || !synapseIsKnown || !coresAreKnown)
    return;
  SourceDecoder decoder(device.synapse.digits, device.synapse.encoding);
  uint32_t count = in->count("frames", 7);
  // Before the first frame in the order of cores and axons.
  std::pair<size_t, uint32_t> last{0, UINT32_MAX};
  for (uint32_t i = 0; i < count; ++i)
    if (!readFrame(*in, decoder, last))
      return;
  in->finish();
  for (CoreConfig &core : program.cores)
    forgetLeastCurrent(core, device.synapse.digits);
}

/// False if what follows the frame cannot be found.
bool ProgramDecoder::readFrame(FieldReader &in, const SourceDecoder &decoder,
                               std::pair<size_t, uint32_t> &last) {
  uint32_t row = in.u16(), column = in.u16(), axon = in.u16();
  if (!in.ok())
    return false;
  std::string name = "the frame of row " + text(row) + ", column " +
                     text(column) + ", axon " + text(axon);
  // Frames stand in the order of the cores, so the search starts at the last.
  size_t index = last.first;
  auto isHere = [&](size_t i) {
    return program.cores[i].row == row && program.cores[i].column == column;
  };
  while (index < program.cores.size() && !isHere(index))
    ++index;
  if (index == program.cores.size()) {
    in.misfit(Diag::BitField, name + " is of no core, or out of order");
    return false;
  }
  CoreConfig &core = program.cores[index];
  if (axon >= core.axons) {
    in.misfit(Diag::BitField,
              name + " is of no axon, the core has " + text(core.axons));
    return false;
  }
  bool isFirst = last.second == UINT32_MAX;
  if (!isFirst && index == last.first && axon <= last.second)
    in.misfit(Diag::BitField, name + " is repeated or out of order");
  last = {index, axon};

  unsigned digits = device.synapse.digits;
  BitReader payload(in.raw(payloadSize(core.columns(), digits)));
  if (!in.ok())
    return false;
  bool allOff = true;
  int8_t *codes = core.codes.data() + size_t(axon) * core.columns();
  Sources *frame = core.sources.data() + size_t(axon) * core.columns();
  for (uint32_t at = 0; at < core.columns(); ++at) {
    uint32_t sources = payload.bits(2 * digits);
    allOff &= sources == 0;
    if (auto code = decoder.decode(sources))
      codes[at] = *code, frame[at] = Sources(sources);
    else
      in.misfit(Diag::BitField, name + " has sources 0x" +
                                    hex(sources).substr(14) + " at column " +
                                    text(at) + " (rule H1)");
  }
  if (!payload.paddingIsZero())
    in.misfit(Diag::BitField, name + " has padding bits that are not 0");
  if (allOff)
    in.misfit(Diag::BitField,
              name + " is all off, as after power-on, and must be left out");
  return true;
}

void ProgramDecoder::readInputRoutes() {
  auto in = file.section("INPT");
  if (!in)
    return;
  program.inputRoutes.resize(in->count("input routes", 3));
  DeltaReader<3> routes(*in);
  for (InputRoute &route : program.inputRoutes) {
    auto [input, core, axon] = routes.read();
    route = {input, core, axon};
  }
  in->finish();
}

void ProgramDecoder::readRoutes() {
  auto in = file.section("ROUT");
  if (!in)
    return;
  program.routes.resize(in->count("routes", 4));
  DeltaReader<4> routes(*in);
  for (Route &route : program.routes) {
    auto [sourceCore, sourceNeuron, targetCore, targetAxon] = routes.read();
    route = {sourceCore, sourceNeuron, targetCore, targetAxon};
  }
  in->finish();
}

void ProgramDecoder::readReadout() {
  auto in = file.section("READ");
  if (!in)
    return;
  program.readout.resize(in->count("outputs", 2));
  for (ReadoutNeuron &output : program.readout) {
    output.core = in->varint32("a core index");
    output.neuron = in->varint32("a neuron index");
  }
  in->finish();
}

void ProgramDecoder::readNormalisation() {
  auto in = file.section("NORM");
  if (!in)
    return;
  for (std::vector<float> *list :
       {&program.normalisation.mean, &program.normalisation.deviation}) {
    list->resize(in->count("channels", sizeof(double)));
    for (float &value : *list) {
      const double read = in->f64();
      value = float(read);
      if (double(value) != read)
        in->misfit(Diag::BitField, "a number has more bits than a float");
    }
  }
  if (in->ok() && program.normalisation.isIdentity())
    in->misfit(Diag::BitField, "it changes nothing and must be left out");
  in->finish();
}

/// Reports a container made for another device.
static void checkDevice(const ContainerReader &file, const DeviceModel &device,
                        const std::string &place, DiagnosticList &diagnostics) {
  if (file.headerIsSound() && file.deviceHash() != device.hash)
    diagnostics.push_back(
        {Diag::BitDevice, place,
         "for the device with hash " + hex(file.deviceHash()) + ", but " +
             quoted(device.name) + " has hash " + hex(device.hash)});
}

/// Adds what the checks of a decoded program or task found.
static DiagnosticList at(const std::string &place, DiagnosticList diagnostics) {
  for (Diagnostic &diagnostic : diagnostics)
    diagnostic.place = place + ": " + diagnostic.place;
  return diagnostics;
}

Result<Program> ntrt::decodeProgram(const Bytes &bytes,
                                    const DeviceModel &device,
                                    const std::string &place) {
  DiagnosticList diagnostics;
  ContainerReader file(bytes, kProgramMagic, kProgramTags, kRequiredProgramTags,
                       place, diagnostics);
  checkDevice(file, device, place, diagnostics);
  // With another device's sizes nothing in the sections makes sense.
  if (!file.headerIsSound() || file.deviceHash() != device.hash)
    return diagnostics;
  Program program = ProgramDecoder(file, device).run();
  if (diagnostics.empty())
    diagnostics = at(place, checkProgram(program, device));
  if (!diagnostics.empty())
    return diagnostics;
  return program;
}

/// Reads the words of one core; false if what follows cannot be found.
static bool readModulation(FieldReader &in, const DeviceModel &device,
                           const SourceDecoder &decoder,
                           const std::string &name, CoreModulation &core) {
  unsigned digits = device.synapse.digits;
  core.dac = readDacCodes(in, device.modulationDomain);
  unsigned width = indexBits(core.dac.size());
  uint32_t count = in.varint32("the number of words");
  auto packed = in.raw((size_t(count) * (width + 2 * digits) + 7) / 8);
  if (!in.ok())
    return false;
  BitReader words(packed);
  core.words.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    core.words[i].domain = uint8_t(words.bits(width));
    if (auto code = decoder.decode(words.bits(2 * digits)))
      core.words[i].code = *code;
    else
      in.misfit(Diag::BitField, name + ", neuron " + text(i) +
                                    " has an invalid source (rule H1)");
  }
  if (!words.paddingIsZero())
    in.misfit(Diag::BitField, name + " has padding bits that are not 0");
  return true;
}

Result<TaskOverlay> ntrt::decodeTask(const Bytes &bytes, const Program &program,
                                     const DeviceModel &device,
                                     const std::string &place) {
  DiagnosticList diagnostics;
  ContainerReader file(bytes, kTaskMagic, kTaskTags, std::size(kTaskTags),
                       place, diagnostics);
  checkDevice(file, device, place, diagnostics);
  if (!file.headerIsSound() || file.deviceHash() != device.hash)
    return diagnostics;

  TaskOverlay task;
  task.deviceHash = file.deviceHash();
  bool synapseIsKnown = false;
  if (auto in = file.section("META")) {
    task.name = in->string();
    task.programHash = in->u64();
    synapseIsKnown = readSynapse(*in, device);
    in->finish();
  }
  if (auto in = file.section("MODU"); in && synapseIsKnown) {
    SourceDecoder decoder(device.synapse.digits, device.synapse.encoding);
    uint32_t count = in->count("cores", 2);
    for (uint32_t i = 0; i < count; ++i) {
      task.cores.emplace_back();
      if (!readModulation(*in, device, decoder, "core " + text(i),
                          task.cores.back()))
        break;
    }
    in->finish();
  }
  if (auto in = file.section("CLAS")) {
    task.classOfOutput.resize(in->count("classes", 1));
    for (uint32_t &label : task.classOfOutput)
      label = in->varint32("a class");
    in->finish();
  }
  if (diagnostics.empty())
    diagnostics = at(place, checkTask(task, program, device));
  if (!diagnostics.empty())
    return diagnostics;
  return task;
}
