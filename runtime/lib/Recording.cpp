//===- Recording.cpp - Rasters and membranes to a file --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The part file has a line that names the run and then, for each image in the
// order in which they are done, its number, its size, its spikes and membranes,
// and a CRC.
//
//===----------------------------------------------------------------------===//

#include "ntrt/Recording.h"
#include "Text.h"
#include "ntrt/Bitstream.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <optional>
#include <unistd.h>

using namespace ntrt;

/// "layer[first:last]" taken apart; an index alone is a range of one.
static std::optional<std::pair<uint32_t, uint32_t>>
rangeOf(const std::string &selection, uint32_t neurons, std::string &layer) {
  const size_t open = selection.find('[');
  layer = selection.substr(0, open);
  if (open == std::string::npos)
    return std::pair(0u, neurons);
  unsigned first = 0, last = 0;
  int end = 0;
  const char *inside = selection.c_str() + open;
  if (std::sscanf(inside, "[%u:%u]%n", &first, &last, &end) == 2 &&
      inside[end] == 0 && first < last && last <= neurons)
    return std::pair(first, last);
  end = 0;
  if (std::sscanf(inside, "[%u]%n", &first, &end) == 1 && end > 0 &&
      inside[end] == 0 && first < neurons)
    return std::pair(first, first + 1);
  return std::nullopt;
}

Result<std::vector<RecordedNeuron>>
ntrt::selectNeurons(const Program &program,
                    const std::vector<std::string> &selections) {
  std::map<std::pair<uint32_t, uint32_t>, ReadoutNeuron> places;
  for (uint32_t c = 0; c < program.cores.size(); ++c)
    for (uint32_t n = 0; n < program.cores[c].neurons; ++n)
      places[{program.cores[c].layer, program.cores[c].layerNeuron[n]}] = {c,
                                                                           n};
  std::vector<std::string> wanted = selections;
  if (wanted.empty())
    for (const Layer &layer : program.layers)
      wanted.push_back(layer.name);

  std::vector<RecordedNeuron> neurons;
  DiagnosticList misfits;
  for (const std::string &selection : wanted) {
    const std::string name = selection.substr(0, selection.find('['));
    auto layer = std::find_if(
        program.layers.begin(), program.layers.end(),
        [&](const Layer &candidate) { return candidate.name == name; });
    if (layer == program.layers.end()) {
      std::string known;
      for (const Layer &other : program.layers)
        known += (known.empty() ? "" : ", ") + other.name;
      misfits.push_back(
          {Diag::SimNeurons, selection, "the program's layers are " + known});
      continue;
    }
    std::string ignored;
    auto range = rangeOf(selection, layer->neurons, ignored);
    if (!range) {
      misfits.push_back({Diag::SimNeurons, selection,
                         "layer " + name + " has the neurons 0 to " +
                             text(layer->neurons - 1)});
      continue;
    }
    const uint32_t index = uint32_t(layer - program.layers.begin());
    for (uint32_t n = range->first; n < range->second; ++n)
      neurons.push_back({index, n, places[{index, n}]});
  }
  if (!misfits.empty())
    return misfits;
  return neurons;
}

static uint32_t slotsOf(const Program &program,
                        const RecordingOptions &options) {
  return options.slots ? options.slots : program.defaultSlots;
}

uint64_t ntrt::largestRecording_B(const Program &program, size_t images,
                                  const RecordingOptions &options) {
  // Four numbers a spike, and at most one spike a slot.
  const uint64_t perSlot =
      (options.spikes ? 4 : 0) + (options.membranes ? 1 : 0);
  return sizeof(float) * perSlot * images * options.neurons.size() *
         slotsOf(program, options);
}

namespace {
struct RecordedSpike {
  uint32_t slot, neuron;
  float time_s;
};
/// What is kept of one image.
struct ImageRecord {
  std::vector<RecordedSpike> spikes;
  std::vector<float> membranes_V;
};

/// The file that fills up while a recording runs.
class PartFile {
public:
  ~PartFile() {
    if (file >= 0)
      ::close(file);
  }
  Status open(const std::string &path, const std::string &header,
              std::map<uint32_t, ImageRecord> &done);
  Status append(uint32_t image, const ImageRecord &record);

private:
  Status write(const std::string &bytes);
  std::string path;
  int file = -1;
};
} // namespace

template <typename T> static void put(std::string &bytes, const T &value) {
  bytes.append(reinterpret_cast<const char *>(&value), sizeof value);
}

/// Reads a value and moves on; false at the end.
template <typename T>
static bool take(const std::string &bytes, size_t &at, T &value) {
  if (bytes.size() - at < sizeof value)
    return false;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  at += sizeof value;
  return true;
}

Status PartFile::write(const std::string &bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t size =
        ::write(file, bytes.data() + done, bytes.size() - done);
    if (size < 0 && errno != EINTR)
      return Diagnostic{Diag::FileNotWritten, path, std::strerror(errno)};
    done += size_t(std::max<ssize_t>(size, 0));
  }
  return Done{};
}

Status PartFile::open(const std::string &pathIn, const std::string &header,
                      std::map<uint32_t, ImageRecord> &done) {
  path = pathIn;
  file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  auto failed = [&] {
    return Diagnostic{Diag::FileNotWritten, path, std::strerror(errno)};
  };
  if (file < 0)
    return failed();
  std::string bytes;
  char buffer[65536];
  for (ssize_t size; (size = ::read(file, buffer, sizeof buffer)) != 0;) {
    if (size < 0)
      return failed();
    bytes.append(buffer, size_t(size));
  }
  size_t good = 0;
  if (bytes.starts_with(header)) {
    good = header.size();
    for (size_t at = good;;) {
      uint32_t image, spikes, membranes, crc;
      ImageRecord record;
      if (!take(bytes, at, image) || !take(bytes, at, spikes) ||
          !take(bytes, at, membranes))
        break;
      const size_t size =
          spikes * sizeof(RecordedSpike) + membranes * sizeof(float);
      if (bytes.size() - at < size + sizeof crc)
        break;
      record.spikes.resize(spikes);
      record.membranes_V.resize(membranes);
      std::memcpy(record.spikes.data(), bytes.data() + at,
                  spikes * sizeof(RecordedSpike));
      std::memcpy(record.membranes_V.data(),
                  bytes.data() + at + spikes * sizeof(RecordedSpike),
                  membranes * sizeof(float));
      at += size;
      take(bytes, at, crc);
      if (crc != crc32c(reinterpret_cast<const uint8_t *>(bytes.data() + good),
                        at - sizeof crc - good))
        break;
      done[image] = std::move(record);
      good = at;
    }
  } else if (!header.starts_with(bytes)) {
    return Diagnostic{Diag::SimResume, path, "it holds another recording"};
  }
  if (::ftruncate(file, off_t(good)) != 0 ||
      ::lseek(file, off_t(good), SEEK_SET) < 0)
    return failed();
  return good ? Status(Done{}) : write(header);
}

Status PartFile::append(uint32_t image, const ImageRecord &record) {
  std::string bytes;
  put(bytes, image);
  put(bytes, uint32_t(record.spikes.size()));
  put(bytes, uint32_t(record.membranes_V.size()));
  for (const RecordedSpike &spike : record.spikes)
    put(bytes, spike);
  for (float volts : record.membranes_V)
    put(bytes, volts);
  put(bytes,
      crc32c(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
  return write(bytes);
}

/// Refuses what the disk or the memory could not hold.
static DiagnosticList checkSize(uint64_t needed_B, const std::string &path) {
  DiagnosticList misfits;
  auto refuse = [&](const char *what, uint64_t free_B) {
    misfits.push_back({Diag::SimRecordSize, path,
                       "it may take " + text(needed_B >> 20) + " MiB, the " +
                           what + " has " + text(free_B >> 20) + " MiB free"});
  };
  std::error_code error;
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const auto space =
      std::filesystem::space(folder.empty() ? "." : folder, error);
  // The part file and the .npz are on the disk together for a moment.
  if (!error && needed_B > space.available / 2)
    refuse("disk", space.available);
  // The records, the arrays and the archive's bytes.
  const uint64_t memory_B =
      uint64_t(sysconf(_SC_AVPHYS_PAGES)) * uint64_t(sysconf(_SC_PAGESIZE));
  if (needed_B > memory_B / 3)
    refuse("memory", memory_B);
  return misfits;
}

static Status writeArrays(const std::map<uint32_t, ImageRecord> &records,
                          const Program &program,
                          const RecordingOptions &options) {
  const size_t neurons = options.neurons.size();
  std::map<std::string, NpyArray> arrays;
  auto add = [&](const char *name, float value) {
    NpyArray &array = arrays[name];
    array.values.push_back(value);
    array.shape = {array.values.size()};
  };
  for (const RecordedNeuron &neuron : options.neurons) {
    add("neuron_layer", float(neuron.layer));
    add("neuron_index", float(neuron.layerNeuron));
  }
  for (const char *name :
       {"spike_image", "spike_slot", "spike_neuron", "spike_time_s"})
    if (options.spikes)
      arrays[name].shape = {0};
  NpyArray *membranes = options.membranes ? &arrays["membrane_V"] : nullptr;
  for (const auto &[image, record] : records) {
    for (const RecordedSpike &spike : record.spikes) {
      add("spike_image", float(image));
      add("spike_slot", float(spike.slot));
      add("spike_neuron", float(spike.neuron));
      add("spike_time_s", spike.time_s);
    }
    if (membranes)
      membranes->values.insert(membranes->values.end(),
                               record.membranes_V.begin(),
                               record.membranes_V.end());
  }
  if (membranes)
    membranes->shape = {records.size(), neurons, slotsOf(program, options)};
  return writeNpz(options.path, arrays);
}

Result<RecordingSummary>
ntrt::recordRun(const Simulator &simulator, const DeviceModel &device,
                const Dataset &data, const RecordingOptions &options,
                const std::function<void(size_t)> &done) {
  const Program &program = simulator.program();
  const size_t images = data.samples();
  if (data.sampleSize != program.inputs)
    return Diagnostic{Diag::DataShape, "data",
                      text(data.sampleSize) +
                          " values a sample, the program takes " +
                          text(program.inputs)};
  if (DiagnosticList misfits =
          checkSize(largestRecording_B(program, images, options), options.path);
      !misfits.empty())
    return misfits;

  std::map<std::pair<uint32_t, uint32_t>, uint32_t> indexOf;
  SimOptions sim;
  sim.slots = options.slots;
  sim.recordSpikes = options.spikes;
  std::string selection;
  for (uint32_t i = 0; i < options.neurons.size(); ++i) {
    const ReadoutNeuron place = options.neurons[i].place;
    indexOf[{place.core, place.neuron}] = i;
    put(selection, place);
    if (options.membranes)
      sim.probes.push_back(place);
  }
  const auto hash = [](const void *from, size_t size) {
    return hex(fnv1a64(static_cast<const uint8_t *>(from), size));
  };
  const Bytes task = encodeTask(simulator.task(), device);
  const std::string header =
      "nt recording 1 " + hex(frozenHash(encodeProgram(program, device))) +
      " " + hash(task.data(), task.size()) + " " +
      hash(data.values.data(), data.values.size() * sizeof(float)) + " " +
      hash(selection.data(), selection.size()) + " " +
      text(slotsOf(program, options)) + (options.spikes ? " spikes" : "") +
      (options.membranes ? " membranes" : "") + "\n";
  const std::string partPath = options.path + ".part";
  PartFile part;
  std::map<uint32_t, ImageRecord> records;
  if (Status status = part.open(partPath, header, records); !status)
    return status.diagnostics();
  RecordingSummary summary{images, records.size(), 0};

  DiagnosticList failures;
  for (size_t first = 0; first < images && failures.empty();) {
    size_t last = first;
    while (last < images && !records.count(uint32_t(last)))
      ++last;
    if (last == first) {
      ++first;
      continue;
    }
    Status status = simulator.runMany(
        data.sample(first), last - first, sim, options.threads,
        [&](size_t i, SimResult result) {
          ImageRecord record;
          for (const SpikeEvent &event : result.events)
            if (auto it = indexOf.find({event.core, event.neuron});
                it != indexOf.end())
              record.spikes.push_back(
                  {event.slot, it->second, float(event.time_s)});
          for (const std::vector<double> &trace : result.traces_V)
            record.membranes_V.insert(record.membranes_V.end(), trace.begin(),
                                      trace.end());
          const uint32_t image = uint32_t(first + i);
          if (Status written = part.append(image, record);
              !written && failures.empty())
            failures = written.diagnostics();
          records[image] = std::move(record);
          if (done)
            done(records.size());
        });
    if (!status)
      return status.diagnostics();
    first = last;
  }
  if (!failures.empty())
    return failures;
  for (const auto &[image, record] : records)
    summary.spikes += record.spikes.size();
  if (Status status = writeArrays(records, program, options); !status)
    return status.diagnostics();
  std::error_code ignored;
  std::filesystem::remove(partPath, ignored);
  return summary;
}

Result<std::string> ntrt::drawRecording(const std::string &npzPath,
                                        uint32_t image, const Program &program,
                                        const DeviceModel &device) {
  auto read = readNpz(npzPath);
  if (!read)
    return read.diagnostics();
  auto &arrays = *read;
  const size_t neurons = arrays["neuron_layer"].values.size();
  const NpyArray &membranes = arrays["membrane_V"];
  uint32_t slots = program.defaultSlots;
  if (membranes.shape.size() == 3)
    slots = uint32_t(membranes.shape[2]);
  for (float slot : arrays["spike_slot"].values)
    slots = std::max(slots, uint32_t(slot) + 1);
  const double width = 720, left = 120, rowHeight = neurons > 100 ? 3 : 9;
  const double rasterHeight = rowHeight * double(std::max<size_t>(neurons, 1));
  constexpr size_t kMostTraces = 8;
  const double traceHeight = 60;
  const size_t traces =
      membranes.shape.size() == 3 ? std::min(neurons, kMostTraces) : 0;
  const double height = 50 + rasterHeight + double(traces) * (traceHeight + 8);
  std::string svg;
  auto line = [&](const char *format, auto... values) {
    char buffer[400];
    std::snprintf(buffer, sizeof buffer, format, values...);
    svg += buffer;
  };
  auto x = [&](double slot) {
    return left + slot * (width - left - 10) / slots;
  };
  line("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
       "font-family=\"sans-serif\" font-size=\"10\" role=\"img\" "
       "aria-label=\"spikes of image %u\">\n",
       width, height, image);
  line("<text x=\"%.0f\" y=\"14\">spikes of image %u by slot (a slot is %g s)"
       "</text>\n",
       left, image, device.slot_s);
  std::string lastLayer;
  for (size_t n = 0; n < neurons; ++n) {
    const uint32_t layer = uint32_t(arrays["neuron_layer"].values[n]);
    const std::string &name =
        layer < program.layers.size() ? program.layers[layer].name : lastLayer;
    if (n == 0 || name != lastLayer) {
      std::string safe;
      for (char c : name)
        safe += c == '<' || c == '&' ? '_' : c;
      line("<text x=\"4\" y=\"%.1f\">%.60s</text>\n",
           28 + rowHeight * double(n), safe.c_str());
    }
    lastLayer = name;
  }
  const std::vector<float> &spikeImage = arrays["spike_image"].values;
  for (size_t i = 0; i < spikeImage.size(); ++i)
    if (spikeImage[i] == float(image)) {
      const double slot = arrays["spike_slot"].values[i] +
                          arrays["spike_time_s"].values[i] / device.slot_s;
      line("<rect x=\"%.2f\" y=\"%.1f\" width=\"1.5\" height=\"%.1f\"/>\n",
           x(slot), 20 + rowHeight * arrays["spike_neuron"].values[i],
           rowHeight - 1);
    }
  const NeuronModel &neuron = device.neuron;
  const double swing_V = neuron.vThreshold_V - neuron.vReset_V;
  for (size_t n = 0; n < traces; ++n) {
    const double top = 40 + rasterHeight + double(n) * (traceHeight + 8);
    auto y = [&](double volts) {
      const double part =
          (volts - (neuron.vReset_V - swing_V)) / (2.2 * swing_V);
      return top + traceHeight * (1 - std::clamp(part, 0.0, 1.0));
    };
    line("<text x=\"4\" y=\"%.1f\">V, neuron %.0f</text>\n", top + 12,
         double(arrays["neuron_index"].values[n]));
    line("<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" "
         "stroke=\"#c00\" stroke-dasharray=\"3 3\"/>\n",
         x(0), x(slots), y(neuron.vThreshold_V), y(neuron.vThreshold_V));
    svg += "<polyline fill=\"none\" stroke=\"#06c\" points=\"";
    const size_t traceSlots = membranes.shape[2];
    const float *values =
        membranes.values.data() + (image * neurons + n) * traceSlots;
    for (size_t slot = 0; slot < traceSlots && image < membranes.shape[0];
         ++slot)
      line("%.1f,%.1f ", x(double(slot) + 1), y(values[slot]));
    svg += "\"/>\n";
  }
  return svg + "</svg>\n";
}
