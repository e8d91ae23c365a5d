//===- HandlerTable.cpp - Versioned handlers of ONNX operators ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "HandlerTable.h"

#include "nt/Conversion/ONNXToNT/SupportedOps.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace nt::onnx_to_nt;

const HandlerTable &HandlerTable::get() {
  static const HandlerTable table = [] {
    HandlerTable built;
    addActivationHandlers(built);
    addArithmeticHandlers(built);
    addConstantHandlers(built);
    addElementwiseHandlers(built);
    addLinearHandlers(built);
    addNormalizationHandlers(built);
    addPoolingHandlers(built);
    addQuantizedHandlers(built);
    addRearrangeHandlers(built);
    addSelectHandlers(built);
    addShapeHandlers(built);
    return built;
  }();
  return table;
}

void HandlerTable::onOp(llvm::StringRef opType, int64_t since, Handler handler,
                        llvm::StringRef limits) {
  std::vector<VersionedHandler> &versions = handlers[opType.str()];
  assert((versions.empty() || versions.back().since < since) &&
         "versions of an operator are added oldest first");
  versions.push_back({since, handler, limits});
}

llvm::ArrayRef<VersionedHandler>
HandlerTable::versionsOf(llvm::StringRef opType) const {
  auto found = handlers.find(opType.str());
  if (found == handlers.end())
    return {};
  return found->second;
}

const VersionedHandler *HandlerTable::find(llvm::StringRef opType,
                                           int64_t opset) const {
  for (const VersionedHandler &version : llvm::reverse(versionsOf(opType)))
    if (version.since <= opset)
      return &version;
  return nullptr;
}

/// What test/tools/inspect-activations.test holds.
static constexpr llvm::StringLiteral kSpikingForms = R"(
## Activations as spiking neurons

A LIF neuron fires at a rate that rises from 0 with its current and ends at one spike a slot.

| activation | spiking neuron |
|---|---|
| Relu | yes: the rate, balanced so that one spike a slot is the largest activation of the calibration data |
| Clip from 0, ReLU6 | yes: the same, one spike a slot is the upper bound |
| Clip from another lower bound | no: a rate has no negative side; shift it into the layer's bias |
| Softmax as the last node | left out: the class with the largest score is the same |
| Softmax elsewhere, LogSoftmax | no: it divides by a sum over neurons |
| LeakyRelu, PRelu, Elu, Selu, Celu | no: they are negative below 0; train with Relu |
| Sigmoid, HardSigmoid, Tanh, Softsign | no: train with Clip (ReLU6), which saturates as they do |
| HardSwish, Gelu, Mish, Softplus, ThresholdedRelu | no: they are no rate over a current; train with Relu |

What has no spiking form is imported, tuned or run in float, and refused by the name of its node where spikes begin; `ntc inspect` says so beforehand.
)";

std::string HandlerTable::markdown() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "# Supported ONNX operators\n\n"
         << "Made from the handlers of `convert-onnx-to-nt`; a test compares "
            "the two.\n"
         << "NT takes opsets " << kOldestOpset << " to " << kNewestOpset
         << " of the default domain. Anything else is refused with a "
            "diagnostic that names node, operator and opset;\n"
         << "all refusals of a model come in one run.\n\n"
         << "| operator | since opset | what NT takes |\n"
         << "|---|---|---|\n";
  for (const auto &[opType, versions] : handlers)
    for (const VersionedHandler &version : versions)
      stream << "| " << opType << " | " << version.since << " | "
             << version.limits << " |\n";
  stream << kSpikingForms;
  return text;
}

std::string nt::supportedOpsMarkdown() {
  return HandlerTable::get().markdown();
}
