//===- Page.cpp - The page around the sections ----------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/Report/Report.h"

#include "Sections.h"

#include "nt/Target/Report/Charts.h"

#include "llvm/Support/FormatVariadic.h"

using namespace nt::report;
using llvm::formatv;

/// No '<' or '&' in it: the page is XML too.
static const char *const kStyle = R"css(
:root { color-scheme: light dark; --paper: #f6f7f9; --card: #ffffff;
  --ink: #1c2430; --soft: #5d6878; --line: #dde2e9; --cell: #eceff3;
  --good: #1a7f4b; --goodback: #e7f5ed; --bad: #b3261e; --badback: #fdeceb;
  --warn: #8a5a00; --warnback: #fff3da;
  --c0: #2a6fbb; --c1: #d2691e; --c2: #2e8b57; --c3: #8e4ec6; --c4: #b58900;
  --c5: #c2385f; --c6: #0f8b8d; --c7: #66758a; --base: #a9b4c2; }
@media (prefers-color-scheme: dark) { :root { --paper: #12161c; --card: #1a2029;
  --ink: #e6eaf0; --soft: #9aa6b6; --line: #2d3642; --cell: #252d38;
  --good: #5fd39a; --goodback: #16301f; --bad: #ff8a80; --badback: #3a1a1a;
  --warn: #f0c060; --warnback: #372a10;
  --c0: #6aaaf0; --c1: #f0955a; --c2: #5fc48d; --c3: #bd8df0; --c4: #d9b84a;
  --c5: #f07a9c; --c6: #4cc4c6; --c7: #9aa9bd; --base: #566273; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 60px; }
h1 { font-size: 28px; margin: 8px 0 4px; } h2 { font-size: 22px; margin: 0 0 4px; }
h3 { font-size: 16px; margin: 30px 0 10px; padding-top: 16px;
  border-top: 1px solid var(--line); }
h4 { font-size: 14px; margin: 14px 0 6px; }
small { color: var(--soft); font-weight: normal; font-size: 13px; }
section { background: var(--card); border: 1px solid var(--line);
  border-radius: 10px; padding: 22px 24px; margin: 22px 0; }
.note { color: var(--soft); font-size: 13px; margin: 6px 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13.5px; width: 100%; }
th { text-align: left; color: var(--soft); font-weight: 600; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
td { font-variant-numeric: tabular-nums; }
a { color: var(--c0); }
.agreement td:nth-child(2), .agreement th:nth-child(2) { padding-left: 8px;
  width: 27%; }
.agreement td:nth-child(3) { width: 17%; } .agreement td:nth-child(5) { width: 13%; }
.figures td, .figures th { white-space: nowrap; overflow-wrap: normal; }
.figures td:first-child { font-weight: 700; padding-left: 8px; }
.energy { margin-top: 8px; }
.energy td:not(:last-child), .energy th { white-space: nowrap; overflow-wrap: normal;
  padding-right: 18px; }
.agreement td:first-child { font-weight: 700; padding-left: 8px; white-space: nowrap; }
tr.ok td:first-child { color: var(--good); background: var(--goodback); }
tr.bad td { background: var(--badback); } tr.bad td:first-child, p.bad { color: var(--bad); }
.badge { display: inline-block; font-size: 11.5px; font-weight: 700;
  letter-spacing: .04em; padding: 2px 8px; border-radius: 9px; vertical-align: middle; }
.pass { color: var(--good); background: var(--goodback); }
.fail { color: var(--bad); background: var(--badback); }
.assumed, .unknown { color: var(--warn); background: var(--warnback); }
.missing { border-left: 4px solid var(--warn); background: var(--warnback);
  padding: 8px 14px; margin: 14px 0; border-radius: 4px; font-size: 13.5px; }
.missing h3 { border: 0; padding: 0; margin: 0; color: var(--warn); }
.missing ul { margin: 4px 0; padding-left: 20px; overflow-wrap: anywhere; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 14px 0; }
.tile { background: var(--paper); border-radius: 8px; padding: 10px 14px;
  flex: 1 1 150px; }
.tile b { display: block; font-size: 22px; } .tile span { color: var(--soft);
  font-size: 12.5px; line-height: 1.3; display: block; }
.chain { display: flex; flex-wrap: wrap; align-items: stretch; gap: 6px; }
.chain i { align-self: center; color: var(--soft); font-style: normal; }
.chain div { border: 1px solid var(--line); border-radius: 7px; font-size: 13px;
  padding: 6px 10px; min-width: 74px; position: relative; overflow: hidden; }
.chain div.end { background: var(--paper); }
.chain b, .chain span { display: block; line-height: 1.35; }
.chain span { color: var(--soft); font-size: 12px; }
.chain em { position: absolute; left: 0; bottom: 0; height: 3px; background: var(--c0); }
.side { display: flex; flex-wrap: wrap; gap: 26px; align-items: flex-start; }
.side > * { flex: 0 1 auto; } .side > div { flex: 1 1 380px; }
.multiples { display: flex; flex-wrap: wrap; gap: 18px 30px; }
figure { margin: 0; max-width: 260px; } figcaption { font-size: 13px; overflow-wrap: anywhere; }
figure ul { margin: 4px 0 0; padding-left: 16px; font-size: 12px; color: var(--soft); }
svg { display: block; max-width: 100%; height: auto; }
svg.raster { margin: 12px 0; } svg.picture { border-radius: 6px; }
svg.key { display: inline-block; width: 11px; height: 11px; margin-right: 6px; }
svg text { fill: var(--ink); font-size: 12.5px; }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .small { font-size: 9.5px; fill: var(--soft); } svg .value { font-weight: 600; }
.axis { stroke: var(--soft); stroke-width: 1; fill: none; } .cell { fill: var(--cell); }
.core { opacity: .28; } .core, .used, .cell { rx: 2px; }
.floorplan g:hover .core { opacity: .6; } .floorplan text { fill: var(--ink); }
.raster path { stroke-width: 1.5; fill: none; }
.fill-0 { fill: var(--c0); } .stroke-0 { stroke: var(--c0); }
.fill-1 { fill: var(--c1); } .stroke-1 { stroke: var(--c1); }
.fill-2 { fill: var(--c2); } .stroke-2 { stroke: var(--c2); }
.fill-3 { fill: var(--c3); } .stroke-3 { stroke: var(--c3); }
.fill-4 { fill: var(--c4); } .stroke-4 { stroke: var(--c4); }
.fill-5 { fill: var(--c5); } .stroke-5 { stroke: var(--c5); }
.fill-6 { fill: var(--c6); } .stroke-6 { stroke: var(--c6); }
.fill-7 { fill: var(--c7); } .stroke-7 { stroke: var(--c7); }
.fill-base { fill: var(--base); } .stroke-base { stroke: var(--soft); }
@media print { section { break-inside: auto; border: 0; } }
)css";

llvm::StringRef nt::report::pageStyle() { return kStyle; }

/// One row a model, linked to its section.
static void writeSummary(llvm::raw_ostream &out, const Report &report) {
  out << "<section><div class=\"scroll\"><table><thead><tr><th>model</th>"
         "<th>device</th><th></th><th>new task</th><th>accuracy on the "
         "chip</th><th>energy an image</th><th>cores</th><th>.ntb</th>"
         "<th>.ntm</th></tr></thead><tbody>";
  for (size_t i = 0; i < report.models.size(); ++i) {
    const ModelReport &model = report.models[i];
    const VerifiedTask *task = mainTask(model);
    const StageAccuracy *accuracy = finalAccuracy(task);
    size_t overlay = 0;
    for (const TaskReport &entry : model.tasks)
      if (!task || entry.overlay.name == task->name)
        overlay = entry.bytes;
    out << formatv(
        "<tr><td><a href=\"#model{0}\">{1}</a></td><td>{2}</td><td>{3}</td>"
        "<td>{4}</td><td>{5}</td><td>{6}</td><td>{7}</td><td>{8}</td>"
        "<td>{9}</td></tr>",
        i, escape(nameOf(model)), escape(model.manifest.device), badge(model),
        task ? "@" + escape(task->name) : "–",
        accuracy ? formatv("{0:f2} %", accuracy->percent).str() : "–",
        task && task->chip ? siUnit(task->chip->energy_J, "J") : "–",
        model.program ? grouped(model.program->cores.size()) : "–",
        model.program ? grouped(model.programBytes) + " B" : "–",
        overlay ? grouped(overlay) + " B" : "–");
  }
  out << "</tbody></table></div>";
  for (const std::string &folder : report.skipped)
    out << formatv("<p class=\"note\">Left out: {0} has no manifest.json.</p>",
                   escape(folder));
  out << "</section>\n";
}

std::string nt::report::renderPage(const Report &report) {
  std::string page;
  llvm::raw_string_ostream out(page);
  out << "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" "
         "lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\"/>"
      << formatv("<title>NT report: {0}</title><style>{1}</style></head>\n",
                 escape(report.directory), kStyle)
      << formatv("<body><main><h1>NT report</h1><p class=\"note\">{0}: from "
                 "ONNX models to a neuromorphic analog chip. All figures come "
                 "from the folder's files, and from simulating its "
                 "bitstreams.</p>\n",
                 escape(report.directory));
  writeSummary(out, report);
  for (size_t i = 0; i < report.models.size(); ++i) {
    const ModelReport &model = report.models[i];
    out << formatv("<section id=\"model{0}\">\n", i);
    writeHeadline(out, model);
    writeMissing(out, model);
    writeChain(out, model);
    writeAgreement(out, model);
    writeAccuracy(out, model);
    writeLearning(out, model);
    writeLedger(out, model);
    writeSizes(out, model);
    writeEnergy(out, model);
    writeSpikes(out, model);
    writeFloorplan(out, model);
    writeModulation(out, model);
    writeWeights(out, model);
    out << "</section>\n";
  }
  out << "</main></body></html>\n";
  return page;
}
