//===- CoreCode.cpp - One core as code ------------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CoreCode.h"

using namespace mlir;
using namespace nt::cpu;

/// Neurons whose codes are summed at once, and whose spikes fill a word.
static constexpr int64_t kBlock = 64;
/// Blocks whose sums stay in registers together.
static constexpr int64_t kGroup = 4;

Delivery::Delivery(CodeBuilder &code, ArrayRef<ntrt::CoreConfig> cores)
    : code(code) {
  std::vector<int64_t> firstAxon{0}, axons;
  for (const ntrt::CoreConfig &core : cores) {
    axons.push_back(core.axons);
    firstAxon.push_back(firstAxon.back() + core.axons);
  }
  const LLVM::GlobalOp firsts = code.array<int64_t>("first_axon", code.i64,
                                                    firstAxon),
                       counts = code.array<int64_t>("axons", code.i64, axons);
  SmallVector<Type> types = RunPlaces::types(code);
  types.append({code.pointer, code.pointer, code.i64, code.i64});
  function = code.function(
      "nt_deliver", code.none(), types, /*isPublic=*/false,
      [&](ArrayRef<Expr> in) -> Value {
        const RunPlaces run = RunPlaces::of(in);
        const Expr first = in[6], targets = in[7], source = in[8], slot = in[9];
        auto read = [&](Expr base, Expr index) {
          return convert(code.load(code.i32, code.at(base, code.i32, index)),
                         code.i64);
        };
        // What would act after the run is lost.
        code.when(slot < run.total, [&] {
          const Expr place = slot % run.ring;
          code.loop(read(first, source), read(first, source + 1), [&](Expr i) {
            const Expr core = read(targets, i * 2),
                       axon = read(targets, i * 2 + 1);
            const Expr counter =
                code.at(run.counts, code.i32, core * run.ring + place);
            const Expr count = code.load(code.i32, counter);
            auto of = [&](LLVM::GlobalOp table) {
              return code.load(code.i64,
                               code.at(code.address(table), code.i64, core));
            };
            code.store(convert(axon, code.i32),
                       code.at(run.lists, code.i32,
                               run.ring * of(firsts) + place * of(counts) +
                                   convert(count, code.i64)));
            code.store(count + 1, counter);
          });
        });
        return {};
      });
}

Delivery::Table Delivery::table(StringRef name,
                                ArrayRef<std::vector<EventTarget>> targetsOf) {
  std::vector<int32_t> first{0}, all;
  for (const std::vector<EventTarget> &targets : targetsOf) {
    for (const EventTarget &target : targets)
      all.insert(all.end(), {static_cast<int32_t>(target.core),
                             static_cast<int32_t>(target.axon)});
    first.push_back(static_cast<int32_t>(all.size() / 2));
  }
  return {code.array<int32_t>((name + "_first").str(), code.i32, first),
          code.array<int32_t>((name + "_targets").str(), code.i32, all)};
}

void Delivery::send(const RunPlaces &run, const Table &table, Expr source,
                    Expr slot) {
  code.call(function, run.with({code.address(table.first),
                                code.address(table.targets), source, slot}));
}

CorePlaces::CorePlaces(const ntrt::CoreConfig &core, int64_t &offset)
    : positions((core.neurons + kBlock - 1) / kBlock * kBlock) {
  auto take = [&](int64_t bytes) {
    const int64_t mine = offset;
    offset += positions * bytes;
    return mine;
  };
  membrane_V = take(8);
  quietStart_V = take(8);
  quietSlots = take(8);
  hold_s = take(8);
  for (uint32_t column = 0; column < core.columnsPerNeuron; ++column)
    sums.push_back(take(4));
  spikes = take(4);
}

CoreCode::CoreCode(CodeBuilder &code, MembraneCode &membrane,
                   Delivery &delivery, const ntrt::CoreConfig &core,
                   const ntrt::CoreModulation &modulation,
                   const ntrt::DeviceModel &device, ntrt::ReadoutKind readout,
                   const CorePlaces &places, CoreContext contextIn)
    : code(code), membrane(membrane), delivery(delivery), core(core),
      readout(readout), places(places), context(std::move(contextIn)),
      layout(core, kBlock), maxCode(device.synapse.maxCode()),
      sumType(int64_t(core.axons) * maxCode <= INT16_MAX ? code.i16
                                                         : code.i32) {
  addConstants(modulation, device);
  SmallVector<Type> types = RunPlaces::types(code);
  types.push_back(code.i64);
  function = code.function(
      named("step"), code.none(), types, /*isPublic=*/false,
      [&](ArrayRef<Expr> in) -> Value {
        const RunPlaces run = RunPlaces::of(in);
        const Expr slot = in[6], place = slot % run.ring;
        const Expr counter = code.at(run.counts, code.i32,
                                     run.ring * double(context.index) + place);
        const Expr count = convert(code.load(code.i32, counter), code.i64);
        const Expr list = code.at(run.lists, code.i32,
                                  run.ring * double(context.firstAxon) +
                                      place * double(core.axons));
        for (uint32_t column = 0; column < core.columnsPerNeuron; ++column)
          layout.isDense ? sumDense(run, column, list, count)
                         : sumSparse(run, column, list, count);
        code.store(code.number(code.i32, 0), counter);
        code.loop(0, layout.blocks,
                  [&](Expr block) { stepBlock(run, slot, block); });
        return {};
      });
}

std::string CoreCode::named(StringRef what) const {
  return ("core" + Twine(context.index) + "_" + what).str();
}

void CoreCode::addConstants(const ntrt::CoreModulation &modulation,
                            const ntrt::DeviceModel &device) {
  // Of each axon the blocks that it uses, [.][kBlock] codes of each.
  for (uint32_t column = 0; column < core.columnsPerNeuron; ++column) {
    std::string all(layout.blockOf.size() * size_t(kBlock), '\0');
    for (uint32_t axon = 0; axon < core.axons; ++axon)
      for (uint32_t i = layout.firstBlock[axon];
           i < layout.firstBlock[axon + 1]; ++i)
        for (uint32_t j = 0; j < kBlock; ++j)
          if (const size_t position = layout.blockOf[i] * size_t(kBlock) + j;
              position < core.neurons)
            all[i * size_t(kBlock) + j] = static_cast<char>(core.code(
                axon, core.columnOf(layout.neuronAt[position]) + column));
    codes[column] = code.bytes(named(column ? "second_codes" : "codes"),
                               all.empty() ? StringRef("\0", 1) : all);
  }
  if (!layout.isDense) {
    firstBlock =
        code.array<int32_t>(named("first_block"), code.i32,
                            std::vector<int32_t>(layout.firstBlock.begin(),
                                                 layout.firstBlock.end()));
    blockOf = code.array<int32_t>(
        named("blocks"), code.i32,
        std::vector<int32_t>(layout.blockOf.begin(), layout.blockOf.end()));
  }
  const auto count = static_cast<size_t>(places.positions);
  const ntrt::CoreDrive drive = ntrt::driveOf(core, modulation, device);
  std::vector<double> word(count);
  std::vector<int32_t> neuron(count);
  std::vector<int64_t> used(count / kBlock);
  std::vector<std::vector<EventTarget>> targets;
  for (uint32_t position = 0; position < core.neurons; ++position) {
    const uint32_t n = layout.neuronAt[position];
    word[position] = drive.modulation_A[n];
    neuron[position] = static_cast<int32_t>(n);
    used[position / kBlock] |= int64_t(uint64_t(1) << position % kBlock);
    targets.push_back(context.targetsOf[n]);
  }
  for (uint32_t column = 0; column < core.columnsPerNeuron; ++column) {
    std::vector<double> lsb(count);
    for (uint32_t position = 0; position < core.neurons; ++position)
      lsb[position] =
          drive.lsb_A[core.columnOf(layout.neuronAt[position]) + column];
    lsb_A[column] =
        code.array<double>(named(column ? "second_lsb" : "lsb"), code.f64, lsb);
  }
  modulation_A = code.array<double>(named("modulation"), code.f64, word);
  neuronAt = code.array<int32_t>(named("neurons"), code.i32, neuron);
  isUsed = code.array<int64_t>(named("used"), code.i64, used);
  routes = delivery.table(named("routes"), targets);
}

/// All blocks of each axon in the list: a few blocks' sums stay in registers,
/// in eight bits as far as they cannot overflow.
void CoreCode::sumDense(const RunPlaces &run, uint32_t column, Expr list,
                        Expr count) {
  const Type narrow = code.vector(kBlock, code.i8),
             wide = code.vector(kBlock, sumType);
  const Expr zero = code.number(code.i64, 0);
  const double most = double(INT8_MAX / maxCode);
  for (int64_t first = 0; first < layout.blocks; first += kGroup) {
    const int64_t blocks = std::min<int64_t>(kGroup, layout.blocks - first);
    auto addRow = [&](Expr i, ArrayRef<Expr> before) {
      const Expr axon =
          convert(code.load(code.i32, code.at(list, code.i32, i)), code.i64);
      SmallVector<Expr> after;
      for (int64_t g = 0; g < blocks; ++g)
        after.push_back(
            before[g] +
            code.load(narrow, code.at(code.address(codes[column]), code.i8,
                                      axon * double(places.positions) +
                                          double((first + g) * kBlock))));
      return after;
    };
    const SmallVector<Expr> sums = code.fold(
        zero, (count + (most - 1)) / most,
        SmallVector<Expr>(blocks, code.number(wide, 0)),
        [&](Expr part, ArrayRef<Expr> before) {
          const Expr from = part * most, to = from + most;
          SmallVector<Expr> after = code.fold(
              from, select(to < count, to, count),
              SmallVector<Expr>(blocks, code.number(narrow, 0)), addRow);
          for (int64_t g = 0; g < blocks; ++g)
            after[g] = before[g] + convert(after[g], wide);
          return after;
        });
    for (int64_t g = 0; g < blocks; ++g)
      code.store(sums[g], code.at(place(run, places.sums[column]), sumType,
                                  (first + g) * kBlock));
  }
}

/// Of each axon in the list the blocks that it uses.
void CoreCode::sumSparse(const RunPlaces &run, uint32_t column, Expr list,
                         Expr count) {
  const Type block = code.vector(kBlock, sumType);
  const Expr sums = place(run, places.sums[column]);
  code.clear(
      sums, code.number(code.i64, double(places.positions *
                                         sumType.getIntOrFloatBitWidth() / 8)));
  auto read = [&](Expr base, Expr index) {
    return convert(code.load(code.i32, code.at(base, code.i32, index)),
                   code.i64);
  };
  code.loop(code.number(code.i64, 0), count, [&](Expr e) {
    const Expr axon = read(list, e), firsts = code.address(firstBlock);
    code.loop(read(firsts, axon), read(firsts, axon + 1), [&](Expr i) {
      const Expr sum = code.at(sums, sumType,
                               read(code.address(blockOf), i) * double(kBlock));
      const Expr row =
          code.at(code.address(codes[column]), code.i8, i * double(kBlock));
      code.store(
          code.load(block, sum) +
              convert(code.load(code.vector(kBlock, code.i8), row), block),
          sum);
    });
  });
}

/// The membranes of a block, then its spikes.
void CoreCode::stepBlock(const RunPlaces &run, Expr slot, Expr block) {
  const Expr base = block * double(kBlock);
  const Expr bits = code.fold(
      code.number(code.i64, 0), code.number(code.i64, double(kBlock / kLanes)),
      {code.number(code.i64, 0)}, [&](Expr v, ArrayRef<Expr> before) {
        const Expr at = base + v * double(kLanes);
        auto state = [&](int64_t offset) {
          return code.at(place(run, offset), code.f64, at);
        };
        auto constant = [&](LLVM::GlobalOp array) {
          return code.load(code.vector(kLanes, code.f64),
                           code.at(code.address(array), code.f64, at));
        };
        auto current = [&](uint32_t column) {
          const Expr sum =
              code.load(code.vector(kLanes, sumType),
                        code.at(place(run, places.sums[column]), sumType, at));
          return convert(sum, code.vector(kLanes, code.f64)) *
                 constant(lsb_A[column]);
        };
        const Expr synaptic_A =
            core.isPaired() ? current(0) + current(1) : current(0);
        const Expr spiked =
            membrane.step({state(places.membrane_V), state(places.quietStart_V),
                           state(places.quietSlots), state(places.hold_s)},
                          synaptic_A, constant(modulation_A));
        return SmallVector<Expr>{before[0] |
                                 (code.maskOf(spiked) << v * double(kLanes))};
      })[0];
  const Expr used =
      code.load(code.i64, code.at(code.address(isUsed), code.i64, block));
  code.forEachBit(bits & used, [&](Expr bit) {
    const Expr position = base + bit;
    const Expr counter = code.at(place(run, places.spikes), code.i32, position);
    const Expr count = code.load(code.i32, counter);
    if (readout == ntrt::ReadoutKind::First)
      code.store(select(count == 0,
                        convert(slot - double(core.startSlot) + 1, code.i32),
                        count),
                 counter);
    else
      code.store(count + 1, counter);
    delivery.send(run, routes, position,
                  slot + double(1 + context.latency_slots));
    const Expr isRecorded(code.b,
                          code.b.create<LLVM::ICmpOp>(LLVM::ICmpPredicate::ne,
                                                      run.raster, code.null()));
    code.when(isRecorded, [&] {
      const Expr neuron =
          convert(code.load(code.i32, code.at(code.address(neuronAt), code.i32,
                                              position)),
                  code.i64);
      code.store(
          code.number(code.i8, 1),
          code.at(run.raster, code.i8,
                  (slot - double(core.startSlot)) * double(context.neurons) +
                      double(context.firstNeuron) + neuron));
    });
  });
}
