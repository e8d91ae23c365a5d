//===- CompiledNetwork.cpp - A shared library that was emitted ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/CPU/CompiledNetwork.h"

#include <dlfcn.h>
#include <filesystem>

using namespace nt::cpu;

struct CompiledNetwork::Library {
  std::string path, name;
  void *handle = nullptr;
  void *model = nullptr;

  ~Library() {
    if (handle)
      dlclose(handle);
  }
  template <typename Function> Function *get(const char *what) const {
    return reinterpret_cast<Function *>(
        dlsym(handle, (name + "_" + what).c_str()));
  }
  uint32_t number(const char *what) const {
    return get<uint32_t(const void *)>(what)(model);
  }
};

CompiledNetwork::CompiledNetwork(std::unique_ptr<Library> library)
    : library(std::move(library)) {}
CompiledNetwork::CompiledNetwork(CompiledNetwork &&) noexcept = default;
CompiledNetwork::~CompiledNetwork() = default;

ntrt::Result<CompiledNetwork> CompiledNetwork::load(const std::string &path) {
  auto library = std::make_unique<Library>();
  const std::filesystem::path file = std::filesystem::absolute(path);
  library->path = path;
  library->name = file.stem().string();
  library->handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library->handle)
    return ntrt::Diagnostic{ntrt::Diag::CpuLoad, path, dlerror()};
  for (const char *what : {"create", "inputs", "outputs", "slots", "neurons",
                           "record", "free_error"})
    if (!library->get<void>(what))
      return ntrt::Diagnostic{ntrt::Diag::CpuLoad, path,
                              "it has no function " + library->name + "_" +
                                  what};
  library->model = library->get<void *(char **)>("create")(nullptr);
  return CompiledNetwork(std::move(library));
}

uint32_t CompiledNetwork::inputs() const { return library->number("inputs"); }
uint32_t CompiledNetwork::outputs() const { return library->number("outputs"); }
uint32_t CompiledNetwork::slots() const { return library->number("slots"); }
uint32_t CompiledNetwork::neurons() const { return library->number("neurons"); }

ntrt::Result<CompiledNetwork::Run> CompiledNetwork::run(const float *values,
                                                        uint32_t slots) const {
  Run result;
  result.scores.resize(outputs());
  // A number of slots that it will refuse needs no room.
  constexpr size_t kMostBytes = size_t(1) << 32;
  const size_t bytes = size_t(slots ? slots : this->slots()) * neurons();
  result.spikes.resize(bytes <= kMostBytes ? bytes : 0);
  char *error = nullptr;
  const int32_t label = library->get<int32_t(void *, const float *, uint32_t,
                                             double *, uint8_t *, char **)>(
      "record")(library->model, values, slots, result.scores.data(),
                bytes <= kMostBytes ? result.spikes.data() : nullptr, &error);
  if (label < 0) {
    std::string message = error ? error : "out of memory";
    library->get<void(char *)>("free_error")(error);
    return ntrt::Diagnostic{ntrt::Diag::CpuRun, library->path, message};
  }
  result.label = uint32_t(label);
  return result;
}
