//===- ChipNetlist.h - The netlist of a chip with its fabric ----*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All cores of a decoded bitstream, or some, joined by the slotted event fabric
// as a circuit: a spike of slot n drives the rows of its axons at the start of
// slot n + 1 (docs/spice.md, "The chip"). Time 0 is the start of slot 0.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_CHIPNETLIST_H
#define NT_TARGET_SPICE_CHIPNETLIST_H

#include "nt/Target/Spice/CoreNetlist.h"

namespace nt::spice {

/// One stretch of a chip's transient: a task's modulation and one image.
struct ChipPhase {
  const ntrt::TaskOverlay *task = nullptr;
  /// SimResult::events of the image over the netlist's slots. Its input spikes
  /// drive the chip; spikes of neurons that are not emitted drive their axons.
  /// Spikes of emitted neurons come from the circuit: here they only size the
  /// cells.
  std::vector<ntrt::SpikeEvent> spikes;
};

/// A core to emit, and which of its columns (empty: all).
struct CoreSelection {
  uint32_t core = 0;
  std::vector<uint32_t> neurons;
};

/// How an image enters the circuit.
enum class InputSource {
  Rows,  ///< Piece-wise linear row voltages.
  Spikes ///< A spike source an input, through the fabric as neurons' spikes.
};

struct ChipNetlistOptions {
  std::vector<CoreSelection> cores; ///< Empty: all of the program.
  uint32_t slots = 0;               ///< Each layer's; 0: the program's default.
  /// Rest between two phases, in which domains and words change and membranes
  /// are held (s); at least two slots.
  double gap_s = 0;
  InputSource inputs = InputSource::Rows;
  bool perDigit = false;
  /// Node q<core> of each core: charge its synapses took from the supply, as
  /// volts on ChipNetlistInfo::meter_F.
  bool meters = false;
  SaveOptions save;
  CellTiming timing;
};

struct ChipNeuron {
  uint32_t core = 0;
  NeuronNodes nodes;
};

/// What was emitted.
struct ChipNetlistInfo {
  std::vector<ChipNeuron> neurons; ///< By core, in the order of its selection.
  uint64_t synapses = 0, registers = 0, rows = 0;
  uint32_t slots = 0;
  /// First slot of each phase.
  std::vector<uint32_t> phaseSlot;
  double stop_s = 0;
  std::vector<double> corners_s; ///< See CoreNetlistInfo.
  /// Meter nodes, one for each core emitted, and their capacitor (F).
  std::vector<std::string> meters;
  double meter_F = 0;
  /// Nodes that carry a modulation domain's volts, where domains change:
  /// "v<domain>_<core>".
  std::vector<std::string> domainVolts;
};

/// Volts of a modulation domain approach a new DAC code with this time constant
/// (s): the largest step is within 2 % of its LSB current after the device's
/// settling time.
double domainTimeConstant_s(const ntrt::DomainModel &domain);

/// Writes the netlist of a chip that runs `phases` one after the other in one
/// transient. Program and tasks must have passed checkProgram and checkTask.
/// Between phases only modulation words and DAC codes change. Refuses cores and
/// neurons the program does not have (NT-SPICE-004) and a device whose slot has
/// no time for the fabric (NT-SPICE-006), all at once, before anything is
/// written.
ntrt::Result<ChipNetlistInfo>
emitChipNetlist(const ntrt::Program &program, const ntrt::DeviceModel &device,
                const std::vector<ChipPhase> &phases, const CellLibrary &cells,
                const ChipNetlistOptions &options, std::ostream &out);

} // namespace nt::spice

#endif // NT_TARGET_SPICE_CHIPNETLIST_H
