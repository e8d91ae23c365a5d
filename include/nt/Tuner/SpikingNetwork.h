//===- SpikingNetwork.h - Gradients through spikes --------------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A spiking network as training sees it: forward it is the time model itself,
// spike for spike; backward a spike's step is replaced by a surrogate. Knows
// nothing of IR.
//
//===----------------------------------------------------------------------===//
#ifndef NT_TUNER_SPIKINGNETWORK_H
#define NT_TUNER_SPIKINGNETWORK_H

#include "nt/Tuner/Retuning.h"

#include "ntrt/TimeLanes.h"

namespace nt::tuner {

/// One population and the synapses that drive it.
struct SpikingLayer {
  static constexpr uint32_t kNone = ~uint32_t(0);

  std::string name;
  /// What drives each axon, or kNone. Units are the inputs and then the neurons
  /// of the layers in order; those of this layer and of later ones cannot. A
  /// unit's spikes of the k-th slot that it integrates act in the k-th slot
  /// that this layer does.
  std::vector<uint32_t> units;
  /// Synapses of neuron n: entries first[n] .. first[n + 1] - 1: the axon, and
  /// what it conducts in LSB.
  std::vector<uint32_t> first, axon;
  std::vector<float> conductance;
  std::vector<double> lsb_A; ///< Of each neuron's synapse domain.
  /// The neuron, its pulse and its slot; other fields do not act.
  ntrt::DeviceModel device;
  /// Of each neuron of a real chip; empty: all are the device's.
  std::vector<ntrt::NeuronModel> neuronsOfChip;
  double range = 1; ///< Activation that one spike a slot stands for.
  /// Biases in units of the activation that a modulation word gives, strictly
  /// increasing, and the current of each; as of WordSite.
  std::vector<float> levels;
  std::vector<double> levels_A;
  size_t levelsPerValue = 0;

  size_t neurons() const { return lsb_A.size(); }
};

struct SpikingModel {
  std::vector<SpikingLayer> layers;
  size_t inputs = 0; ///< Values of a sample.
  /// Units that spike for inputs: with signed inputs as many again, for values
  /// below 0, behind the others.
  size_t inputUnits() const { return hasSignedInputs ? 2 * inputs : inputs; }
  bool hasSignedInputs = false;
  double inputFullScale = 1;
  uint32_t slots = 0;
  size_t readout = 0; ///< The layer whose scores are the outputs.
  /// Which of its neurons; empty: all, in order.
  std::vector<uint32_t> outputs;
  /// An output's score for one spike a slot.
  double scoreScale = 1;
  /// Also for a read-out by first spikes, which has no gradient of its own.
  bool membraneReadout = true;
};

/// How far the rates of one layer's neurons are from exact ones, over those
/// samples in which they spike (of the readout: in which the score is above 0).
struct LayerDeviation {
  std::vector<double> lacking; ///< Exact rate less rate, spikes a slot, added.
  std::vector<uint32_t> samples; ///< How many those are.
};

/// The engine: each layer is a site whose values are levels. Outputs are scores
/// are score * scoreScale / slots. Results are the
/// same for any number of threads.
class SpikingNetwork final : public TunableNetwork {
public:
  SpikingNetwork(SpikingModel model, unsigned threads);
  ~SpikingNetwork() override;

  size_t inputSize() const override { return model.inputs; }
  size_t outputSize() const override;
  std::vector<Site> &sites() override { return siteList; }
  const float *forward(const float *samples, size_t batch) override;
  const float *forwardTraining(const float *samples, size_t batch) override;
  /// A spike's step of the membrane's distance x to threshold, in swings, has
  /// the slope max(0, 1 - |x|), and what raises the chance of a spike lowers
  /// what stays on the membrane by as much.
  void backward(const float *outputGradient, size_t batch) override;

  /// Exact rates are those of the values that there are now.
  void keepReference();
  /// What the network would do if rates were exact: each neuron's rate is its
  /// charge a slot over the swing, cut to [0, 1], without leak and loss; of the
  /// readout, not cut.
  const float *exact(const float *samples, size_t batch);
  /// Charge in swings that the leak takes a slot from a membrane half way
  /// between reset and threshold.
  double leakLoss(size_t layer) const;
  /// As forward; also adds up how far each layer is from exact: [layer].
  const float *forwardComparing(const float *samples, size_t batch,
                                std::vector<LayerDeviation> &deviations);

  const SpikingModel &spikingModel() const { return model; }
  /// Other domain volts: what words of a layer give from now on.
  void setLevels(size_t layer, std::vector<float> levels,
                 std::vector<double> levels_A);

private:
  struct Block;
  struct Forward;
  enum class Mode { Scores, Training, Exact, Comparing };
  const float *run(const float *samples, size_t batch, Mode mode,
                   std::vector<LayerDeviation> *deviations = nullptr);
  void forEachBlock(size_t count,
                    const std::function<void(size_t)> &work) const;
  void forwardBlock(Block &block, Mode mode) const;
  void forwardTile(Block &block, size_t layer, uint32_t first, uint32_t slots,
                   Mode mode, Forward &forward) const;
  void exactBlock(Block &block) const;
  void backwardBlock(Block &block) const;
  void loadBlock(Block &block, const float *samples, size_t first,
                 size_t batch) const;
  void addUp(const Block &block, std::vector<LayerDeviation> &deviations) const;
  std::vector<double> currentsOf(size_t layer) const;

  /// What the dynamics of a layer come to in swings, and its synapses by input.
  struct Derived {
    Derived(const SpikingLayer &layer, uint32_t slots);
    const ntrt::TimeModel &time(size_t neuron) const {
      return times[times.size() == 1 ? 0 : neuron];
    }
    /// One for all neurons, or one each.
    std::vector<ntrt::TimeModel> times;
    ntrt::StepLanes step = nullptr;
    /// Of the synapses, if all are whole and small; else none.
    std::vector<int8_t> codes;
    double swing_V = 1;
    float slotDecay = 1;      ///< Of the membrane.
    float modulationGain = 1; ///< What the leak leaves of a bias.
    bool isSubtract = true;
    std::vector<float> weight; ///< Charge of one LSB in swings, without leak.
    float pulseGain = 1;       ///< What the leak leaves of a pulse.
    std::vector<uint32_t> firstOut, target;
    std::vector<float> outConductance;
    size_t firstUnit = 0;      ///< Of the layer's neurons.
    bool isContiguous = false; ///< The axons' units are one after the other.
    bool hasNeuronSources = false;
  };

  SpikingModel model;
  unsigned threads;
  std::vector<Derived> derived;
  std::vector<Site> siteList;
  /// [layer][neuron], of a run and of exact rates.
  std::vector<std::vector<double>> modulation_A, reference_A;
  std::vector<Block> blocks;
  std::vector<float> outputs;
};

struct CorrectionOptions {
  unsigned rounds = 8;
};

struct CorrectionResult {
  /// Mean divergence (Kullback-Leibler, nats) of the outputs' distribution over
  /// classes from that of exact rates, before and after.
  double errorBefore = 0, errorAfter = 0;
  unsigned bestRound = 0; ///< 0: the values there were.
};

/// Moves the values behind the words so that each neuron's rates are nearest to
/// exact ones: what leak, reset and words' rounding took is given back by the
/// modulation, with the errors of earlier layers in view. Every round runs all
/// samples and takes a damped step of least squares; the round whose outputs
/// are nearest to exact stands, the start among them. `sites` hold the levels
/// and values of the network's sites, whose values are set to levels; the
/// network keeps a reference.
CorrectionResult
correctModulation(SpikingNetwork &network, const ntrt::Dataset &data,
                  std::vector<WordSite> &sites,
                  const CorrectionOptions &options,
                  const std::function<void(size_t, size_t)> &report = {});

} // namespace nt::tuner

#endif // NT_TUNER_SPIKINGNETWORK_H
