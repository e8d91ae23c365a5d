//===- Simulator.cpp - Simulation of a configured chip --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Simulator.h"
#include "ChipRun.h"
#include "Text.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

using namespace ntrt;

struct Simulator::Impl : Chip {
  using Chip::Chip;
};

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Simulator::Simulator(Simulator &&) noexcept = default;
Simulator &Simulator::operator=(Simulator &&) noexcept = default;
Simulator::~Simulator() = default;

Result<Simulator> Simulator::create(Program program, TaskOverlay task,
                                    const DeviceModel &device,
                                    EngineKind engine) {
  return create(std::move(program), std::move(task), device, engine, nullptr);
}

Result<Simulator> Simulator::create(Program program, TaskOverlay task,
                                    const DeviceModel &device,
                                    const ChipVariation &variation) {
  return create(std::move(program), std::move(task), device, EngineKind::Auto,
                &variation);
}

Result<Simulator> Simulator::create(Program program, TaskOverlay task,
                                    const DeviceModel &device,
                                    EngineKind engine,
                                    const ChipVariation *variation) {
  DiagnosticList diagnostics = checkProgram(program, device);
  DiagnosticList ofTask = checkTask(task, program, device);
  diagnostics.insert(diagnostics.end(), ofTask.begin(), ofTask.end());
  if (!diagnostics.empty())
    return diagnostics;
  return Simulator(std::make_unique<Impl>(std::move(program), std::move(task),
                                          device, engine, variation));
}

const Program &Simulator::program() const { return impl->program; }
const TaskOverlay &Simulator::task() const { return impl->task; }
EngineKind Simulator::engineOf(size_t core) const {
  return impl->cores[core].kind;
}

Result<SimResult> Simulator::run(const float *values, size_t count,
                                 const SimOptions &options) const {
  DiagnosticList diagnostics = impl->check(options);
  if (count != impl->program.inputs)
    diagnostics.push_back({Diag::SimInput, "sample",
                           text(count) + " values, the program has " +
                               text(impl->program.inputs) + " inputs"});
  else if (std::string misfit = impl->check(values); !misfit.empty())
    diagnostics.push_back({Diag::DataValue, "sample", misfit});
  if (!diagnostics.empty())
    return diagnostics;
  return std::move(ChipRun(*impl, options).run(values, 1, 0).front());
}

Status
Simulator::runMany(const float *values, size_t images,
                   const SimOptions &options, unsigned threads,
                   const std::function<void(size_t, SimResult)> &done) const {
  DiagnosticList diagnostics = impl->check(options);
  for (size_t i = 0; i < images; ++i)
    if (std::string misfit = impl->check(values + i * impl->program.inputs);
        !misfit.empty())
      diagnostics.push_back({Diag::DataValue, "sample " + text(i), misfit});
  if (!diagnostics.empty())
    return diagnostics;

  if (threads == 0)
    threads = std::max(1u, std::thread::hardware_concurrency());
  threads = unsigned(std::min<size_t>(threads, images));
  std::atomic<size_t> next{0};
  std::mutex doneMutex;
  auto work = [&] {
    ChipRun run(*impl, options);
    // Small batches at the end would leave threads without work.
    const size_t batch =
        std::clamp<size_t>(images / (4 * size_t(threads)), 1, run.batch());
    for (size_t first; (first = next.fetch_add(batch)) < images;) {
      std::vector<SimResult> results =
          run.run(values + first * impl->program.inputs,
                  std::min(batch, images - first), first);
      std::lock_guard lock(doneMutex);
      for (size_t i = 0; done && i < results.size(); ++i)
        done(first + i, std::move(results[i]));
    }
  };
  std::vector<std::thread> others;
  for (unsigned t = 1; t < threads; ++t)
    others.emplace_back(work);
  work();
  for (std::thread &thread : others)
    thread.join();
  return Done{};
}
