//===- NgspiceRunner.cpp - Running ngspice as a child process -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/NgspiceRunner.h"
#include "ntrt/Bitstream.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace nt::spice;
using ntrt::Diag;
using ntrt::Diagnostic;
using Clock = std::chrono::steady_clock;

static std::string programOf(const NgspiceOptions &options) {
  std::string program = options.program;
  const char *fromEnvironment = std::getenv("NT_NGSPICE");
  if (program.empty())
    program = fromEnvironment && *fromEnvironment ? fromEnvironment : "ngspice";
  // The child runs in another folder: a relative path must not move with it.
  if (program[0] != '/' && program.find('/') != std::string::npos)
    if (char *absolute = realpath(program.c_str(), nullptr)) {
      program = absolute;
      std::free(absolute);
    }
  return program;
}

namespace {
/// A running child.
struct Child {
  pid_t process = 0;
  Clock::time_point start;
};
} // namespace

/// This process's environment with the job's folder as HOME: ngspice 39 crashes
/// without one, and a user's own start-up file must not change a comparison.
static std::vector<std::string> environmentFor(const NgspiceJob &job) {
  std::error_code error;
  std::vector<std::string> variables{
      "HOME=" + std::filesystem::absolute(job.folder, error).string()};
  for (char **variable = environ; *variable; ++variable)
    if (std::strncmp(*variable, "HOME=", 5) != 0)
      variables.emplace_back(*variable);
  return variables;
}

/// What exec takes: pointers into `words`, ended by a null.
static std::vector<char *> pointersTo(std::vector<std::string> &words) {
  std::vector<char *> pointers;
  for (std::string &word : words)
    pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Starts ngspice in the job's folder, in a process group of its own so that a
/// timeout ends whatever it started.
static ntrt::Result<Child> start(const NgspiceJob &job,
                                 const std::string &program) {
  // ngspice's threads slow it down many times over on a busy machine, and only
  // its start-up file can turn them off.
  std::string settings = "set num_threads=1\n";
  auto written = ntrt::writeFileWhole(job.folder + "/.spiceinit",
                                      settings.data(), settings.size());
  if (!written)
    return written.diagnostics();
  unlink((job.folder + '/' + rawFileName).c_str());

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, job.folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, logFileName,
                                   O_WRONLY | O_CREAT | O_TRUNC, 0666);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);

  std::vector<std::string> words{program, "-b", "-r", rawFileName,
                                 netlistFileName};
  std::vector<std::string> environment = environmentFor(job);
  Child child;
  child.start = Clock::now();
  int error =
      posix_spawnp(&child.process, program.c_str(), &actions, &attributes,
                   pointersTo(words).data(), pointersTo(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error)
    return Diagnostic{Diag::SpiceNoSimulator, program, std::strerror(error)};
  return child;
}

/// The first line of the log that tells of a failure; empty if none does.
static std::string errorLine(const std::string &log) {
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    std::string lower = line;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    for (const char *sign :
         {"error", "timestep too small", "aborted", "singular matrix"})
      if (lower.find(sign) != std::string::npos)
        return line;
  }
  return {};
}

static ntrt::Result<RawData> conclude(const NgspiceJob &job, int status,
                                      bool timedOut, double timeout_s) {
  std::string logPath = job.folder + '/' + logFileName;
  auto fail = [&](const std::string &detail) {
    return Diagnostic{Diag::SpiceFailed, logPath, detail};
  };
  if (timedOut)
    return fail("stopped after " + std::to_string(timeout_s) + " s");
  std::string error;
  if (auto log = ntrt::readFile(logPath))
    error = errorLine(std::string(log->begin(), log->end()));

  auto data = readRaw(job.folder + '/' + rawFileName);
  // Without an own word of the program, say how far it came.
  std::string reached =
      data ? "it reached " + std::to_string(data->lastTime() * 1e6) + " of " +
                 std::to_string(job.stop_s * 1e6) + " us"
           : "it left no whole raw file";
  if (!error.empty())
    return fail("'" + error + "'; " + reached);
  if (WIFSIGNALED(status))
    return fail("signal " + std::to_string(WTERMSIG(status)) + "; " + reached);
  if (WEXITSTATUS(status) != 0)
    return fail("exit code " + std::to_string(WEXITSTATUS(status)) + "; " +
                reached);
  if (!data)
    return data.diagnostics();
  if (data->lastTime() < job.stop_s * (1 - 1e-9))
    return fail(reached);
  return data;
}

std::vector<ntrt::Result<RawData>>
nt::spice::runNgspice(const std::vector<NgspiceJob> &jobs,
                      const NgspiceOptions &options) {
  std::string program = programOf(options);
  unsigned parallel = std::max(1u, options.parallel);
  std::vector<std::optional<ntrt::Result<RawData>>> results(jobs.size());
  std::vector<std::pair<size_t, Child>> running;
  size_t next = 0;
  while (next < jobs.size() || !running.empty()) {
    for (; next < jobs.size() && running.size() < parallel; ++next) {
      auto child = start(jobs[next], program);
      if (child)
        running.push_back({next, *child});
      else
        results[next] = ntrt::Result<RawData>(child.diagnostics());
    }
    for (auto it = running.begin(); it != running.end();) {
      auto [index, child] = *it;
      int status = 0;
      pid_t ended = waitpid(child.process, &status, WNOHANG);
      std::chrono::duration<double> elapsed = Clock::now() - child.start;
      bool timedOut = ended == 0 && elapsed.count() > options.timeout_s;
      if (timedOut) {
        kill(-child.process, SIGKILL);
        waitpid(child.process, &status, 0);
      } else if (ended == 0) {
        ++it;
        continue;
      }
      results[index] =
          conclude(jobs[index], status, timedOut, options.timeout_s);
      it = running.erase(it);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }

  std::vector<ntrt::Result<RawData>> all;
  for (auto &result : results)
    all.push_back(std::move(*result));
  return all;
}

ntrt::Result<RawData> nt::spice::runNgspice(const NgspiceJob &job,
                                            const NgspiceOptions &options) {
  return std::move(runNgspice(std::vector{job}, options).front());
}
