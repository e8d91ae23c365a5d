//===- EmittedAgreement.h - Emitted code against the simulator --*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_UNITTESTS_TARGET_CPU_EMITTEDAGREEMENT_H
#define NT_UNITTESTS_TARGET_CPU_EMITTEDAGREEMENT_H

#include "nt/Target/CPU/CompiledNetwork.h"
#include "nt/Target/CPU/EmitCPU.h"

#include "../../../runtime/unittests/EngineAgreement.h"

namespace nt::test {

/// The first difference of emitted code from the reference engine on a case, or
/// nothing; adds the reference's spikes to `spikes`.
inline std::string compareEmitted(const ntrt::test::AgreementCase &test,
                                  const cpu::CompiledNetwork &emitted,
                                  uint64_t &spikes) {
  const ntrt::SimResult expected =
      test.run(ntrt::EngineKind::Reference, /*record=*/true);
  spikes += expected.spikes;
  uint32_t neurons = 0;
  std::vector<uint32_t> first;
  for (const ntrt::CoreConfig &core : test.program.cores) {
    first.push_back(neurons);
    neurons += core.neurons;
  }
  std::vector<uint8_t> wanted(size_t(test.slots) * neurons);
  for (const ntrt::SpikeEvent &event : expected.events)
    if (event.core != ntrt::SpikeEvent::kInputCore)
      wanted[size_t(event.slot - test.program.cores[event.core].startSlot) *
                 neurons +
             first[event.core] + event.neuron] = 1;
  const ntrt::Result<cpu::CompiledNetwork::Run> found =
      emitted.run(test.image.data(), test.slots);
  if (!found)
    return toString(found.diagnostics());
  for (size_t i = 0; i < wanted.size(); ++i)
    if (found->spikes[i] != wanted[i])
      return "slot " + std::to_string(i / neurons) + " neuron " +
             std::to_string(i % neurons) + ": " +
             std::to_string(found->spikes[i]) + " instead of " +
             std::to_string(wanted[i]);
  if (found->scores != expected.scores)
    return "scores";
  if (found->label != expected.label)
    return "class";
  return {};
}

} // namespace nt::test

#endif // NT_UNITTESTS_TARGET_CPU_EMITTEDAGREEMENT_H
