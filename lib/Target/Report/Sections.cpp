//===- Sections.cpp - What verification and compilation found -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Sections.h"

#include "nt/Target/Report/Charts.h"
#include "nt/Target/Report/Cosim.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

#include <algorithm>

using namespace nt::report;
using llvm::formatv;

std::string nt::report::badge(const ModelReport &model) {
  if (!model.verification)
    return "<span class=\"badge unknown\">NOT VERIFIED</span>";
  return model.verification->passed
             ? "<span class=\"badge pass\">PASSED</span>"
             : "<span class=\"badge fail\">FAILED</span>";
}

std::string nt::report::nameOf(const ModelReport &model) {
  // Exporters call every graph "main", so the folder tells models apart.
  llvm::SmallString<128> folder(model.folder);
  llvm::sys::path::remove_dots(folder, /*remove_dot_dot=*/true);
  while (folder.size() > 1 && llvm::sys::path::is_separator(folder.back()))
    folder.pop_back();
  llvm::StringRef name = llvm::sys::path::filename(folder);
  if (name.empty() || name == "." || name == ".." || name == "/")
    name = llvm::sys::path::stem(model.manifest.model);
  return name.str();
}

const VerifiedTask *nt::report::mainTask(const ModelReport &model) {
  if (!model.verification || model.verification->tasks.empty())
    return nullptr;
  for (const VerifiedTask &task : model.verification->tasks)
    if (task.name != "source")
      return &task;
  return &model.verification->tasks.front();
}

const StageAccuracy *nt::report::finalAccuracy(const VerifiedTask *task) {
  return task && !task->accuracy.empty() ? &task->accuracy.back() : nullptr;
}

static void tile(llvm::raw_ostream &out, const std::string &value,
                 const std::string &label) {
  out << formatv("<div class=\"tile\"><b>{0}</b><span>{1}</span></div>",
                 escape(value), escape(label));
}

void nt::report::writeHeadline(llvm::raw_ostream &out,
                               const ModelReport &model) {
  out << formatv("<h2>{0} <small>on {1}</small> {2}</h2>\n",
                 escape(nameOf(model)), escape(model.manifest.device),
                 badge(model))
      << formatv("<p class=\"note\">{0}{1}, compiled into {2}</p>\n",
                 escape(model.manifest.model),
                 model.program ? " (graph " + escape(model.program->name) + ")"
                               : "",
                 escape(model.folder))
      << "<div class=\"tiles\">";
  const VerifiedTask *task = mainTask(model);
  if (const StageAccuracy *accuracy = finalAccuracy(task))
    tile(out, formatv("{0:f2} %", accuracy->percent).str(),
         formatv("accuracy of @{0}, {1}, {2} images", task->name,
                 accuracy->stage, grouped(uint64_t(accuracy->images)))
             .str());
  if (task && task->chip) {
    tile(out, siUnit(task->chip->energy_J, "J"),
         "energy an image, by the device's figures (sources below)");
    tile(out, siUnit(task->chip->time_s, "s"), "an image, on the chip");
  }
  if (model.program && model.device)
    tile(out,
         formatv("{0} of {1}", model.program->cores.size(),
                 model.device->cores())
             .str(),
         formatv("cores of {0} axons, {1} neurons", model.device->coreAxons,
                 model.device->coreNeurons)
             .str());
  if (model.verification) {
    const auto &rows = model.verification->agreement;
    tile(out,
         formatv("{0} of {1}",
                 std::count_if(rows.begin(), rows.end(),
                               [](const Agreement &row) { return row.passed; }),
                 rows.size())
             .str(),
         "checks hold");
  }
  out << "</div>\n";
}

void nt::report::writeMissing(llvm::raw_ostream &out,
                              const ModelReport &model) {
  if (model.missing.empty())
    return;
  out << "<div class=\"missing\"><h3>Not in this report</h3><ul>";
  for (const std::string &what : model.missing)
    out << "<li>" << escape(what) << "</li>";
  out << "</ul></div>\n";
}

void nt::report::writeChain(llvm::raw_ostream &out, const ModelReport &model) {
  out << "<h3>The chain</h3>\n<div class=\"chain\">"
         "<div class=\"end\"><b>ONNX</b></div>";
  double slowest = 1e-9, total = 0;
  for (const StageTime &stage : model.manifest.stages) {
    slowest = std::max(slowest, stage.seconds);
    total += stage.seconds;
  }
  for (const StageTime &stage : model.manifest.stages)
    out << formatv("<i>→</i><div title=\"{0}\"><b>{1}</b><span>{2}</span>"
                   "<em style=\"width:{3:f1}%\"></em></div>",
                   escape(stage.file), escape(stage.name),
                   siUnit(stage.seconds, "s"),
                   100 * std::max(stage.seconds, 0.0) / slowest);
  if (model.program)
    out << formatv("<i>→</i><div class=\"end\"><b>.ntb</b><span>{0} B</span>"
                   "</div>",
                   grouped(model.programBytes));
  for (const TaskReport &task : model.tasks)
    out << formatv("<i>+</i><div class=\"end\"><b>{0}.ntm</b><span>{1} B"
                   "</span></div>",
                   escape(task.overlay.name), grouped(task.bytes));
  out << formatv("</div><p class=\"note\">Compiled in {0}; bars compare the "
                 "stages' times.</p>\n",
                 siUnit(total, "s"));
}

void nt::report::writeAgreement(llvm::raw_ostream &out,
                                const ModelReport &model) {
  if (!model.verification)
    return;
  out << "<h3>What agrees with what</h3>\n<table class=\"agreement\"><thead>"
         "<tr><th></th><th>level</th><th>judged by</th><th>found</th>"
         "<th>tolerance</th></tr></thead><tbody>";
  for (const Agreement &row : model.verification->agreement) {
    out << formatv("<tr class=\"{0}\"><td>{1}</td><td>{2}",
                   row.passed ? "ok" : "bad", row.passed ? "ok" : "FAILED",
                   escape(row.level));
    if (row.notes.size() == 1)
      out << "<div class=\"note\">" << escape(row.notes.front()) << "</div>";
    if (row.notes.size() > 1) {
      out << formatv("<details><summary>{0} notes</summary><ul>",
                     row.notes.size());
      for (const std::string &note : row.notes)
        out << "<li>" << escape(note) << "</li>";
      out << "</ul></details>";
    }
    out << formatv("</td><td>{0}</td><td>{1}</td><td>{2}</td></tr>\n",
                   escape(row.judge), escape(row.figure),
                   escape(row.tolerance));
  }
  out << "</tbody></table>\n";
}

void nt::report::writeLedger(llvm::raw_ostream &out, const ModelReport &model) {
  for (const TaskLedger &ledger : model.ledgers) {
    out << formatv("<h3>Where @{0} loses accuracy</h3>\n<p>{1}</p>\n",
                   escape(ledger.task), escape(ledger.fixFirst));
    std::vector<std::string> effects, layers;
    for (const LedgerLine &line : ledger.lines) {
      if (!llvm::is_contained(effects, line.effect))
        effects.push_back(line.effect);
      if (!llvm::is_contained(layers, line.layer))
        layers.push_back(line.layer);
    }
    out << "<table class=\"ledger\"><thead><tr><th>layer</th>";
    for (const std::string &effect : effects)
      out << "<th>" << escape(effect) << "</th>";
    out << "</tr></thead><tbody>\n";
    for (const std::string &layer : layers) {
      out << "<tr><td>" << (layer.empty() ? "all layers" : escape(layer))
          << "</td>";
      for (const std::string &effect : effects)
        for (const LedgerLine &line : ledger.lines)
          if (line.layer == layer && line.effect == effect)
            out << formatv("<td>{0:f2} % ({1:f2})</td>", 100 * line.errorAdded,
                           line.pointsLost);
      out << "</tr>\n";
    }
    out << formatv("</tbody></table>\n<p class=\"note\">Each effect alone: the "
                   "error it adds to the scores, and the points of accuracy it "
                   "costs on {0} images (ntc ledger).</p>\n",
                   ledger.images);
  }
}

void nt::report::writeAccuracy(llvm::raw_ostream &out,
                               const ModelReport &model) {
  if (!model.verification)
    return;
  out << "<h3>Accuracy, stage by stage</h3>\n";
  for (const VerifiedTask &task : model.verification->tasks) {
    std::vector<Bar> bars;
    for (const StageAccuracy &row : task.accuracy)
      bars.push_back({row.stage, formatv("{0:f2} %", row.percent).str(),
                      row.percent,
                      row.stage == "untouched" ? "fill-base" : "fill-0"});
    // Baselines are measured on the new task only.
    if (task.name != "source")
      for (const auto &[name, percent] : model.verification->baselines)
        bars.push_back({"baseline: " + name, formatv("{0:f2} %", percent).str(),
                        percent, "fill-base"});
    out << formatv("<h4>@{0} <small>{1}</small></h4>\n", escape(task.name),
                   escape(task.data))
        << barChart(bars, 100, "accuracy of " + task.name);
  }
  if (model.verification->baselines.empty())
    out << "<p class=\"note\">verify.json holds no baselines: ntc verify "
           "--baselines adds them.</p>\n";
}

/// One figure over the epochs, and that of held-out samples where there are
/// any.
static std::string learningPlot(const LearningCurve &curve,
                                const std::string &name, llvm::StringRef unit,
                                double factor, double EpochPoint::*trained,
                                std::optional<double> EpochPoint::*heldOut) {
  std::vector<PlotSeries> series = {{name, "stroke-0", {}, {}},
                                    {name + ", held out", "stroke-1", {}, {}}};
  for (size_t i = 0; i < curve.epochs.size(); ++i) {
    auto add = [&](PlotSeries &line, double value) {
      line.x.push_back(double(i + 1));
      line.y.push_back(factor * value);
    };
    add(series[0], curve.epochs[i].*trained);
    if (const std::optional<double> &value = curve.epochs[i].*heldOut)
      add(series[1], *value);
  }
  if (series[1].x.empty())
    series.pop_back();
  // One epoch has no line.
  for (PlotSeries &line : series)
    line.dots = line.x.size() == 1;
  return linePlot(series, "epoch", unit,
                  name + " of @" + curve.task + " by epoch");
}

void nt::report::writeLearning(llvm::raw_ostream &out,
                               const ModelReport &model) {
  if (model.curves.empty())
    return;
  out << "<h3>Learning curves</h3>\n";
  for (const LearningCurve &curve : model.curves) {
    out << formatv("<h4>@{0} <small>{1} values trained in {2}, the values of "
                   "epoch {3} stand</small></h4>\n",
                   escape(curve.task),
                   grouped(static_cast<uint64_t>(curve.trainedValues)),
                   siUnit(curve.seconds, "s"), curve.bestEpoch);
    if (!curve.epochs.empty())
      out << learningPlot(curve, "accuracy", "%", 100, &EpochPoint::accuracy,
                          &EpochPoint::validationAccuracy)
          << learningPlot(curve, "loss", "nats", 1, &EpochPoint::loss,
                          &EpochPoint::validationLoss);
    out << formatv("<details class=\"note\"><summary>{0}</summary>{1}"
                   "</details>\n",
                   escape(curve.data), escape(curve.options));
  }
}

void nt::report::writeSizes(llvm::raw_ostream &out, const ModelReport &model) {
  if (!model.program)
    return;
  std::vector<Bar> bars = {{"model.ntb (frozen)",
                            grouped(model.programBytes) + " B",
                            double(model.programBytes), "fill-7"}};
  size_t largest = 0;
  for (const TaskReport &task : model.tasks) {
    bars.push_back({task.overlay.name + ".ntm (task)",
                    grouped(task.bytes) + " B", double(task.bytes), "fill-1"});
    largest = std::max(largest, task.bytes);
  }
  out << "<h3>Sizes: what a new task costs</h3>\n"
      << barChart(bars, double(model.programBytes), "sizes in bytes");
  if (largest > 0)
    out << formatv("<p class=\"note\">Retargeting the chip loads at most {0} B "
                   "and writes no weight: {1:f1} % of what the frozen network "
                   "takes.</p>\n",
                   grouped(largest), 100.0 * largest / model.programBytes);
}
