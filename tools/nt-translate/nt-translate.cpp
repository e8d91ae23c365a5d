//===- nt-translate.cpp - Between IR and other formats --------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads one file and writes another, whole or not at all. Exit codes: 0 done,
// 1 the input is at fault.
//
//===----------------------------------------------------------------------===//
#include "nt/Conversion/ONNXToNT/SupportedOps.h"
#include "nt/Import/ONNX/ImportONNX.h"
#include "nt/Pipelines/RegisterAll.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Target/Bitstream/Bitstream.h"
#include "nt/Target/ONNX/ExportONNX.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace nt;
namespace cl = llvm::cl;
using ntrt::Diag;

namespace {
enum class Action {
  None,
  ChipToBitstream,
  BitstreamToChip,
  ImportOnnx,
  ExportOnnx,
  GenDiagnosticsDoc,
  GenSupportedOps,
};

struct Options {
  cl::OptionCategory category{"nt-translate options"};
  cl::opt<Action> action{
      cl::desc("What to do:"),
      cl::values(
          clEnumValN(Action::ChipToBitstream, "chip-to-bitstream",
                     "assemble a chip.program to a .ntb (with --task: a "
                     "chip.task to a .ntm)"),
          clEnumValN(Action::BitstreamToChip, "bitstream-to-chip",
                     "disassemble a .ntb, and the .ntm files given with --ntm"),
          clEnumValN(Action::ImportOnnx, "import-onnx",
                     "import an ONNX model as generic nodes"),
          clEnumValN(Action::ExportOnnx, "export-onnx",
                     "write a network without modulation (nt-fold-task) as an "
                     "ONNX model"),
          clEnumValN(Action::GenDiagnosticsDoc, "gen-diagnostics-doc",
                     "write docs/diagnostics.md"),
          clEnumValN(Action::GenSupportedOps, "gen-supported-ops",
                     "write docs/supported-ops.md")),
      cl::init(Action::None), cl::cat(category)};
  cl::opt<std::string> input{cl::Positional, cl::desc("<input file>"),
                             cl::init("-"), cl::cat(category)};
  cl::opt<std::string> output{"o", cl::desc("Output file"),
                              cl::value_desc("file"), cl::init("-"),
                              cl::cat(category)};
  cl::opt<std::string> device{"device", cl::desc("Device file or name"),
                              cl::value_desc("device"), cl::cat(category)};
  cl::opt<std::string> task{"task", cl::desc("Task to assemble to a .ntm"),
                            cl::value_desc("name"), cl::cat(category)};
  cl::list<std::string> ntm{"ntm", cl::desc("Task overlay to disassemble too"),
                            cl::value_desc("file"), cl::cat(category)};
};

/// One run of the tool; errors go to the context's diagnostics.
class Translator {
public:
  Translator(const Options &options, MLIRContext &context)
      : options(options), context(context),
        loc(FileLineColLoc::get(&context, options.input, 0, 0)) {}

  LogicalResult run();

private:
  LogicalResult chipToBitstream();
  LogicalResult bitstreamToChip();
  LogicalResult importOnnx();
  LogicalResult exportOnnx();

  FailureOr<ntrt::DeviceModel> loadDevice();
  FailureOr<chip::TaskOp> findTask(ModuleOp module, chip::ProgramOp program);
  LogicalResult write(const void *data, size_t size);
  LogicalResult write(ModuleOp module);
  template <typename T> FailureOr<T> take(ntrt::Result<T> result) {
    if (result)
      return std::move(*result);
    return emitDiags(loc, result.diagnostics());
  }

  const Options &options;
  MLIRContext &context;
  Location loc;
};
} // namespace

FailureOr<ntrt::DeviceModel> Translator::loadDevice() {
  if (options.device.empty())
    return emitDiag(loc, Diag::OptionInvalid)
           << "--device is needed for bitstreams";
  return take(ntrt::DeviceModel::load(options.device));
}

LogicalResult Translator::write(const void *data, size_t size) {
  if (options.output == "-") {
    llvm::outs().write(static_cast<const char *>(data), size);
    return success();
  }
  return take(ntrt::writeFileWhole(options.output, data, size));
}

LogicalResult Translator::write(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  stream << "\n";
  return write(text.data(), text.size());
}

FailureOr<chip::TaskOp> Translator::findTask(ModuleOp module,
                                             chip::ProgramOp program) {
  for (chip::TaskOp task : module.getOps<chip::TaskOp>())
    if (task.getSymName() == options.task && task.getProgramOp() == program)
      return task;
  return emitDiag(loc, Diag::TaskUnknown)
         << "\"" << options.task << "\" in " << options.input;
}

LogicalResult Translator::chipToBitstream() {
  FailureOr<ntrt::DeviceModel> device = loadDevice();
  if (failed(device))
    return failure();
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(options.input, &context);
  if (!module)
    return failure();
  auto programs = llvm::to_vector(module->getOps<chip::ProgramOp>());
  if (programs.size() != 1)
    return emitDiag(loc, Diag::ChipStructure)
           << options.input << " has " << programs.size()
           << " chip.program ops, a bitstream holds one";
  FailureOr<ntrt::Program> program = chip::toProgram(programs[0], *device);
  if (failed(program))
    return failure();
  if (options.task.empty()) {
    ntrt::Bytes bytes = ntrt::encodeProgram(*program, *device);
    return write(bytes.data(), bytes.size());
  }
  FailureOr<chip::TaskOp> taskOp = findTask(*module, programs[0]);
  if (failed(taskOp))
    return failure();
  FailureOr<ntrt::TaskOverlay> task = chip::toTask(*taskOp, *program, *device);
  if (failed(task))
    return failure();
  ntrt::Bytes bytes = ntrt::encodeTask(*task, *device);
  return write(bytes.data(), bytes.size());
}

LogicalResult Translator::bitstreamToChip() {
  FailureOr<ntrt::DeviceModel> device = loadDevice();
  if (failed(device))
    return failure();
  FailureOr<ntrt::Bytes> bytes = take(ntrt::readFile(options.input));
  if (failed(bytes))
    return failure();
  FailureOr<ntrt::Program> program =
      take(ntrt::decodeProgram(*bytes, *device, options.input));
  if (failed(program))
    return failure();

  std::vector<ntrt::TaskOverlay> tasks;
  bool failing = false;
  for (const std::string &path : options.ntm) {
    FailureOr<ntrt::Bytes> taskBytes = take(ntrt::readFile(path));
    FailureOr<ntrt::TaskOverlay> task = failure();
    if (succeeded(taskBytes))
      task = take(ntrt::decodeTask(*taskBytes, *program, *device, path));
    if (succeeded(task))
      tasks.push_back(std::move(*task));
    else
      failing = true;
  }
  if (failing)
    return failure();
  OwningOpRef<ModuleOp> module =
      chip::fromProgram(loc, *program, tasks, *device);
  return module ? write(*module) : failure();
}

LogicalResult Translator::importOnnx() {
  OwningOpRef<ModuleOp> module = importONNXFile(options.input, &context);
  return module ? write(*module) : failure();
}

LogicalResult Translator::exportOnnx() {
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(options.input, &context);
  if (!module)
    return failure();
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  if (failed(exportONNX(*module, {}, stream)))
    return failure();
  return write(bytes.data(), bytes.size());
}

LogicalResult Translator::run() {
  auto writeText = [&](const std::string &text) {
    return write(text.data(), text.size());
  };
  switch (options.action) {
  case Action::ChipToBitstream:
    return chipToBitstream();
  case Action::BitstreamToChip:
    return bitstreamToChip();
  case Action::ImportOnnx:
    return importOnnx();
  case Action::ExportOnnx:
    return exportOnnx();
  case Action::GenDiagnosticsDoc:
    return writeText(ntrt::diagnosticsMarkdown());
  case Action::GenSupportedOps:
    return writeText(supportedOpsMarkdown());
  case Action::None:
    break;
  }
  return emitDiag(loc, Diag::OptionInvalid)
         << "say what to do: one of the actions of --help";
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  Options options;
  registerAsmPrinterCLOptions();
  registerMLIRContextCLOptions();
  cl::ParseCommandLineOptions(
      argc, argv,
      "NT translator\n\n"
      "  nt-translate --chip-to-bitstream --device nt1 net.chip.mlir -o "
      "net.ntb\n"
      "  nt-translate --bitstream-to-chip --device nt1 net.ntb --ntm t.ntm\n");
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context);
  return succeeded(Translator(options, context).run()) ? 0 : 1;
}
