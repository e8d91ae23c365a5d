//===- QuantisedNetwork.h - A quantised network as a list of layers -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What convert-nt-to-spike reads of a module, and all its checks: once read()
// has succeeded, building the spiking network cannot fail.
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_CONVERSION_NTTOSPIKE_QUANTISEDNETWORK_H
#define NT_LIB_CONVERSION_NTTOSPIKE_QUANTISEDNETWORK_H

#include "nt/Dialect/NT/IR/NTOps.h"
#include "ntrt/DeviceModel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

#include <optional>

namespace nt {

/// One layer: frozen synapses and the population that they drive, alone or
/// joined to others.
struct QuantisedLayer {
  mlir::Operation *op = nullptr; ///< nt.dense or nt.conv.
  llvm::StringRef name;
  mlir::ElementsAttr codes; ///< Axis 0 is the output channel.
  mlir::StringAttr codesHash;
  /// Index of the layer that feeds it; nullopt: the network's input.
  std::optional<size_t> source;
  int64_t depth = 1; ///< 1 for a layer fed by the input.
  /// Layers whose sums an nt.add joins to this one's, which names the
  /// population.
  std::vector<size_t> joined;
  bool isJoined = false; ///< To another: it has no population of its own.
  double inputRange = 1, outputRange = 1;
  llvm::ArrayRef<int32_t> domainOfChannel, domainDac;
  /// Shapes without the batch dimension.
  llvm::ArrayRef<int64_t> inputShape, outputShape;
};

/// Reads the network function and the tasks of a module.
class QuantisedNetwork {
public:
  explicit QuantisedNetwork(const ntrt::DeviceModel &device) : device(device) {}

  /// Reports every misfit of the module, then fails if there was one.
  mlir::LogicalResult read(mlir::ModuleOp module, mlir::func::FuncOp function);

  std::vector<QuantisedLayer> layers;
  std::vector<TaskOp> tasks;
  size_t readout = 0;        ///< The layer whose population is read.
  double inputFullScale = 1; ///< Input value of one spike a slot.
  /// Inputs have two lines each, one for values below 0.
  bool hasSignedInputs = false;
  llvm::ArrayRef<int64_t> inputShape;

private:
  /// What a value of the network is in terms of layers.
  struct Signal {
    enum Kind { Spikes, Sum, Modulated } kind;
    std::optional<size_t> layer; ///< nullopt: the network's input.
  };

  void readOp(mlir::Operation *op);
  void readLayer(FrozenLayer op);
  void readAdd(AddOp op);
  void readModulate(ModulateOp op);
  void readActivation(NeuronLayer op);
  void readReturn(mlir::func::ReturnOp op);
  /// Fills in what quantisation decided, and checks it against the device.
  void readDecisions(FrozenLayer op, QuantisedLayer &layer);
  void checkDomains(const QuantisedLayer &layer);
  void checkScales(const QuantisedLayer &layer);
  void checkTask(TaskOp task);
  void checkWords(TaskOp task, const QuantisedLayer &layer);
  /// Checks a list of DAC codes of one kind, of which a core takes at most
  /// `onCore`, against the device (H2, H3).
  void checkDac(mlir::Operation *op, const llvm::Twine &what,
                llvm::ArrayRef<int32_t> dac, size_t onCore,
                const ntrt::DomainModel &domain);

  /// The signal of a value; nullopt if it comes of an op that was refused.
  std::optional<Signal> signalOf(mlir::Value value) const;
  mlir::InFlightDiagnostic misfit(mlir::Operation *op, ntrt::Diag diag);

  const ntrt::DeviceModel &device;
  llvm::DenseMap<mlir::Value, Signal> signals;
  bool bad = false;
};

} // namespace nt

#endif // NT_LIB_CONVERSION_NTTOSPIKE_QUANTISEDNETWORK_H
