//===- ImportONNX.cpp - ONNX files to generic nodes -----------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Import/ONNX/ImportONNX.h"

#include "ModelFile.h"
#include "TensorReader.h"

#include "nt/Dialect/NT/IR/NTOps.h"
#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

#include <onnx/onnx_pb.h>

using namespace mlir;
using namespace nt;

namespace {
/// Imports one parsed model. Misfits are counted, not thrown: the import goes
/// on so that all are reported, and the module is dropped at the end.
class Importer {
public:
  Importer(const ModelFile &file, StringRef path, MLIRContext *context,
           const ONNXImportOptions &options)
      : file(file), model(file.getModel()), graph(model.graph()),
        options(options), builder(context),
        fileName(llvm::sys::path::filename(path)),
        stem(llvm::sys::path::stem(path)),
        store{llvm::sys::path::parent_path(path), {}},
        fileLoc(FileLineColLoc::get(context, path, 0, 0)) {}

  OwningOpRef<ModuleOp> run();

private:
  Location locOf(StringRef name) {
    return NameLoc::get(builder.getStringAttr(name), fileLoc);
  }
  InFlightDiagnostic fail(Location loc, ntrt::Diag diag) {
    hasFailed = true;
    return emitDiag(loc, diag);
  }
  void define(StringRef name, Value value, Location loc);
  Value lookup(StringRef name, Location loc, const Twine &reader);

  RankedTensorType readInputType(const onnx::ValueInfoProto &input);
  std::optional<SmallVector<int64_t>>
  fixShape(StringRef name, const onnx::TensorShapeProto &shape, Location loc);
  void checkInputOptions();
  void importInitializers();
  void defineInitializer(StringRef name, FailureOr<TensorValues> read);
  void importNode(const onnx::NodeProto &node);
  Attribute importAttribute(const onnx::AttributeProto &attribute,
                            Location loc);
  void readOpsets();
  void readMetadata(func::FuncOp func);
  void importResult(func::FuncOp func, const onnx::ValueInfoProto &output);

  const ModelFile &file;
  const onnx::ModelProto &model;
  const onnx::GraphProto &graph;
  const ONNXImportOptions &options;
  OpBuilder builder;
  StringRef fileName, stem;
  TensorStore store;
  Location fileLoc;
  llvm::StringMap<Value> values;
  llvm::StringMap<int64_t> opsetOfDomain;
  llvm::StringSet<> initializerNames;
  llvm::StringSet<> nodeOutputs; ///< Filled when a reader finds no value.
  bool hasFailed = false;
};
} // namespace

/// The default domain has two names.
static StringRef normalizeDomain(StringRef domain) {
  return domain == "ai.onnx" ? StringRef() : domain;
}

void Importer::define(StringRef name, Value value, Location loc) {
  if (!values.try_emplace(name, value).second)
    fail(loc, ntrt::Diag::OnnxDuplicate)
        << "value '" << name << "' has a definition before this one";
}

Value Importer::lookup(StringRef name, Location loc, const Twine &reader) {
  if (name.empty())
    return builder.create<OnnxAbsentOp>(loc, builder.getNoneType());
  if (Value value = values.lookup(name))
    return value;
  if (nodeOutputs.empty())
    for (const auto &node : graph.node())
      nodeOutputs.insert(node.output().begin(), node.output().end());
  fail(loc, ntrt::Diag::OnnxUndefinedValue)
      << reader << " reads '" << name
      << "', which no input, initialiser or earlier node defines"
      << (nodeOutputs.contains(name)
              ? "; a later node does: the graph has a cycle, or is not in order"
              : "");
  return {};
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

std::optional<SmallVector<int64_t>>
Importer::fixShape(StringRef name, const onnx::TensorShapeProto &shape,
                   Location loc) {
  auto option = options.inputShapes.find(name);
  bool isGiven = option != options.inputShapes.end();
  if (isGiven && static_cast<int>(option->second.size()) != shape.dim_size()) {
    fail(loc, ntrt::Diag::OptionInvalid)
        << "input '" << name << "' has " << shape.dim_size()
        << " dimensions, the shape given for it has " << option->second.size();
    return std::nullopt;
  }

  SmallVector<int64_t> dims;
  bool isFixable = true;
  for (int axis = 0; axis != shape.dim_size(); ++axis) {
    const auto &dim = shape.dim(axis);
    bool isFixed = dim.has_dim_value() && dim.dim_value() > 0;
    bool isBatch = axis == 0;
    int64_t size = isFixed ? dim.dim_value() : isBatch ? 1 : 0;
    if (isGiven)
      size = option->second[axis];
    if (isGiven &&
        (size < 1 || (isFixed && !isBatch && size != dim.dim_value()))) {
      InFlightDiagnostic error = fail(loc, ntrt::Diag::OptionInvalid);
      error << "dimension " << axis << " of input '" << name << "' is given as "
            << size;
      if (isFixed)
        error << ", the model has " << int64_t(dim.dim_value());
      isFixable = false;
    } else if (size == 0) {
      InFlightDiagnostic error = fail(loc, ntrt::Diag::OnnxDynamicShape);
      error << "dimension " << axis << " of input '" << name << "' is ";
      if (dim.dim_param().empty())
        error << "not given";
      else
        error << "'" << dim.dim_param() << "'";
      isFixable = false;
    }
    dims.push_back(size);
  }
  if (!isFixable)
    return std::nullopt;
  return dims;
}

RankedTensorType Importer::readInputType(const onnx::ValueInfoProto &input) {
  Location loc = locOf(input.name());
  const auto &type = input.type().tensor_type();
  bool isTyped = true;
  // Activations are float32 here, whatever width the model gives them.
  const bool isFloat = llvm::is_contained(
      {onnx::TensorProto::FLOAT, onnx::TensorProto::DOUBLE,
       onnx::TensorProto::FLOAT16, onnx::TensorProto::BFLOAT16},
      type.elem_type());
  if (!input.type().has_tensor_type() || !isFloat) {
    fail(loc, ntrt::Diag::OnnxType)
        << "input '" << input.name() << "' is not a tensor of floats";
    isTyped = false;
  }
  if (isTyped && !type.has_shape() &&
      !options.inputShapes.count(input.name())) {
    fail(loc, ntrt::Diag::OnnxDynamicShape)
        << "input '" << input.name() << "' has no shape";
    return {};
  }
  std::optional<SmallVector<int64_t>> dims;
  if (type.has_shape())
    dims = fixShape(input.name(), type.shape(), loc);
  else if (isTyped)
    dims = options.inputShapes.lookup(input.name());
  if (!isTyped || !dims)
    return {};
  int64_t count = 1;
  for (int64_t size : *dims)
    if (__builtin_mul_overflow(count, size, &count) ||
        count > kMostComputedElements) {
      fail(loc, ntrt::Diag::OnnxTooLarge)
          << "input '" << input.name() << "' has shape [" << ArrayRef(*dims)
          << "], NT takes " << kMostComputedElements << " elements";
      return {};
    }
  return RankedTensorType::get(*dims, builder.getF32Type());
}

void Importer::checkInputOptions() {
  for (const auto &entry : options.inputShapes) {
    bool isInput = llvm::any_of(graph.input(), [&](const auto &input) {
      return input.name() == entry.first() &&
             !initializerNames.count(input.name());
    });
    if (!isInput)
      fail(fileLoc, ntrt::Diag::OptionInvalid)
          << "a shape is given for '" << entry.first()
          << "', which is no input of the model";
  }
}

//===----------------------------------------------------------------------===//
// Initialisers
//===----------------------------------------------------------------------===//

/// A resource key is printed bare where it is an identifier: make it one.
static std::string resourceKey(StringRef name) {
  std::string key;
  for (char c : name)
    key.push_back(llvm::isAlnum(c) || c == '.' || c == '_' ? c : '_');
  if (key.empty() || !(llvm::isAlpha(key.front()) || key.front() == '_'))
    key.insert(key.begin(), '_');
  return key;
}

static ElementsAttr holdAsResource(TensorValues &values, StringRef name) {
  // A blob of no bytes would read back as no blob.
  if (values.type.getNumElements() == 0)
    return values.toAttribute();
  return DenseResourceElementsAttr::get(values.type, resourceKey(name),
                                        std::move(values.floats));
}

void Importer::defineInitializer(StringRef name, FailureOr<TensorValues> read) {
  Location loc = locOf(name);
  if (failed(read)) {
    hasFailed = true;
    // Its readers are not at fault: give them something to read.
    define(name, builder.create<OnnxAbsentOp>(loc, builder.getNoneType()), loc);
    return;
  }
  if (!read->isFloat()) {
    NamedAttrList attributes;
    attributes.set("value", read->toAttribute());
    if (read->elementType != "INT64")
      attributes.set(kElementTypeAttribute,
                     builder.getStringAttr(read->elementType));
    auto constant = builder.create<OnnxNodeOp>(
        loc, TypeRange{UnrankedTensorType::get(builder.getF32Type())},
        "Constant", "", opsetOfDomain.lookup(""), name,
        attributes.getDictionary(builder.getContext()), ValueRange{});
    define(name, constant.getResult(0), loc);
    return;
  }
  ArrayAttr derivation;
  if (read->roundedFromDouble)
    derivation = builder.getStrArrayAttr({"rounded from float64"});
  auto frozen =
      FrozenOp::createHashed(builder, loc, holdAsResource(*read, name),
                             (fileName + "#" + name).str(), derivation);
  define(name, frozen, loc);
}

void Importer::importInitializers() {
  // What nothing reads may be of any type.
  llvm::StringSet<> read;
  for (const auto &node : graph.node())
    for (const std::string &name : node.input())
      read.insert(name);
  for (const auto &output : graph.output())
    read.insert(output.name());

  for (auto [index, tensor] : llvm::enumerate(graph.initializer()))
    if (read.contains(tensor.name()))
      defineInitializer(tensor.name(),
                        readTensor(tensor,
                                   file.getRawData(static_cast<int>(index)),
                                   store, locOf(tensor.name()),
                                   "initialiser '" + tensor.name() + "'"));
  for (const auto &tensor : graph.sparse_initializer())
    if (const std::string &name = tensor.values().name(); read.contains(name))
      defineInitializer(name, readSparseTensor(tensor, store, locOf(name),
                                               "initialiser '" + name + "'"));
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

Attribute Importer::importAttribute(const onnx::AttributeProto &attribute,
                                    Location loc) {
  switch (attribute.type()) {
  case onnx::AttributeProto::FLOAT:
    return builder.getF32FloatAttr(attribute.f());
  case onnx::AttributeProto::INT:
    return builder.getI64IntegerAttr(attribute.i());
  case onnx::AttributeProto::STRING:
    return builder.getStringAttr(attribute.s());
  case onnx::AttributeProto::FLOATS:
    return builder.getDenseF32ArrayAttr(SmallVector<float>(
        attribute.floats().begin(), attribute.floats().end()));
  case onnx::AttributeProto::INTS:
    return builder.getDenseI64ArrayAttr(
        SmallVector<int64_t>(attribute.ints().begin(), attribute.ints().end()));
  case onnx::AttributeProto::STRINGS: {
    SmallVector<Attribute> strings;
    for (const std::string &text : attribute.strings())
      strings.push_back(builder.getStringAttr(text));
    return builder.getArrayAttr(strings);
  }
  case onnx::AttributeProto::TENSOR: {
    FailureOr<TensorValues> read =
        readTensor(attribute.t(), std::nullopt, store, loc,
                   "attribute '" + attribute.name() + "'");
    if (succeeded(read))
      return read->toAttribute();
    hasFailed = true;
    return builder.getUnitAttr();
  }
  default:
    // Graphs and the like: no handler takes them, so the kind is enough to
    // name it in a diagnostic.
    return builder.getStringAttr(
        "<" + onnx::AttributeProto_AttributeType_Name(attribute.type()) + ">");
  }
}

void Importer::importNode(const onnx::NodeProto &node) {
  StringRef name = node.name();
  if (name.empty() && node.output_size())
    name = node.output(0);
  Location loc = locOf(name);
  if (node.output().empty() || node.op_type().empty())
    fail(loc, ntrt::Diag::OnnxNode)
        << "node '" << name << "' (" << node.op_type() << ") has no "
        << (node.output().empty() ? "output" : "operator");

  SmallVector<Value> inputs;
  for (const std::string &input : node.input()) {
    Value value =
        lookup(input, loc, "node '" + name + "' (" + node.op_type() + ")");
    if (value)
      inputs.push_back(value);
  }
  NamedAttrList attributes;
  for (const auto &attribute : node.attribute())
    if (attributes.set(attribute.name(), importAttribute(attribute, loc)))
      fail(loc, ntrt::Diag::OnnxDuplicate)
          << "attribute '" << attribute.name() << "' of node '" << name << "'";

  StringRef domain = normalizeDomain(node.domain());
  Type unknown = UnrankedTensorType::get(builder.getF32Type());
  auto op = builder.create<OnnxNodeOp>(
      loc, SmallVector<Type>(node.output_size(), unknown), node.op_type(),
      domain, opsetOfDomain.lookup(domain), name,
      attributes.getDictionary(builder.getContext()), inputs);
  for (auto [output, result] : llvm::zip_equal(node.output(), op.getResults()))
    if (!output.empty())
      define(output, result, loc);
}

//===----------------------------------------------------------------------===//
// The model
//===----------------------------------------------------------------------===//

void Importer::readOpsets() {
  for (const auto &opset : model.opset_import())
    opsetOfDomain[normalizeDomain(opset.domain())] = opset.version();
}

/// Returns the output, with its declared shape (-1: open) for the conversion to
/// check its own against.
void Importer::importResult(func::FuncOp func,
                            const onnx::ValueInfoProto &output) {
  Location loc = locOf(output.name());
  if (output.name().empty())
    fail(fileLoc, ntrt::Diag::OnnxUndefinedValue) << "the output has no name";
  Value value = lookup(output.name(), loc, "the graph");
  if (!value)
    return;
  builder.create<func::ReturnOp>(loc, value);
  func.setFunctionType(
      builder.getFunctionType(func.getArgumentTypes(), value.getType()));
  func.setResultAttr(0, "nt.name", builder.getStringAttr(output.name()));
  if (!output.type().tensor_type().has_shape())
    return;
  SmallVector<int64_t> shape;
  for (const auto &dim : output.type().tensor_type().shape().dim())
    shape.push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value()
                                                               : -1);
  func.setResultAttr(0, "nt.declared_shape",
                     builder.getDenseI64ArrayAttr(shape));
}

/// "2 inputs: 'a', 'b'".
template <typename Range>
static std::string describeNames(const Range &infos, StringRef noun) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << infos.size() << " " << noun << (infos.size() == 1 ? "" : "s");
  StringRef separator = ": ";
  for (const onnx::ValueInfoProto *info : infos) {
    stream << separator << "'" << info->name() << "'";
    separator = ", ";
  }
  return text;
}

/// What `ntc export` wrote of how inputs are made.
void Importer::readMetadata(func::FuncOp func) {
  for (const auto &entry : model.metadata_props()) {
    if (entry.key() != kInputNormalisation)
      continue;
    auto parsed = ntrt::Normalisation::parse(entry.value(), entry.key());
    if (parsed)
      recordInputNormalisation(func, *parsed);
    else
      for (const ntrt::Diagnostic &misfit : parsed.diagnostics())
        fail(fileLoc, misfit.diag)
            << "metadata " << misfit.place << ": " << misfit.detail;
  }
}

OwningOpRef<ModuleOp> Importer::run() {
  readOpsets();
  for (const auto &tensor : graph.initializer())
    initializerNames.insert(tensor.name());
  for (const auto &tensor : graph.sparse_initializer())
    initializerNames.insert(tensor.values().name());

  // Before IR version 4 initialisers are listed among the inputs.
  SmallVector<const onnx::ValueInfoProto *> inputs, outputs;
  for (const auto &input : graph.input())
    if (!initializerNames.contains(input.name()))
      inputs.push_back(&input);
  for (const auto &output : graph.output())
    outputs.push_back(&output);
  if (inputs.size() != 1)
    fail(fileLoc, ntrt::Diag::OnnxInputs)
        << "the graph has " << describeNames(inputs, "input");
  if (outputs.size() != 1)
    fail(fileLoc, ntrt::Diag::OnnxInputs)
        << "the graph has " << describeNames(outputs, "output");
  checkInputOptions();

  OwningOpRef<ModuleOp> module = ModuleOp::create(fileLoc);
  (*module)->setAttr("nt.model", builder.getStringAttr(stem));
  (*module)->setAttr("nt.opset",
                     builder.getI64IntegerAttr(opsetOfDomain.lookup("")));
  builder.setInsertionPointToEnd(module->getBody());
  auto func = builder.create<func::FuncOp>(fileLoc, "main",
                                           builder.getFunctionType({}, {}));
  func->setAttr("nt.network", builder.getUnitAttr());
  readMetadata(func);
  Block *body = func.addEntryBlock();
  builder.setInsertionPointToEnd(body);

  for (const onnx::ValueInfoProto *input : inputs) {
    Location loc = locOf(input->name());
    Type type = readInputType(*input);
    // A stand-in keeps the readers of an unusable input out of the report.
    define(input->name(),
           body->addArgument(type ? type : builder.getNoneType(), loc), loc);
  }
  func.setFunctionType(builder.getFunctionType(body->getArgumentTypes(), {}));
  for (auto [index, input] : llvm::enumerate(inputs))
    func.setArgAttr(index, "nt.name", builder.getStringAttr(input->name()));

  importInitializers();
  for (const auto &node : graph.node())
    importNode(node);
  if (outputs.size() == 1)
    importResult(func, *outputs.front());

  if (hasFailed)
    return {};
  return module;
}

OwningOpRef<ModuleOp> nt::importONNX(std::unique_ptr<llvm::MemoryBuffer> bytes,
                                     StringRef path, MLIRContext *context,
                                     const ONNXImportOptions &options) {
  context->loadDialect<func::FuncDialect, NTDialect>();
  Location loc = FileLineColLoc::get(context, path, 0, 0);
  std::unique_ptr<ModelFile> file = ModelFile::parse(std::move(bytes), loc);
  if (!file)
    return {};
  return Importer(*file, path, context, options).run();
}

OwningOpRef<ModuleOp> nt::importONNXFile(StringRef path, MLIRContext *context,
                                         const ONNXImportOptions &options) {
  auto bytes = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                           /*RequiresNullTerminator=*/false);
  if (bytes)
    return importONNX(std::move(*bytes), path, context, options);
  emitDiag(FileLineColLoc::get(context, path, 0, 0), ntrt::Diag::FileMissing)
      << "'" << path << "': " << bytes.getError().message();
  return {};
}
