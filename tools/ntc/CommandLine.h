//===- CommandLine.h - What the parsers of commands share -------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_TOOLS_NTC_COMMANDLINE_H
#define NT_TOOLS_NTC_COMMANDLINE_H

#include "Options.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>

namespace ntc {

/// A subcommand with its options and what runs it.
template <typename Options>
CLI::App *
addCommand(CLI::App &app, const char *name, const char *summary,
           const char *example, int (*run)(const Options &), int &exitCode,
           const std::function<void(CLI::App &, Options &)> &declare) {
  CLI::App *command = app.add_subcommand(name, summary);
  command->footer(std::string("Example:\n  ") + example);
  auto options = std::make_shared<Options>();
  declare(*command, *options);
  command->callback([options, run, &exitCode] { exitCode = run(*options); });
  return command;
}

inline constexpr const char *kDataHelp =
    "file.npz[:name], images.gz,labels.gz or fashion-mnist:train|test, then "
    ";classes=a,b ;first=N ;skip=N ;mean=m ;std=s (docs/data.md)";

/// The commands that run a chip (ChipCommandLine.cpp).
void addSim(CLI::App &app, int &exitCode);
void addMonteCarlo(CLI::App &app, int &exitCode);
void addChipMap(CLI::App &app, int &exitCode);
void addCalibrate(CLI::App &app, int &exitCode);

} // namespace ntc

#endif // NT_TOOLS_NTC_COMMANDLINE_H
