//===- ReportTest.cpp - Tests of the report and its data ------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "TestFolder.h"

#include "nt/Target/Report/Report.h"

#include "llvm/ADT/StringRef.h"

using namespace nt::report;
using namespace nt::report::test;

namespace {

/// The first tag that is not closed in order, or "" if the page is balanced.
std::string unbalancedTag(llvm::StringRef page) {
  std::vector<std::string> open;
  for (size_t at = page.find('<'); at != llvm::StringRef::npos;
       at = page.find('<', at)) {
    const size_t end = page.find('>', at);
    if (end == llvm::StringRef::npos)
      return "unfinished tag";
    llvm::StringRef tag = page.slice(at + 1, end);
    at = end;
    if (tag.starts_with("!") || tag.ends_with("/"))
      continue;
    if (!tag.consume_front("/")) {
      open.push_back(tag.take_until([](char c) { return c == ' '; }).str());
      continue;
    }
    if (open.empty() || open.back() != tag)
      return tag.str();
    open.pop_back();
  }
  return open.empty() ? "" : open.back();
}

std::string render(const Folder &folder) {
  ntrt::Result<Report> report = readReport(folder.path());
  EXPECT_TRUE(bool(report)) << ntrt::toString(report.diagnostics());
  return report ? renderPage(*report) : "";
}

bool has(const std::string &text, const std::string &piece) {
  return text.find(piece) != std::string::npos;
}

std::string misfits(const Folder &folder) {
  ntrt::Result<Report> report = readReport(folder.path());
  return report ? "" : ntrt::toString(report.diagnostics());
}

} // namespace

TEST(ReportPage, ShowsEverySectionOfAWholeFolder) {
  Folder folder;
  fill(folder);
  const std::string page = render(folder);
  for (const char *title :
       {"The chain", "What agrees with what", "Accuracy, stage by stage",
        "Sizes: what a new task costs", "Energy", "Floorplan", "Modulation",
        "Frozen weights", "One image of @target, spike by spike"})
    EXPECT_TRUE(has(page, std::string("<h3>") + title)) << title;
  EXPECT_TRUE(has(page, "PASSED"));
  EXPECT_TRUE(has(page, "50.00 %"));
  EXPECT_TRUE(has(page, "baseline: head_only"));
  EXPECT_TRUE(has(page, "3 of 4"));
}

TEST(ReportPage, TagsAreBalancedAndTextIsEscaped) {
  Folder folder;
  fill(folder);
  const std::string page = render(folder);
  EXPECT_EQ(unbalancedTag(page), "");
  EXPECT_TRUE(has(page, "/fc1/Gemm &lt;&amp;&quot;&gt;"));
  EXPECT_TRUE(has(page, "image 4 &amp; neuron 7"));
  EXPECT_FALSE(has(page, "<simulator>"));
}

TEST(ReportPage, FetchesAndRunsNothing) {
  Folder folder;
  fill(folder);
  std::string page = render(folder);
  for (const char *piece : {"<script", "<link", "<iframe", " src=", "url(",
                            "@import", "https://", " onclick"})
    EXPECT_FALSE(has(page, piece)) << piece;
  // Names of namespaces are not fetched.
  EXPECT_EQ(count(page, "http://"), count(page, "xmlns=\"http://www.w3.org/"));
}

TEST(ReportPage, SameFolderGivesTheSamePage) {
  Folder folder;
  fill(folder);
  EXPECT_EQ(render(folder), render(folder));
}

TEST(ReportPage, FailedRowsAndModelsAreMarked) {
  Folder folder;
  fill(folder, "", false);
  const std::string page = render(folder);
  EXPECT_EQ(count(page, "<tr class=\"bad\"><td>FAILED</td>"), 1u);
  EXPECT_EQ(count(page, "<tr class=\"ok\"><td>ok</td>"), 1u);
  EXPECT_TRUE(has(page, "class=\"badge fail\""));
  EXPECT_FALSE(has(page, "class=\"badge pass\""));
}

TEST(ReportPage, UnverifiedFolderSaysSo) {
  Folder folder;
  fill(folder);
  folder.remove("verify.json");
  const std::string page = render(folder);
  EXPECT_TRUE(has(page, "NOT VERIFIED"));
  EXPECT_TRUE(has(page, "the folder has no verify.json"));
  EXPECT_FALSE(has(page, "What agrees with what"));
  EXPECT_EQ(unbalancedTag(page), "");
}

TEST(ReportPage, StoppedCompilationNamesWhatIsMissing) {
  Folder folder;
  fill(folder);
  folder.remove("model.ntb");
  const std::string page = render(folder);
  EXPECT_TRUE(has(page, "Not in this report"));
  EXPECT_TRUE(has(page, "floorplan, weights, modulation and spikes: the folder "
                        "has no model.ntb"));
  EXPECT_FALSE(has(page, "<h3>Floorplan"));
  EXPECT_TRUE(has(page, "What agrees with what"));
}

TEST(ReportPage, MissingDataAndOverlaysAreNamed) {
  Folder folder;
  fill(folder);
  folder.remove("data.npz");
  folder.remove("source.ntm");
  const std::string page = render(folder);
  EXPECT_TRUE(has(page, "spike raster of @target: "));
  EXPECT_TRUE(has(page, "modulation and spikes of @source: the folder has no "
                        "source.ntm"));
  EXPECT_TRUE(has(page, "<h3>Floorplan"));
  EXPECT_FALSE(has(page, "spike by spike"));
}

TEST(ReportPage, DataOfAnotherShapeIsNamed) {
  Folder folder;
  fill(folder);
  ntrt::NpyArray x{{1, 3}, {0, 0, 1}, "<f4"}, y{{1}, {0}, "<i8"};
  ASSERT_TRUE(
      bool(ntrt::writeNpz(folder.path("data.npz"), {{"x", x}, {"y", y}})));
  EXPECT_TRUE(
      has(render(folder), "has samples of 3 values, the chip has 16 inputs"));
}

TEST(ReportEnergy, AssumedFiguresAreMarked) {
  Folder folder;
  fill(folder);
  const std::string page = render(folder);
  EXPECT_TRUE(has(page, "<span class=\"badge assumed\">assumed</span>"));
  EXPECT_TRUE(has(page, "share/nt/devices/nt1-tiny.json"));
}

TEST(ReportEnergy, ADeviceWithoutAFileHasNoSources) {
  ntrt::DeviceModel device = tinyDevice();
  device.name = "no-such-device";
  const DeviceSources sources = findSources(device);
  EXPECT_EQ(sources.of("energy.per_spike"),
            "source not available: no file of a device named no-such-device "
            "was found");
}

TEST(ReportEnergy, AChangedDeviceDoesNotBorrowSources) {
  ntrt::DeviceModel device = tinyDevice();
  EXPECT_FALSE(
      has(findSources(device).of("energy.per_spike"), "source not available"));
  ++device.hash;
  EXPECT_TRUE(has(findSources(device).of("energy.per_spike"),
                  "describes another device"));
}

TEST(ReportEnergy, PartsThatExceedTheTotalAreReported) {
  Folder folder;
  fill(folder);
  EXPECT_FALSE(has(render(folder), "verified with another device"));
  folder.write("verify.json",
               testVerification(folder.path("data.npz"), true, 1e-12));
  EXPECT_TRUE(has(render(folder), "verified with another device"));
}

TEST(ReportSpikes, RunIsTheSimulatorsOnTheFirstImage) {
  Folder folder;
  fill(folder);
  ntrt::Result<Report> report = readReport(folder.path());
  ASSERT_TRUE(bool(report));
  const ModelReport &model = report->models.front();
  ASSERT_EQ(model.tasks.size(), 2u);
  // Nothing says which data @source was verified with.
  EXPECT_FALSE(model.tasks[0].run);
  ASSERT_TRUE(model.tasks[1].run);
  const ImageRun &run = *model.tasks[1].run;
  EXPECT_EQ(run.label, 1u);
  auto simulator = ntrt::Simulator::create(
      *model.program, model.tasks[1].overlay, *model.device);
  ASSERT_TRUE(bool(simulator));
  auto result = simulator->run(run.values.data(), run.values.size());
  ASSERT_TRUE(bool(result));
  EXPECT_EQ(run.result.scores, result->scores);
  EXPECT_EQ(run.result.spikes, result->spikes);
  EXPECT_FALSE(run.result.events.empty());
}

TEST(ReportFolders, SubfoldersAreSectionsByName) {
  Folder folder("mlp");
  fill(folder, "mlp");
  std::filesystem::create_directories(folder.path("cnn"));
  fill(folder, "cnn");
  std::filesystem::create_directories(folder.path("notes"));
  ntrt::Result<Report> report = readReport(folder.path());
  ASSERT_TRUE(bool(report));
  ASSERT_EQ(report->models.size(), 2u);
  EXPECT_EQ(report->models[0].folder, folder.path("cnn"));
  EXPECT_EQ(report->models[1].folder, folder.path("mlp"));
  const std::string page = renderPage(*report);
  EXPECT_EQ(count(page, "<section id=\"model"), 2u);
  EXPECT_TRUE(has(page, "<h2>cnn <small>"));
  EXPECT_TRUE(has(page, "(graph fixture)"));
  EXPECT_TRUE(has(page, "Left out: " + folder.path("notes")));
}

TEST(ReportFolders, MissingFolderAndMissingManifestAreErrors) {
  Folder folder;
  EXPECT_TRUE(has(misfits(folder), "NT-FILE-001"));
  EXPECT_TRUE(has(misfits(folder), "manifest.json"));
  ntrt::Result<Report> report = readReport(folder.path("absent"));
  ASSERT_FALSE(bool(report));
  EXPECT_EQ(report.diagnostics().front().diag, ntrt::Diag::FileMissing);
}

TEST(ReportFolders, DamagedFilesOfAllFoldersAreReportedTogether) {
  Folder folder("a");
  fill(folder, "a");
  std::filesystem::create_directories(folder.path("b"));
  fill(folder, "b");
  folder.write("a/verify.json", std::string("{\"passed\": tr"));
  folder.write("b/model.ntb", std::string("NTB"));
  const std::string found = misfits(folder);
  EXPECT_TRUE(has(found, folder.path("a/verify.json") + ": error: [NT-FILE-"))
      << found;
  EXPECT_TRUE(has(found, folder.path("b/model.ntb") + ": error: [NT-BIT-"))
      << found;
}

TEST(ReportJson, MistypedFieldsAreNamedAllAtOnce) {
  auto parsed = parseVerification(
      R"({"passed": 1, "agreement": [{"level": "x", "judge": "y",
          "figure": 3, "tolerance": "z", "passed": true}], "tasks": {}})",
      "verify.json");
  ASSERT_FALSE(bool(parsed));
  const std::string found = ntrt::toString(parsed.diagnostics());
  EXPECT_EQ(parsed.diagnostics().size(), 3u) << found;
  EXPECT_TRUE(has(found, "passed is missing or not true or false"));
  EXPECT_TRUE(has(found, "agreement[0].figure is missing or not a string"));
  EXPECT_TRUE(has(found, "tasks is missing or not an array"));
}

TEST(ReportJson, ManifestGivesStagesOverlaysAndData) {
  auto parsed = parseManifest(
      R"({"model": "m.onnx", "device": "d", "data": "calibration.npz",
          "tasks": [{"name": "t", "data": "train.npz"}],
          "stages": [{"name": "import", "file": "f", "seconds": 1.5}],
          "overlays": ["source", "t"]})",
      "manifest.json");
  ASSERT_TRUE(bool(parsed));
  EXPECT_EQ(parsed->stages.front().seconds, 1.5);
  EXPECT_EQ(parsed->data.at("source"), "calibration.npz");
  EXPECT_EQ(parsed->data.at("t"), "train.npz");
  EXPECT_EQ(parsed->overlays, (std::vector<std::string>{"source", "t"}));
  EXPECT_FALSE(bool(parseManifest("[]", "manifest.json")));
}

TEST(ReportJson, LearningCurvesMayLackWhatWasNotMeasured) {
  auto parsed = parseLearningCurve(
      R"({"task": "t", "data": "d.npz", "options": "o", "trained_values": 7,
          "best_epoch": 2, "seconds": 1.5, "test_accuracy": null,
          "epochs": [{"loss": 2, "accuracy": 0.5, "validation_loss": null,
                      "validation_accuracy": 0.25, "learning_rate": 0.1}]})",
      "t.curves.json");
  ASSERT_TRUE(bool(parsed)) << ntrt::toString(parsed.diagnostics());
  EXPECT_EQ(parsed->trainedValues, 7);
  EXPECT_FALSE(parsed->testAccuracy);
  ASSERT_EQ(parsed->epochs.size(), 1u);
  EXPECT_FALSE(parsed->epochs[0].validationLoss);
  EXPECT_EQ(parsed->epochs[0].validationAccuracy, 0.25);
  auto damaged = parseLearningCurve(
      R"({"task": "t", "epochs": [{"loss": "x"}]})", "t.curves.json");
  ASSERT_FALSE(bool(damaged));
  // Every field that is missing or mistyped, by name.
  EXPECT_EQ(damaged.diagnostics().size(), 11u)
      << ntrt::toString(damaged.diagnostics());
}

TEST(ReportJson, SaysWhatThePageSays) {
  Folder folder;
  folder.write("manifest.json", testManifest());
  ntrt::Result<Report> report = readReport(folder.path());
  ASSERT_TRUE(bool(report));
  const std::string json = renderJson(*report);
  EXPECT_TRUE(has(json, "\"model\": \"models/fixture.onnx\"")) << json;
  EXPECT_TRUE(has(json, "\"passed\": null"));
  EXPECT_TRUE(has(json, "the folder has no verify.json"));
}
