//===- DeviceModel.h - The only source of hardware numbers ------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads share/nt/devices/*.json (schema share/nt/device.schema.json, described
// in docs/device-model.md). It lives in the runtime because a bitstream is
// simulated from the decoded bitstream and the device file alone; the compiler
// links it.
//
//===----------------------------------------------------------------------===//
#ifndef NTRT_DEVICEMODEL_H
#define NTRT_DEVICEMODEL_H

#include "ntrt/Diagnostics.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ntrt {

enum class DomainKind { Synapse, Modulation };
/// How three binary-scaled sources make a code.
enum class SynapseEncoding { SignedDigit, SignMagnitude };
/// Can columns 2k and 2k + 1 of a core be joined to one neuron?
enum class ColumnPairing { None, AdjacentColumns };
/// What a spike does to the membrane: clamp it to V_reset for t_ref, or take a
/// fixed charge C * (V_th - V_reset) away at once.
enum class ResetKind { Hard, Subtract };

/// An adjustable power domain of one kind: a DAC sets its volts, its volts set
/// the LSB current of the sources it supplies.
struct DomainModel {
  uint32_t countPerCore = 0;
  uint32_t dacBits = 0;
  double voltsMin = 0, voltsMax = 0;
  /// The characterised curve, both strictly increasing.
  std::vector<double> curveVolts, curveAmperes;
  double settling_s = 0;
  double staticPower_W = 0;
  double supplyLimit_A = 0;

  uint32_t dacCodes() const { return 1u << dacBits; }
  /// Volts of a DAC code: voltsMin at 0, voltsMax at dacCodes() - 1, linear.
  double volts(uint32_t dacCode) const;
  /// LSB current at a DAC code: the curve, log-linear between its points (H3).
  double lsbCurrent_A(uint32_t dacCode) const;
  /// The curve at any volts; beyond its ends, its end.
  double current_A(double volts) const;
};

struct SynapseModel {
  uint32_t digits = 0;
  SynapseEncoding encoding = SynapseEncoding::SignedDigit;
  ColumnPairing pairing = ColumnPairing::None;
  double pulseWidth_s = 0;
  double eventOffsetCharge_C = 0;
  /// Relative standard deviation of one unit source.
  double mismatchSigma = 0;

  /// The largest code: 2^digits - 1. Codes are -maxCode() .. maxCode() (H1).
  int32_t maxCode() const { return (1 << digits) - 1; }
  /// Columns that can drive one neuron.
  uint32_t maxColumnsPerNeuron() const {
    return pairing == ColumnPairing::AdjacentColumns ? 2 : 1;
  }
};

struct NeuronModel {
  double capacitance_F = 0, leak_S = 0;
  double vRest_V = 0, vReset_V = 0, vThreshold_V = 0, vInit_V = 0;
  double railLow_V = 0, railHigh_V = 0;
  double refractory_s = 0;
  double thresholdSigma_V = 0;
  double maxRate_Hz = 0;
  ResetKind reset = ResetKind::Hard;
};

struct EnergyModel {
  double perSynapticEvent_J = 0, perSpike_J = 0, perRoutedEvent_J = 0;
  double staticPerCore_W = 0;
};

struct AreaModel {
  double perSynapse_m2 = 0, perNeuron_m2 = 0, perDomain_m2 = 0;
};

/// How one chip differs from the next, beside SynapseModel::mismatchSigma and
/// NeuronModel::thresholdSigma_V. All 0 if the device file says nothing.
struct VariationModel {
  /// Relative standard deviations from neuron to neuron.
  double capacitorSigma = 0, leakSigma = 0;
  /// Standard deviation of a domain's volts, and how far they sink for each
  /// ampere that the domain supplies.
  double voltsSigma_V = 0, droop_Ohm = 0;
  /// Noise of the membrane: kT/C at this temperature, and shot noise of the
  /// currents as a multiple of 2qI.
  double temperature_K = 0, shotNoise = 0;
  /// Probabilities that a neuron never fires, and that a digit of a synapse is
  /// stuck (off, sourcing or sinking, equally likely).
  double deadNeurons = 0, stuckDigits = 0;
};

/// Everything NT knows about a chip. Plain data: build one with load() or
/// parse(), which report every misfit of the file at once.
struct DeviceModel {
  std::string name;
  SynapseModel synapse;
  DomainModel synapseDomain, modulationDomain;
  NeuronModel neuron;
  uint32_t coreAxons = 0, coreNeurons = 0;
  uint32_t gridRows = 0, gridColumns = 0;
  double slot_s = 0;
  uint32_t linkLatency_slots = 0;
  uint32_t linkFanOut = 0;
  double linkEventRate_Hz = 0;
  EnergyModel energy;
  AreaModel area;
  VariationModel variation;
  /// 64-bit FNV-1a of the canonical JSON (keys sorted, no white space), without
  /// descriptions and sources: what a bitstream is bound to.
  uint64_t hash = 0;
  /// The canonical JSON itself, so that a device can be stored beside a
  /// program.
  std::string canonicalJson;

  /// Silicon of one core: every synapse, neuron and domain it has, used or not.
  double coreArea_m2() const {
    return double(coreAxons) * coreNeurons * area.perSynapse_m2 +
           coreNeurons * area.perNeuron_m2 +
           double(synapseDomain.countPerCore + modulationDomain.countPerCore) *
               area.perDomain_m2;
  }

  const DomainModel &domain(DomainKind kind) const {
    return kind == DomainKind::Synapse ? synapseDomain : modulationDomain;
  }
  /// Charge that moves the membrane from reset to threshold, in coulomb.
  double thresholdCharge_C() const {
    return neuron.capacitance_F * (neuron.vThreshold_V - neuron.vReset_V);
  }
  /// Membrane steps of one unit, as a fraction of (V_th - V_reset), without
  /// leak: of one event of code 1 at an LSB current ...
  double synapseStep(double lsb_A) const {
    return lsb_A * synapse.pulseWidth_s / thresholdCharge_C();
  }
  /// ... of the same where joined columns share the charge between their
  /// membranes ...
  double synapseStep(double lsb_A, uint32_t columnsPerNeuron) const {
    return synapseStep(lsb_A / columnsPerNeuron);
  }
  /// ... and of one slot of a modulation word of code 1 at an LSB current.
  double modulationStep(double lsb_A) const {
    return lsb_A * slot_s / thresholdCharge_C();
  }
  uint32_t cores() const { return gridRows * gridColumns; }

  /// Reads a device file. `nameOrPath` is a path to a .json file, or a name
  /// looked up as <dir>/<name>.json in $NT_DEVICE_PATH (colon-separated), the
  /// installed share/nt/devices and the source tree's. Never falls back to
  /// another device.
  static Result<DeviceModel> load(const std::string &nameOrPath);
  /// Parses and checks JSON text; `place` names it in diagnostics.
  static Result<DeviceModel> parse(const std::string &json,
                                   const std::string &place);
};

} // namespace ntrt

#endif // NTRT_DEVICEMODEL_H
