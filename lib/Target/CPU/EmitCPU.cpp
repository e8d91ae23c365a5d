//===- EmitCPU.cpp - A compiled network as a shared library ---------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/CPU/EmitCPU.h"

#include "nt/Support/Diagnostics.h"

#include "ntrt/ntrt.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

#include <dlfcn.h>

using namespace mlir;
using namespace nt;

namespace {

/// A name that C accepts.
std::string identifier(StringRef name) {
  std::string result;
  for (char c : name)
    result.push_back(llvm::isAlnum(c) ? c : '_');
  if (result.empty() || llvm::isDigit(result.front()))
    result.insert(0, "nt_");
  return result;
}

/// Builds the LLVM-dialect module: constants, and functions that hand them to
/// libntrt.
class ModuleBuilder {
public:
  ModuleBuilder(MLIRContext *context, StringRef prefix)
      : builder(context), loc(builder.getUnknownLoc()), prefix(prefix),
        pointer(LLVM::LLVMPointerType::get(context)), i32(builder.getI32Type()),
        i64(builder.getI64Type()) {
    module = ModuleOp::create(loc);
    builder.setInsertionPointToStart(module->getBody());
  }

  void addConstant(StringRef name, StringRef bytes) {
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
    builder.create<LLVM::GlobalOp>(loc, type, /*isConstant=*/true,
                                   LLVM::Linkage::Internal, name,
                                   builder.getStringAttr(bytes));
    sizes[name] = static_cast<int64_t>(bytes.size());
  }

  /// <prefix>_create(char **error) -> handle.
  void addCreate() {
    LLVM::LLVMFuncOp callee =
        declare("ntrt_model_create", pointer,
                {pointer, i64, pointer, i64, pointer, i64, pointer});
    define("create", pointer, {pointer}, [&](Block *entry) {
      SmallVector<Value> arguments;
      for (StringRef name : {"program", "task", "device"}) {
        arguments.push_back(
            builder.create<LLVM::AddressOfOp>(loc, pointer, name));
        arguments.push_back(builder.create<LLVM::ConstantOp>(
            loc, i64, builder.getI64IntegerAttr(sizes.lookup(name))));
      }
      arguments.push_back(entry->getArgument(0));
      return builder.create<LLVM::CallOp>(loc, callee, arguments).getResult();
    });
  }

  /// <prefix>_<name>: passes its arguments on to the runtime's function.
  void addForward(StringRef name, StringRef runtimeName, Type result,
                  ArrayRef<Type> arguments) {
    LLVM::LLVMFuncOp callee = declare(runtimeName, result, arguments);
    define(name, result, arguments, [&](Block *entry) -> Value {
      auto call =
          builder.create<LLVM::CallOp>(loc, callee, entry->getArguments());
      return call.getNumResults() ? call.getResult() : Value();
    });
  }

  OwningOpRef<ModuleOp> take() { return std::move(module); }

  OpBuilder builder;
  Location loc;
  std::string prefix;
  Type pointer, i32, i64;

private:
  LLVM::LLVMFuncOp declare(StringRef name, Type result,
                           ArrayRef<Type> arguments) {
    return builder.create<LLVM::LLVMFuncOp>(
        loc, name, LLVM::LLVMFunctionType::get(result, arguments));
  }
  template <typename Body>
  void define(StringRef name, Type result, ArrayRef<Type> arguments,
              Body body) {
    LLVM::LLVMFuncOp function =
        declare((prefix + "_" + name).str(), result, arguments);
    OpBuilder::InsertionGuard guard(builder);
    Block *entry = function.addEntryBlock(builder);
    builder.setInsertionPointToStart(entry);
    Value value = body(entry);
    builder.create<LLVM::ReturnOp>(loc,
                                   value ? ValueRange(value) : ValueRange());
  }

  OwningOpRef<ModuleOp> module;
  llvm::StringMap<int64_t> sizes;
};

OwningOpRef<ModuleOp> buildModule(MLIRContext *context, StringRef prefix,
                                  const ntrt::Bytes &program,
                                  const ntrt::Bytes &task,
                                  const ntrt::DeviceModel &device) {
  ModuleBuilder b(context, prefix);
  auto bytes = [](const ntrt::Bytes &from) {
    return StringRef(reinterpret_cast<const char *>(from.data()), from.size());
  };
  b.addConstant("program", bytes(program));
  b.addConstant("task", bytes(task));
  b.addConstant("device", device.canonicalJson);
  b.addCreate();
  b.addForward("destroy", "ntrt_model_destroy",
               LLVM::LLVMVoidType::get(context), {b.pointer});
  b.addForward("inputs", "ntrt_model_inputs", b.i32, {b.pointer});
  b.addForward("outputs", "ntrt_model_outputs", b.i32, {b.pointer});
  b.addForward("classify", "ntrt_model_run", b.i32,
               {b.pointer, b.pointer, b.i32, b.pointer, b.pointer});
  b.addForward("free_error", "ntrt_free_string",
               LLVM::LLVMVoidType::get(context), {b.pointer});
  return b.take();
}

std::string headerText(StringRef prefix) {
  static constexpr StringLiteral text = R"(/* Written by ntc. Link with @.so. */
#ifndef NT_MODEL_@_H
#define NT_MODEL_@_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ntrt_model;

/* Makes the network ready; NULL on failure, with a message in *error (if error is
 * not NULL) to be freed by @_free_error(). A handle may be shared by threads. */
struct ntrt_model *@_create(char **error);
void @_destroy(struct ntrt_model *model);

/* Values of a sample, and scores of a result. */
uint32_t @_inputs(const struct ntrt_model *model);
uint32_t @_outputs(const struct ntrt_model *model);

/* Simulates the chip on one sample for `slots` slots (0: as compiled). scores may
 * be NULL. Returns the class, or -1 on failure. */
int32_t @_classify(const struct ntrt_model *model, const float *values,
                   uint32_t slots, double *scores, char **error);

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

/// Compiles a module for the host into an object file.
LogicalResult compileObject(Location loc, ModuleOp module, StringRef path) {
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
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, "generic", "", {}, llvm::Reloc::PIC_));
  llvmModule->setTargetTriple(triple);
  llvmModule->setDataLayout(machine->createDataLayout());

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

/// Folder of the libntrt that this process runs with.
std::string runtimeFolder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void *>(&ntrt_model_create), &info))
    return {};
  return llvm::sys::path::parent_path(info.dli_fname).str();
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
  const std::string folder = runtimeFolder();
  const std::string search = "-L" + folder, rpath = "-Wl,-rpath," + folder;
  std::string error;
  const int status = llvm::sys::ExecuteAndWait(
      *compiler,
      {*compiler, "-shared", "-o", library, object, search, rpath, "-lntrt"},
      std::nullopt, {}, 0, 0, &error);
  if (status != 0)
    return emitDiag(loc, ntrt::Diag::CpuCompile)
           << *compiler << " -shared ended with status " << status << " "
           << error;
  return success();
}

} // namespace

LogicalResult nt::cpu::emitSharedLibrary(MLIRContext *context, StringRef folder,
                                         StringRef name,
                                         const ntrt::Bytes &program,
                                         const ntrt::Bytes &task,
                                         const ntrt::DeviceModel &device) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  context->appendDialectRegistry(registry);
  context->loadDialect<LLVM::LLVMDialect>();

  const std::string prefix = identifier(name);
  const Location loc = UnknownLoc::get(context);
  OwningOpRef<ModuleOp> module =
      buildModule(context, prefix, program, task, device);

  llvm::SmallString<128> object(folder), library(folder), header(folder);
  llvm::sys::path::append(object, "." + prefix + ".o.tmp");
  llvm::sys::path::append(library, "." + prefix + ".so.tmp");
  llvm::sys::path::append(header, prefix + ".h");
  llvm::SmallString<128> target(folder);
  llvm::sys::path::append(target, prefix + ".so");

  LogicalResult result = compileObject(loc, *module, object);
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
