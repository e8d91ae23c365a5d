//===- ModelFile.cpp - A parsed model beside its mapped weights -----------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "ModelFile.h"

#include "nt/Support/Diagnostics.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/raw_ostream.h"

#include <google/protobuf/stubs/logging.h>

#include <limits>

using namespace mlir;
using namespace nt;

namespace {

/// The way from a message to the field that is taken out: the fields of
/// ModelProto.graph, GraphProto.initializer and TensorProto.raw_data.
constexpr unsigned kWay[] = {onnx::ModelProto::kGraphFieldNumber,
                             onnx::GraphProto::kInitializerFieldNumber,
                             onnx::TensorProto::kRawDataFieldNumber};
constexpr size_t kLast = std::size(kWay) - 1;

/// Takes the raw data of the initialisers out of a model in wire format
/// (developers.google.com/protocol-buffers/docs/encoding).
class Splitter {
public:
  std::vector<std::optional<StringRef>> rawData;

  /// Appends `message` to `rest` without that data; false if the bytes are no
  /// message.
  bool split(StringRef message, size_t level, std::string &rest) {
    while (!message.empty()) {
      const StringRef field = message;
      uint64_t tag = 0, length = 0;
      if (!readVarint(message, tag))
        return false;
      switch (tag & 7) {
      case 0:
        if (!readVarint(message, length))
          return false;
        break;
      case 1:
        length = 8;
        break;
      case 2:
        if (!readVarint(message, length))
          return false;
        break;
      case 5:
        length = 4;
        break;
      default: // Groups: none in ONNX.
        return false;
      }
      if ((tag & 7) == 0)
        length = 0;
      if (length > message.size())
        return false;
      const StringRef value = message.take_front(length);
      message = message.drop_front(length);
      if ((tag & 7) == 2 && (tag >> 3) == kWay[level]) {
        if (!enter(value, level, tag, rest))
          return false;
        continue;
      }
      rest.append(field.data(), message.data());
    }
    return true;
  }

private:
  /// At most ten bytes of seven bits, the lowest first.
  static bool readVarint(StringRef &bytes, uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 70 && !bytes.empty(); shift += 7) {
      const uint8_t byte = bytes.front();
      bytes = bytes.drop_front();
      value |= uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80)
        return true;
    }
    return false;
  }

  bool enter(StringRef value, size_t level, uint64_t tag, std::string &rest) {
    if (level == kLast) {
      rawData.back() = value;
      return true;
    }
    if (level + 1 == kLast)
      rawData.emplace_back();
    std::string inner;
    if (!split(value, level + 1, inner))
      return false;
    llvm::raw_string_ostream stream(rest);
    llvm::encodeULEB128(tag, stream);
    llvm::encodeULEB128(inner.size(), stream);
    stream << inner;
    return true;
  }
};

} // namespace

std::unique_ptr<ModelFile>
ModelFile::parse(std::unique_ptr<llvm::MemoryBuffer> buffer, Location loc) {
  auto file = std::make_unique<ModelFile>();
  file->buffer = std::move(buffer);
  const StringRef bytes = file->buffer->getBuffer();

  // Protobuf would write its own messages to stderr.
  google::protobuf::LogSilencer silencer;
  Splitter splitter;
  std::string rest;
  bool isParsed =
      splitter.split(bytes, 0, rest) &&
      rest.size() <= std::numeric_limits<int>::max() &&
      file->model.ParseFromArray(rest.data(), static_cast<int>(rest.size()));
  if (!isParsed) {
    emitDiag(loc, ntrt::Diag::OnnxNotAModel)
        << "the file is truncated, or is no protobuf message ("
        << uint64_t(bytes.size()) << " bytes)";
    return nullptr;
  }
  // Protobuf takes almost any short text for a message of unknown fields.
  const onnx::ModelProto &model = file->model;
  if (!model.has_ir_version() || !model.has_graph() ||
      model.opset_import().empty() || model.graph().node().empty()) {
    emitDiag(loc, ntrt::Diag::OnnxNotAModel)
        << "it has no IR version, no opset, or no graph with nodes";
    return nullptr;
  }
  file->rawData = std::move(splitter.rawData);
  assert(static_cast<int>(file->rawData.size()) ==
             model.graph().initializer_size() &&
         "an entry an initialiser");
  return file;
}
