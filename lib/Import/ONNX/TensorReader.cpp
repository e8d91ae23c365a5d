//===- TensorReader.cpp - Values of ONNX tensors --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "TensorReader.h"

#include "nt/Support/Diagnostics.h"

#include "llvm/ADT/Twine.h"

#include <onnx/onnx_pb.h>

#include <cstring>

using namespace mlir;
using namespace nt;

DenseElementsAttr TensorValues::toAttribute() const {
  return isFloat() ? DenseElementsAttr::get(type, llvm::ArrayRef(floats))
                   : DenseElementsAttr::get(type, llvm::ArrayRef(integers));
}

/// Number of elements, or nullopt if a dimension is negative or the product
/// does not fit.
static std::optional<int64_t> numElements(ArrayRef<int64_t> dims) {
  int64_t count = 1;
  for (int64_t dim : dims)
    if (dim < 0 || __builtin_mul_overflow(count, dim, &count))
      return std::nullopt;
  return count;
}

namespace {
/// Reads the elements of one tensor, whichever of its fields holds them.
class Reader {
public:
  Reader(const onnx::TensorProto &tensor, int64_t count, Location loc,
         const Twine &what)
      : tensor(tensor), count(count), loc(loc), what(what) {}

  /// `Stored` is the type in raw_data; `typed` the field used otherwise.
  template <typename Stored, typename Field, typename Value>
  LogicalResult read(const Field &typed, std::vector<Value> &values) const {
    if (!tensor.has_raw_data()) {
      if (typed.size() != count)
        return emitDiag(loc, ntrt::Diag::OnnxWeights)
               << what << " holds " << int64_t(typed.size())
               << " values, its shape takes " << count;
      values.assign(typed.begin(), typed.end());
      return success();
    }
    const std::string &raw = tensor.raw_data();
    // Divides rather than multiplies: a damaged shape may be astronomic.
    if (raw.size() % sizeof(Stored) ||
        static_cast<int64_t>(raw.size() / sizeof(Stored)) != count)
      return emitDiag(loc, ntrt::Diag::OnnxWeights)
             << what << " holds " << uint64_t(raw.size())
             << " bytes, its shape takes " << count << " values of "
             << uint64_t(sizeof(Stored)) << " bytes";
    values.resize(count);
    for (int64_t i = 0; i != count; ++i) {
      Stored value;
      std::memcpy(&value, raw.data() + i * sizeof(Stored), sizeof(Stored));
      values[i] = static_cast<Value>(value);
    }
    return success();
  }

private:
  const onnx::TensorProto &tensor;
  int64_t count;
  Location loc;
  const Twine &what;
};
} // namespace

static StringRef typeName(int type) {
  return onnx::TensorProto_DataType_IsValid(type)
             ? StringRef(onnx::TensorProto_DataType_Name(
                   static_cast<onnx::TensorProto_DataType>(type)))
             : StringRef("unknown");
}

FailureOr<TensorValues> nt::readTensor(const onnx::TensorProto &tensor,
                                       Location loc, const Twine &what) {
  SmallVector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  std::optional<int64_t> count = numElements(dims);
  if (!count)
    return emitDiag(loc, ntrt::Diag::OnnxWeights)
           << what << " has shape [" << ArrayRef(dims)
           << "], which is negative or too large";
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    StringRef file = "another file";
    for (const auto &entry : tensor.external_data())
      if (entry.key() == "location")
        file = entry.value();
    return emitDiag(loc, ntrt::Diag::OnnxWeights)
           << what << " is stored outside the model, in " << file;
  }

  MLIRContext *context = loc.getContext();
  Reader reader(tensor, *count, loc, what);
  TensorValues result;
  LogicalResult read = success();
  Type elementType = IntegerType::get(context, 64);
  switch (tensor.data_type()) {
  case onnx::TensorProto::FLOAT:
    elementType = Float32Type::get(context);
    read = reader.read<float>(tensor.float_data(), result.floats);
    break;
  case onnx::TensorProto::DOUBLE:
    elementType = Float32Type::get(context);
    result.roundedFromDouble = true;
    read = reader.read<double>(tensor.double_data(), result.floats);
    break;
  case onnx::TensorProto::INT64:
    read = reader.read<int64_t>(tensor.int64_data(), result.integers);
    break;
  case onnx::TensorProto::INT32:
    read = reader.read<int32_t>(tensor.int32_data(), result.integers);
    break;
  case onnx::TensorProto::BOOL:
    read = reader.read<uint8_t>(tensor.int32_data(), result.integers);
    break;
  default:
    return emitDiag(loc, ntrt::Diag::OnnxWeights)
           << what << " has element type " << typeName(tensor.data_type())
           << ", NT reads FLOAT, DOUBLE, INT32, INT64 and BOOL";
  }
  if (failed(read))
    return failure();
  result.type = RankedTensorType::get(dims, elementType);
  return result;
}
