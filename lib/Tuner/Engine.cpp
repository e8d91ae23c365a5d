//===- Engine.cpp - Batched float execution of a frozen network -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/Engine.h"

#include "Plan.h"
#include "nt/Tuner/Threads.h"

#include <algorithm>
#include <cassert>
#include <map>

using namespace nt::tuner;

size_t nt::tuner::sizeOf(const SampleShape &shape) {
  size_t size = 1;
  for (int64_t extent : shape)
    size *= static_cast<size_t>(extent);
  return size;
}

namespace {

/// Layers that run together, a number of samples at a time.
struct Segment {
  std::vector<Layer *> layers;
  Layer *input = nullptr, *output = nullptr;
  Layout inputLayout = Layout::Plain, outputLayout = Layout::Plain;
  bool isLast = false;
  /// The whole batch at once: its weights are read from memory each time.
  bool wholeBatch = false;
  bool needsGradient = false;
  /// Operations and bytes of the largest step, of one sample.
  double operations = 0;
  size_t liveBytes = 0;

  struct Key {
    size_t samples;
    unsigned threads;
    bool training;
    std::vector<bool> active;
    auto operator<=>(const Key &) const = default;
  };
  std::map<Key, std::unique_ptr<Plan>> plans;

  // Of the last training batch.
  std::vector<AlignedBytes> kept;
  AlignedBytes result, resultGradient;
};

/// How a batch is cut: chunks of `samples`, the last one perhaps smaller.
struct Chunks {
  size_t samples, count, last;
  unsigned workers, primitiveThreads;
};

double operationsOf(const Layer &layer) {
  if (!layer.isLinear())
    return 0;
  const double perOutput = static_cast<double>(layer.weights.size()) /
                           static_cast<double>(layer.shape[0]);
  return 2 * perOutput * static_cast<double>(layer.units());
}

} // namespace

struct Engine::Implementation {
  EngineOptions options;
  std::vector<std::unique_ptr<Layer>> layers;
  std::vector<Site> sites;
  /// Cut for a batch, and in one piece.
  std::vector<Segment> segments;
  std::vector<Segment> whole;
  size_t fixedSegments = 0;
  bool prepared = false;
  /// Whether the sites' values may have changed since the last inference.
  bool changed = true;
  std::vector<bool> active; ///< Sites with values that do something.
  std::vector<float> scores;
  size_t trainingBatch = 0;

  Layer *add(Layer::Kind kind, std::vector<Layer *> inputs, SampleShape shape);
  size_t addSite(Site site);
  void prepare();
  void cut();
  Segment segmentOf(size_t first, size_t last);
  Chunks chunksOf(const Segment &segment, size_t batch) const;
  Plan &planOf(Segment &segment, size_t samples, unsigned threads,
               bool training);
  void findActiveSites();
  void runForward(std::vector<Segment> &list, size_t from, size_t to,
                  const float *input, size_t batch, bool training,
                  float *output);
  void runSegment(Segment &segment, const float *input, float *output,
                  size_t batch, bool training);
  void runBackward(const float *outputGradient);
};

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

Engine::Engine(EngineOptions options)
    : impl(std::make_unique<Implementation>()) {
  impl->options = options;
  impl->options.threads = std::max(1u, options.threads);
}
Engine::~Engine() = default;

Layer *Engine::Implementation::add(Layer::Kind kind,
                                   std::vector<Layer *> inputs,
                                   SampleShape shape) {
  auto layer = std::make_unique<Layer>();
  layer->kind = kind;
  layer->inputs = std::move(inputs);
  layer->shape = std::move(shape);
  layer->index = layers.size();
  for (Layer *input : layer->inputs)
    input->users.push_back(layer.get());
  layers.push_back(std::move(layer));
  prepared = false;
  return layers.back().get();
}

size_t Engine::Implementation::addSite(Site site) {
  site.gradients.assign(site.values.size(), 0.0f);
  sites.push_back(std::move(site));
  return sites.size() - 1;
}

Layer *Engine::addInput(SampleShape shape) {
  assert(impl->layers.empty() && "the input is the first layer");
  return impl->add(Layer::Kind::Input, {}, std::move(shape));
}
Layer *Engine::addDense(Layer *input, std::vector<float> weights,
                        std::vector<float> bias) {
  const auto outputs = static_cast<int64_t>(weights.size() / input->units());
  Layer *layer = impl->add(Layer::Kind::Dense, {input}, {outputs});
  layer->weights = std::move(weights);
  layer->bias = std::move(bias);
  return layer;
}
Layer *Engine::addConv(Layer *input, SampleShape shape,
                       ConvParameters parameters, std::vector<float> weights,
                       std::vector<float> bias) {
  Layer *layer = impl->add(Layer::Kind::Conv, {input}, std::move(shape));
  layer->conv = std::move(parameters);
  layer->weights = std::move(weights);
  layer->bias = std::move(bias);
  return layer;
}
Layer *Engine::addModulate(Layer *input, std::string name, bool perChannel) {
  Site site;
  site.name = std::move(name);
  const size_t channels = static_cast<size_t>(input->shape[0]);
  const size_t unitsOfChannel = input->units() / channels;
  site.perChannel = perChannel;
  site.channels = channels;
  if (perChannel)
    for (size_t u = 0; u < input->units(); ++u)
      site.valueOfUnit.push_back(static_cast<uint32_t>(u / unitsOfChannel));
  site.values.assign(perChannel ? channels : input->units(), 0.0f);
  Layer *layer = impl->add(Layer::Kind::Modulate, {input}, input->shape);
  layer->site = impl->addSite(std::move(site));
  return layer;
}
Layer *Engine::addGain(Layer *input, std::string name,
                       std::vector<uint32_t> groupOfChannel) {
  Site site;
  site.name = std::move(name);
  site.kind = Site::Kind::Gain;
  site.perChannel = true;
  site.channels = groupOfChannel.size();
  const size_t unitsOfChannel = input->units() / groupOfChannel.size();
  for (size_t u = 0; u < input->units(); ++u)
    site.valueOfUnit.push_back(groupOfChannel[u / unitsOfChannel]);
  site.values.assign(
      1 + *std::max_element(groupOfChannel.begin(), groupOfChannel.end()),
      1.0f);
  Layer *layer = impl->add(Layer::Kind::Gain, {input}, input->shape);
  layer->site = impl->addSite(std::move(site));
  return layer;
}
Layer *Engine::addClip(Layer *input, float lower, float upper) {
  Layer *layer = impl->add(Layer::Kind::Clip, {input}, input->shape);
  layer->lower = lower;
  layer->upper = upper;
  return layer;
}
Layer *Engine::addPool(Layer *input, SampleShape shape,
                       PoolParameters parameters) {
  Layer *layer = impl->add(Layer::Kind::Pool, {input}, std::move(shape));
  layer->pool = std::move(parameters);
  return layer;
}
Layer *Engine::addSum(Layer *lhs, Layer *rhs) {
  return impl->add(Layer::Kind::Sum, {lhs, rhs}, lhs->shape);
}
Layer *Engine::addConcat(std::vector<Layer *> inputs, SampleShape shape) {
  return impl->add(Layer::Kind::Concat, std::move(inputs), std::move(shape));
}
Layer *Engine::addReshape(Layer *input, SampleShape shape) {
  return impl->add(Layer::Kind::Reshape, {input}, std::move(shape));
}
Layer *Engine::addConstantSum(Layer *input, std::vector<float> values) {
  Layer *layer = impl->add(Layer::Kind::ConstantSum, {input}, input->shape);
  layer->bias = std::move(values);
  return layer;
}

size_t Engine::inputSize() const { return impl->layers.front()->units(); }
size_t Engine::outputSize() const { return impl->layers.back()->units(); }

std::vector<Site> &Engine::sites() {
  impl->changed = true;
  return impl->sites;
}
Site *Engine::findSite(const std::string &name) {
  for (Site &site : sites())
    if (site.name == name)
      return &site;
  return nullptr;
}

void Engine::train(const std::function<bool(const Site &)> &trained) {
  for (Site &site : impl->sites)
    site.trained = trained(site);
  impl->prepared = false;
}

//===----------------------------------------------------------------------===//
// Segments
//===----------------------------------------------------------------------===//

void Engine::Implementation::prepare() {
  if (prepared)
    return;
  for (auto &layer : layers) {
    layer->needsGradient = (layer->kind == Layer::Kind::Modulate ||
                            layer->kind == Layer::Kind::Gain) &&
                           sites[layer->site].trained;
    for (Layer *input : layer->inputs)
      layer->needsGradient |= input->needsGradient;
  }
  cut();
  prepared = true;
}

Segment Engine::Implementation::segmentOf(size_t first, size_t last) {
  Segment segment;
  segment.input = layers[first - 1].get();
  segment.output = layers[last].get();
  segment.isLast = last + 1 == layers.size();
  for (size_t i = first; i <= last; ++i) {
    Layer *layer = layers[i].get();
    segment.layers.push_back(layer);
    segment.operations += operationsOf(*layer);
    segment.needsGradient |= layer->needsGradient;
    size_t bytes = layer->units();
    for (Layer *input : layer->inputs)
      bytes += input->units();
    segment.liveBytes = std::max(segment.liveBytes, bytes * sizeof(float));
  }
  return segment;
}

/// Cuts where one activation alone goes on: behind the fixed layers, and before
/// dense layers whose weights do not fit a cache, which want the whole batch.
void Engine::Implementation::cut() {
  const size_t count = layers.size();
  std::vector<size_t> lastUse(count);
  for (auto &layer : layers)
    for (Layer *input : layer->inputs)
      lastUse[input->index] = std::max(lastUse[input->index], layer->index);
  // cuts[i]: the network may be cut behind layer i.
  std::vector<bool> cuts(count, false);
  size_t reach = 0;
  for (size_t i = 0; i + 1 < count; ++i) {
    cuts[i] = i > 0 && reach <= i && !layers[i + 1]->isElementwise() &&
              layers[i + 1]->kind != Layer::Kind::Gain;
    reach = std::max(reach, lastUse[i]);
  }

  size_t firstTrained = count;
  for (size_t i = count; i-- > 0;)
    if (layers[i]->needsGradient)
      firstTrained = i;
  size_t fixedEnd = 0;
  for (size_t i = 1; i + 1 < count && i < firstTrained; ++i)
    if (cuts[i])
      fixedEnd = i;

  constexpr size_t largeWeights = 8 << 20;
  size_t denseStart = count, denseBytes = 0;
  for (size_t i = count; i-- > 1;) {
    if (layers[i]->kind == Layer::Kind::Conv ||
        layers[i]->kind == Layer::Kind::Pool)
      break;
    denseBytes += layers[i]->weights.size() * sizeof(float);
    if (cuts[i - 1] && denseBytes)
      denseStart = i;
  }
  std::vector<size_t> ends;
  if (fixedEnd)
    ends.push_back(fixedEnd);
  if (denseBytes > largeWeights && denseStart < count &&
      denseStart - 1 > fixedEnd)
    ends.push_back(denseStart - 1);
  ends.push_back(count - 1);

  segments.clear();
  size_t first = 1;
  for (size_t end : ends) {
    segments.push_back(segmentOf(first, end));
    segments.back().wholeBatch =
        denseBytes > largeWeights && first >= denseStart;
    first = end + 1;
  }
  fixedSegments = fixedEnd ? 1 : 0;
  whole.clear();
  whole.push_back(segmentOf(1, count - 1));
}

Chunks Engine::Implementation::chunksOf(const Segment &segment,
                                        size_t batch) const {
  // Twice what a core's second-level cache holds: measured, larger chunks make
  // up in the kernels what they lose to the third level.
  constexpr size_t cacheBytes = 2 << 20;
  // Below this many operations a second thread costs more than it gives.
  constexpr double worthThreads = 2e7;
  const unsigned threads = options.threads;
  Chunks chunks;
  chunks.samples = std::max<size_t>(
      1, std::min(cacheBytes / std::max<size_t>(segment.liveBytes, 1),
                  (batch + threads - 1) / threads));
  if (segment.wholeBatch || batch < threads)
    chunks.samples = batch;
  chunks.count = (batch + chunks.samples - 1) / chunks.samples;
  // Of the same size where that is possible.
  chunks.samples = (batch + chunks.count - 1) / chunks.count;
  chunks.count = (batch + chunks.samples - 1) / chunks.samples;
  chunks.last = batch - (chunks.count - 1) * chunks.samples;
  chunks.workers =
      static_cast<unsigned>(std::min<size_t>(threads, chunks.count));
  const double operations =
      segment.operations * static_cast<double>(chunks.samples);
  chunks.primitiveThreads =
      chunks.count == 1 && operations > worthThreads ? threads : 1;
  return chunks;
}

void Engine::Implementation::findActiveSites() {
  if (!changed && active.size() == sites.size())
    return;
  active.clear();
  for (const Site &site : sites)
    active.push_back(std::any_of(site.values.begin(), site.values.end(),
                                 [](float v) { return v != 0; }));
}

Plan &Engine::Implementation::planOf(Segment &segment, size_t samples,
                                     unsigned threads, bool training) {
  Segment::Key key{samples, threads, training, {}};
  if (!training) {
    findActiveSites();
    key.active = active;
  }
  std::unique_ptr<Plan> &plan = segment.plans[key];
  if (!plan) {
    PlanOptions planOptions;
    planOptions.samples = samples;
    planOptions.threads = threads;
    planOptions.training = training;
    planOptions.winograd = options.winograd;
    planOptions.activeSites = key.active;
    setPrimitiveThreads(threads);
    plan = std::make_unique<Plan>(segment.layers, segment.input,
                                  segment.inputLayout, segment.output,
                                  segment.isLast, sites, planOptions);
    plan->refresh(sites);
  }
  segment.outputLayout = plan->outputLayout;
  return *plan;
}

//===----------------------------------------------------------------------===//
// Execution
//===----------------------------------------------------------------------===//

/// Calls run(chunk, worker) for each chunk; a worker has chunks that follow
/// each other, so that sums over them do not depend on timing.
template <typename Run>
static void forEachChunk(const Chunks &chunks, Run run) {
  parallel(chunks.workers, [&](unsigned worker) {
    const size_t first = worker * chunks.count / chunks.workers,
                 end = (worker + 1) * chunks.count / chunks.workers;
    for (size_t chunk = first; chunk < end; ++chunk)
      run(chunk, worker);
  });
}

void Engine::Implementation::runSegment(Segment &segment, const float *input,
                                        float *output, size_t batch,
                                        bool training) {
  const Chunks chunks = chunksOf(segment, batch);
  Plan &main =
      planOf(segment, chunks.samples, chunks.primitiveThreads, training);
  Plan &tail =
      chunks.last == chunks.samples
          ? main
          : planOf(segment, chunks.last, chunks.primitiveThreads, training);
  if (training || changed) {
    main.refresh(sites);
    if (&tail != &main)
      tail.refresh(sites);
  }
  for (unsigned worker = 0; worker < chunks.workers; ++worker) {
    main.instance(worker);
    tail.instance(worker);
  }
  if (training && segment.kept.size() < chunks.count)
    segment.kept.resize(chunks.count);
  const size_t inputSize =
                   elementsOf(segment.input->shape, segment.inputLayout),
               outputSize =
                   elementsOf(segment.output->shape, segment.outputLayout);
  setPrimitiveThreads(chunks.primitiveThreads);
  forEachChunk(chunks, [&](size_t chunk, unsigned worker) {
    Plan &plan = chunk + 1 == chunks.count ? tail : main;
    Bindings bindings;
    bindings.input =
        const_cast<float *>(input) + chunk * chunks.samples * inputSize;
    bindings.output = output + chunk * chunks.samples * outputSize;
    if (training) {
      segment.kept[chunk].reserve(plan.keptBytes);
      bindings.kept = segment.kept[chunk].data();
    }
    Plan::Instance &instance = plan.instance(worker);
    instance.bind(bindings);
    instance.forward();
  });
}

void Engine::Implementation::runForward(std::vector<Segment> &list, size_t from,
                                        size_t to, const float *input,
                                        size_t batch, bool training,
                                        float *output) {
  Layout layout = from == 0 ? Layout::Plain : list[from - 1].outputLayout;
  for (size_t i = from; i < to; ++i) {
    Segment &segment = list[i];
    segment.inputLayout = layout;
    const bool keeps = training && segment.needsGradient;
    const Chunks chunks = chunksOf(segment, batch);
    // Also says how the result lies in memory.
    planOf(segment, chunks.samples, chunks.primitiveThreads, keeps);
    layout = segment.outputLayout;
    float *result = output;
    if (i + 1 < to || !output) {
      segment.result.reserve(batch * elementsOf(segment.output->shape, layout) *
                             sizeof(float));
      result = segment.result.floats();
    }
    runSegment(segment, input, result, batch, keeps);
    input = result;
  }
}

const float *Engine::forward(const float *samples, size_t batch) {
  impl->prepare();
  const bool inOnePiece = impl->chunksOf(impl->whole.front(), batch).count == 1;
  std::vector<Segment> &list = inOnePiece ? impl->whole : impl->segments;
  impl->scores.resize(batch * outputSize());
  impl->runForward(list, 0, list.size(), samples, batch, false,
                   impl->scores.data());
  impl->changed = false;
  return impl->scores.data();
}

const float *Engine::forwardTraining(const float *samples, size_t batch) {
  impl->prepare();
  impl->trainingBatch = batch;
  impl->scores.resize(batch * outputSize());
  impl->runForward(impl->segments, 0, impl->segments.size(), samples, batch,
                   true, impl->scores.data());
  impl->changed = true;
  return impl->scores.data();
}

size_t Engine::fixedSize() {
  impl->prepare();
  if (!impl->fixedSegments)
    return 0;
  Segment &segment = impl->segments.front();
  segment.inputLayout = Layout::Plain;
  impl->planOf(segment, 1, 1, false);
  return elementsOf(segment.output->shape, segment.outputLayout);
}

void Engine::forwardFixed(const float *samples, size_t batch, float *out) {
  impl->prepare();
  assert(impl->fixedSegments && "no layer is fixed");
  impl->runForward(impl->segments, 0, impl->fixedSegments, samples, batch,
                   false, out);
}

const float *Engine::forwardTrainingFrom(const float *fixed, size_t batch) {
  impl->prepare();
  impl->trainingBatch = batch;
  impl->scores.resize(batch * outputSize());
  impl->runForward(impl->segments, impl->fixedSegments, impl->segments.size(),
                   fixed, batch, true, impl->scores.data());
  impl->changed = true;
  return impl->scores.data();
}

void Engine::backward(const float *outputGradient, size_t batch) {
  assert(batch == impl->trainingBatch && "backward follows forwardTraining");
  (void)batch;
  for (Site &site : impl->sites)
    std::fill(site.gradients.begin(), site.gradients.end(), 0.0f);
  impl->runBackward(outputGradient);
}

void Engine::Implementation::runBackward(const float *outputGradient) {
  for (size_t i = segments.size(); i-- > 0;) {
    Segment &segment = segments[i];
    if (!segment.needsGradient)
      return;
    const size_t batch = trainingBatch;
    const size_t inputSize =
                     elementsOf(segment.input->shape, segment.inputLayout),
                 outputSize =
                     elementsOf(segment.output->shape, segment.outputLayout);
    // Overwritten on the way.
    if (segment.isLast) {
      segment.resultGradient.reserve(batch * outputSize * sizeof(float));
      std::copy_n(outputGradient, batch * outputSize,
                  segment.resultGradient.floats());
    }
    float *inputGradient = nullptr;
    if (segment.input->needsGradient) {
      Segment &below = segments[i - 1];
      below.resultGradient.reserve(batch * inputSize * sizeof(float));
      inputGradient = below.resultGradient.floats();
    }
    const Chunks chunks = chunksOf(segment, batch);
    Plan &main = planOf(segment, chunks.samples, chunks.primitiveThreads, true);
    Plan &tail =
        chunks.last == chunks.samples
            ? main
            : planOf(segment, chunks.last, chunks.primitiveThreads, true);
    setPrimitiveThreads(chunks.primitiveThreads);
    forEachChunk(chunks, [&](size_t chunk, unsigned worker) {
      Plan &plan = chunk + 1 == chunks.count ? tail : main;
      Bindings bindings;
      bindings.outputGradient =
          segment.resultGradient.floats() + chunk * chunks.samples * outputSize;
      if (inputGradient)
        bindings.inputGradient =
            inputGradient + chunk * chunks.samples * inputSize;
      bindings.kept = segment.kept[chunk].data();
      Plan::Instance &instance = plan.instance(worker);
      instance.bind(bindings);
      instance.backward();
    });
    main.collect(sites);
    if (&tail != &main)
      tail.collect(sites);
  }
}

size_t Engine::activationBytes() const {
  size_t bytes = impl->scores.size() * sizeof(float);
  for (const auto *list : {&impl->segments, &impl->whole})
    for (const Segment &segment : *list) {
      bytes += segment.result.size() + segment.resultGradient.size();
      for (const AlignedBytes &kept : segment.kept)
        bytes += kept.size();
      for (const auto &entry : segment.plans)
        bytes += entry.second->bytes();
    }
  return bytes;
}

std::vector<std::string> Engine::describe() const {
  std::vector<std::string> lines;
  for (const auto *list : {&impl->segments, &impl->whole})
    for (const Segment &segment : *list)
      for (const auto &[key, plan] : segment.plans) {
        lines.push_back("samples " + std::to_string(key.samples) +
                        ", threads " + std::to_string(key.threads) +
                        (key.training ? ", training" : ", inference"));
        lines.insert(lines.end(), plan->primitiveNames.begin(),
                     plan->primitiveNames.end());
      }
  return lines;
}
