//===- TensorReader.cpp - Values of ONNX tensors --------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "TensorReader.h"

#include "nt/Import/ONNX/ImportONNX.h"
#include "nt/Support/Diagnostics.h"

#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

#include <onnx/onnx_pb.h>

#include <cstring>
#include <memory>
#include <optional>
#include <type_traits>

#include <sys/mman.h>

using namespace mlir;
using namespace nt;

DenseElementsAttr TensorValues::toAttribute() const {
  return isFloat() ? DenseElementsAttr::get(type, floats.getDataAs<float>())
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

/// Gives the pages within `bytes` back, which the file fills again when they
/// are read. MemoryBuffer::dontNeedIfMmap asks glibc's posix_madvise, which
/// does nothing.
static void releasePages(const llvm::MemoryBuffer &mapping, StringRef bytes) {
  if (mapping.getBufferKind() != llvm::MemoryBuffer::MemoryBuffer_MMap)
    return;
  const uintptr_t page = llvm::sys::Process::getPageSizeEstimate();
  const uintptr_t begin =
      llvm::alignTo(reinterpret_cast<uintptr_t>(bytes.begin()), page);
  const uintptr_t end =
      llvm::alignDown(reinterpret_cast<uintptr_t>(bytes.end()), page);
  if (begin < end) // Advice: a refusal costs memory only.
    (void)::madvise(reinterpret_cast<void *>(begin), end - begin,
                    MADV_DONTNEED);
}

namespace {

/// 16 bits of a float; exact in float32.
template <const llvm::fltSemantics &(*semantics)()> struct Float16 {
  uint16_t bits = 0;
  Float16() = default;
  /// Typed fields hold the bits in an int32.
  explicit Float16(int32_t field) : bits(static_cast<uint16_t>(field)) {}
  explicit operator float() const {
    return static_cast<float>(
        llvm::APFloat(semantics(), llvm::APInt(16, bits)).convertToDouble());
  }
};
using Half = Float16<llvm::APFloat::IEEEhalf>;
using BFloat = Float16<llvm::APFloat::BFloat>;

/// Reads the elements of one tensor, whichever of its fields holds them.
class Reader {
public:
  Reader(const onnx::TensorProto &tensor, std::optional<MappedBytes> rawData,
         int64_t count, Location loc, const Twine &what)
      : tensor(tensor), count(count), loc(loc), what(what) {
    if (rawData) {
      raw = rawData->bytes;
      mapping = rawData->mapping;
    } else if (tensor.has_raw_data())
      raw = StringRef(tensor.raw_data());
  }

  /// Takes the bytes of an external file in place of the model's.
  LogicalResult openExternal(TensorStore &store);

  /// `Stored` is the type in the bytes; `typed` the field used otherwise.
  template <typename Stored, typename Field>
  LogicalResult readFloats(const Field &typed, AsmResourceBlob &blob) const {
    if (failed(checkSize<Stored>(typed)))
      return failure();
    blob = HeapAsmResourceBlob::allocate(count * sizeof(float), alignof(float));
    copyTo<Stored>(typed,
                   reinterpret_cast<float *>(blob.getMutableData().data()));
    return success();
  }
  template <typename Stored, typename Field>
  LogicalResult readIntegers(const Field &typed,
                             std::vector<int64_t> &values) const {
    if (failed(checkSize<Stored>(typed)))
      return failure();
    values.resize(count);
    copyTo<Stored>(typed, values.data());
    return success();
  }

private:
  /// Before anything is allocated: a damaged shape may be astronomic.
  template <typename Stored, typename Field>
  LogicalResult checkSize(const Field &typed) const {
    if (!raw) {
      if (typed.size() != count)
        return fail() << "holds " << int64_t(typed.size())
                      << " values, its shape takes " << count;
      return success();
    }
    if (raw->size() % sizeof(Stored) ||
        static_cast<int64_t>(raw->size() / sizeof(Stored)) != count)
      return fail() << "holds " << uint64_t(raw->size())
                    << " bytes, its shape takes " << count << " values of "
                    << uint64_t(sizeof(Stored)) << " bytes";
    return success();
  }

  template <typename Stored, typename Field, typename Value>
  void copyTo(const Field &typed, Value *values) const {
    if (!raw) {
      for (auto value : typed)
        *values++ = static_cast<Value>(static_cast<Stored>(value));
    } else if constexpr (std::is_same_v<Stored, Value>) {
      // So that no more than a piece is in memory twice.
      constexpr size_t piece = size_t(16) << 20;
      for (size_t at = 0; at < raw->size(); at += piece) {
        const StringRef bytes = raw->substr(at, piece);
        std::memcpy(reinterpret_cast<char *>(values) + at, bytes.data(),
                    bytes.size());
        if (mapping)
          releasePages(*mapping, bytes);
      }
    } else {
      for (int64_t i = 0; i != count; ++i) {
        Stored value;
        std::memcpy(&value, raw->data() + i * sizeof(Stored), sizeof(Stored));
        values[i] = static_cast<Value>(value);
      }
    }
  }

  InFlightDiagnostic fail() const {
    InFlightDiagnostic diagnostic = emitDiag(loc, ntrt::Diag::OnnxWeights);
    diagnostic << what << " ";
    return diagnostic;
  }

  const onnx::TensorProto &tensor;
  int64_t count;
  Location loc;
  const Twine &what;
  std::optional<StringRef> raw;
  std::unique_ptr<llvm::MemoryBuffer> file;    ///< Mapped, not read.
  const llvm::MemoryBuffer *mapping = nullptr; ///< What holds `raw`, if a file.
};

} // namespace

/// Whether `path` leads below `folder`, links resolved.
static bool isInside(StringRef path, StringRef folder) {
  llvm::SmallString<256> realPath, realFolder;
  if (llvm::sys::fs::real_path(path, realPath) ||
      llvm::sys::fs::real_path(folder, realFolder))
    return false;
  realFolder += llvm::sys::path::get_separator();
  return StringRef(realPath).starts_with(realFolder);
}

std::optional<std::string> ExternalRanges::take(StringRef file, uint64_t begin,
                                                uint64_t end,
                                                const std::string &owner) {
  if (begin == end)
    return std::nullopt;
  auto &taken = ranges[file.str()];
  auto next = taken.lower_bound(begin);
  if (next != taken.end() && next->first < end)
    return next->second.owner;
  if (next != taken.begin() && std::prev(next)->second.end > begin)
    return std::prev(next)->second.owner;
  taken.emplace_hint(next, begin, Range{end, owner});
  return std::nullopt;
}

LogicalResult Reader::openExternal(TensorStore &store) {
  StringRef location;
  uint64_t offset = 0, length = 0;
  bool hasLength = false, isNumber = true;
  for (const auto &entry : tensor.external_data()) {
    const StringRef value = entry.value();
    if (entry.key() == "location")
      location = value;
    else if (entry.key() == "offset")
      isNumber &= !value.getAsInteger(10, offset);
    else if (entry.key() == "length")
      hasLength = isNumber &= !value.getAsInteger(10, length);
  }
  if (location.empty() || !isNumber)
    return fail() << "is stored outside the model, with no file or no valid "
                     "offset and length";
  const StringRef folder = store.folder.empty() ? "." : store.folder;
  llvm::SmallString<256> path(folder), realPath;
  llvm::sys::path::append(path, location);
  if (llvm::sys::path::is_absolute(location))
    return fail() << "is stored in '" << location
                  << "', which is not below the model's folder";
  uint64_t size = 0;
  if (std::error_code code = llvm::sys::fs::file_size(path, size))
    return fail() << "is stored in '" << location << "': " << code.message();
  if (!isInside(path, folder))
    return fail() << "is stored in '" << location
                  << "', which is not below the model's folder";
  if (!hasLength)
    length = size > offset ? size - offset : 0;
  if (offset > size || length > size - offset)
    return fail() << "takes " << length << " bytes from byte " << offset
                  << " of '" << location << "', which has " << size;
  (void)llvm::sys::fs::real_path(path, realPath);
  if (auto other =
          store.external.take(realPath, offset, offset + length, tensor.name()))
    return fail() << "takes bytes of '" << location << "' that initialiser '"
                  << *other << "' takes as well";
  auto slice = llvm::MemoryBuffer::getFileSlice(path, length, offset);
  if (!slice)
    return fail() << "is stored in '" << location
                  << "': " << slice.getError().message();
  file = std::move(*slice);
  mapping = file.get();
  raw = file->getBuffer();
  return success();
}

static StringRef typeName(int type) {
  return onnx::TensorProto_DataType_IsValid(type)
             ? StringRef(onnx::TensorProto_DataType_Name(
                   static_cast<onnx::TensorProto_DataType>(type)))
             : StringRef("unknown");
}

FailureOr<TensorValues> nt::readTensor(const onnx::TensorProto &tensor,
                                       std::optional<MappedBytes> rawData,
                                       TensorStore &store, Location loc,
                                       const Twine &what) {
  SmallVector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  std::optional<int64_t> count = numElements(dims);
  if (!count)
    return emitDiag(loc, ntrt::Diag::OnnxWeights)
           << what << " has shape [" << ArrayRef(dims)
           << "], which is negative or too large";
  MLIRContext *context = loc.getContext();
  Reader reader(tensor, rawData, *count, loc, what);
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL &&
      failed(reader.openExternal(store)))
    return failure();
  TensorValues result;
  result.elementType = typeName(tensor.data_type());
  LogicalResult read = success();
  Type elementType = IntegerType::get(context, 64);
  switch (tensor.data_type()) {
  case onnx::TensorProto::FLOAT:
    elementType = Float32Type::get(context);
    read = reader.readFloats<float>(tensor.float_data(), result.floats);
    break;
  case onnx::TensorProto::DOUBLE:
    elementType = Float32Type::get(context);
    result.roundedFromDouble = true;
    read = reader.readFloats<double>(tensor.double_data(), result.floats);
    break;
  case onnx::TensorProto::FLOAT16:
    elementType = Float32Type::get(context);
    read = reader.readFloats<Half>(tensor.int32_data(), result.floats);
    break;
  case onnx::TensorProto::BFLOAT16:
    elementType = Float32Type::get(context);
    read = reader.readFloats<BFloat>(tensor.int32_data(), result.floats);
    break;
  case onnx::TensorProto::INT8:
    read = reader.readIntegers<int8_t>(tensor.int32_data(), result.integers);
    break;
  case onnx::TensorProto::UINT8:
    read = reader.readIntegers<uint8_t>(tensor.int32_data(), result.integers);
    break;
  case onnx::TensorProto::INT16:
    read = reader.readIntegers<int16_t>(tensor.int32_data(), result.integers);
    break;
  case onnx::TensorProto::UINT16:
    read = reader.readIntegers<uint16_t>(tensor.int32_data(), result.integers);
    break;
  case onnx::TensorProto::UINT32:
    read = reader.readIntegers<uint32_t>(tensor.uint64_data(), result.integers);
    break;
  case onnx::TensorProto::UINT64: // Past int64 no classifier counts.
    read = reader.readIntegers<uint64_t>(tensor.uint64_data(), result.integers);
    break;
  case onnx::TensorProto::INT64:
    read = reader.readIntegers<int64_t>(tensor.int64_data(), result.integers);
    break;
  case onnx::TensorProto::INT32:
    read = reader.readIntegers<int32_t>(tensor.int32_data(), result.integers);
    break;
  case onnx::TensorProto::BOOL:
    read = reader.readIntegers<uint8_t>(tensor.int32_data(), result.integers);
    break;
  default:
    return emitDiag(loc, ntrt::Diag::OnnxWeights)
           << what << " has element type " << typeName(tensor.data_type())
           << ", NT reads FLOAT16, BFLOAT16, FLOAT, DOUBLE, INT8, UINT8, "
              "INT16, "
              "UINT16, INT32, UINT32, INT64, UINT64 and BOOL";
  }
  if (failed(read))
    return failure();
  result.type = RankedTensorType::get(dims, elementType);
  return result;
}

/// The places of a sparse tensor's values in the flat tensor; nullopt if the
/// indices are no such list, or leave the tensor.
static std::optional<std::vector<int64_t>>
flatPlaces(const TensorValues &indices, int64_t values, ArrayRef<int64_t> dims,
           int64_t count) {
  ArrayRef<int64_t> shape = indices.type.getShape();
  const int64_t rank = static_cast<int64_t>(dims.size());
  const bool isFlat = shape == ArrayRef<int64_t>{values};
  if (indices.isFloat() ||
      (!isFlat && shape != ArrayRef<int64_t>{values, rank}))
    return std::nullopt;
  std::vector<int64_t> places;
  for (int64_t i = 0; i < values; ++i) {
    int64_t place = isFlat ? indices.integers[i] : 0;
    for (int64_t axis = 0; !isFlat && axis < rank; ++axis) {
      const int64_t at = indices.integers[i * rank + axis];
      if (at < 0 || at >= dims[axis])
        return std::nullopt;
      place = place * dims[axis] + at;
    }
    if (place < 0 || place >= count)
      return std::nullopt;
    places.push_back(place);
  }
  return places;
}

FailureOr<TensorValues>
nt::readSparseTensor(const onnx::SparseTensorProto &tensor, TensorStore &store,
                     Location loc, const Twine &what) {
  SmallVector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  std::optional<int64_t> count = numElements(dims);
  if (!count || *count > kMostComputedElements)
    return emitDiag(loc, ntrt::Diag::OnnxWeights)
           << what << " is sparse and has shape [" << ArrayRef(dims)
           << "], which is negative or has more than " << kMostComputedElements
           << " elements";
  FailureOr<TensorValues> values =
      readTensor(tensor.values(), std::nullopt, store, loc, what);
  FailureOr<TensorValues> indices =
      readTensor(tensor.indices(), std::nullopt, store, loc, what);
  if (failed(values) || failed(indices))
    return failure();
  auto places =
      flatPlaces(*indices, values->type.getNumElements(), dims, *count);
  if (!values->isFloat() || values->type.getRank() != 1 || !places)
    return emitDiag(loc, ntrt::Diag::OnnxWeights)
           << what << " is sparse, and is no list of floats with an index "
           << "inside [" << ArrayRef(dims) << "] each";
  TensorValues result;
  result.type = RankedTensorType::get(dims, values->type.getElementType());
  result.elementType = values->elementType;
  result.roundedFromDouble = values->roundedFromDouble;
  result.floats =
      HeapAsmResourceBlob::allocate(*count * sizeof(float), alignof(float));
  float *dense =
      reinterpret_cast<float *>(result.floats.getMutableData().data());
  std::fill_n(dense, *count, 0.0f);
  for (auto [place, value] :
       llvm::zip_equal(*places, values->floats.getDataAs<float>()))
    dense[place] = value;
  return result;
}
