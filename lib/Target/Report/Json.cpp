//===- Json.cpp - Reading manifest.json and verify.json -------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Report/ReportData.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/JSON.h"

using namespace nt::report;
namespace json = llvm::json;

namespace {

/// The fields of one JSON object; misfits are collected under its place.
class Fields {
public:
  Fields(const json::Object &object, std::string place, std::string name,
         ntrt::DiagnosticList &misfits)
      : object(object), place(std::move(place)), name(std::move(name)),
        misfits(misfits) {}

  std::string text(llvm::StringRef key) {
    if (auto value = object.getString(key))
      return value->str();
    misfit(key, "a string");
    return "";
  }
  std::string optionalText(llvm::StringRef key) {
    return object.get(key) ? text(key) : "";
  }
  double number(llvm::StringRef key) {
    if (auto value = object.getNumber(key))
      return *value;
    misfit(key, "a number");
    return 0;
  }
  /// A number, or null.
  std::optional<double> numberOrNull(llvm::StringRef key) {
    const json::Value *value = object.get(key);
    if (value && value->getAsNull())
      return std::nullopt;
    return number(key);
  }
  bool flag(llvm::StringRef key) {
    if (auto value = object.getBoolean(key))
      return *value;
    misfit(key, "true or false");
    return false;
  }
  void objects(llvm::StringRef key, llvm::function_ref<void(Fields &)> visit) {
    const json::Array *array = object.getArray(key);
    if (!array)
      return misfit(key, "an array");
    for (size_t i = 0; i < array->size(); ++i) {
      std::string element = (key + "[" + std::to_string(i) + "]").str();
      if (const json::Object *child = (*array)[i].getAsObject()) {
        Fields fields(*child, place, path(element), misfits);
        visit(fields);
      } else {
        misfit(element, "an object");
      }
    }
  }
  void optionalObject(llvm::StringRef key,
                      llvm::function_ref<void(Fields &)> visit) {
    const json::Value *value = object.get(key);
    if (!value)
      return;
    const json::Object *child = value->getAsObject();
    if (!child)
      return misfit(key, "an object");
    Fields fields(*child, place, path(key), misfits);
    visit(fields);
  }
  std::vector<std::string> optionalTexts(llvm::StringRef key) {
    std::vector<std::string> texts;
    const json::Value *value = object.get(key);
    if (!value)
      return texts;
    const json::Array *array = value->getAsArray();
    if (!array) {
      misfit(key, "an array");
      return texts;
    }
    for (size_t i = 0; i < array->size(); ++i) {
      if (auto element = (*array)[i].getAsString())
        texts.push_back(element->str());
      else
        misfit((key + "[" + std::to_string(i) + "]").str(), "a string");
    }
    return texts;
  }
  /// Names of all fields, sorted.
  std::vector<std::string> keys() const {
    std::vector<std::string> names;
    for (const auto &entry : object)
      names.push_back(entry.first.str());
    std::sort(names.begin(), names.end());
    return names;
  }

private:
  std::string path(llvm::StringRef key) const {
    return name.empty() ? key.str() : name + "." + key.str();
  }
  void misfit(llvm::StringRef key, llvm::StringRef wanted) {
    misfits.push_back({ntrt::Diag::FileTruncated, place,
                       path(key) + " is missing or not " + wanted.str()});
  }

  const json::Object &object;
  std::string place, name;
  ntrt::DiagnosticList &misfits;
};

} // namespace

/// Parses `text` and reads its fields into a value of type T.
template <typename T, typename Read>
static ntrt::Result<T> parseObject(const std::string &text,
                                   const std::string &place, Read read) {
  llvm::Expected<json::Value> parsed = json::parse(text);
  if (!parsed)
    return ntrt::Diagnostic{ntrt::Diag::FileTruncated, place,
                            llvm::toString(parsed.takeError())};
  const json::Object *object = parsed->getAsObject();
  if (!object)
    return ntrt::Diagnostic{ntrt::Diag::FileTruncated, place,
                            "not a JSON object"};
  ntrt::DiagnosticList misfits;
  Fields fields(*object, place, "", misfits);
  T value;
  read(fields, value);
  if (!misfits.empty())
    return misfits;
  return value;
}

ntrt::Result<Manifest> nt::report::parseManifest(const std::string &text,
                                                 const std::string &place) {
  return parseObject<Manifest>(text, place, [](Fields &top, Manifest &value) {
    value.model = top.text("model");
    value.device = top.text("device");
    if (std::string data = top.optionalText("data"); !data.empty())
      value.data["source"] = data;
    top.objects("tasks", [&](Fields &task) {
      value.data[task.text("name")] = task.text("data");
      if (std::string curves = task.optionalText("curves"); !curves.empty())
        value.curves.push_back(curves);
    });
    top.objects("stages", [&](Fields &stage) {
      value.stages.push_back({stage.text("name"), stage.optionalText("file"),
                              stage.number("seconds")});
    });
    value.overlays = top.optionalTexts("overlays");
  });
}

static VerifiedTask readTask(Fields &fields) {
  VerifiedTask task;
  task.name = fields.text("name");
  task.data = fields.optionalText("data");
  fields.objects("accuracy", [&](Fields &row) {
    StageAccuracy accuracy;
    accuracy.stage = row.text("stage");
    accuracy.percent = row.number("percent");
    accuracy.images = static_cast<int64_t>(row.number("images"));
    accuracy.seconds = row.number("seconds");
    task.accuracy.push_back(accuracy);
  });
  fields.optionalObject("chip", [&](Fields &chip) {
    ChipMeans means;
    means.energy_J = chip.number("energy_J_per_image");
    means.time_s = chip.number("time_s_per_image");
    means.spikes = chip.number("spikes_per_image");
    means.synapticEvents = chip.number("synaptic_events_per_image");
    task.chip = means;
  });
  return task;
}

ntrt::Result<Verification>
nt::report::parseVerification(const std::string &text,
                              const std::string &place) {
  return parseObject<Verification>(
      text, place, [](Fields &top, Verification &value) {
        value.passed = top.flag("passed");
        top.objects("agreement", [&](Fields &row) {
          Agreement agreement;
          agreement.level = row.text("level");
          agreement.judge = row.text("judge");
          agreement.figure = row.text("figure");
          agreement.tolerance = row.text("tolerance");
          agreement.passed = row.flag("passed");
          agreement.notes = row.optionalTexts("notes");
          value.agreement.push_back(agreement);
        });
        top.objects("tasks", [&](Fields &task) {
          value.tasks.push_back(readTask(task));
        });
        top.optionalObject("baselines", [&](Fields &baselines) {
          for (const std::string &name : baselines.keys())
            value.baselines.emplace_back(name, baselines.number(name));
        });
      });
}

ntrt::Result<LearningCurve>
nt::report::parseLearningCurve(const std::string &text,
                               const std::string &place) {
  return parseObject<LearningCurve>(
      text, place, [](Fields &top, LearningCurve &value) {
        value.task = top.text("task");
        value.data = top.text("data");
        value.options = top.text("options");
        value.trainedValues =
            static_cast<int64_t>(top.number("trained_values"));
        value.bestEpoch = static_cast<int64_t>(top.number("best_epoch"));
        value.seconds = top.number("seconds");
        value.testAccuracy = top.numberOrNull("test_accuracy");
        top.objects("epochs", [&](Fields &epoch) {
          value.epochs.push_back({epoch.number("loss"),
                                  epoch.number("accuracy"),
                                  epoch.numberOrNull("validation_loss"),
                                  epoch.numberOrNull("validation_accuracy"),
                                  epoch.number("learning_rate")});
        });
      });
}

ntrt::Result<std::vector<TaskLedger>>
nt::report::parseLedger(const std::string &text, const std::string &place) {
  return parseObject<std::vector<TaskLedger>>(
      text, place, [](Fields &top, std::vector<TaskLedger> &value) {
        top.objects("tasks", [&](Fields &task) {
          TaskLedger ledger;
          ledger.task = task.text("task");
          ledger.fixFirst = task.text("fix_first");
          ledger.images = static_cast<int64_t>(task.number("images"));
          task.objects("rows", [&](Fields &row) {
            ledger.lines.push_back(
                {row.optionalText("layer"), row.text("effect"),
                 row.number("error_added"), row.number("points_lost")});
          });
          value.push_back(std::move(ledger));
        });
      });
}
