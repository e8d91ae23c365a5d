//===- SpiceNetlist.h - Writing SPICE netlists ------------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A streaming writer for the constructs docs/spice.md lists, names that survive
// SPICE's case folding, and numbers without unit suffixes (1M is 1e-3 there).
//
//===----------------------------------------------------------------------===//
#ifndef NT_TARGET_SPICE_SPICENETLIST_H
#define NT_TARGET_SPICE_SPICENETLIST_H

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nt::spice {

/// `value` to 15 significant digits: digits, '.', '-', '+' and 'e' only. It
/// must be finite.
std::string formatNumber(double value);

/// `name` in the characters a-z, 0-9 and '_': every other one (upper-case
/// letters and '_' as well) becomes '_' and two hex digits, so that names that
/// differ in case only stay apart and demangleName() gives the name back.
std::string mangleName(std::string_view name);
/// The inverse of mangleName; nothing if `mangled` is not such a name.
std::optional<std::string> demangleName(std::string_view mangled);

/// A JSON string literal with its quotes.
std::string jsonQuote(std::string_view text);

/// Which node of the netlist is which neuron of the network.
struct NeuronNodes {
  std::string spike, membrane; ///< Top-level node names.
  std::string layer;           ///< The user's layer name.
  uint32_t layerNeuron = 0;    ///< Flat index in the layer.
  uint32_t column = 0;         ///< Column of the core.
};

/// The name part of a neuron: mangled layer, '_', flat index.
std::string neuronName(std::string_view layer, uint32_t layerNeuron);
/// Layer and flat index of a neuronName(); nothing if it is not one.
std::optional<std::pair<std::string, uint32_t>>
parseNeuronName(std::string_view name);
/// One neuron of the map as a JSON object on one line.
std::string nodeJson(const NeuronNodes &neuron);
/// The same with the core it is in, for netlists of several.
std::string nodeJson(const NeuronNodes &neuron, uint32_t core);
/// The map as one JSON object: {"core": c, "neurons": [{"spike": ...}, ...]}.
std::string nodeMapJson(uint32_t core, const std::vector<NeuronNodes> &neurons);

/// A parameter of a subcircuit or an instance.
struct Parameter {
  std::string name;
  double value = 0;
};

/// Writes a netlist line by line; lines over 78 columns continue with '+'.
class SpiceNetlist {
public:
  using Names = std::vector<std::string>;
  /// Writes the title line, which SPICE never reads as a circuit.
  SpiceNetlist(std::ostream &out, std::string_view title);
  /// Writes a part of a netlist: no title.
  explicit SpiceNetlist(std::ostream &out) : out(out) {}

  void comment(std::string_view text);
  /// Text that is already SPICE, e.g. a cell library, as it is.
  void verbatim(std::string_view text);
  /// A directive or element by its words.
  void line(const Names &words);

  void beginSubcircuit(std::string_view name, const Names &ports,
                       const std::vector<Parameter> &defaults = {});
  void endSubcircuit(std::string_view name);
  /// Xname nodes... cell parameters...
  void instance(std::string_view name, const Names &nodes,
                std::string_view cell,
                const std::vector<Parameter> &parameters = {});
  /// A voltage source to ground of constant volts.
  void voltage(std::string_view name, std::string_view node, double volts);
  /// A piece-wise linear voltage source to ground; (time_s, volts), rising.
  void voltagePwl(std::string_view name, std::string_view node,
                  const std::vector<std::pair<double, double>> &points);

private:
  std::ostream &out;
};

} // namespace nt::spice

#endif // NT_TARGET_SPICE_SPICENETLIST_H
