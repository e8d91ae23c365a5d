//===- Sections.h - Sections of one model in the report ---------*- C++ -*-===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef NT_LIB_TARGET_REPORT_SECTIONS_H
#define NT_LIB_TARGET_REPORT_SECTIONS_H

#include "nt/Target/Report/ReportData.h"

#include "llvm/Support/raw_ostream.h"

namespace nt::report {

/// The style sheet of all pages.
llvm::StringRef pageStyle();

/// "PASSED", "FAILED" or "NOT VERIFIED" as a badge.
std::string badge(const ModelReport &model);
/// What the model is called: its folder's name.
std::string nameOf(const ModelReport &model);
/// The task a report is about: the first new one, else the source task; null if
/// nothing was verified.
const VerifiedTask *mainTask(const ModelReport &model);
/// Accuracy of a task on the chip (its last stage), or null.
const StageAccuracy *finalAccuracy(const VerifiedTask *task);

// Each writes one section, or nothing if its data is missing.
void writeHeadline(llvm::raw_ostream &out, const ModelReport &model);
void writeMissing(llvm::raw_ostream &out, const ModelReport &model);
void writeChain(llvm::raw_ostream &out, const ModelReport &model);
void writeAgreement(llvm::raw_ostream &out, const ModelReport &model);
void writeLedger(llvm::raw_ostream &out, const ModelReport &model);
void writeAccuracy(llvm::raw_ostream &out, const ModelReport &model);
void writeFloorplan(llvm::raw_ostream &out, const ModelReport &model);
void writeWeights(llvm::raw_ostream &out, const ModelReport &model);
void writeModulation(llvm::raw_ostream &out, const ModelReport &model);
void writeSpikes(llvm::raw_ostream &out, const ModelReport &model);
void writeEnergy(llvm::raw_ostream &out, const ModelReport &model);
void writeLearning(llvm::raw_ostream &out, const ModelReport &model);
void writeSizes(llvm::raw_ostream &out, const ModelReport &model);

} // namespace nt::report

#endif // NT_LIB_TARGET_REPORT_SECTIONS_H
