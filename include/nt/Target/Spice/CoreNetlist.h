//===- CoreNetlist.h - The netlist of one mapped core -----------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One core of a decoded bitstream with its task's modulation, driven by given
// axon events, as a hierarchical netlist (docs/spice.md). Time 0 is the start
// of the core's start slot.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_CORENETLIST_H
#define NT_TARGET_SPICE_CORENETLIST_H

#include "nt/Target/Spice/CellLibrary.h"
#include "nt/Target/Spice/RawFile.h"
#include "nt/Target/Spice/SpiceNetlist.h"
#include "ntrt/Program.h"
#include "ntrt/Simulator.h"

namespace nt::spice {

/// An event on an axon; slot 0 is the core's start slot. Events of one axon in
/// one slot add up.
struct AxonEvent {
  uint32_t slot = 0, axon = 0;
  auto operator<=>(const AxonEvent &) const = default;
};

/// How fine the cells and the solver work. Figures of simulation, as fractions
/// of device figures; none of them is a property of the hardware.
struct CellTiming {
  /// Time constant of packets, resets and clamps, in slots.
  double cell = 5e-5;
  /// Time constants that the slot clock waits on each side of a slot's start.
  double settle = 12;
  /// Edges of synapse pulses, in pulse widths.
  double edge = 1e-3;
  /// Comparator gain times (V_th - V_reset), in volts.
  double comparator_V = 5e3;
  /// Largest time step, in slots.
  double step = 0.1;
};

/// Which waveforms a run leaves, and what it measures.
struct SaveOptions {
  bool membranes = false; ///< Beside the spike nodes, which are always saved.
  bool rows = false;      ///< Row voltages.
  /// .meas lines: time of each neuron's first spike, largest membrane voltage.
  /// ngspice refuses them with -r: for runs by hand.
  bool measures = false;
};

struct CoreNetlistOptions {
  uint32_t core = 0;
  /// Columns to emit, in this order; empty: all of the core.
  std::vector<uint32_t> neurons;
  uint32_t slots = 0; ///< 0: the program's default.
  std::vector<AxonEvent> events;
  /// One nt_source a digit instead of one source of the code's value.
  bool perDigit = false;
  SaveOptions save;
  CellTiming timing;
};

/// What was emitted.
struct CoreNetlistInfo {
  std::vector<NeuronNodes> neurons; ///< In the order of the options.
  uint64_t synapses = 0;            ///< Instances: codes that are not 0.
  uint32_t rows = 0;                ///< Axons that have events.
  uint32_t slots = 0;
  double stop_s = 0; ///< The transient's last time.
  /// Times at which a source bends, sorted: a solver that steps over one has
  /// lost charge.
  std::vector<double> corners_s;
};

/// Binary digits (-1, 0, 1; lowest first) of a code with the least current: the
/// digits of its magnitude, all of its sign.
std::vector<int> codeDigits(int code, uint32_t digits);
/// The same of sources.
std::vector<int> sourceDigits(ntrt::Sources sources, uint32_t digits);

/// Current of an event of code 1 in column `neuron` (A), and the modulation
/// current of the neuron (A), both read from the device's curves (H3).
double synapseLsb_A(const ntrt::CoreConfig &core,
                    const ntrt::DeviceModel &device, uint32_t column);
double modulationLsb_A(const ntrt::CoreModulation &modulation,
                       const ntrt::DeviceModel &device, uint32_t neuron);

/// Writes the netlist of one core. The program and task must have passed
/// checkProgram and checkTask. Refuses a core, neuron or axon the program does
/// not have (NT-SPICE-004), all at once, before anything is written.
ntrt::Result<CoreNetlistInfo>
emitCoreNetlist(const ntrt::Program &program, const ntrt::TaskOverlay &task,
                const ntrt::DeviceModel &device, const CellLibrary &cells,
                const CoreNetlistOptions &options, std::ostream &out);

/// How many corners of the sources have no time point: more than none and the
/// run is not to be trusted.
size_t missedCorners(const std::vector<double> &corners_s, double slot_s,
                     const RawData &data);

/// The events that reach a core's axons while it integrates, sorted: spikes of
/// inputs and neurons (a recorded run of the simulator) through the program's
/// routes, one slot later and, from neurons, the link's latency.
std::vector<AxonEvent>
axonEventsOfCore(const ntrt::Program &program, const ntrt::DeviceModel &device,
                 const std::vector<ntrt::SpikeEvent> &spikes, uint32_t core,
                 uint32_t slots);

} // namespace nt::spice

#endif // NT_TARGET_SPICE_CORENETLIST_H
