//===- CoreCell.h - What netlists of cores and chips share ------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Figures of the cells, generated subcircuits and source waveforms: used by the
// emitters of a core and of a chip alone.
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TARGET_SPICE_CORECELL_H
#define NT_LIB_TARGET_SPICE_CORECELL_H

#include "nt/Target/Spice/CoreNetlist.h"

#include <map>
#include <set>
#include <string>

namespace nt::spice {

/// The cells' parameters, all from the device and the timing.
struct CellNumbers {
  double cell_s, settle_s, edge_s;
  double gain, hold, blank, dump, clear;
  double packet_Ohm, clamp_Ohm, off_Ohm;
  double refractory_s;
};

/// The figures for a device whose membranes are charged by at most
/// `largest_A` (A).
CellNumbers cellNumbers(const ntrt::DeviceModel &device,
                        const CellTiming &timing, double largest_A);

/// Emits nt_neuron: the device's kind of neuron with its figures. The only
/// place of a netlist that holds them.
void emitNeuronCell(SpiceNetlist &netlist, const ntrt::DeviceModel &device,
                    const CellNumbers &numbers);
/// Emits nt_neuron_pair: two joined membranes and the one comparator that
/// empties both.
void emitPairCell(SpiceNetlist &netlist, const ntrt::DeviceModel &device,
                  const CellNumbers &numbers);
/// The subcircuit of a core's neurons.
inline const char *neuronCellOf(const ntrt::CoreConfig &core) {
  return core.isPaired() ? "nt_neuron_pair" : "nt_neuron";
}
/// Emits nt_synapse_digits: one nt_source for each of the device's digits.
void emitDigitCell(SpiceNetlist &netlist, const ntrt::DeviceModel &device);
/// Emits the sources of the levels that all neurons of a core share.
void emitCoreLevels(SpiceNetlist &netlist, const ntrt::DeviceModel &device);
/// Emits the synapses of a neuron's columns, from the rows a<axon> of `axons`
/// into its membrane; returns how many (codes of 0 have none).
uint64_t emitSynapses(SpiceNetlist &netlist, const ntrt::CoreConfig &core,
                      const ntrt::DeviceModel &device, const NeuronNodes &nodes,
                      const std::vector<uint32_t> &axons, bool perDigit);
/// Emits the solver's options, derived from the device.
void emitSolverOptions(SpiceNetlist &netlist, const ntrt::DeviceModel &device);

/// The nodes of a column's neuron. A neuron may sit in two columns: if its name
/// is in `taken`, `apart` is put behind it. Adds the name to `taken`.
NeuronNodes nodesOfColumn(const ntrt::Program &program,
                          const ntrt::CoreConfig &core, uint32_t column,
                          const std::string &apart,
                          std::set<std::string> &taken);
/// The title line of a core's netlist.
std::string coreTitle(const ntrt::Program &program,
                      const ntrt::TaskOverlay &task,
                      const ntrt::DeviceModel &device, uint32_t core);

/// Emits .save and, if wanted, .meas for neurons and rows.
void emitSaves(SpiceNetlist &netlist, const std::vector<NeuronNodes> &neurons,
               const std::vector<std::string> &rows, const SaveOptions &save);

/// Points of a piece-wise linear source: seconds and volts.
using Waveform = std::vector<std::pair<double, double>>;

/// Corner times on one grid. ngspice follows a PWL source from breakpoint to
/// breakpoint and loses the rest if another source's breakpoint is almost, but
/// not exactly, at the same time: equal times must be the same number.
double onGrid(double time_s, double slot_s);

/// A row's volts: a pulse of `count` volts in each slot with events. Edges
/// start at the pulse's start and end, so that its area is exactly count *
/// width, and pulses that touch add up.
Waveform pulseTrain(const std::map<uint32_t, uint32_t> &countOfSlot,
                    double slot_s, double width_s, double edge_s);

/// The slot clock of a run that starts at 0 and takes `slots`: up to `blank`
/// before each slot's start but the first, to `clear` at it, down again, to 0.
Waveform slotClock(const CellNumbers &numbers, uint32_t slots, double slot_s);

/// Slots [first, end) in which a clock runs.
struct SlotWindow {
  uint32_t first = 0, end = 0;
};
/// The slot clock of a core that integrates in some windows only: `blank`
/// outside them, cleared at the end of each.
Waveform windowClock(const CellNumbers &numbers,
                     const std::vector<SlotWindow> &windows, double slot_s);

} // namespace nt::spice

#endif // NT_LIB_TARGET_SPICE_CORECELL_H
