//===- NgspiceLog.cpp - What ngspice's log tells --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nt/Target/Spice/NgspiceRunner.h"
#include "nt/Target/Spice/SpiceNetlist.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <vector>

using namespace nt::spice;

static std::string lowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

/// A log without the progress that ngspice writes over itself and in front of
/// what comes next: "\r Reference value :  1.2e-05Warning: ...".
static std::string withoutProgress(std::string log) {
  std::replace(log.begin(), log.end(), '\r', '\n');
  constexpr std::string_view progress = " Reference value : ";
  for (size_t at = 0; (at = log.find(progress, at)) != std::string::npos;) {
    const char *number = log.c_str() + at + progress.size();
    char *end = nullptr;
    std::strtod(number, &end);
    log.replace(at, end - (log.c_str() + at), "\n");
  }
  return log;
}

/// The number behind `key` in a line; nothing if there is none.
static std::string numberAfter(const std::string &line, const char *key) {
  size_t at = line.find(key);
  if (at == std::string::npos)
    return {};
  const char *start = line.c_str() + at + std::string(key).size();
  char *end = nullptr;
  double value = std::strtod(start, &end);
  return end == start ? std::string() : formatNumber(value);
}

/// A node by what it is of the network, where it is of one: "xcore.m_fc1_3" is
/// "the membrane of fc1[3]".
static std::string nodeForPeople(const std::string &node) {
  std::string last = node.substr(node.rfind('.') + 1);
  if (last.size() > 2 && last[1] == '_')
    if (auto neuron = parseNeuronName(last.substr(2))) {
      std::string of =
          neuron->first + "[" + std::to_string(neuron->second) + "]";
      if (last[0] == 'm')
        return "the membrane of " + of + " (" + node + ")";
      if (last[0] == 's')
        return "the spike node of " + of + " (" + node + ")";
    }
  return "node " + node;
}

/// The node or instance that a "trouble with" line names; empty if none.
static std::string troubleOf(const std::string &line) {
  size_t at = line.find("trouble with ");
  if (at == std::string::npos)
    return {};
  std::string rest = line.substr(at + 13);
  size_t open = rest.find('"');
  if (open != std::string::npos) {
    size_t close = rest.find('"', open + 1);
    return nodeForPeople(rest.substr(open + 1, close - open - 1));
  }
  while (!rest.empty() && (rest.back() == ' ' || rest.back() == '\r'))
    rest.pop_back();
  return rest;
}

/// Nodes that ngspice's table of last voltages marks as not converged.
static std::vector<std::string> unconvergedNodes(const std::string &log) {
  std::vector<std::string> nodes;
  std::istringstream lines(log);
  bool inTable = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("Last Node Voltages", 0) == 0)
      inTable = true;
    if (!inTable)
      continue;
    std::istringstream words(line);
    std::string node, last, previous, mark;
    if (words >> node >> last >> previous >> mark && mark == "*")
      nodes.push_back(node);
  }
  return nodes;
}

/// Why a solver that says this most often does.
static std::string likelyCause(const std::string &lower) {
  if (lower.find("singular matrix") != std::string::npos)
    return "a node without a path to ground, or two voltage sources in a loop: "
           "check the cells' ports";
  if (lower.find("initial timepoint") != std::string::npos)
    return "the circuit has no consistent start: check ic= and the sources at "
           "time 0";
  if (lower.find("timestep too small") != std::string::npos)
    return "a transition steeper than the solver can follow (feedback without "
           "a "
           "capacitor, a switch without a finite ron): check the cell at that "
           "node, or use a smaller timing step";
  if (lower.find("no such") != std::string::npos ||
      lower.find("unknown subckt") != std::string::npos ||
      lower.find("can't find") != std::string::npos)
    return "the cell library and the netlist do not fit together";
  return {};
}

std::string nt::spice::explainLog(const std::string &log) {
  std::istringstream lines(withoutProgress(log));
  std::string first, failure, singular;
  for (std::string line; std::getline(lines, line);) {
    std::string lower = lowerCase(line);
    if (lower.find("timestep too small") != std::string::npos &&
        (failure.empty() || lower.find("time =") != std::string::npos))
      failure = line;
    if (singular.empty() && lower.find("singular matrix") != std::string::npos)
      singular = line;
    if (first.empty())
      for (const char *sign : {"error", "aborted", "unknown subckt"})
        if (lower.find(sign) != std::string::npos)
          first = line;
  }
  // A singular matrix that the solver recovers from is no failure.
  if (first.empty() && failure.empty())
    return {};
  const std::string &shown = failure.empty() ? first : failure;
  std::string text = "'" + shown + "'";
  std::string time = numberAfter(shown, "time = ");
  std::string trouble = troubleOf(shown);
  if (!time.empty())
    text += "; at " + time + " s";
  if (!trouble.empty())
    text += "; at " + trouble;
  std::vector<std::string> nodes = unconvergedNodes(log);
  for (size_t i = 0; i < nodes.size() && i < 4; ++i)
    text += (i ? ", " : "; not converged: ") + nodeForPeople(nodes[i]);
  std::string cause =
      likelyCause(lowerCase(singular.empty() ? shown : singular));
  if (!cause.empty())
    text += "; likely cause: " + cause;
  return text;
}

int nt::spice::parseVersion(const std::string &output) {
  constexpr const char *key = "ngspice-";
  size_t at = output.find(key);
  if (at == std::string::npos)
    return 0;
  return std::atoi(output.c_str() + at + std::string(key).size());
}
