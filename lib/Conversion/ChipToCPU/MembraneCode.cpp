//===- MembraneCode.cpp - The time model as code --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MembraneCode.h"

#include <limits>

using namespace mlir;
using namespace nt::cpu;
using ntrt::kMaxQuietSlots;

MembraneCode::MembraneCode(CodeBuilder &code, const ntrt::TimeModel &time)
    : code(code), m(time.constants()) {
  if (m.isLeaky)
    decays = code.array<double>(
        "quiet_decay", code.f64,
        llvm::ArrayRef(time.quietDecay(), kMaxQuietSlots + 1));
  if (m.isSubtract)
    return;
  if (m.isLeaky) {
    addExp();
    addLog();
  }
  addHardPiece();
  addHardStep();
}

Expr MembraneCode::clampToRails(Expr v) const {
  const Expr low = v.number(m.railLow_V), high = v.number(m.railHigh_V);
  v = select(v < low, low, v);
  return select(high < v, high, v);
}

Expr MembraneCode::targetOf(Expr current_A) const {
  return m.rest_V + current_A * m.resistance_Ohm;
}

Expr MembraneCode::advance(Expr decay, Expr perCapacitance, Expr v,
                           Expr current_A) const {
  if (!m.isLeaky)
    return clampToRails(v + current_A * perCapacitance);
  const Expr target = targetOf(current_A);
  return clampToRails(target + (v - target) * decay);
}

Expr MembraneCode::advance(const ntrt::MembranePiece &piece, Expr v,
                           Expr current_A) const {
  return advance(v.number(piece.decay), v.number(piece.perCapacitance), v,
                 current_A);
}

/// `slots`: i64, one or a vector of them.
Expr MembraneCode::advanceQuiet(Expr start, Expr modulation_A, Expr slots) {
  LocBuilder &b = code.b;
  if (!m.isLeaky)
    return clampToRails(start + (modulation_A * m.slot.perCapacitance) *
                                    convert(slots, start.type()));
  const Expr table = code.address(decays);
  Value passed;
  if (auto vector = dyn_cast<VectorType>(slots.type())) {
    const Value places = b.create<LLVM::GEPOp>(
        LLVM::getFixedVectorType(code.pointer, vector.getNumElements()),
        code.f64, table, ArrayRef<LLVM::GEPArg>{Value(slots)});
    const Value all =
        code.number(code.vector(vector.getNumElements(), code.i1), 1);
    passed = b.create<LLVM::masked_gather>(start.type(), places, all,
                                           ValueRange{}, /*alignment=*/8);
  } else {
    passed = code.load(code.f64, code.at(table, code.f64, slots));
  }
  const Expr target = targetOf(modulation_A);
  return clampToRails(target + (start - target) * Expr(b, passed));
}

MembraneCode::QuietSlot MembraneCode::quietSlot(Expr v, Expr quietStart,
                                                Expr quietSlots,
                                                Expr modulation_A) {
  const Expr isFresh =
      (quietSlots == 0) | (quietSlots == static_cast<double>(kMaxQuietSlots));
  const Expr start = select(isFresh, v, quietStart);
  const Expr slots = select(isFresh, quietSlots.number(0), quietSlots) + 1;
  return {start, slots, advanceQuiet(start, modulation_A, slots)};
}

Expr MembraneCode::afterSpike(Expr decay, Expr perCapacitance, Expr v,
                              Expr current_A) const {
  if (!m.isLeaky)
    return clampToRails((v + current_A * perCapacitance) - m.swing_V);
  const Expr threshold = v.number(m.threshold_V), one = v.number(1);
  const Expr target = targetOf(current_A);
  Expr left = decay * ((v - target) / (threshold - target));
  left = select(left > decay, select(left < one, left, one), decay);
  left = select(v < threshold, left, decay);
  const Expr start =
      select(v < threshold, v.number(m.restart_V), v - m.swing_V);
  return clampToRails(target + (start - target) * left);
}

Expr MembraneCode::step(const StatePlaces &places, Expr synaptic_A,
                        Expr modulation_A) {
  const Type doubles = code.vector(kLanes, code.f64),
             longs = code.vector(kLanes, code.i64);
  const Expr start = code.load(doubles, places.membrane_V);
  const Expr quietStart = code.load(doubles, places.quietStart_V);
  const Expr quietSlots = code.load(longs, places.quietSlots);
  Expr isHeld = code.number(code.vector(kLanes, code.i1), 0);
  if (!m.isSubtract)
    isHeld = code.load(doubles, places.hold_s) > 0;
  const Expr isQuiet =
      (synaptic_A == 0) & (start < start.number(m.threshold_V)) & ~isHeld;

  const auto [runStart, runSlots, quietEnd] =
      quietSlot(start, quietStart, quietSlots, modulation_A);

  const Expr current = synaptic_A + modulation_A;
  const Expr middle = advance(m.pulse, start, current);
  const bool hasGap = m.gap.duration_s > 0;
  const Expr last = hasGap ? advance(m.gap, middle, modulation_A) : middle;
  const Expr end = select(isQuiet, quietEnd, last);
  const Expr threshold = start.number(m.threshold_V);
  const Expr inPulse =
      ~isQuiet & ((start >= threshold) | (middle >= threshold));
  const Expr spiked = inPulse | (end >= threshold);
  auto storeState = [&](Expr isOther, Expr other) {
    code.store(select(isOther, other, end), places.membrane_V);
    code.store(select(isOther, quietStart, runStart), places.quietStart_V);
  };

  if (m.isSubtract) {
    // Of a vector in which nobody spikes, nothing more is needed.
    const Expr rest = code.choose(
        code.maskOf(spiked) != 0,
        [&]() -> SmallVector<Expr> {
          auto piece = [&](double ofSlot, double ofPulse, double ofGap) {
            return select(
                inPulse, start.number(ofPulse),
                select(isQuiet, start.number(ofSlot), start.number(ofGap)));
          };
          const Expr after =
              afterSpike(piece(m.slot.decay, m.pulse.decay, m.gap.decay),
                         piece(m.slot.perCapacitance, m.pulse.perCapacitance,
                               m.gap.perCapacitance),
                         select(inPulse | isQuiet, start, middle),
                         select(inPulse, current, modulation_A));
          if (!hasGap)
            return {after};
          return {select(inPulse, advance(m.gap, after, modulation_A), after)};
        },
        [&]() -> SmallVector<Expr> { return {end}; })[0];
    storeState(spiked, rest);
    code.store(select(isQuiet & ~spiked, runSlots, quietSlots.number(0)),
               places.quietSlots);
    return spiked;
  }

  // A spike or a hold needs the whole model, neuron by neuron.
  const Expr isMarked = spiked | isHeld;
  storeState(isMarked, start);
  code.store(select(isMarked, quietSlots,
                    select(isQuiet, runSlots, quietSlots.number(0))),
             places.quietSlots);
  LocBuilder &b = code.b;
  const Value whole =
      b.create<LLVM::BitcastOp>(b.getIntegerType(kLanes), spiked);
  auto loop = b.create<scf::WhileOp>(
      TypeRange{code.i64, whole.getType()},
      ValueRange{Value(code.maskOf(isMarked)), Value(Expr(b, whole).number(0))},
      [&](OpBuilder &, Location, ValueRange) {},
      [&](OpBuilder &, Location, ValueRange) {});
  {
    OpBuilder::InsertionGuard guard(b);
    Block &before = loop.getBefore().front();
    b.setInsertionPointToEnd(&before);
    b.create<scf::ConditionOp>(Value(Expr(b, before.getArgument(0)) != 0),
                               before.getArguments());
    Block &after = loop.getAfter().front();
    b.setInsertionPointToEnd(&after);
    const Expr left(b, after.getArgument(0)), found(b, after.getArgument(1));
    const Expr lane(b, b.create<LLVM::CountTrailingZerosOp>(
                           left.type(), left, /*is_zero_poison=*/true));
    auto extract = [&](Expr vector) {
      return Expr(b, b.create<LLVM::ExtractElementOp>(vector, lane));
    };
    auto place = [&](Expr base, Type type) {
      return Value(code.at(base, type, lane));
    };
    const Expr hasSpiked = code.call(
        hardStep,
        {place(places.membrane_V, code.f64),
         place(places.quietStart_V, code.f64),
         place(places.quietSlots, code.i64), place(places.hold_s, code.f64),
         Value(extract(synaptic_A)), Value(extract(modulation_A))});
    const Expr bit = widen(hasSpiked, found.type())
                     << convert(lane, found.type());
    b.create<scf::YieldOp>(
        ValueRange{Value(left & (left - 1)), Value(found | bit)});
  }
  return {b, b.create<LLVM::BitcastOp>(code.vector(kLanes, code.i1),
                                       loop.getResult(1))};
}

std::pair<Expr, Expr> MembraneCode::pieceOf(Expr duration_s) {
  const Expr decay =
      m.isLeaky
          ? code.call(exp, Value(Expr(code.b, code.b.create<arith::NegFOp>(
                                                  Value(duration_s))) /
                                 m.tau_s))
          : duration_s.number(1);
  return {decay, duration_s / m.capacitance_F};
}

/// nt_hard_piece(V, hold, has spiked, duration, decay, duration / C, current,
/// has end, end) -> {V, hold, has spiked}: a piece with a `hard` reset. With
/// `has end` the free membrane after the piece is known.
void MembraneCode::addHardPiece() {
  LocBuilder &b = code.b;
  const Type result = LLVM::LLVMStructType::getLiteral(
      b.getContext(), {code.f64, code.f64, code.i1});
  hardPiece = code.function(
      "nt_hard_piece", result,
      {code.f64, code.f64, code.i1, code.f64, code.f64, code.f64, code.f64,
       code.i1, code.f64},
      /*isPublic=*/false, [&](ArrayRef<Expr> in) -> Value {
        const Expr v = in[0], hold = in[1], hasSpiked = in[2], duration = in[3],
                   current = in[6];
        using Exprs = SmallVector<Expr>;
        auto driven = [&]() -> Exprs {
          // What a hold leaves of the piece.
          const Exprs piece = code.choose(
              hold > 0,
              [&]() -> Exprs {
                const Expr left = duration - hold;
                const auto [decay, per] = pieceOf(left);
                return {left, decay, per};
              },
              [&]() -> Exprs { return {duration, in[4], in[5]}; });
          const Expr none = hold.number(0);
          return code.choose(
              hasSpiked,
              [&]() -> Exprs {
                return {advance(piece[1], piece[2], v, current), none,
                        hasSpiked};
              },
              [&]() -> Exprs {
                const Expr threshold = v.number(m.threshold_V);
                const Expr end = select(
                    in[7], in[8], advance(piece[1], piece[2], v, current));
                return code.choose(
                    (v < threshold) & (end < threshold),
                    [&]() -> Exprs { return {end, none, hasSpiked}; },
                    [&]() -> Exprs {
                      Expr crossing = code.choose(
                          v < threshold,
                          [&]() -> Exprs {
                            if (!m.isLeaky)
                              return {(threshold - v) * m.capacitance_F /
                                      current};
                            const Expr target = targetOf(current);
                            const Expr ratio =
                                (threshold - target) / (v - target);
                            return code.choose(
                                ratio > 0,
                                [&]() -> Exprs {
                                  return {-m.tau_s *
                                          code.call(log, Value(ratio))};
                                },
                                [&]() -> Exprs { return {piece[0]}; });
                          },
                          [&]() -> Exprs { return {none}; })[0];
                      crossing = select(
                          crossing < none, none,
                          select(piece[0] < crossing, piece[0], crossing));
                      const Expr refractory = v.number(m.refractory_s);
                      const Expr behind = piece[0] - crossing;
                      const Expr held =
                          select(behind < refractory, behind, refractory);
                      const Expr remaining = behind - held;
                      const Expr reset = v.number(m.reset_V);
                      const Expr after = code.choose(
                          remaining > 0,
                          [&]() -> Exprs {
                            const auto [decay, per] = pieceOf(remaining);
                            return {advance(decay, per, reset, current)};
                          },
                          [&]() -> Exprs { return {reset}; })[0];
                      return {after, refractory - held, hasSpiked.number(1)};
                    });
              });
        };
        const Exprs out = code.choose(
            hold >= duration,
            [&]() -> Exprs { return {v, hold - duration, hasSpiked}; }, driven);
        Value packed = b.create<LLVM::UndefOp>(result);
        for (int64_t i = 0; i < 3; ++i)
          packed = b.create<LLVM::InsertValueOp>(packed, out[i], i);
        return packed;
      });
}

/// nt_hard_step(&V, &quiet start, &quiet slots, &hold, synaptic current,
/// modulation current) -> has spiked: one neuron over one slot.
void MembraneCode::addHardStep() {
  LocBuilder &b = code.b;
  hardStep = code.function(
      "nt_hard_step", code.i1,
      {code.pointer, code.pointer, code.pointer, code.pointer, code.f64,
       code.f64},
      /*isPublic=*/false, [&](ArrayRef<Expr> in) -> Value {
        using Exprs = SmallVector<Expr>;
        const Expr v = code.load(code.f64, in[0]),
                   quietStart = code.load(code.f64, in[1]),
                   quietSlots = code.load(code.i64, in[2]),
                   hold = code.load(code.f64, in[3]), synaptic = in[4],
                   modulation = in[5];
        const Expr no = code.number(code.i1, 0), yes = code.number(code.i1, 1);
        auto piece = [&](Exprs state, const ntrt::MembranePiece &of,
                         Expr current, Expr hasEnd, Expr end) -> Exprs {
          auto call = b.create<LLVM::CallOp>(
              hardPiece,
              ValueRange{state[0], state[1], state[2], v.number(of.duration_s),
                         v.number(of.decay), v.number(of.perCapacitance),
                         current, hasEnd, end});
          Exprs out;
          for (int64_t i = 0; i < 3; ++i)
            out.emplace_back(
                b, b.create<LLVM::ExtractValueOp>(call.getResult(), i));
          return out;
        };
        const Expr isQuiet =
            (synaptic == 0) & (hold == 0) & (v < v.number(m.threshold_V));
        const Exprs out = code.choose(
            isQuiet,
            [&]() -> Exprs {
              const Expr end =
                  quietSlot(v, quietStart, quietSlots, modulation).end_V;
              return piece({v, hold, no}, m.slot, modulation, yes, end);
            },
            [&]() -> Exprs {
              const Exprs pulse =
                  piece({v, hold, no}, m.pulse, synaptic + modulation, no, v);
              return piece(pulse, m.gap, modulation, no, v);
            });
        code.store(out[0], in[0]);
        code.store(quietSlots.number(0), in[2]);
        code.store(out[1], in[3]);
        return out[2];
      });
}

// The same operations as runtime/lib/ExactMath.h.

void MembraneCode::addExp() {
  exp = code.function(
      "nt_exp", code.f64, {code.f64}, /*isPublic=*/false,
      [&](ArrayRef<Expr> in) -> Value {
        using Exprs = SmallVector<Expr>;
        const Expr x = in[0];
        return code.choose(
            x >= -708,
            [&]() -> Exprs {
              return code.choose(
                  x > 709,
                  [&]() -> Exprs {
                    return {x.number(std::numeric_limits<double>::infinity())};
                  },
                  [&]() -> Exprs {
                    const Expr k =
                        (x * 0x1.71547652b82fep+0 + 0x1.8p52) - 0x1.8p52;
                    const Expr r = (x - k * 0x1.62e42fee00000p-1) -
                                   k * 0x1.a39ef35793c76p-33;
                    Expr tail = x.number(1.0 / 6227020800.0);
                    for (double factorial :
                         {479001600.0, 39916800.0, 3628800.0, 362880.0, 40320.0,
                          5040.0, 720.0, 120.0, 24.0, 6.0, 2.0})
                      tail = tail * r + 1.0 / factorial;
                    const Expr result = 1 + (r + r * r * tail);
                    const Expr whole = convert(k, code.i64), half = whole / 2;
                    auto power = [&](Expr e) {
                      return Expr(code.b,
                                  code.b.create<LLVM::BitcastOp>(
                                      code.f64, Value((e + 1023) << 52)));
                    };
                    return {result * power(half) * power(whole - half)};
                  });
            },
            [&]() -> Exprs { return {select(x != x, x, x.number(0))}; })[0];
      });
}

void MembraneCode::addLog() {
  log = code.function(
      "nt_log", code.f64, {code.f64}, /*isPublic=*/false,
      [&](ArrayRef<Expr> in) -> Value {
        LocBuilder &b = code.b;
        const Expr bits(b, b.create<LLVM::BitcastOp>(code.i64, in[0]));
        auto mantissaBits = [&] {
          // Beyond what a double can say, so as integers.
          const Value low = b.create<arith::ConstantIntOp>(0xfffffffffffff, 64);
          const Value one =
              b.create<arith::ConstantIntOp>(int64_t(1023) << 52, 64);
          return (bits & Expr(b, low)) | Expr(b, one);
        };
        Expr mantissa(
            b, b.create<LLVM::BitcastOp>(code.f64, Value(mantissaBits())));
        Expr exponent = (bits >> 52) - 1023;
        const Expr isHigh = mantissa > 0x1.6a09e667f3bcdp+0;
        mantissa = select(isHigh, mantissa * 0.5, mantissa);
        exponent = select(isHigh, exponent + 1, exponent);
        const Expr f = mantissa - 1;
        const Expr s = f / (2 + f), z = s * s;
        Expr series = f.number(2.0 / 23);
        for (double odd : {21, 19, 17, 15, 13, 11, 9, 7, 5, 3})
          series = series * z + 2.0 / odd;
        const Expr k = convert(exponent, code.f64);
        return k * 0x1.62e42fee00000p-1 +
               (f - (s * (f - series * z) - k * 0x1.a39ef35793c76p-33));
      });
}
