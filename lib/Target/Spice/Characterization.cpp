//===- Characterization.cpp - Running the benches -------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/Characterization.h"

#include "BenchText.h"
#include "CircuitRun.h"
#include "ntrt/Bitstream.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <unistd.h>

using namespace nt::spice;
using ntrt::DeviceModel;
using ntrt::Diag;
using ntrt::Diagnostic;
using ntrt::Done;
using ntrt::Status;

const Figure *Measurements::find(const std::string &name) const {
  auto found = std::find_if(all.begin(), all.end(), [&](const Figure &figure) {
    return figure.name == name;
  });
  return found == all.end() ? nullptr : &*found;
}

const Curve *Measurements::curve(const std::string &name) const {
  auto found =
      std::find_if(allCurves.begin(), allCurves.end(),
                   [&](const Curve &curve) { return curve.name == name; });
  return found == allCurves.end() ? nullptr : &*found;
}

double Measurements::value(const std::string &name) const {
  const Figure *figure = find(name);
  return figure ? figure->value : std::nan("");
}

void Measurements::point(const Curve &header, double x, double y) {
  auto found =
      std::find_if(allCurves.begin(), allCurves.end(), [&](const Curve &curve) {
        return curve.name == header.name;
      });
  if (found == allCurves.end()) {
    allCurves.push_back(header);
    found = allCurves.end() - 1;
  }
  size_t at =
      std::upper_bound(found->x.begin(), found->x.end(), x) - found->x.begin();
  found->x.insert(found->x.begin() + at, x);
  found->y.insert(found->y.begin() + at, y);
}

namespace {

/// Runs benches side by side; the measurements do not depend on the order in
/// which they end.
class Runner {
public:
  Runner(const CharacterizationOptions &options, const std::string &folder,
         Characterization &result)
      : options(options), folder(folder), result(result) {}

  void announce(size_t benches) { total += benches; }
  void run(const std::vector<Bench> &benches);

private:
  bool stopped() const { return options.interrupted && *options.interrupted; }
  ntrt::Result<RawData> simulate(const Bench &bench) const;

  const CharacterizationOptions &options;
  const std::string &folder;
  Characterization &result;
  size_t done = 0, total = 0;
};

} // namespace

ntrt::Result<RawData> Runner::simulate(const Bench &bench) const {
  NgspiceJob job{folder + '/' + bench.name, bench.last};
  std::error_code error;
  std::filesystem::create_directories(job.folder, error);
  if (error)
    return Diagnostic{Diag::FileNotWritten, job.folder, error.message()};
  Status written =
      ntrt::writeFileWhole(job.folder + '/' + netlistFileName,
                           bench.netlist.data(), bench.netlist.size());
  if (!written)
    return written.diagnostics();
  return runNgspice(job, options.ngspice);
}

void Runner::run(const std::vector<Bench> &benches) {
  std::vector<std::optional<ntrt::Result<RawData>>> waves(benches.size());
  std::mutex mutex;
  size_t next = 0;
  auto work = [&] {
    std::unique_lock lock(mutex);
    while (next < benches.size() && !stopped()) {
      size_t mine = next++;
      lock.unlock();
      auto data = simulate(benches[mine]);
      lock.lock();
      waves[mine] = std::move(data);
      ++done;
      if (options.progress)
        options.progress(done, total, benches[mine].name);
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < std::max(1u, options.ngspice.parallel); ++i)
    workers.emplace_back(work);
  work();
  for (std::thread &worker : workers)
    worker.join();

  for (size_t i = 0; i < benches.size(); ++i) {
    auto fail = [&](const ntrt::DiagnosticList &list) {
      result.missing.push_back(benches[i].name);
      result.failures.insert(result.failures.end(), list.begin(), list.end());
    };
    if (!waves[i]) {
      result.missing.push_back(benches[i].name);
    } else if (!*waves[i]) {
      fail(waves[i]->diagnostics());
    } else {
      Status read = benches[i].evaluate(**waves[i], result.measurements);
      if (!read)
        fail(read.diagnostics());
    }
  }
}

/// The value of a curve over the same volts as `lsb` where the LSB is
/// `lsb_A`: straight in the logarithm of the current, the ends kept.
static double valueAtLsb(const Curve &lsb, const Curve &values, double lsb_A) {
  size_t above = 0;
  while (above < lsb.y.size() && lsb.y[above] < lsb_A)
    ++above;
  if (above == 0 || above == lsb.y.size())
    return above ? values.y.back() : values.y.front();
  double part = std::log(lsb_A / lsb.y[above - 1]) /
                std::log(lsb.y[above] / lsb.y[above - 1]);
  return values.y[above - 1] + part * (values.y[above] - values.y[above - 1]);
}

/// Figures that several benches make together.
static void combine(Measurements &found, const DeviceModel &base) {
  const Figure *threshold = found.find("/neuron/v_th");
  const Figure *step = found.find("packet_step");
  const Figure *level = found.find("reset_level");
  if (threshold && step)
    found.add(Figure{"/neuron/v_reset", threshold->value - step->value, "V",
                     "V_th less the step of a packet"});
  if (level)
    found.add(Figure{"/neuron/v_reset", level->value, "V", level->what});
  const Figure *spent = found.find("spiking_energy");
  const Figure *spikes = found.find("spikes");
  const Figure *slot = found.find("slot_energy");
  if (spent && spikes && slot)
    found.add(Figure{
        "/energy/per_spike",
        std::max(0.0, spent->value - 20 * slot->value) / spikes->value, "J",
        "a neuron at about one spike in 2.5 slots, less its "
        "energy at rest"});
  const Curve *lsb = found.curve("event_lsb");
  for (const auto &[curve, figure, unit] :
       {std::tuple{"event_energy", "/energy/per_synaptic_event", "J"},
        std::tuple{"event_offset", "/synapse/event_offset_charge", "C"}})
    if (const Curve *values = found.curve(curve); values && lsb)
      found.add(Figure{figure, valueAtLsb(*lsb, *values, kEventLsb_A), unit,
                       values->what + ", LSB 5 nA, between measured volts"});
}

ntrt::Result<Characterization>
nt::spice::characterize(const CharacterizationOptions &options) {
  ntrt::DiagnosticList misfits;
  auto gather = [&](const auto &outcome) {
    if (!outcome)
      misfits.insert(misfits.end(), outcome.diagnostics().begin(),
                     outcome.diagnostics().end());
  };
  auto cells = TransistorCells::load(options.cells);
  auto base = DeviceModel::load(options.base);
  auto version = ngspiceVersion(options.ngspice);
  gather(cells);
  gather(base);
  gather(version);
  WorkFolder folder;
  if (misfits.empty())
    gather(folder.make(options.keep));
  if (!misfits.empty())
    return misfits;
  // The references that the cells are made for, not the base's figures.
  ntrt::NeuronModel &neuron = base->neuron;
  double part = (neuron.vInit_V - neuron.vReset_V) /
                (neuron.vThreshold_V - neuron.vReset_V);
  neuron.vThreshold_V = cells->parameter("nt_vth");
  neuron.vReset_V = cells->parameter("nt_vrst");
  neuron.vRest_V = cells->parameter("nt_vrest");
  neuron.vInit_V =
      neuron.vReset_V + part * (neuron.vThreshold_V - neuron.vReset_V);

  Characterization result;
  result.simulator = *version;
  result.cells = cells->description();
  std::vector<Bench> first = sourceBenches(*cells, *base, options);
  for (Bench &bench : neuronBenches(*cells, *base, options))
    first.push_back(std::move(bench));
  Runner runner(options, folder.path, result);
  // Of the second pass: compliance, crowding, two settlings, mismatch.
  runner.announce(first.size() + 4 + (options.mismatchSamples > 1));
  runner.run(first);
  combine(result.measurements, *base);
  std::vector<Bench> second =
      dependentSourceBenches(*cells, *base, options, result.measurements);
  runner.run(second);
  if (second.size() < 4)
    result.missing.push_back("compliance, crowding, settling");
  if (options.interrupted && *options.interrupted && result.missing.empty())
    result.missing.push_back("interrupted");
  return result;
}
