//===- EmittedAgreement.h - Emitted code against the simulator --*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_UNITTESTS_TARGET_CPU_EMITTEDAGREEMENT_H
#define NT_UNITTESTS_TARGET_CPU_EMITTEDAGREEMENT_H

#include "nt/Target/CPU/EmitCPU.h"

#include "../../../runtime/unittests/EngineAgreement.h"

#include <dlfcn.h>

namespace nt::test {

/// A shared library that emitSharedLibrary() wrote, loaded.
class Emitted {
public:
  Emitted(const std::string &folder, std::string name)
      : name(std::move(name)),
        library(dlopen((folder + "/" + this->name + ".so").c_str(),
                       RTLD_NOW | RTLD_LOCAL)) {}
  Emitted(const Emitted &) = delete;
  ~Emitted() {
    if (library)
      dlclose(library);
  }

  bool isLoaded() const { return library; }
  template <typename Function> Function *get(const char *what) const {
    return reinterpret_cast<Function *>(
        dlsym(library, (name + "_" + what).c_str()));
  }
  void *create() const { return get<void *(char **)>("create")(nullptr); }
  int32_t record(const float *values, uint32_t slots, double *scores,
                 uint8_t *spikes, char **error) const {
    return get<int32_t(void *, const float *, uint32_t, double *, uint8_t *,
                       char **)>("record")(create(), values, slots, scores,
                                           spikes, error);
  }

private:
  std::string name;
  void *library;
};

/// The first difference of emitted code from the reference engine on a case, or
/// nothing; adds the reference's spikes to `spikes`.
inline std::string compareEmitted(const ntrt::test::AgreementCase &test,
                                  const Emitted &emitted, uint64_t &spikes) {
  const ntrt::SimResult expected =
      test.run(ntrt::EngineKind::Reference, /*record=*/true);
  spikes += expected.spikes;
  uint32_t neurons = 0;
  std::vector<uint32_t> first;
  for (const ntrt::CoreConfig &core : test.program.cores) {
    first.push_back(neurons);
    neurons += core.neurons;
  }
  std::vector<uint8_t> raster(size_t(test.slots) * neurons, 77), wanted(raster);
  std::fill(wanted.begin(), wanted.end(), 0);
  for (const ntrt::SpikeEvent &event : expected.events)
    if (event.core != ntrt::SpikeEvent::kInputCore)
      wanted[size_t(event.slot - test.program.cores[event.core].startSlot) *
                 neurons +
             first[event.core] + event.neuron] = 1;
  std::vector<double> scores(expected.scores.size());
  char *error = nullptr;
  const int32_t label = emitted.record(test.image.data(), test.slots,
                                       scores.data(), raster.data(), &error);
  if (label < 0) {
    std::string message = error ? error : "no message";
    emitted.get<void(char *)>("free_error")(error);
    return message;
  }
  for (size_t i = 0; i < raster.size(); ++i)
    if (raster[i] != wanted[i])
      return "slot " + std::to_string(i / neurons) + " neuron " +
             std::to_string(i % neurons) + ": " + std::to_string(raster[i]) +
             " instead of " + std::to_string(wanted[i]);
  if (scores != expected.scores)
    return "scores";
  if (uint32_t(label) != expected.label)
    return "class";
  return {};
}

} // namespace nt::test

#endif // NT_UNITTESTS_TARGET_CPU_EMITTEDAGREEMENT_H
