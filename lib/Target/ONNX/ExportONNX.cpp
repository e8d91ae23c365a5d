//===- ExportONNX.cpp - A network as an ONNX model ------------------------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "nt/Target/ONNX/ExportONNX.h"

#include "GraphBuilder.h"

#include "nt/Support/Diagnostics.h"
#include "nt/Support/InputNormalisation.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <limits>

using namespace mlir;
using namespace nt;
using namespace nt::onnx_export;

/// ONNX IR of opset 17 (onnx/docs/Versioning.md).
static constexpr int64_t kIRVersion = 8;

static const EmitterTable &emitters() {
  static const EmitterTable table = [] {
    EmitterTable built;
    addNTEmitters(built);
    addTosaEmitters(built);
    return built;
  }();
  return table;
}

/// The network of the module, one function with one input and one result.
static FailureOr<func::FuncOp> findNetwork(ModuleOp module) {
  SmallVector<func::FuncOp> found;
  for (auto func : module.getOps<func::FuncOp>())
    if (func->hasAttr("nt.network") && !func.isExternal())
      found.push_back(func);
  if (found.size() == 1 && found.front().getNumArguments() == 1 &&
      found.front().getNumResults() == 1)
    return found.front();
  return emitDiag(module.getLoc(), ntrt::Diag::ExportUnsupported)
         << "the module has " << found.size()
         << " networks, an ONNX model is written of one with one input and one "
            "result";
}

/// Whether the ops of a network treat every sample of a batch alike: layers and
/// activations do; what moves values about may not.
static bool allowsOpenBatch(func::FuncOp func) {
  for (Operation &op : func.getBody().front()) {
    if (isa<func::ReturnOp, FrozenOp, BatchNormOp, FakeQuantizeOp>(op) ||
        isa<FrozenLayer>(op) || isa<NeuronLayer>(op) ||
        isa<MaxPoolOp, AvgPoolOp, AddOp>(op))
      continue;
    if (auto concat = dyn_cast<ConcatOp>(op)) {
      if (concat.getAxis() == 0)
        return false;
    } else if (auto softmax = dyn_cast<SoftmaxOp>(op)) {
      if (softmax.getAxis() == 0)
        return false;
    } else if (auto reshape = dyn_cast<ReshapeOp>(op)) {
      auto keepsBatch = [](Value value) {
        auto type = cast<RankedTensorType>(value.getType());
        return type.getRank() > 0 && type.getDimSize(0) == 1;
      };
      if (!keepsBatch(reshape.getInput()) || !keepsBatch(reshape.getResult()))
        return false;
    } else {
      return false;
    }
  }
  auto input = dyn_cast<RankedTensorType>(func.getArgumentTypes()[0]);
  return input && input.getRank() > 0 && input.getDimSize(0) == 1;
}

static void describe(onnx::ValueInfoProto &info, const std::string &name,
                     Type type, bool openBatch) {
  info.set_name(name);
  auto &tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx::TensorProto::FLOAT);
  auto &shape = *tensor.mutable_shape();
  for (auto [axis, size] :
       llvm::enumerate(cast<RankedTensorType>(type).getShape())) {
    auto &dim = *shape.add_dim();
    if (axis == 0 && openBatch)
      dim.set_dim_param("N");
    else
      dim.set_dim_value(size);
  }
}

static void addMetadata(onnx::ModelProto &model, StringRef key,
                        const std::string &value) {
  auto &entry = *model.add_metadata_props();
  entry.set_key(key.str());
  entry.set_value(value);
}

/// Classes that the outputs stand for, if a task was folded in.
static void addClasses(onnx::ModelProto &model, ModuleOp module) {
  auto classes = module->getAttrOfType<DenseI32ArrayAttr>("nt.classes");
  if (!classes)
    return;
  std::string list;
  for (int32_t label : classes.asArrayRef())
    list += (list.empty() ? "" : ",") + std::to_string(label);
  addMetadata(model, "nt.classes", list);
}

/// The name that the import noted, or another.
static std::string notedName(Attribute noted, StringRef other) {
  auto name = dyn_cast_or_null<StringAttr>(noted);
  return name && !name.getValue().empty() ? name.str() : other.str();
}

/// Adds a node for every op; reports all that have none.
static LogicalResult emitOps(func::FuncOp func, GraphBuilder &graph) {
  LogicalResult result = success();
  func.walk([&](FrozenLayer layer) {
    if (columnsPerNeuron(layer) > 1)
      result = emitDiag(layer->getLoc(), ntrt::Diag::PairStage)
               << "ONNX has no node for the weights of '"
               << layer.getLayerName() << "'";
  });
  if (failed(result))
    return failure();
  for (Operation &op : func.getBody().front().without_terminator()) {
    Emitter emit = emitters().lookup(op.getName().getStringRef());
    std::string reason = isa<ModulateOp>(op) ? "its task is not folded in"
                                             : "NT writes no ONNX node for it";
    if (emit && emit(&op, graph, reason))
      continue;
    emitDiag(op.getLoc(), ntrt::Diag::ExportUnsupported)
        << "'" << op.getName() << "' of node '" << nameOfOp(&op)
        << "': " << reason;
    // So that its readers are judged for themselves.
    for (Value value : op.getResults())
      graph.bind(value, graph.makeName(nameOfOp(&op)));
    result = failure();
  }
  return result;
}

namespace {
/// Protobuf's stream into LLVM's.
class Sink final : public google::protobuf::io::CopyingOutputStream {
public:
  explicit Sink(llvm::raw_ostream &out) : out(out) {}
  bool Write(const void *data, int size) override {
    out.write(static_cast<const char *>(data), size);
    return true; // raw_ostream keeps an error for its owner.
  }

private:
  llvm::raw_ostream &out;
};
} // namespace

/// Deterministic: the same model gives the same bytes.
static void serialize(const onnx::ModelProto &model, llvm::raw_ostream &out) {
  Sink sink(out);
  google::protobuf::io::CopyingOutputStreamAdaptor stream(&sink);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  model.SerializeToCodedStream(&coded);
}

/// Nodes between the graph's input and the network's.
static void addNormalisation(GraphBuilder &graph, func::FuncOp func,
                             const ntrt::Normalisation &normalisation) {
  Value argument = func.getArgument(0);
  auto add = [&](StringRef opType, StringRef name,
                 const std::vector<float> &list) {
    if (list.empty())
      return;
    // One a channel stands before the two dimensions of an image.
    SmallVector<int64_t> shape = {static_cast<int64_t>(list.size())};
    if (list.size() > 1)
      shape.append({1, 1});
    onnx::NodeProto &node =
        graph.node(opType, func,
                   {graph.nameOf(argument),
                    graph.floats(graph.makeName(name), shape, list)});
    graph.bind(argument, graph.intermediate(node));
  };
  add("Sub", "mean", normalisation.mean);
  add("Div", "std", normalisation.deviation);
}

LogicalResult nt::exportONNX(ModuleOp module, const ONNXExportOptions &options,
                             llvm::raw_ostream &out) {
  FailureOr<func::FuncOp> found = findNetwork(module);
  if (failed(found))
    return failure();
  func::FuncOp func = *found;
  const bool openBatch = options.openBatch && allowsOpenBatch(func);

  onnx::ModelProto model;
  model.set_ir_version(kIRVersion);
  model.set_producer_name("nt");
  auto &opset = *model.add_opset_import();
  opset.set_domain("");
  opset.set_version(kExportOpset);
  onnx::GraphProto &proto = *model.mutable_graph();
  proto.set_name(notedName(module->getAttr("nt.model"), "network"));
  addClasses(model, module);
  const ntrt::Normalisation normalisation =
      inputNormalisationOf(func).canonical();
  if (!normalisation.isIdentity() && !options.normalise)
    addMetadata(model, kInputNormalisation, normalisation.str());

  GraphBuilder graph(proto);
  Value argument = func.getArgument(0);
  graph.bind(argument,
             graph.makeName(notedName(func.getArgAttr(0, "nt.name"), "input")));
  describe(*proto.add_input(), graph.nameOf(argument), argument.getType(),
           openBatch);
  if (options.normalise)
    addNormalisation(graph, func, normalisation);
  Operation *terminator = func.getBody().front().getTerminator();
  Value score = terminator->getOperand(0);
  std::string output =
      graph.makeName(notedName(func.getResultAttr(0, "nt.name"), "output"));
  // A graph's output is computed by a node.
  const bool isComputed =
      score.getDefiningOp() && !score.getDefiningOp<FrozenOp>();
  if (isComputed)
    graph.bind(score, output);
  if (failed(emitOps(func, graph)))
    return failure();
  if (!isComputed) {
    onnx::NodeProto &node =
        graph.node("Identity", terminator, {graph.nameOf(score)});
    node.add_output(output);
  }
  describe(*proto.add_output(), output, score.getType(), openBatch);

  const size_t size = model.ByteSizeLong();
  if (size > size_t(std::numeric_limits<int>::max()))
    return emitDiag(module.getLoc(), ntrt::Diag::ExportTooLarge)
           << uint64_t(size) << " bytes";
  serialize(model, out);
  return success();
}
