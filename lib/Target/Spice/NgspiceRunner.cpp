//===- NgspiceRunner.cpp - Running ngspice as a child process -------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/NgspiceRunner.h"

#include "CircuitRun.h"
#include "nt/Target/Spice/SpiceNetlist.h"
#include "ntrt/Bitstream.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>
#include <spawn.h>
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

/// The time up to which a raw file that is still being written has come.
class RawProgress {
public:
  double time_s(const std::string &path);

private:
  uint64_t headerBytes = 0, pointBytes = 0;
};

/// A running child.
struct Child {
  pid_t process = 0;
  Clock::time_point start;
  RawProgress progress;
};

/// While it lives, SIGINT and SIGTERM only set a flag, so that children can be
/// ended and their files be marked.
class InterruptGuard {
public:
  InterruptGuard() {
    interrupted = 0;
    struct sigaction action = {};
    action.sa_handler = [](int) { interrupted = 1; };
    sigaction(SIGINT, &action, &oldInt);
    sigaction(SIGTERM, &action, &oldTerm);
  }
  ~InterruptGuard() {
    sigaction(SIGINT, &oldInt, nullptr);
    sigaction(SIGTERM, &oldTerm, nullptr);
  }
  InterruptGuard(const InterruptGuard &) = delete;
  InterruptGuard &operator=(const InterruptGuard &) = delete;

  static volatile std::sig_atomic_t interrupted;

private:
  struct sigaction oldInt, oldTerm;
};

volatile std::sig_atomic_t InterruptGuard::interrupted = 0;

} // namespace

double RawProgress::time_s(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return 0;
  if (!headerBytes) {
    std::string header;
    for (std::string line; std::getline(file, line) && file;) {
      constexpr std::string_view count = "No. Variables:";
      if (line.compare(0, count.size(), count) == 0)
        pointBytes =
            8 * std::strtoull(line.c_str() + count.size(), nullptr, 10);
      if (line == "Binary:") {
        headerBytes = static_cast<uint64_t>(file.tellg());
        break;
      }
    }
  }
  file.clear();
  file.seekg(0, std::ios::end);
  const auto size = static_cast<uint64_t>(file.tellg());
  if (!headerBytes || !pointBytes || size < headerBytes + pointBytes)
    return 0;
  double time = 0;
  file.seekg(static_cast<std::streamoff>(size - pointBytes -
                                         (size - headerBytes) % pointBytes));
  file.read(reinterpret_cast<char *>(&time), sizeof time);
  return file ? time : 0;
}

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

/// Starts the program in the job's folder, in a process group of its own so
/// that a timeout ends whatever it started; its words go to `log`.
static ntrt::Result<Child> spawn(const NgspiceJob &job,
                                 const std::string &program,
                                 const std::vector<std::string> &arguments,
                                 const std::string &log) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, job.folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                   O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0666);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);

  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
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

static ntrt::Result<Child> start(const NgspiceJob &job,
                                 const std::string &program) {
  // ngspice's threads slow it down many times over on a busy machine, and only
  // its start-up file can turn them off.
  std::string settings = "set num_threads=1\n";
  auto written = ntrt::writeFileWhole(job.folder + "/.spiceinit",
                                      settings.data(), settings.size());
  if (!written)
    return written.diagnostics();
  for (const char *stale : {rawFileName, partialRawFileName})
    unlink((job.folder + '/' + stale).c_str());
  return spawn(job, program, {"-b", "-r", rawFileName, netlistFileName},
               logFileName);
}

/// Ends a child with all that it started.
static void end(Child &child) {
  int status = 0;
  kill(-child.process, SIGKILL);
  waitpid(child.process, &status, 0);
}

/// The version of an ngspice that NT can use; it is asked in the job's folder.
static ntrt::Result<int> askVersion(const NgspiceJob &job,
                                    const std::string &program) {
  constexpr double patience_s = 20;
  const std::string log = "ngspice-version.log";
  auto child = spawn(job, program, {"--version"}, log);
  if (!child)
    return child.diagnostics();
  int status = 0;
  while (waitpid(child->process, &status, WNOHANG) == 0) {
    std::chrono::duration<double> elapsed = Clock::now() - child->start;
    if (elapsed.count() > patience_s) {
      end(*child);
      return Diagnostic{Diag::SpiceVersion, program,
                        "no answer to --version in " +
                            formatNumber(patience_s) + " s"};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  auto bytes = ntrt::readFile(job.folder + '/' + log);
  std::string output =
      bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
  unlink((job.folder + '/' + log).c_str());
  int version = parseVersion(output);
  if (version >= oldestNgspice)
    return version;
  return Diagnostic{Diag::SpiceVersion, program,
                    version
                        ? "version " + std::to_string(version) + ", at least " +
                              std::to_string(oldestNgspice) + " is needed"
                        : "--version does not name an ngspice: '" +
                              output.substr(0, output.find('\n')) + "'"};
}

ntrt::Result<std::string>
nt::spice::ngspiceVersion(const NgspiceOptions &options) {
  WorkFolder folder;
  if (auto made = folder.make(""); !made)
    return made.diagnostics();
  auto version = askVersion({folder.path, 0}, programOf(options));
  if (!version)
    return version.diagnostics();
  return "ngspice-" + std::to_string(*version);
}

/// Renames what a failed run has written, and says so; empty if it is nothing.
static std::string markPartial(const NgspiceJob &job) {
  RawProgress progress;
  const std::string path = job.folder + '/' + rawFileName;
  double time_s = progress.time_s(path);
  std::string partial = job.folder + '/' + partialRawFileName;
  if (std::rename(path.c_str(), partial.c_str()) != 0)
    return "it left no raw file";
  return "it reached " + formatNumber(time_s) + " of " +
         formatNumber(job.stop_s) + " s, partial waveforms in " +
         partialRawFileName;
}

static ntrt::Result<RawData> conclude(const NgspiceJob &job, int status,
                                      bool timedOut, double timeout_s) {
  const std::string logPath = job.folder + '/' + logFileName;
  const std::string rawPath = job.folder + '/' + rawFileName;
  auto fail = [&](const std::string &detail, Diag diag = Diag::SpiceFailed) {
    return Diagnostic{diag, logPath, detail + "; " + markPartial(job)};
  };
  if (timedOut)
    return fail("stopped after " + formatNumber(timeout_s) + " s");
  std::string log;
  if (auto bytes = ntrt::readFile(logPath))
    log.assign(bytes->begin(), bytes->end());
  // ngspice does not always check what it writes: its log, that of a shell, a
  // limit on files, or a raw file that is shorter than its header says, tells.
  const std::string signs[] = {"rawfile write error", std::strerror(ENOSPC)};
  for (const std::string &sign : signs)
    if (log.find(sign) != std::string::npos)
      return fail(sign, Diag::SpiceDiskFull);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
    return fail("the limit on the size of files", Diag::SpiceDiskFull);
  std::string error = explainLog(log);
  if (!error.empty())
    return fail(error);
  if (WIFSIGNALED(status))
    return fail("signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    return fail("exit code " + std::to_string(WEXITSTATUS(status)));

  bool truncated = false;
  auto data = readRaw(rawPath, &truncated);
  if (!data && truncated)
    return fail(data.diagnostics().front().detail, Diag::SpiceDiskFull);
  if (!data)
    return data.diagnostics();
  if (data->lastTime() < job.stop_s * (1 - 1e-9))
    return fail("it ended early");
  return data;
}

std::vector<ntrt::Result<RawData>>
nt::spice::runNgspice(const std::vector<NgspiceJob> &jobs,
                      const NgspiceOptions &options) {
  std::string program = programOf(options);
  unsigned parallel = std::max(1u, options.parallel);
  std::vector<std::optional<ntrt::Result<RawData>>> results(jobs.size());
  if (!jobs.empty())
    if (auto usable = askVersion(jobs.front(), program); !usable)
      for (auto &result : results)
        result = ntrt::Result<RawData>(usable.diagnostics());
  InterruptGuard guard;
  std::vector<std::pair<size_t, Child>> running;
  std::vector<double> done(jobs.size()); // Of each job, as a fraction.
  Clock::time_point lastProgress = Clock::now();
  size_t next = 0;
  while (next < jobs.size() || !running.empty()) {
    for (; next < jobs.size() && running.size() < parallel; ++next) {
      if (results[next])
        continue;
      if (InterruptGuard::interrupted) {
        results[next] = Diagnostic{Diag::SpiceInterrupted, jobs[next].folder,
                                   "it had not begun"};
        continue;
      }
      auto child = start(jobs[next], program);
      if (child)
        running.push_back({next, std::move(*child)});
      else
        results[next] = ntrt::Result<RawData>(child.diagnostics());
    }
    for (auto it = running.begin(); it != running.end();) {
      auto &[index, child] = *it;
      int status = 0;
      pid_t ended = waitpid(child.process, &status, WNOHANG);
      std::chrono::duration<double> elapsed = Clock::now() - child.start;
      bool timedOut = ended == 0 && elapsed.count() > options.timeout_s;
      if (ended == 0 && InterruptGuard::interrupted) {
        end(child);
        results[index] = Diagnostic{Diag::SpiceInterrupted,
                                    jobs[index].folder + '/' + logFileName,
                                    markPartial(jobs[index])};
      } else if (timedOut) {
        end(child);
        results[index] = conclude(jobs[index], 0, true, options.timeout_s);
      } else if (ended == 0) {
        ++it;
        continue;
      } else {
        results[index] =
            conclude(jobs[index], status, false, options.timeout_s);
      }
      done[index] = 1;
      it = running.erase(it);
    }
    if (options.progress &&
        Clock::now() - lastProgress > std::chrono::milliseconds(100)) {
      lastProgress = Clock::now();
      for (auto &[index, child] : running)
        done[index] = std::min(
            1.0, child.progress.time_s(jobs[index].folder + '/' + rawFileName) /
                     jobs[index].stop_s);
      options.progress(std::accumulate(done.begin(), done.end(), 0.0) /
                       static_cast<double>(jobs.size()));
    }
    if (!running.empty())
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
