//===- CApi.cpp - C API of the NT runtime ---------------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ntrt/Bitstream.h"
#include "ntrt/Simulator.h"
#include "ntrt/ntrt.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>

using namespace ntrt;

struct ntrt_model {
  Simulator simulator;
};

/// Hands a message to C; a caller out of memory gets none.
static void setError(char **error, const std::string &message) {
  if (!error)
    return;
  *error = static_cast<char *>(std::malloc(message.size() + 1));
  if (*error)
    std::memcpy(*error, message.c_str(), message.size() + 1);
}

/// Calls `body`, and keeps its exceptions (memory running out) from C.
template <typename Value, typename Body>
static Value guarded(char **error, Value failure, Body body) {
  if (error)
    *error = nullptr;
  try {
    return body();
  } catch (const std::exception &exception) {
    setError(error, exception.what());
  }
  return failure;
}

static Bytes bytesOf(const void *data, size_t size) {
  const uint8_t *first = static_cast<const uint8_t *>(data);
  return first ? Bytes(first, first + size) : Bytes();
}

static ntrt_model *create(const Bytes &ntb, const std::string &ntbPlace,
                          const Bytes &ntm, const std::string &ntmPlace,
                          const DeviceModel &device, char **error) {
  Result<Program> program = decodeProgram(ntb, device, ntbPlace);
  if (!program) {
    setError(error, toString(program.diagnostics()));
    return nullptr;
  }
  Result<TaskOverlay> task = decodeTask(ntm, *program, device, ntmPlace);
  if (!task) {
    setError(error, toString(task.diagnostics()));
    return nullptr;
  }
  Result<Simulator> simulator =
      Simulator::create(std::move(*program), std::move(*task), device);
  if (!simulator) {
    setError(error, toString(simulator.diagnostics()));
    return nullptr;
  }
  return new ntrt_model{std::move(*simulator)};
}

ntrt_model *ntrt_model_create(const void *ntb, size_t ntb_size, const void *ntm,
                              size_t ntm_size, const char *device_json,
                              size_t device_json_size, char **error) {
  return guarded<ntrt_model *>(error, nullptr, [&]() -> ntrt_model * {
    Bytes json = bytesOf(device_json, device_json_size);
    Result<DeviceModel> device =
        DeviceModel::parse(std::string(json.begin(), json.end()), "device");
    if (!device) {
      setError(error, toString(device.diagnostics()));
      return nullptr;
    }
    return create(bytesOf(ntb, ntb_size), "ntb", bytesOf(ntm, ntm_size), "ntm",
                  *device, error);
  });
}

ntrt_model *ntrt_model_open(const char *ntb_path, const char *ntm_path,
                            const char *device, char **error) {
  return guarded<ntrt_model *>(error, nullptr, [&]() -> ntrt_model * {
    if (!ntb_path || !ntm_path || !device) {
      setError(error, "a path is NULL");
      return nullptr;
    }
    // All three are read before any is given up, to report every misfit.
    DiagnosticList diagnostics;
    auto note = [&](const auto &result) {
      if (!result)
        diagnostics.insert(diagnostics.end(), result.diagnostics().begin(),
                           result.diagnostics().end());
    };
    Result<DeviceModel> model = DeviceModel::load(device);
    Result<Bytes> ntb = readFile(ntb_path);
    Result<Bytes> ntm = readFile(ntm_path);
    note(model);
    note(ntb);
    note(ntm);
    if (!diagnostics.empty()) {
      setError(error, toString(diagnostics));
      return nullptr;
    }
    return create(*ntb, ntb_path, *ntm, ntm_path, *model, error);
  });
}

void ntrt_model_destroy(ntrt_model *model) { delete model; }

uint32_t ntrt_model_inputs(const ntrt_model *model) {
  return model ? model->simulator.program().inputs : 0;
}

uint32_t ntrt_model_outputs(const ntrt_model *model) {
  return model ? uint32_t(model->simulator.program().readout.size()) : 0;
}

uint32_t ntrt_model_default_slots(const ntrt_model *model) {
  return model ? model->simulator.program().defaultSlots : 0;
}

int32_t ntrt_model_run(const ntrt_model *model, const float *values,
                       uint32_t slots, double *scores, char **error) {
  return guarded<int32_t>(error, -1, [&]() -> int32_t {
    if (!model || !values) {
      setError(error, model ? "values is NULL" : "model is NULL");
      return -1;
    }
    SimOptions options;
    options.slots = slots;
    Result<SimResult> result = model->simulator.run(
        values, model->simulator.program().inputs, options);
    if (!result) {
      setError(error, toString(result.diagnostics()));
      return -1;
    }
    if (scores)
      std::copy(result->scores.begin(), result->scores.end(), scores);
    return int32_t(result->label);
  });
}

void ntrt_free_string(char *string) { std::free(string); }
