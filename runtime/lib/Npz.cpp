//===- Npz.cpp - Reading and writing .npz files ---------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A .npz is a zip of .npy files: a magic, a Python dict as text, and the raw
// array. Nothing in the file is trusted: sizes are checked against each other
// before anything is allocated.
//
//===----------------------------------------------------------------------===//

#include "ntrt/Bitstream.h"
#include "ntrt/Dataset.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <zip.h>

using namespace ntrt;

namespace {
constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicSize = 6;
/// NumPy's own headers are below 200 bytes; more is not an array NT reads.
constexpr size_t kMaxHeader = 1 << 16;

struct ZipCloser {
  void operator()(zip_t *archive) const { zip_discard(archive); }
  void operator()(zip_file_t *file) const { zip_fclose(file); }
};
using Zip = std::unique_ptr<zip_t, ZipCloser>;
using ZipFile = std::unique_ptr<zip_file_t, ZipCloser>;

/// What the header of a .npy says.
struct NpyHeader {
  std::string dtype;
  bool fortranOrder = false;
  std::vector<size_t> shape;
};

/// Reads the Python dict of a .npy header, as strictly as NumPy writes it.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : rest(text) {}

  /// Nothing if the text is not such a dict.
  std::optional<NpyHeader> parse() {
    NpyHeader header;
    bool hasType = false, hasOrder = false, hasShape = false;
    if (!take('{'))
      return std::nullopt;
    while (!take('}')) {
      std::optional<std::string> key = string();
      if (!key || !take(':'))
        return std::nullopt;
      bool good = false;
      if (*key == "descr" && !hasType)
        good = hasType = type(header.dtype);
      else if (*key == "fortran_order" && !hasOrder)
        good = hasOrder = boolean(header.fortranOrder);
      else if (*key == "shape" && !hasShape)
        good = hasShape = tuple(header.shape);
      if (!good)
        return std::nullopt;
      if (!take(',') && !peek('}'))
        return std::nullopt;
    }
    skip();
    if (!rest.empty() || !hasType || !hasOrder || !hasShape)
      return std::nullopt;
    return header;
  }

private:
  void skip() {
    while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\n'))
      rest.remove_prefix(1);
  }
  bool peek(char c) {
    skip();
    return !rest.empty() && rest[0] == c;
  }
  bool take(char c) {
    if (!peek(c))
      return false;
    rest.remove_prefix(1);
    return true;
  }
  bool word(std::string_view text) {
    skip();
    if (!rest.starts_with(text))
      return false;
    rest.remove_prefix(text.size());
    return true;
  }
  std::optional<std::string> string() {
    skip();
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"'))
      return std::nullopt;
    size_t end = rest.find(rest[0], 1);
    if (end == std::string_view::npos)
      return std::nullopt;
    std::string text(rest.substr(1, end - 1));
    rest.remove_prefix(end + 1);
    return text;
  }
  /// A structured type is a list; it is kept as text, to be named in a refusal.
  bool type(std::string &dtype) {
    if (!peek('[')) {
      std::optional<std::string> text = string();
      dtype = text.value_or("");
      return text.has_value();
    }
    int depth = 0;
    for (size_t i = 0; i < rest.size(); ++i) {
      depth += rest[i] == '[' ? 1 : rest[i] == ']' ? -1 : 0;
      if (depth > 0)
        continue;
      dtype = rest.substr(0, i + 1);
      rest.remove_prefix(i + 1);
      return true;
    }
    return false;
  }
  bool boolean(bool &value) {
    value = word("True");
    return value || word("False");
  }
  bool tuple(std::vector<size_t> &shape) {
    if (!take('('))
      return false;
    while (!take(')')) {
      skip();
      size_t value = 0, digits = 0;
      while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
        // 18 digits cannot overflow.
        if (++digits > 18)
          return false;
        value = value * 10 + size_t(rest[0] - '0');
        rest.remove_prefix(1);
      }
      if (digits == 0 || (!take(',') && !peek(')')))
        return false;
      shape.push_back(value);
    }
    return true;
  }

  std::string_view rest;
};

template <typename Int> Int littleEndian(const uint8_t *bytes) {
  Int value = 0;
  for (size_t i = 0; i < sizeof(Int); ++i)
    value |= Int(bytes[i]) << (8 * i);
  return value;
}

/// How the elements of one dtype become floats.
struct ElementType {
  const char *name;
  size_t size;
  float (*read)(const uint8_t *);
};
constexpr ElementType kElementTypes[] = {
    {"<f4", 4,
     [](const uint8_t *p) {
       return std::bit_cast<float>(littleEndian<uint32_t>(p));
     }},
    {"<f8", 8,
     [](const uint8_t *p) {
       return float(std::bit_cast<double>(littleEndian<uint64_t>(p)));
     }},
    {"|u1", 1, [](const uint8_t *p) { return float(*p); }},
    {"<i4", 4,
     [](const uint8_t *p) {
       return float(int32_t(littleEndian<uint32_t>(p)));
     }},
    {"<i8", 8, [](const uint8_t *p) {
       return float(int64_t(littleEndian<uint64_t>(p)));
     }}};

/// The product of `shape`, or nothing on overflow.
std::optional<size_t> product(const std::vector<size_t> &shape) {
  size_t total = 1;
  for (size_t extent : shape)
    if (__builtin_mul_overflow(total, extent, &total))
      return std::nullopt;
  return total;
}

/// Reads one .npy entry of a zip.
class EntryReader {
public:
  EntryReader(zip_t *archive, zip_uint64_t index, std::string place)
      : archive(archive), index(index), place(std::move(place)) {}

  Result<NpyArray> read(uint64_t archiveSize);

private:
  Diagnostic misfit(Diag diag, std::string detail) const {
    return {diag, place, std::move(detail)};
  }
  /// Reads exactly `size` bytes.
  Status fill(void *buffer, size_t size) {
    zip_int64_t got = zip_fread(file.get(), buffer, size);
    if (got < 0)
      return misfit(Diag::DataFormat, zip_file_strerror(file.get()));
    if (size_t(got) < size)
      return misfit(Diag::FileTruncated, "the entry ends inside its array");
    return Done{};
  }
  Result<NpyHeader> header(uint64_t entrySize, uint64_t &headerSize);

  zip_t *archive;
  zip_uint64_t index;
  std::string place;
  ZipFile file;
};

Result<NpyHeader> EntryReader::header(uint64_t entrySize,
                                      uint64_t &headerSize) {
  uint8_t start[12] = {};
  if (entrySize < 10)
    return misfit(Diag::FileTruncated,
                  std::to_string(entrySize) + " bytes hold no .npy header");
  if (Status status = fill(start, 10); !status)
    return status.diagnostics();
  if (std::memcmp(start, kMagic, kMagicSize) != 0)
    return misfit(Diag::DataFormat, "the entry does not start as a .npy does");
  unsigned major = start[6];
  if (major < 1 || major > 3)
    return misfit(Diag::DataFormat, ".npy version " + std::to_string(major) +
                                        ", expected 1 to 3");
  uint64_t textSize = littleEndian<uint16_t>(start + 8);
  headerSize = 10;
  if (major >= 2) {
    if (entrySize < 12)
      return misfit(Diag::FileTruncated, "the entry ends inside its header");
    if (Status status = fill(start + 10, 2); !status)
      return status.diagnostics();
    textSize = littleEndian<uint32_t>(start + 8);
    headerSize = 12;
  }
  headerSize += textSize;
  if (headerSize > entrySize)
    return misfit(Diag::FileTruncated, "the entry ends inside its header");
  if (textSize > kMaxHeader)
    return misfit(Diag::DataFormat,
                  "a header of " + std::to_string(textSize) + " bytes");
  std::string text(textSize, '\0');
  if (Status status = fill(text.data(), text.size()); !status)
    return status.diagnostics();
  std::optional<NpyHeader> parsed = HeaderParser(text).parse();
  if (!parsed)
    return misfit(Diag::DataFormat, "the .npy header is not readable");
  return *parsed;
}

Result<NpyArray> EntryReader::read(uint64_t archiveSize) {
  zip_stat_t stat;
  if (zip_stat_index(archive, index, 0, &stat) != 0)
    return misfit(Diag::DataFormat, zip_strerror(archive));
  // Deflate cannot shrink more than 1032-fold: a larger size is a lie that
  // would only exhaust memory.
  if (stat.comp_size > archiveSize || stat.size / 1032 > stat.comp_size)
    return misfit(Diag::DataFormat, "the entry's sizes are not possible");
  file.reset(zip_fopen_index(archive, index, 0));
  if (!file)
    return misfit(Diag::DataFormat, zip_strerror(archive));

  uint64_t headerSize = 0;
  Result<NpyHeader> head = header(stat.size, headerSize);
  if (!head)
    return head.diagnostics();
  const ElementType *type = nullptr;
  for (const ElementType &candidate : kElementTypes)
    if (head->dtype == candidate.name)
      type = &candidate;
  if (!type)
    return misfit(Diag::DataType, "dtype '" + head->dtype +
                                      "', expected <f4, <f8, |u1, <i4 or <i8");
  if (head->fortranOrder && head->shape.size() > 1)
    return misfit(Diag::DataFormat, "the array is in Fortran order; save "
                                    "numpy.ascontiguousarray of it");
  std::optional<size_t> count = product(head->shape);
  uint64_t dataSize = stat.size - headerSize;
  if (!count || *count > std::numeric_limits<size_t>::max() / type->size)
    return misfit(Diag::DataFormat, "the array's shape is not possible");
  if (*count * type->size > dataSize)
    return misfit(Diag::FileTruncated, "found " + std::to_string(dataSize) +
                                           " bytes of " +
                                           std::to_string(*count * type->size));
  if (*count * type->size < dataSize)
    return misfit(Diag::DataFormat, "found " + std::to_string(dataSize) +
                                        " bytes, expected " +
                                        std::to_string(*count * type->size));

  NpyArray array{head->shape, {}, head->dtype};
  array.values.reserve(*count);
  uint8_t buffer[1 << 16];
  for (size_t left = *count; left > 0;) {
    size_t elements = std::min(left, sizeof(buffer) / type->size);
    if (Status status = fill(buffer, elements * type->size); !status)
      return status.diagnostics();
    for (size_t i = 0; i < elements; ++i)
      array.values.push_back(type->read(buffer + i * type->size));
    left -= elements;
  }
  // Only reading past the end makes libzip check the CRC.
  zip_int64_t extra = zip_fread(file.get(), buffer, 1);
  if (extra != 0)
    return misfit(Diag::DataFormat, extra < 0 ? zip_file_strerror(file.get())
                                              : "the entry has no end");
  return array;
}

/// Size of a readable file, and whether it starts as a zip does.
Result<std::pair<uint64_t, bool>> probe(const std::string &path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(
      std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file)
    return Diagnostic{Diag::FileMissing, path, std::strerror(errno)};
  char start[4] = {};
  size_t got = std::fread(start, 1, sizeof start, file.get());
  if (std::ferror(file.get()) || std::fseek(file.get(), 0, SEEK_END) != 0)
    return Diagnostic{Diag::FileMissing, path, std::strerror(errno)};
  bool zip = got == 4 && std::memcmp(start, "PK\3\4", 4) == 0;
  return std::pair<uint64_t, bool>(std::ftell(file.get()), zip);
}
} // namespace

Result<std::map<std::string, NpyArray>> ntrt::readNpz(const std::string &path) {
  Result<std::pair<uint64_t, bool>> probed = probe(path);
  if (!probed)
    return probed.diagnostics();
  int code = 0;
  Zip archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive) {
    // The directory of a zip is at its end: a good start without one was cut.
    if (probed->second)
      return Diagnostic{Diag::FileTruncated, path,
                        "the zip has no directory at its end"};
    return Diagnostic{Diag::DataFormat, path, "not a zip archive"};
  }

  std::map<std::string, NpyArray> arrays;
  DiagnosticList diagnostics;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive.get(), 0); ++i) {
    const char *raw = zip_get_name(archive.get(), i, 0);
    std::string name = raw ? raw : "";
    if (!name.ends_with(".npy"))
      continue;
    name.resize(name.size() - 4);
    Result<NpyArray> array =
        EntryReader(archive.get(), i, path + ":" + name).read(probed->first);
    if (array)
      arrays.emplace(name, std::move(*array));
    else
      diagnostics.insert(diagnostics.end(), array.diagnostics().begin(),
                         array.diagnostics().end());
  }
  if (!diagnostics.empty())
    return diagnostics;
  return arrays;
}

/// The bytes of a .npy file: <i8 if the array says so, else <f4.
static Bytes npyBytes(const NpyArray &array) {
  bool integers = array.dtype == "<i8";
  std::string header = std::string("{'descr': '") + (integers ? "<i8" : "<f4") +
                       "', 'fortran_order': False, 'shape': (";
  for (size_t extent : array.shape)
    header += std::to_string(extent) + ",";
  header += "), }";
  // NumPy aligns the array to 64 bytes; a new line ends the header.
  size_t total = (10 + header.size() + 1 + 63) / 64 * 64;
  header.resize(total - 11, ' ');
  header += '\n';

  std::string start(kMagic, kMagicSize);
  start += {1, 0, char(header.size() & 0xff), char(header.size() >> 8)};
  start += header;
  Bytes bytes(start.begin(), start.end());
  for (float value : array.values) {
    uint64_t bits =
        integers ? uint64_t(int64_t(value)) : std::bit_cast<uint32_t>(value);
    for (size_t i = 0; i < (integers ? 8 : 4); ++i)
      bytes.push_back(uint8_t(bits >> (8 * i)));
  }
  return bytes;
}

/// Why an array cannot be written, if so.
static std::optional<Diagnostic> misfitOf(const NpyArray &array,
                                          const std::string &place) {
  if (product(array.shape) != array.values.size())
    return Diagnostic{Diag::DataShape, place,
                      std::to_string(array.values.size()) +
                          " values do not fill the array's shape"};
  if (!array.dtype.empty() && array.dtype != "<f4" && array.dtype != "<i8")
    return Diagnostic{Diag::DataType, place,
                      "'" + array.dtype + "' is not written, only <f4 and <i8"};
  if (array.dtype == "<i8")
    for (float value : array.values)
      if (!(std::fabs(value) < 0x1p62f) || value != std::trunc(value))
        return Diagnostic{Diag::DataType, place,
                          std::to_string(value) + " is not an integer"};
  return std::nullopt;
}

Status ntrt::writeNpz(const std::string &path,
                      const std::map<std::string, NpyArray> &arrays) {
  DiagnosticList diagnostics;
  for (const auto &[name, array] : arrays)
    if (std::optional<Diagnostic> misfit = misfitOf(array, path + ":" + name))
      diagnostics.push_back(*misfit);
  if (arrays.empty())
    diagnostics.push_back({Diag::DataEmpty, path, "no array to write"});
  if (!diagnostics.empty())
    return diagnostics;

  auto fail = [&](const char *why) -> Status {
    return Diagnostic{Diag::FileNotWritten, path, why};
  };
  zip_source_t *memory = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  if (!memory)
    return fail("out of memory");
  // A second reference, to read the bytes after the archive is closed.
  zip_source_keep(memory);
  std::unique_ptr<zip_source_t, void (*)(zip_source_t *)> kept(memory,
                                                               zip_source_free);
  Zip archive(zip_open_from_source(memory, ZIP_TRUNCATE, nullptr));
  if (!archive) {
    zip_source_free(memory);
    return fail("no archive in memory");
  }
  // 1980-01-01, the first day of zip: the same arrays give the same bytes.
  constexpr zip_uint16_t kDate = 1 << 5 | 1, kTime = 0;
  std::map<std::string, Bytes> entries;
  for (const auto &[name, array] : arrays) {
    const Bytes &bytes = entries[name] = npyBytes(array);
    zip_source_t *source =
        zip_source_buffer(archive.get(), bytes.data(), bytes.size(), 0);
    zip_int64_t index = zip_file_add(archive.get(), (name + ".npy").c_str(),
                                     source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      return fail(zip_strerror(archive.get()));
    }
    zip_set_file_compression(archive.get(), index, ZIP_CM_STORE, 0);
    zip_file_set_dostime(archive.get(), index, kTime, kDate, 0);
  }
  if (zip_close(archive.get()) != 0)
    return fail(zip_strerror(archive.get()));
  archive.release();

  Bytes bytes;
  if (zip_source_open(memory) != 0)
    return fail("cannot read the archive in memory");
  zip_source_seek(memory, 0, SEEK_END);
  bytes.resize(zip_source_tell(memory));
  zip_source_seek(memory, 0, SEEK_SET);
  zip_int64_t got = zip_source_read(memory, bytes.data(), bytes.size());
  zip_source_close(memory);
  if (got != zip_int64_t(bytes.size()))
    return fail("cannot read the archive in memory");
  return writeFileWhole(path, bytes.data(), bytes.size());
}
