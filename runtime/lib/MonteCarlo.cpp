//===- MonteCarlo.cpp - Many chips of a device ----------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file has one line a fact: the run's inputs, then each chip in order, then
// the summary. A line ends with the CRC of what comes before it, so that what a
// killed run left half written is known and written again.
//
//===----------------------------------------------------------------------===//

#include "ntrt/MonteCarlo.h"
#include "Philox.h"
#include "Text.h"
#include "ntrt/Bitstream.h"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace ntrt;

uint64_t ntrt::chipSeed(uint64_t seed, uint32_t chip) {
  const std::array<uint32_t, 4> random = philox({chip, 0, 0, 0x63686970}, seed);
  return uint64_t(random[1]) << 32 | random[0];
}

template <typename... Values>
static std::string print(const char *format, Values... values) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, values...);
  return buffer;
}

/// An object without its end, completed with its CRC and a line feed.
static std::string sealed(std::string object) {
  const uint32_t crc =
      crc32c(reinterpret_cast<const uint8_t *>(object.data()), object.size());
  return object + print(", \"crc\": \"%08" PRIx32 "\"}\n", crc);
}

static uint64_t hashOf(const Dataset &data) {
  const auto bytes = [](const auto &values) {
    return fnv1a64(reinterpret_cast<const uint8_t *>(values.data()),
                   values.size() * sizeof values[0]);
  };
  return bytes(data.values) * 31 + bytes(data.labels);
}

/// Not device.hash alone: a run may leave effects out.
static uint64_t hashOf(const DeviceModel &device) {
  const VariationModel &v = device.variation;
  const double figures[] = {v.capacitorSigma,
                            v.leakSigma,
                            v.voltsSigma_V,
                            v.droop_Ohm,
                            v.temperature_K,
                            v.shotNoise,
                            v.deadNeurons,
                            v.stuckDigits,
                            device.synapse.mismatchSigma,
                            device.neuron.thresholdSigma_V};
  return device.hash ^
         fnv1a64(reinterpret_cast<const uint8_t *>(figures), sizeof figures);
}

static std::string headerLine(const Program &program, const TaskOverlay &task,
                              const DeviceModel &device, const Dataset &data,
                              const MonteCarloOptions &options) {
  const Bytes bytes = encodeTask(task, device);
  return sealed(print(
      "{\"nt_montecarlo\": 1, \"program\": \"%016" PRIx64
      "\", \"task\": \"%016" PRIx64 "\", \"device\": \"%016" PRIx64
      "\", \"data\": \"%016" PRIx64 "\", \"images\": %zu, \"slots\": %" PRIu32
      ", \"seed\": %" PRIu64 ", \"chips\": %" PRIu32,
      frozenHash(encodeProgram(program, device)),
      fnv1a64(bytes.data(), bytes.size()), hashOf(device), hashOf(data),
      data.samples(), options.slots ? options.slots : program.defaultSlots,
      options.seed, options.chips));
}

static std::string chipLine(const ChipResult &result, size_t images) {
  return sealed(print("{\"chip\": %" PRIu32 ", \"seed\": \"%016" PRIx64
                      "\", \"correct\": %" PRIu64
                      ", \"accuracy_percent\": %.4f, \"spikes\": %" PRIu64
                      ", \"synaptic_events\": %" PRIu64
                      ", \"dropped_events\": %" PRIu64 ", \"energy_J\": %.17g",
                      result.chip, result.seed, result.correct,
                      100.0 * double(result.correct) / double(images),
                      result.spikes, result.synapticEvents,
                      result.droppedEvents, result.energy_J));
}

/// What chipLine() wrote; false if it is something else.
static bool parseChip(const std::string &line, size_t images,
                      ChipResult &result) {
  double percent = 0;
  const int read = std::sscanf(
      line.c_str(),
      "{\"chip\": %" SCNu32 ", \"seed\": \"%" SCNx64 "\", \"correct\": %" SCNu64
      ", \"accuracy_percent\": %lf, \"spikes\": %" SCNu64
      ", \"synaptic_events\": %" SCNu64 ", \"dropped_events\": %" SCNu64
      ", \"energy_J\": %lf",
      &result.chip, &result.seed, &result.correct, &percent, &result.spikes,
      &result.synapticEvents, &result.droppedEvents, &result.energy_J);
  return read == 8 && chipLine(result, images) == line;
}

static double percentOf(const ChipResult &result, size_t images) {
  return 100.0 * double(result.correct) / double(images);
}

std::vector<Quantile> ntrt::quantilesOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  std::vector<Quantile> quantiles;
  for (double p : {0.05, 0.25, 0.5, 0.75, 0.95}) {
    // The chance that so many of n values lie below the quantile.
    std::vector<double> below(n + 1);
    double logTerm = double(n) * exactLog(1 - p);
    for (size_t k = 0; k <= n; ++k) {
      below[k] = exactExp(logTerm);
      if (k < n)
        logTerm +=
            exactLog(double(n - k) / double(k + 1)) + exactLog(p / (1 - p));
    }
    auto chance = [&](size_t from, size_t to) {
      double sum = 0;
      for (size_t k = from; k < to; ++k)
        sum += below[k];
      return std::min(sum, 1.0);
    };
    // The quantile lies between the low-th and high-th smallest value (from 1)
    // if low <= k < high values are below it: widen until that is likely.
    const size_t middle =
        std::clamp<size_t>(size_t(std::ceil(p * double(n))), 1, n);
    size_t low = middle, high = std::min(middle + 1, n);
    while (chance(low, high) < 0.95 && (low > 1 || high < n)) {
      if (low > 1 && (high == n || below[low - 1] >= below[high]))
        --low;
      else
        ++high;
    }
    quantiles.push_back({p, values[middle - 1], values[low - 1],
                         values[high - 1], chance(low, high)});
  }
  return quantiles;
}

static void summarise(MonteCarloResult &result, size_t images) {
  std::vector<double> percents;
  for (const ChipResult &chip : result.chips)
    percents.push_back(percentOf(chip, images));
  for (double percent : percents)
    result.mean += percent / double(percents.size());
  for (double percent : percents)
    result.deviation += (percent - result.mean) * (percent - result.mean);
  result.deviation =
      percents.size() > 1
          ? std::sqrt(result.deviation / double(percents.size() - 1))
          : 0;
  result.quantiles = quantilesOf(percents);
}

static std::string summaryLine(const MonteCarloResult &result) {
  std::string line = print("{\"ideal_percent\": %.4f, \"mean_percent\": %.4f, "
                           "\"deviation_percent\": %.4f, \"quantiles\": [",
                           result.idealPercent, result.mean, result.deviation);
  for (const Quantile &q : result.quantiles)
    line += print("%s{\"p\": %.2f, \"percent\": %.4f, \"low\": %.4f, \"high\": "
                  "%.4f, \"confidence\": %.4f}",
                  &q == &result.quantiles.front() ? "" : ", ", q.p, q.value,
                  q.low, q.high, q.confidence);
  return sealed(line + "]");
}

namespace {
/// A file that grows line by line and survives a kill.
class ResultFile {
public:
  ~ResultFile() {
    if (file >= 0)
      ::close(file);
  }

  /// Opens a new file with a header, or one that begins with it; `lines` are
  /// the whole lines behind the header.
  Status open(const std::string &path, const std::string &header,
              std::vector<std::string> &lines);
  /// Keeps the header and so many lines; what follows is forgotten.
  Status keep(const std::vector<std::string> &lines, size_t count);
  Status append(const std::string &line);

private:
  Diagnostic failed() const {
    return {Diag::FileNotWritten, path, std::strerror(errno)};
  }

  std::string path, header;
  int file = -1;
};
} // namespace

Status ResultFile::open(const std::string &pathIn, const std::string &headerIn,
                        std::vector<std::string> &lines) {
  path = pathIn;
  header = headerIn;
  file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0)
    return failed();
  std::string text;
  char buffer[65536];
  for (ssize_t size; (size = ::read(file, buffer, sizeof buffer)) != 0;) {
    if (size < 0)
      return failed();
    text.append(buffer, size_t(size));
  }
  // A run that was killed in its first moments left a part of the header.
  if (text.size() < header.size() && header.starts_with(text)) {
    if (::ftruncate(file, 0) != 0 || ::lseek(file, 0, SEEK_SET) != 0)
      return failed();
    return append(header);
  }
  if (!text.starts_with(header))
    return Diagnostic{Diag::SimResume, path,
                      "its first line names other inputs or is damaged"};
  for (size_t at = header.size(), end;
       (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(text.substr(at, end + 1 - at));
  return Done{};
}

Status ResultFile::keep(const std::vector<std::string> &lines, size_t count) {
  off_t size = off_t(header.size());
  for (size_t i = 0; i < count; ++i)
    size += off_t(lines[i].size());
  if (::ftruncate(file, size) != 0 || ::lseek(file, size, SEEK_SET) != size)
    return failed();
  return Done{};
}

Status ResultFile::append(const std::string &line) {
  for (size_t done = 0; done < line.size();) {
    const ssize_t size = ::write(file, line.data() + done, line.size() - done);
    if (size < 0 && errno != EINTR)
      return failed();
    done += size_t(std::max<ssize_t>(size, 0));
  }
  if (::fdatasync(file) != 0 && errno != EINVAL)
    return failed();
  return Done{};
}

/// All samples on one chip, the ideal one or a varied one.
static Result<ChipResult> runChip(const Simulator &simulator,
                                  const Dataset &data,
                                  const MonteCarloOptions &options) {
  SimOptions sim;
  sim.slots = options.slots;
  ChipResult result;
  // Added up in the order of samples, not in that of threads.
  std::vector<double> energies_J(data.samples());
  Status status =
      simulator.runMany(data.values.data(), data.samples(), sim,
                        options.threads, [&](size_t i, SimResult run) {
                          result.correct += run.label == data.labels[i];
                          result.spikes += run.spikes;
                          result.synapticEvents += run.synapticEvents;
                          result.droppedEvents += run.droppedEvents;
                          energies_J[i] = run.energy_J;
                        });
  if (!status)
    return status.diagnostics();
  for (double energy : energies_J)
    result.energy_J += energy / double(data.samples());
  return result;
}

Result<MonteCarloResult>
ntrt::runMonteCarlo(const Program &program, const TaskOverlay &task,
                    const DeviceModel &device, const Dataset &data,
                    const MonteCarloOptions &options,
                    const std::function<void(const ChipResult &)> &done) {
  DiagnosticList misfits;
  if (options.chips == 0)
    misfits.push_back(
        {Diag::OptionInvalid, "chips", "0 chips, at least 1 is needed"});
  if (data.samples() == 0 || data.labels.size() != data.samples())
    misfits.push_back({Diag::DataShape, "data",
                       text(data.labels.size()) + " labels for " +
                           text(data.samples()) + " samples"});
  if (data.sampleSize != program.inputs)
    misfits.push_back({Diag::DataShape, "data",
                       text(data.sampleSize) +
                           " values a sample, the program takes " +
                           text(program.inputs)});
  Result<Simulator> ideal = Simulator::create(program, task, device);
  if (!ideal)
    misfits.insert(misfits.end(), ideal.diagnostics().begin(),
                   ideal.diagnostics().end());
  if (!misfits.empty())
    return misfits;

  const size_t images = data.samples();
  ResultFile file;
  std::vector<std::string> lines;
  if (Status status =
          file.open(options.path,
                    headerLine(program, task, device, data, options), lines);
      !status)
    return status.diagnostics();
  MonteCarloResult result;
  for (const std::string &line : lines) {
    ChipResult chip;
    const uint32_t expected = uint32_t(result.chips.size());
    if (expected == options.chips || !parseChip(line, images, chip) ||
        chip.chip != expected || chip.seed != chipSeed(options.seed, expected))
      break;
    result.chips.push_back(chip);
    if (done)
      done(chip);
  }
  result.resumed = uint32_t(result.chips.size());
  if (Status status = file.keep(lines, result.chips.size()); !status)
    return status.diagnostics();

  while (result.chips.size() < options.chips) {
    const uint32_t index = uint32_t(result.chips.size());
    const ChipVariation variation(device, chipSeed(options.seed, index));
    Result<Simulator> simulator =
        Simulator::create(program, task, device, variation);
    if (!simulator)
      return simulator.diagnostics();
    Result<ChipResult> chip = runChip(*simulator, data, options);
    if (!chip)
      return chip.diagnostics();
    chip->chip = index;
    chip->seed = variation.chipSeed();
    if (Status status = file.append(chipLine(*chip, images)); !status)
      return status.diagnostics();
    result.chips.push_back(*chip);
    if (done)
      done(*chip);
  }
  // Last, so that a run that goes on does not begin with it.
  Result<ChipResult> reference = runChip(*ideal, data, options);
  if (!reference)
    return reference.diagnostics();
  result.idealPercent = percentOf(*reference, images);
  summarise(result, images);
  if (Status status = file.append(summaryLine(result)); !status)
    return status.diagnostics();
  return result;
}
