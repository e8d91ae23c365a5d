//===- Artefacts.cpp - Reading what ntc compile wrote ---------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Artefacts.h"
#include "Session.h"

using namespace ntc;

const ntrt::TaskOverlay *Artefacts::find(const std::string &task) const {
  for (const ntrt::TaskOverlay &overlay : tasks)
    if (overlay.name == task)
      return &overlay;
  return nullptr;
}

std::optional<Artefacts>
Artefacts::read(const std::string &deviceName, const std::string &programPath,
                const std::vector<std::string> &taskPaths) {
  auto refuse = [](const ntrt::DiagnosticList &list) {
    report(list);
    return std::nullopt;
  };
  Artefacts result;
  ntrt::Result<ntrt::DeviceModel> device = ntrt::DeviceModel::load(deviceName);
  if (!device)
    return refuse(device.diagnostics());
  result.device = *device;
  ntrt::Result<ntrt::Bytes> bytes = ntrt::readFile(programPath);
  if (!bytes)
    return refuse(bytes.diagnostics());
  result.programBytes = *bytes;
  ntrt::Result<ntrt::Program> program =
      ntrt::decodeProgram(*bytes, result.device, programPath);
  if (!program)
    return refuse(program.diagnostics());
  result.program = *program;
  ntrt::DiagnosticList misfits;
  for (const std::string &path : taskPaths) {
    ntrt::Result<ntrt::Bytes> taskBytes = ntrt::readFile(path);
    if (!taskBytes) {
      misfits.insert(misfits.end(), taskBytes.diagnostics().begin(),
                     taskBytes.diagnostics().end());
      continue;
    }
    ntrt::Result<ntrt::TaskOverlay> task =
        ntrt::decodeTask(*taskBytes, result.program, result.device, path);
    if (!task) {
      misfits.insert(misfits.end(), task.diagnostics().begin(),
                     task.diagnostics().end());
      continue;
    }
    result.tasks.push_back(*task);
    result.taskBytes.push_back(taskBytes->size());
  }
  if (!misfits.empty())
    return refuse(misfits);
  return result;
}
