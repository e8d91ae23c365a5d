//===- EmitCPU.cpp - A compiled network as a shared library ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/CPU/EmitCPU.h"

#include "nt/Conversion/ChipToCPU/ChipToCPU.h"
#include "nt/Support/Diagnostics.h"

#include "ntrt/Bitstream.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace nt;

namespace {

std::string headerText(StringRef prefix) {
  static constexpr StringLiteral text =
      R"(/* Written by ntc. Link with @.so, which needs the C library only. */
#ifndef NT_MODEL_@_H
#define NT_MODEL_@_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A network of NT. A handle may be shared by threads. */
struct nt_model;

/* Makes the network ready; NULL on failure, with a message in *error (if error is
 * not NULL) to be freed by @_free_error(). */
struct nt_model *@_create(char **error);
void @_destroy(struct nt_model *model);

/* Values of a sample, scores of a result, slots it was compiled for, and neurons
 * of all cores. */
uint32_t @_inputs(const struct nt_model *model);
uint32_t @_outputs(const struct nt_model *model);
uint32_t @_slots(const struct nt_model *model);
uint32_t @_neurons(const struct nt_model *model);

/* Simulates the chip on one sample for `slots` slots (0: as compiled). scores may
 * be NULL. Returns the class, or -1 on failure. */
int32_t @_classify(const struct nt_model *model, const float *values,
                   uint32_t slots, double *scores, char **error);

/* The same, and writes spikes[slot][neuron]: 1 where a neuron spikes in a slot,
 * counted from the first that its layer integrates; else 0. */
int32_t @_record(const struct nt_model *model, const float *values,
                 uint32_t slots, double *scores, uint8_t *spikes,
                 char **error);

void @_free_error(char *error);

#ifdef __cplusplus
}
#endif

#endif
)";
  std::string result;
  for (char c : text)
    c == '@' ? result.append(prefix.begin(), prefix.end())
             : result.append(1, c);
  return result;
}

void optimise(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PassBuilder builder(&machine);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
      .run(module, modules);
}

/// Compiles a module of the llvm dialect for `cpu` into an object file.
LogicalResult compileObject(Location loc, ModuleOp module, StringRef path,
                            StringRef cpu) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::LLVMContext llvmContext;
  std::unique_ptr<llvm::Module> llvmModule =
      translateModuleToLLVMIR(module, llvmContext);
  if (!llvmModule)
    return failure();
  const std::string triple = llvm::sys::getDefaultTargetTriple();
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return emitDiag(loc, ntrt::Diag::CpuCompile) << error;
  std::string features;
  if (cpu == "native") {
    cpu = llvm::sys::getHostCPUName();
    for (const auto &[feature, isThere] : llvm::sys::getHostCPUFeatures())
      features += (features.empty() ? "" : ",") +
                  ((isThere ? "+" : "-") + feature).str();
  }
  // No sum and product are fused: the bits are those of any other machine.
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, cpu, features, options, llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Default));
  if (!machine->getMCSubtargetInfo()->isCPUStringValid(cpu))
    return emitDiag(loc, ntrt::Diag::CpuCompile)
           << "no processor is called '" << cpu << "'";
  llvmModule->setTargetTriple(triple);
  llvmModule->setDataLayout(machine->createDataLayout());
  for (llvm::Function &function : *llvmModule) {
    function.addFnAttr("target-cpu", cpu);
    if (!features.empty())
      function.addFnAttr("target-features", features);
    // Whole vectors of eight doubles, where there are registers for them.
    function.addFnAttr("prefer-vector-width", "512");
  }
  optimise(*llvmModule, *machine);

  std::error_code code;
  llvm::raw_fd_ostream stream(path, code, llvm::sys::fs::OF_None);
  if (code)
    return emitDiag(loc, ntrt::Diag::FileNotWritten)
           << path << ": " << code.message();
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, nullptr,
                                   llvm::CodeGenFileType::ObjectFile))
    return emitDiag(loc, ntrt::Diag::CpuCompile)
           << "the host target emits no object files";
  passes.run(*llvmModule);
  return success();
}

LogicalResult linkSharedLibrary(Location loc, StringRef object,
                                StringRef library) {
  llvm::ErrorOr<std::string> compiler =
      llvm::sys::findProgramByName("clang-19");
  if (!compiler)
    compiler = llvm::sys::findProgramByName("cc");
  if (!compiler)
    return emitDiag(loc, ntrt::Diag::CpuCompile)
           << "neither clang-19 nor cc is on the PATH";
  std::string error;
  const int status = llvm::sys::ExecuteAndWait(
      *compiler, {*compiler, "-shared", "-o", library, object}, std::nullopt,
      {}, 0, 0, &error);
  if (status != 0)
    return emitDiag(loc, ntrt::Diag::CpuCompile)
           << *compiler << " -shared ended with status " << status << " "
           << error;
  return success();
}

} // namespace

std::string nt::cpu::identifier(StringRef name) {
  std::string result;
  for (char c : name)
    result.push_back(llvm::isAlnum(c) ? c : '_');
  if (result.empty() || llvm::isDigit(result.front()))
    result.insert(0, "nt_");
  return result;
}

LogicalResult nt::cpu::emitSharedLibrary(MLIRContext *context, StringRef folder,
                                         StringRef name,
                                         const ntrt::Program &program,
                                         const ntrt::TaskOverlay &task,
                                         const ntrt::DeviceModel &device,
                                         StringRef cpu) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  context->appendDialectRegistry(registry);

  const std::string prefix = identifier(name);
  const Location loc = UnknownLoc::get(context);
  OwningOpRef<ModuleOp> module =
      buildSimulator(context, prefix, program, task, device);
  PassManager lowering(context);
  populateCPUPipeline(lowering);
  if (failed(lowering.run(*module)))
    return failure();

  llvm::SmallString<128> object(folder), library(folder), header(folder);
  llvm::sys::path::append(object, "." + prefix + ".o.tmp");
  llvm::sys::path::append(library, "." + prefix + ".so.tmp");
  llvm::sys::path::append(header, prefix + ".h");
  llvm::SmallString<128> target(folder);
  llvm::sys::path::append(target, prefix + ".so");

  LogicalResult result = compileObject(loc, *module, object, cpu);
  if (succeeded(result))
    result = linkSharedLibrary(loc, object, library);
  llvm::sys::fs::remove(object);
  if (succeeded(result))
    if (std::error_code code = llvm::sys::fs::rename(library, target))
      result = emitDiag(loc, ntrt::Diag::FileNotWritten)
               << target << ": " << code.message();
  if (failed(result)) {
    llvm::sys::fs::remove(library);
    return failure();
  }
  const std::string text = headerText(prefix);
  ntrt::Status written =
      ntrt::writeFileWhole(header.str().str(), text.data(), text.size());
  if (!written)
    return emitDiags(loc, written.diagnostics());
  return success();
}
