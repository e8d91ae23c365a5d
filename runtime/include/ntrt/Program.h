//===- Program.h - What a configured chip holds -----------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The decoded form of a .ntb (Program: frozen, the same for all tasks) and of a
// .ntm (TaskOverlay: domain DAC codes and one modulation word a neuron). The
// chip dialect translates to it and back; simulator and SPICE emitter read only
// this.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_PROGRAM_H
#define NTRT_PROGRAM_H

#include "ntrt/DeviceModel.h"
#include "ntrt/Normalisation.h"
#include "ntrt/Sources.h"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace ntrt {

/// The largest number of slots and the largest start slot.
inline constexpr uint32_t kMaxSlots = 1u << 20;
/// The largest number of inputs.
inline constexpr uint32_t kMaxInputs = 1u << 24;

/// One core: a crossbar of synapse codes and a bank of neurons.
struct CoreConfig {
  uint32_t row = 0, column = 0;
  uint32_t axons = 0, neurons = 0; ///< Used rows, and neurons that fire.
  /// 1, or 2 in a core of pairs: columns 2n and 2n + 1 drive neuron n, whose
  /// membrane is that of both columns (docs/time-model.md, "Pairs of columns").
  uint32_t columnsPerNeuron = 1;
  /// Neurons are held at V_init before this slot, integrate for the run's
  /// number of slots from it on, and are frozen afterwards. 1 for the first
  /// layer.
  uint32_t startSlot = 1;
  /// codes[axon * columns() + column], each -maxCode..maxCode.
  std::vector<int8_t> codes;
  /// The sources of each code, laid out as `codes`; empty if all are those of
  /// least current. A chip's own choice: not a part of the program's identity.
  std::vector<Sources> sources;
  /// Synapse domain index of each column, size `columns()`.
  std::vector<uint8_t> synapseDomain;
  /// DAC code of each synapse domain in use.
  std::vector<uint16_t> synapseDac;
  /// Which layer (index into Program::layers) and which flat neuron of it each
  /// neuron is: for reports and comparison, not used by the hardware.
  uint32_t layer = 0;
  std::vector<uint32_t> layerNeuron;

  /// Used columns of synapses.
  uint32_t columns() const { return neurons * columnsPerNeuron; }
  /// The first of a neuron's columns, and the cell of the bank that fires.
  uint32_t columnOf(uint32_t neuron) const { return neuron * columnsPerNeuron; }
  bool isPaired() const { return columnsPerNeuron > 1; }

  int8_t code(uint32_t axon, uint32_t column) const {
    return codes[size_t(axon) * columns() + column];
  }
  Sources sourcesAt(uint32_t axon, uint32_t column, uint32_t digits) const {
    return sources.empty() ? leastCurrentSources(code(axon, column), digits)
                           : sources[size_t(axon) * columns() + column];
  }
};

/// The largest CoreConfig::columnsPerNeuron.
inline constexpr uint32_t kMaxColumnsPerNeuron = 2;

/// An event of (core, neuron), or of an input line, becomes an event on an
/// axon. A source may have many axons; an axon has at most one source, so that
/// no two pulses can meet on it. Order: field by field, as declared.
struct Route {
  uint32_t sourceCore = 0, sourceNeuron = 0, targetCore = 0, targetAxon = 0;
  auto operator<=>(const Route &) const = default;
};
struct InputRoute {
  /// A line: below Program::inputLines().
  uint32_t input = 0, targetCore = 0, targetAxon = 0;
  auto operator<=>(const InputRoute &) const = default;
};
/// The neuron whose activity is the score of output `index in the vector`.
struct ReadoutNeuron {
  uint32_t core = 0, neuron = 0;
  bool operator==(const ReadoutNeuron &) const = default;
};

/// How input values become events. regular: evenly spaced. signed: so their
/// magnitudes, values above 0 on one line and values below 0 on another.
enum class InputEncoding : uint8_t { Regular, Signed };
/// What the score of an output is. count: spikes. membrane: spikes plus the
/// membrane's residual as a fraction of (V_th - V_reset). first: slots from its
/// first spike to the end of the run, that spike's slot included; 0 without a
/// spike.
enum class ReadoutKind : uint8_t { Count, Membrane, First };

/// What a read-out knows of one output at the end of a run.
struct OutputActivity {
  uint32_t spikes = 0;
  uint32_t slotsSinceFirst = 0; ///< As ReadoutKind::First says.
  double residual = 0;          ///< (V_end - V_init) / (V_th - V_reset).
};
double scoreOf(ReadoutKind kind, const OutputActivity &output);

struct Layer {
  std::string name; ///< The user's ONNX node name.
  uint32_t neurons = 0;
};

/// The frozen configuration of a chip: no value in it depends on a task (F2).
struct Program {
  std::string name;
  std::string deviceName;
  uint64_t deviceHash = 0;
  uint32_t inputs = 0;
  InputEncoding encoding = InputEncoding::Regular;
  /// Input value that is encoded as one spike a slot.
  double inputFullScale = 1;
  /// How inputs are made of stored values; canonical. The chip takes inputs.
  Normalisation normalisation;
  ReadoutKind readoutKind = ReadoutKind::Membrane;
  /// Slots a run takes unless told otherwise.
  uint32_t defaultSlots = 64;
  std::vector<Layer> layers;
  std::vector<CoreConfig> cores;
  std::vector<InputRoute> inputRoutes; ///< Sorted, no two equal.
  std::vector<Route> routes;           ///< Sorted, no two equal.
  std::vector<ReadoutNeuron> readout;

  bool hasSignedInputs() const { return encoding == InputEncoding::Signed; }
  /// Lines that carry events of inputs. With signed encoding a value above 0 of
  /// input i comes on line i, one below 0 on line inputs + i.
  uint32_t inputLines() const {
    return hasSignedInputs() ? 2 * inputs : inputs;
  }
  /// What value of input i is on `line` (i or inputs + i): its magnitude, or 0.
  double magnitudeOn(uint32_t line, float value) const {
    return line < inputs ? value : -double(value);
  }
};

/// A neuron's modulation word: bias current = code * LSB(V of domain).
struct ModulationWord {
  uint8_t domain = 0;
  int8_t code = 0;
  bool operator==(const ModulationWord &) const = default;
};

struct CoreModulation {
  std::vector<uint16_t> dac;         ///< DAC code of each modulation domain.
  std::vector<ModulationWord> words; ///< One per neuron of the core.
};

/// One task of a program.
struct TaskOverlay {
  std::string name;
  uint64_t deviceHash = 0;
  /// programHash() of the program it belongs to.
  uint64_t programHash = 0;
  std::vector<CoreModulation> cores;
  /// classOfOutput[i]: the label that output i stands for in this task.
  std::vector<uint32_t> classOfOutput;
};

/// The currents of a core with a task, on the ideal chip.
struct CoreDrive {
  uint32_t columnsPerNeuron = 1;
  /// Of each column's synapses: its part that a membrane of the neuron gets.
  std::vector<double> lsb_A;
  std::vector<double> modulation_A; ///< Of each neuron.

  /// The synaptic current of a neuron, given the sum of codes of each of its
  /// columns: products and their sum each rounded once.
  template <typename Sum>
  double synaptic_A(uint32_t neuron, const Sum *sums) const {
    if (columnsPerNeuron == 1)
      return double(sums[0]) * lsb_A[neuron];
    return double(sums[0]) * lsb_A[2 * neuron] +
           double(sums[1]) * lsb_A[2 * neuron + 1];
  }
};
CoreDrive driveOf(const CoreConfig &core, const CoreModulation &modulation,
                  const DeviceModel &device);

/// The cores in an order in which events go forward only (a core comes before
/// those that it reaches); empty if some go round.
std::vector<uint32_t> forwardOrder(const Program &program);

/// Checks a program (and a task against it) for consistency with itself and the
/// device: sizes, indices, H1-H4, sortedness. Empty if all is well. Never
/// throws or reads out of range, whatever the input. Misfits of one rule in one
/// core are counted in one diagnostic, which describes the first. The limits of
/// links and supplies (H5-H7) are the mapper's to check.
DiagnosticList checkProgram(const Program &program, const DeviceModel &device);
DiagnosticList checkTask(const TaskOverlay &task, const Program &program,
                         const DeviceModel &device);

} // namespace ntrt

#endif // NTRT_PROGRAM_H
