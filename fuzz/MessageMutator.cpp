//===- MessageMutator.cpp - Small changes to protobuf messages ------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "MessageMutator.h"

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {

/// A field that is set, of one message of the tree.
struct Place {
  Message *message;
  const FieldDescriptor *field;
};

class Mutation {
public:
  Mutation(Message &root, std::mt19937 &random) : random(random) {
    collect(root);
  }

  void apply() {
    if (places.empty())
      return;
    const Place place = places[below(places.size())];
    if (place.field->is_repeated())
      changeList(place);
    else if (below(12) == 0)
      place.message->GetReflection()->ClearField(place.message, place.field);
    else
      changeValue(place, -1);
  }

private:
  size_t below(size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random);
  }

  void collect(Message &message) {
    const Reflection *reflection = message.GetReflection();
    std::vector<const FieldDescriptor *> fields;
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor *field : fields) {
      places.push_back({&message, field});
      const bool isMessage =
          field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      if (field->type() == FieldDescriptor::TYPE_STRING)
        collectStrings(message, field);
      if (!isMessage)
        continue;
      if (!field->is_repeated()) {
        collect(*reflection->MutableMessage(&message, field));
        continue;
      }
      for (int i = 0; i != reflection->FieldSize(message, field); ++i)
        collect(*reflection->MutableRepeatedMessage(&message, field, i));
    }
  }

  void collectStrings(const Message &message, const FieldDescriptor *field) {
    const Reflection *reflection = message.GetReflection();
    if (!field->is_repeated()) {
      strings.push_back(reflection->GetString(message, field));
      return;
    }
    for (int i = 0; i != reflection->FieldSize(message, field); ++i)
      strings.push_back(reflection->GetRepeatedString(message, field, i));
  }

  void changeList(Place place) {
    const Reflection *reflection = place.message->GetReflection();
    const int size = reflection->FieldSize(*place.message, place.field);
    const int at = static_cast<int>(below(size));
    switch (below(5)) {
    case 0:
      reflection->SwapElements(place.message, place.field, at, size - 1);
      reflection->RemoveLast(place.message, place.field);
      return;
    case 1:
      reflection->SwapElements(place.message, place.field, at,
                               static_cast<int>(below(size)));
      return;
    case 2:
      append(place, at);
      return;
    default:
      if (place.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
        changeValue(place, at);
    }
  }

  /// Doubles an element.
  void append(Place place, int at) {
    Message &message = *place.message;
    const FieldDescriptor *field = place.field;
    const Reflection *reflection = message.GetReflection();
    switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      reflection->AddMessage(&message, field)
          ->CopyFrom(reflection->GetRepeatedMessage(message, field, at));
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->AddString(&message, field,
                            reflection->GetRepeatedString(message, field, at));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection->AddInt64(&message, field,
                           reflection->GetRepeatedInt64(message, field, at));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      reflection->AddInt32(&message, field,
                           reflection->GetRepeatedInt32(message, field, at));
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      reflection->AddFloat(&message, field,
                           reflection->GetRepeatedFloat(message, field, at));
      break;
    default: // Nothing else is a list of much in ONNX.
      break;
    }
  }

  int64_t changed(int64_t value) {
    static constexpr int64_t extremes[] = {0,         1,
                                           -1,        2,
                                           1 << 20,   int64_t(1) << 31,
                                           INT32_MIN, INT64_MAX,
                                           INT64_MIN, int64_t(1) << 40};
    switch (below(4)) {
    case 0:
      return extremes[below(std::size(extremes))];
    case 1: // Of unsigned numbers, so that it may wrap.
      return static_cast<int64_t>(uint64_t(value) + 1);
    case 2:
      return static_cast<int64_t>(uint64_t(value) - 1);
    default:
      return static_cast<int64_t>(below(24));
    }
  }

  double changed(double value) {
    static constexpr double extremes[] = {
        0,
        -1,
        1e30,
        -1e-30,
        std::numeric_limits<float>::infinity(),
        std::numeric_limits<float>::quiet_NaN()};
    return below(2) ? extremes[below(std::size(extremes))] : -value;
  }

  std::string changed(std::string value) {
    if (!strings.empty() && below(4))
      return strings[below(strings.size())];
    if (!value.empty() && below(2))
      value[below(value.size())] = static_cast<char>(below(256));
    else
      value.push_back(static_cast<char>(below(256)));
    return value;
  }

  /// The value of a field, or of element `at` of a list.
  void changeValue(Place place, int at) {
    Message *message = place.message;
    const FieldDescriptor *field = place.field;
    const Reflection *reflection = message->GetReflection();
#define NT_CHANGE(kind, Name)                                                  \
  case FieldDescriptor::CPPTYPE_##kind:                                        \
    if (at < 0)                                                                \
      reflection->Set##Name(message, field,                                    \
                            changed(reflection->Get##Name(*message, field)));  \
    else                                                                       \
      reflection->SetRepeated##Name(                                           \
          message, field, at,                                                  \
          changed(reflection->GetRepeated##Name(*message, field, at)));        \
    break
#define NT_CHANGE_INTEGER(kind, Name)                                          \
  case FieldDescriptor::CPPTYPE_##kind:                                        \
    if (at < 0)                                                                \
      reflection->Set##Name(                                                   \
          message, field,                                                      \
          changed(int64_t(reflection->Get##Name(*message, field))));           \
    else                                                                       \
      reflection->SetRepeated##Name(                                           \
          message, field, at,                                                  \
          changed(                                                             \
              int64_t(reflection->GetRepeated##Name(*message, field, at))));   \
    break
    switch (field->cpp_type()) {
      NT_CHANGE(STRING, String);
      NT_CHANGE(FLOAT, Float);
      NT_CHANGE(DOUBLE, Double);
      NT_CHANGE_INTEGER(INT32, Int32);
      NT_CHANGE_INTEGER(INT64, Int64);
      NT_CHANGE_INTEGER(UINT32, UInt32);
      NT_CHANGE_INTEGER(UINT64, UInt64);
    case FieldDescriptor::CPPTYPE_ENUM:
      if (at < 0)
        reflection->SetEnumValue(message, field, static_cast<int>(below(24)));
      break;
    default:
      break;
    }
#undef NT_CHANGE
#undef NT_CHANGE_INTEGER
  }

  std::mt19937 &random;
  std::vector<Place> places;
  std::vector<std::string> strings;
};

} // namespace

void nt::fuzz::mutate(Message &message, std::mt19937 &random) {
  Mutation(message, random).apply();
}
