//===- TrainingText.cpp - Training options as text
//-------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Tuner/Training.h"

#include <charconv>
#include <cmath>
#include <sstream>

using namespace nt::tuner;
using ntrt::Diag;

namespace {

std::vector<std::string> split(const std::string &text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    parts.push_back(part);
  return parts;
}

template <typename T> bool parse(const std::string &text, T &value) {
  T parsed{};
  const char *end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data(), end, parsed);
  if (error != std::errc() || next != end)
    return false;
  value = parsed;
  return true;
}

/// Reads one value or writes it: the same table serves both ways.
class Fields {
public:
  virtual ~Fields() = default;
  virtual void number(const char *key, double &value, double low, double high,
                      const char *range) = 0;
  virtual void whole(const char *key, unsigned &value, unsigned low) = 0;
  virtual void seed(const char *key, uint64_t &value) = 0;
  virtual void flag(const char *key, bool &value) = 0;
  virtual void choice(const char *key, int &value,
                      std::initializer_list<const char *> names) = 0;
  virtual void globs(const char *key, std::vector<std::string> &value) = 0;
  virtual void weights(const char *key, bool &balanced,
                       std::vector<double> &value) = 0;

  template <typename Enum>
  void choose(const char *key, Enum &value,
              std::initializer_list<const char *> names) {
    int index = static_cast<int>(value);
    choice(key, index, names);
    value = static_cast<Enum>(index);
  }
};

void visit(Fields &f, TrainingOptions &o) {
  constexpr double huge = 1e30;
  f.whole("epochs", o.epochs, 0);
  f.whole("batch", o.batch, 1);
  f.number("lr", o.learningRate, 1e-30, huge, "above 0");
  f.seed("seed", o.seed);
  f.choose("optimiser", o.optimiser, {"adam", "adamw", "sgd"});
  f.number("momentum", o.momentum, 0, 1, "from 0 to 1");
  f.number("weight-decay", o.weightDecay, 0, huge, "0 or more");
  f.number("l1", o.l1, 0, huge, "0 or more");
  f.choose("schedule", o.schedule, {"cosine", "constant"});
  f.number("warm-up", o.warmUp, 0, huge, "0 or more");
  f.choose("granularity", o.sharing, {"neuron", "channel", "layer", "domain"});
  f.globs("filter", o.filter);
  f.flag("gain", o.gain);
  f.number("validation", o.validation, 0, 0.9, "from 0 to 0.9");
  f.whole("patience", o.patience, 0);
  f.weights("class-weights", o.balanced, o.classWeights);
  f.flag("flip", o.augmentation.flip);
  f.whole("shift", o.augmentation.shift, 0);
  f.whole("crop", o.augmentation.crop, 0);
  f.choose("loss", o.loss, {"cross-entropy", "mse", "distillation"});
  f.number("temperature", o.temperature, 1e-3, huge, "above 0.001");
  f.number("teacher-weight", o.teacherWeight, 0, 1, "from 0 to 1");
  f.whole("threads", o.threads, 1);
}

/// Takes the value of one key.
class Reader : public Fields {
public:
  Reader(const std::string &key, const std::string &text)
      : key(key), text(text) {}

  bool found = false;
  std::string expected; ///< What the value should have been, if it is not.
  std::string known;

  void number(const char *name, double &value, double low, double high,
              const char *range) override {
    double parsed = 0;
    if (is(name) && (!parse(text, parsed) || !(parsed >= low) || parsed > high))
      expected = std::string("a number ") + range;
    else if (found && key == name)
      value = parsed;
  }
  void whole(const char *name, unsigned &value, unsigned low) override {
    unsigned parsed = 0;
    if (is(name) && (!parse(text, parsed) || parsed < low))
      expected = "a whole number of at least " + std::to_string(low);
    else if (found && key == name)
      value = parsed;
  }
  void seed(const char *name, uint64_t &value) override {
    if (is(name) && !parse(text, value))
      expected = "a whole number";
  }
  void flag(const char *name, bool &value) override {
    if (!is(name))
      return;
    if (text != "on" && text != "off")
      expected = "on or off";
    else
      value = text == "on";
  }
  void choice(const char *name, int &value,
              std::initializer_list<const char *> names) override {
    if (!is(name))
      return;
    int index = 0;
    for (const char *candidate : names) {
      if (text == candidate) {
        value = index;
        expected.clear();
        return;
      }
      expected += (index++ ? ", " : "one of ") + std::string(candidate);
    }
  }
  void globs(const char *name, std::vector<std::string> &value) override {
    if (is(name))
      value = split(text, '|');
  }
  void weights(const char *name, bool &balanced,
               std::vector<double> &value) override {
    if (!is(name))
      return;
    balanced = text == "balanced";
    value.clear();
    if (balanced)
      return;
    for (const std::string &part : split(text, ':')) {
      double weight = 0;
      if (!parse(part, weight) || !(weight >= 0) || std::isinf(weight))
        expected = "balanced, or weights of 0 or more separated by ':'";
      value.push_back(weight);
    }
  }

private:
  bool is(const char *name) {
    known += (known.empty() ? "" : ", ") + std::string(name);
    found |= key == name;
    return key == name;
  }
  const std::string &key, &text;
};

class Writer : public Fields {
public:
  std::ostringstream out;

  void number(const char *name, double &value, double, double,
              const char *) override {
    out.precision(17);
    out << name << '=' << value << ',';
  }
  void whole(const char *name, unsigned &value, unsigned) override {
    out << name << '=' << value << ',';
  }
  void seed(const char *name, uint64_t &value) override {
    out << name << '=' << value << ',';
  }
  void flag(const char *name, bool &value) override {
    out << name << '=' << (value ? "on" : "off") << ',';
  }
  void choice(const char *name, int &value,
              std::initializer_list<const char *> names) override {
    out << name << '=' << names.begin()[value] << ',';
  }
  void globs(const char *name, std::vector<std::string> &value) override {
    out << name << '=';
    for (size_t i = 0; i < value.size(); ++i)
      out << (i ? "|" : "") << value[i];
    out << ',';
  }
  void weights(const char *name, bool &balanced,
               std::vector<double> &value) override {
    out << name << '=' << (balanced ? "balanced" : "");
    for (size_t i = 0; i < value.size(); ++i)
      out << (i ? ":" : "") << value[i];
    out << ',';
  }
};

} // namespace

ntrt::Status nt::tuner::parseTrainingOptions(const std::string &text,
                                             const std::string &place,
                                             TrainingOptions &options) {
  ntrt::DiagnosticList diagnostics;
  for (const std::string &field : split(text, ',')) {
    if (field.empty())
      continue;
    const size_t equals = field.find('=');
    const std::string key = field.substr(0, equals);
    const std::string value =
        equals == std::string::npos ? "" : field.substr(equals + 1);
    Reader reader(key, value);
    visit(reader, options);
    if (!reader.found)
      diagnostics.push_back(
          {Diag::OptionInvalid, place,
           "'" + field + "': no such key; there are " + reader.known});
    else if (!reader.expected.empty())
      diagnostics.push_back({Diag::OptionInvalid, place,
                             "'" + field + "': expected " + reader.expected});
  }
  if (!diagnostics.empty())
    return diagnostics;
  return ntrt::Done{};
}

std::string nt::tuner::toString(const TrainingOptions &options) {
  TrainingOptions copy = options;
  Writer writer;
  visit(writer, copy);
  return writer.out.str();
}
