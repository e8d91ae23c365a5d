//===- SimulatorCode.cpp - A program with a task as code ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of C linkage that docs/aot.md lists, and the run behind them.
//
//===----------------------------------------------------------------------===//
#include "nt/Conversion/ChipToCPU/ChipToCPU.h"

#include "CoreCode.h"

#include <limits>
#include <memory>

using namespace mlir;
using namespace nt::cpu;

namespace {

class SimulatorCode {
public:
  SimulatorCode(MLIRContext *context, StringRef prefix,
                const ntrt::Program &program, const ntrt::TaskOverlay &task,
                const ntrt::DeviceModel &device);
  OwningOpRef<ModuleOp> take() { return code.take(); }

private:
  void addCores();
  void addEncoder();
  void addRun();
  void addInterface();
  /// Of a run's values: the first input that is none, or their number.
  Expr checkInputs(Expr values, Expr rates);
  void runCores(const RunPlaces &run, Expr slots, Expr rates);
  void reset(const RunPlaces &run);
  /// Stores the scores (if asked for); returns the best output's class.
  Expr readOut(const RunPlaces &run, Expr slots, Expr scores);
  /// Sets *error, if there is one, to a text that `format` makes of a number;
  /// -1.
  Expr failWith(Expr error, ntrt::Diagnostic diagnostic, StringRef format,
                Expr number);
  Expr isNull(Expr pointer, bool isWanted = true) {
    return {code.b,
            code.b.create<LLVM::ICmpOp>(isWanted ? LLVM::ICmpPredicate::eq
                                                 : LLVM::ICmpPredicate::ne,
                                        pointer, code.null())};
  }
  Expr integer(int64_t value) {
    return {code.b, code.b.create<arith::ConstantIntOp>(value, 64)};
  }

  CodeBuilder code;
  StringRef prefix;
  const ntrt::Program &program;
  const ntrt::TaskOverlay &task;
  const ntrt::DeviceModel &device;
  MembraneCode membrane;
  Delivery delivery;
  std::vector<std::unique_ptr<CorePlaces>> places;
  std::vector<std::unique_ptr<CoreCode>> cores;
  const int64_t paddedInputs;
  int64_t stateBytes = 0; ///< Of all cores; the inputs' rates come behind.
  int64_t axons = 0, neurons = 0, lastStart = 0;
  const std::vector<uint32_t> forwardOrder;
  unsigned texts = 0;
  LLVM::LLVMFuncOp encode, run, allocate, release, print;
};

} // namespace

/// What stands for the number in a diagnostic's text until it is known.
static constexpr char kNumber = '\1';

SimulatorCode::SimulatorCode(MLIRContext *context, StringRef prefix,
                             const ntrt::Program &program,
                             const ntrt::TaskOverlay &task,
                             const ntrt::DeviceModel &device)
    : code(context), prefix(prefix), program(program), task(task),
      device(device), membrane(code, ntrt::TimeModel(device)),
      delivery(code, program.cores),
      paddedInputs((int64_t(program.inputLines()) + kLanes - 1) / kLanes *
                   kLanes),
      forwardOrder(ntrt::forwardOrder(program)) {
  const Type pointer = code.pointer;
  allocate = code.external("aligned_alloc", pointer, {code.i64, code.i64});
  release = code.external("free", code.none(), {pointer});
  print = code.external("snprintf", code.i32, {pointer, code.i64, pointer},
                        /*isVariadic=*/true);
  addCores();
  addEncoder();
  addRun();
  addInterface();
}

void SimulatorCode::addCores() {
  const auto count = static_cast<uint32_t>(program.cores.size());
  std::vector<CoreContext> contexts;
  for (uint32_t index = 0; index < count; ++index) {
    const ntrt::CoreConfig &core = program.cores[index];
    contexts.push_back({index, uint64_t(axons), uint64_t(neurons), 0,
                        device.linkLatency_slots,
                        std::vector<std::vector<EventTarget>>(core.neurons)});
    axons += core.axons;
    neurons += core.neurons;
    lastStart = std::max<int64_t>(lastStart, core.startSlot);
    places.push_back(std::make_unique<CorePlaces>(core, stateBytes));
  }
  for (const ntrt::Route &route : program.routes)
    contexts[route.sourceCore].targetsOf[route.sourceNeuron].push_back(
        {route.targetCore, route.targetAxon});
  for (uint32_t index = 0; index < count; ++index) {
    contexts[index].neurons = uint64_t(neurons);
    cores.push_back(std::make_unique<CoreCode>(
        code, membrane, delivery, program.cores[index], task.cores[index],
        device, program.readoutKind, *places[index],
        std::move(contexts[index])));
  }
}

/// nt_encode(run places, rates, slot): the inputs' events of a slot
/// (ntrt::regularSpike), which act in the next.
void SimulatorCode::addEncoder() {
  std::vector<std::vector<EventTarget>> targets(program.inputLines());
  for (const ntrt::InputRoute &route : program.inputRoutes)
    targets[route.input].push_back({route.targetCore, route.targetAxon});
  const Delivery::Table table = delivery.table("inputs", targets);
  SmallVector<Type> types = RunPlaces::types(code);
  types.append({code.pointer, code.i64});
  encode = code.function(
      "nt_encode", code.none(), types, /*isPublic=*/false,
      [&](ArrayRef<Expr> in) -> Value {
        const RunPlaces places = RunPlaces::of(in);
        const Type ints = code.vector(kLanes, code.i32);
        const Expr now = code.broadcast(convert(in[7], code.f64), kLanes);
        code.loop(0, paddedInputs / kLanes, [&](Expr v) {
          const Expr rates =
              code.load(code.vector(kLanes, code.f64),
                        code.at(in[6], code.f64, v * double(kLanes)));
          // Not negative, so that conversion rounds down.
          const Expr before = convert(now * rates + 0.5, ints),
                     after = convert((now + 1) * rates + 0.5, ints);
          code.forEachBit(code.maskOf(after > before), [&](Expr lane) {
            delivery.send(places, table, v * double(kLanes) + lane, in[7] + 1);
          });
        });
        return {};
      });
}

Expr SimulatorCode::checkInputs(Expr values, Expr rates) {
  const Expr none = integer(program.inputs);
  return code.fold(
      integer(0), none, {none}, [&](Expr i, ArrayRef<Expr> before) {
        const Expr value = convert(
            code.load(code.f32, code.at(values, code.f32, i)), code.f64);
        const Expr rate = value / program.inputFullScale;
        const double infinity = std::numeric_limits<double>::infinity();
        const bool isSigned = program.hasSignedInputs();
        const Expr isValue =
            (isSigned ? value > value.number(-infinity) : value >= 0) &
            (value < value.number(infinity));
        // Clipped to [0, 1].
        auto store = [&](Expr magnitude, Expr line) {
          code.store(select(magnitude > 0,
                            select(magnitude > 1, rate.number(1), magnitude),
                            rate.number(0)),
                     code.at(rates, code.f64, line));
        };
        store(rate, i);
        if (isSigned)
          store(value.number(0) - rate, i + double(program.inputs));
        return SmallVector<Expr>{
            select(~isValue & (before[0] == none), i, before[0])};
      })[0];
}

void SimulatorCode::reset(const RunPlaces &run) {
  code.clear(run.work, integer(stateBytes));
  code.clear(run.counts, run.ring * double(4 * cores.size()));
  const Expr start =
      code.number(code.vector(kLanes, code.f64), device.neuron.vInit_V);
  for (const std::unique_ptr<CorePlaces> &core : places)
    code.loop(0, core->positions / kLanes, [&](Expr v) {
      code.store(start, code.at(code.at(run.work, code.i8, core->membrane_V),
                                code.f64, v * double(kLanes)));
    });
}

/// Where events only go forward core by core, else slot by slot: the same,
/// because an event acts in a later slot only.
void SimulatorCode::runCores(const RunPlaces &run, Expr slots, Expr rates) {
  auto step = [&](uint32_t core, Expr slot) {
    code.call(cores[core]->step(), run.with({Value(slot)}));
  };
  auto encodeSlot = [&](Expr slot) {
    code.call(encode, run.with({Value(rates), Value(slot)}));
  };
  if (!forwardOrder.empty()) {
    code.loop(integer(0), slots, encodeSlot);
    for (uint32_t core : forwardOrder) {
      const Expr first = integer(program.cores[core].startSlot);
      code.loop(first, first + slots, [&](Expr slot) { step(core, slot); });
    }
    return;
  }
  code.loop(integer(0), run.total, [&](Expr slot) {
    for (uint32_t core = 0; core < cores.size(); ++core) {
      const Expr first = integer(program.cores[core].startSlot);
      code.choose((slot >= first) & (slot < first + slots),
                  [&]() -> SmallVector<Expr> {
                    step(core, slot);
                    return {};
                  },
                  [&]() -> SmallVector<Expr> {
                    code.store(
                        code.number(code.i32, 0),
                        code.at(run.counts, code.i32,
                                run.ring * double(core) + slot % run.ring));
                    return {};
                  });
    }
    code.when(slot < slots, [&] { encodeSlot(slot); });
  });
}

Expr SimulatorCode::readOut(const RunPlaces &run, Expr slots, Expr scores) {
  // Where each output's spikes and membrane lie, and the class it stands for.
  std::vector<int64_t> spikesAt, membraneAt;
  for (const ntrt::ReadoutNeuron &output : program.readout) {
    const CorePlaces &core = *places[output.core];
    const int64_t position = cores[output.core]->positionOf(output.neuron);
    spikesAt.push_back(core.spikes + 4 * position);
    membraneAt.push_back(core.membrane_V + 8 * position);
  }
  const std::vector<int32_t> classes(task.classOfOutput.begin(),
                                     task.classOfOutput.end());
  const LLVM::GlobalOp spikeTable = code.array<int64_t>("output_spikes",
                                                        code.i64, spikesAt),
                       membraneTable = code.array<int64_t>(
                           "output_membranes", code.i64, membraneAt),
                       classTable =
                           code.array<int32_t>("classes", code.i32, classes);
  const double swing_V = device.neuron.vThreshold_V - device.neuron.vReset_V;
  const Expr none =
      code.number(code.f64, -std::numeric_limits<double>::infinity());
  const SmallVector<Expr> best = code.fold(
      integer(0), integer(int64_t(program.readout.size())), {integer(0), none},
      [&](Expr i, ArrayRef<Expr> before) {
        auto value = [&](LLVM::GlobalOp table, Type type) {
          const Expr offset =
              code.load(code.i64, code.at(code.address(table), code.i64, i));
          return code.load(type, code.at(run.work, code.i8, offset));
        };
        const Expr spikes = value(spikeTable, code.i32);
        Expr score = convert(spikes, code.f64);
        // Its counter holds the slot of its first spike, counted from 1.
        if (program.readoutKind == ntrt::ReadoutKind::First)
          score =
              select(spikes > 0, convert(slots + 1, code.f64) - score, score);
        if (program.readoutKind == ntrt::ReadoutKind::Membrane)
          score =
              score + (value(membraneTable, code.f64) - device.neuron.vInit_V) /
                          swing_V;
        code.when(isNull(scores, false),
                  [&] { code.store(score, code.at(scores, code.f64, i)); });
        const Expr isBetter = score > before[1];
        return SmallVector<Expr>{select(isBetter, i, before[0]),
                                 select(isBetter, score, before[1])};
      });
  return code.load(code.i32,
                   code.at(code.address(classTable), code.i32, best[0]));
}

Expr SimulatorCode::failWith(Expr error, ntrt::Diagnostic diagnostic,
                             StringRef format, Expr number) {
  std::string text;
  for (char c : toString(ntrt::DiagnosticList{std::move(diagnostic)}))
    if (c == kNumber)
      text += format;
    else
      text.append(c == '%' ? 2 : 1, c);
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  const auto size = static_cast<int64_t>(text.size()) + 64;
  text.push_back('\0');
  const LLVM::GlobalOp global =
      code.bytes("text" + std::to_string(texts++), text);
  code.when(isNull(error, false), [&] {
    // A multiple of the alignment, as aligned_alloc wants.
    const int64_t room = (size + 63) / 64 * 64;
    const Expr message = code.call(allocate, {integer(64), integer(room)});
    code.when(isNull(message, false), [&] {
      code.call(print, {message, integer(room), code.address(global), number});
    });
    code.store(message, error);
  });
  return code.number(code.i32, -1);
}

/// nt_run(values, slots, scores, raster, error) -> class or -1.
void SimulatorCode::addRun() {
  run = code.function(
      "nt_run", code.i32,
      {code.pointer, code.i32, code.pointer, code.pointer, code.pointer},
      /*isPublic=*/false, [&](ArrayRef<Expr> in) -> Value {
        using Exprs = SmallVector<Expr>;
        const Expr values = in[0], scores = in[2], raster = in[3],
                   error = in[4];
        const Expr asked = widen(in[1], code.i64);
        const Expr slots =
            select(asked == 0, integer(program.defaultSlots), asked);
        auto simulate = [&]() -> Exprs {
          const Expr total = slots + double(lastStart);
          const Expr ring = forwardOrder.empty()
                                ? integer(int64_t(device.linkLatency_slots) + 2)
                                : total;
          // State and rates, then counts, then lists.
          const Expr fixed = integer(stateBytes + 8 * paddedInputs);
          const Expr countBytes = ring * double(4 * cores.size());
          const Expr size = fixed + countBytes + ring * double(4 * axons);
          const Expr work =
              code.call(allocate, {integer(64), (size + 127) / 64 * 64});
          auto at = [&](Expr offset) { return code.at(work, code.i8, offset); };
          return code.choose(
              isNull(work),
              [&]() -> Exprs {
                return {failWith(error,
                                 {ntrt::Diag::SimMemory, "simulation",
                                  std::string(1, kNumber) + " bytes"},
                                 "%lld", size)};
              },
              [&]() -> Exprs {
                const RunPlaces places{work,      at(fixed + countBytes),
                                       at(fixed), ring,
                                       total,     raster};
                const Expr rates = at(integer(stateBytes));
                reset(places);
                code.clear(rates, integer(8 * paddedInputs));
                const Expr misfit = checkInputs(values, rates);
                const Exprs result = code.choose(
                    misfit < double(program.inputs),
                    [&]() -> Exprs {
                      return {failWith(error,
                                       {ntrt::Diag::DataValue, "sample",
                                        "input " + std::string(1, kNumber) +
                                            (program.hasSignedInputs()
                                                 ? " is not finite"
                                                 : " is less than 0 or not "
                                                   "finite")},
                                       "%lld", misfit)};
                    },
                    [&]() -> Exprs {
                      code.when(isNull(raster, false), [&] {
                        code.clear(raster, slots * double(neurons));
                      });
                      runCores(places, slots, rates);
                      return {readOut(places, slots, scores)};
                    });
                code.call(release, Value(work));
                return result;
              });
        };
        return code.choose(
            isNull(values),
            [&]() -> Exprs {
              return {failWith(
                  error, {ntrt::Diag::SimInput, "sample", "values is NULL"},
                  "%lld", integer(0))};
            },
            [&]() -> Exprs {
              return code.choose(
                  slots <= double(ntrt::kMaxSlots), simulate, [&]() -> Exprs {
                    return {failWith(error,
                                     {ntrt::Diag::SimSlots, "simulation",
                                      std::string(1, kNumber) +
                                          " slots, the range is 1 to " +
                                          std::to_string(ntrt::kMaxSlots)},
                                     "%lld", slots)};
                  });
            })[0];
      });
}

void SimulatorCode::addInterface() {
  const Type pointer = code.pointer;
  auto add = [&](StringRef name, Type result, ArrayRef<Type> arguments,
                 const std::function<Value(ArrayRef<Expr>)> &body) {
    code.function((prefix + "_" + name).str(), result, arguments,
                  /*isPublic=*/true, body);
  };
  // A handle holds nothing: all is constant.
  const LLVM::GlobalOp model = code.bytes("model", StringRef("\0", 1));
  add("create", pointer, {pointer},
      [&](ArrayRef<Expr>) -> Value { return code.address(model); });
  add("destroy", code.none(), {pointer},
      [&](ArrayRef<Expr>) -> Value { return {}; });
  auto addNumber = [&](StringRef name, int64_t number) {
    add(name, code.i32, {pointer}, [&](ArrayRef<Expr>) -> Value {
      return code.number(code.i32, double(number));
    });
  };
  addNumber("inputs", program.inputs);
  addNumber("outputs", int64_t(program.readout.size()));
  addNumber("slots", program.defaultSlots);
  addNumber("neurons", neurons);
  add("classify", code.i32, {pointer, pointer, code.i32, pointer, pointer},
      [&](ArrayRef<Expr> in) -> Value {
        return code.call(run, {in[1], in[2], in[3], code.null(), in[4]});
      });
  add("record", code.i32,
      {pointer, pointer, code.i32, pointer, pointer, pointer},
      [&](ArrayRef<Expr> in) -> Value {
        return code.call(run, {in[1], in[2], in[3], in[4], in[5]});
      });
  add("free_error", code.none(), {pointer}, [&](ArrayRef<Expr> in) -> Value {
    code.call(release, Value(in[0]));
    return {};
  });
}

OwningOpRef<ModuleOp> nt::cpu::buildSimulator(MLIRContext *context,
                                              StringRef prefix,
                                              const ntrt::Program &program,
                                              const ntrt::TaskOverlay &task,
                                              const ntrt::DeviceModel &device) {
  context
      ->loadDialect<LLVM::LLVMDialect, arith::ArithDialect, scf::SCFDialect>();
  return SimulatorCode(context, prefix, program, task, device).take();
}
