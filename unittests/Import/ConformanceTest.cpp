//===- ConformanceTest.cpp - Imported models against other runtimes -------===//
//
// Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The committed models against ONNX Runtime's outputs, and the node tests of
// ONNX (Debian package libonnx-testdata): each gives the expected output or is
// refused with a diagnostic. A wrong output is the one thing that may not be.
// What passes is exported to ONNX and imported again, and must give the same
// outputs.
//
//===----------------------------------------------------------------------===//
#include "nt/Conversion/Passes.h"
#include "nt/Import/ONNX/ImportONNX.h"
#include "nt/Interpreter/Interpreter.h"
#include "nt/Target/ONNX/ExportONNX.h"
#include "ntrt/Dataset.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <set>

using namespace mlir;
using namespace nt;

namespace {

/// A model through import, conversion and the interpreter.
class Runner {
public:
  explicit Runner(const std::string &path) {
    collectErrors();
    convert(importONNXFile(path, &context));
  }
  /// A model already in memory.
  explicit Runner(const llvm::SmallVectorImpl<char> &model) {
    collectErrors();
    convert(importONNX(llvm::MemoryBuffer::getMemBufferCopy(
                           llvm::StringRef(model.data(), model.size())),
                       "exported.onnx", &context));
  }

  bool isRefused() const { return !interpreter; }
  const std::string &getErrors() const { return errors; }
  std::vector<double> run(llvm::ArrayRef<float> input) {
    FailureOr<HostTensor> output = interpreter->run(input);
    return succeeded(output) ? output->values : std::vector<double>();
  }
  /// The model as ONNX again; empty if it has no such form.
  llvm::SmallVector<char> exported() {
    llvm::SmallVector<char> bytes;
    llvm::raw_svector_ostream stream(bytes);
    ONNXExportOptions options;
    options.openBatch = false;
    if (failed(exportONNX(*module, options, stream)))
      bytes.clear();
    return bytes;
  }

private:
  void collectErrors() {
    context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
      errors += diagnostic.str() + "\n";
      return success();
    });
  }
  void convert(OwningOpRef<ModuleOp> imported) {
    module = std::move(imported);
    if (!module)
      return;
    PassManager passes(&context);
    ConvertONNXToNTOptions options;
    options.allowBatch = true;
    passes.addPass(createConvertONNXToNT(options));
    if (failed(passes.run(*module)))
      return;
    auto created = Interpreter::create(*module);
    if (succeeded(created))
      interpreter = std::move(*created);
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<Interpreter> interpreter;
  std::string errors;
};

/// Largest absolute difference over the range of the expected values; infinity
/// where the sizes differ or a value is not finite on one side only.
double relativeError(llvm::ArrayRef<double> found,
                     llvm::ArrayRef<float> expected) {
  if (found.size() != expected.size())
    return INFINITY;
  double range = 1e-6, error = 0;
  for (float value : expected)
    if (std::isfinite(value))
      range = std::max(range, std::fabs(double(value)));
  for (size_t i = 0; i != found.size(); ++i) {
    if (std::isnan(found[i]) && std::isnan(expected[i]))
      continue;
    if (found[i] == double(expected[i])) // Infinities too.
      continue;
    double difference = std::fabs(found[i] - double(expected[i]));
    if (!std::isfinite(difference))
      return INFINITY;
    error = std::max(error, difference);
  }
  return error / range;
}

constexpr double kTolerance = 1e-4;

void compareWithReference(const std::string &name) {
  std::string models = NT_SOURCE_DIR "/models/";
  Runner runner(models + name + ".onnx");
  ASSERT_FALSE(runner.isRefused()) << runner.getErrors();
  auto arrays = ntrt::readNpz(models + name + "-reference.npz");
  ASSERT_TRUE(bool(arrays)) << ntrt::toString(arrays.diagnostics());
  const std::vector<float> &x = arrays->at("x").values,
                           &y = arrays->at("y").values;
  constexpr size_t samples = 16;
  size_t inputSize = x.size() / samples, outputSize = y.size() / samples;
  ASSERT_GT(outputSize, 0u);
  std::vector<double> found;
  for (size_t sample = 0; sample != samples; ++sample) {
    std::vector<double> row =
        runner.run(llvm::ArrayRef(x).slice(sample * inputSize, inputSize));
    found.insert(found.end(), row.begin(), row.end());
  }
  EXPECT_LE(relativeError(found, y), kTolerance);
}

//===----------------------------------------------------------------------===//
// ONNX node tests
//===----------------------------------------------------------------------===//

const std::string kTestData = "/usr/share/libonnx-testdata/data/";

template <typename Message>
bool readMessage(const std::string &path, Message &m) {
  google::protobuf::LogSilencer silencer;
  auto buffer = llvm::MemoryBuffer::getFile(path, false, false);
  return buffer && m.ParseFromArray((*buffer)->getBufferStart(),
                                    (*buffer)->getBufferSize());
}

std::vector<float> floatsOf(const onnx::TensorProto &tensor) {
  if (tensor.data_type() == onnx::TensorProto::DOUBLE) {
    std::vector<double> wide(tensor.double_data().begin(),
                             tensor.double_data().end());
    if (tensor.has_raw_data()) {
      wide.resize(tensor.raw_data().size() / sizeof(double));
      std::memcpy(wide.data(), tensor.raw_data().data(),
                  wide.size() * sizeof(double));
    }
    return {wide.begin(), wide.end()};
  }
  const bool isHalf = tensor.data_type() == onnx::TensorProto::FLOAT16;
  if (isHalf || tensor.data_type() == onnx::TensorProto::BFLOAT16) {
    std::vector<uint16_t> bits(tensor.int32_data().begin(),
                               tensor.int32_data().end());
    if (tensor.has_raw_data()) {
      bits.resize(tensor.raw_data().size() / sizeof(uint16_t));
      std::memcpy(bits.data(), tensor.raw_data().data(),
                  bits.size() * sizeof(uint16_t));
    }
    std::vector<float> values;
    for (uint16_t pattern : bits)
      values.push_back(llvm::APFloat(isHalf ? llvm::APFloat::IEEEhalf()
                                            : llvm::APFloat::BFloat(),
                                     llvm::APInt(16, pattern))
                           .convertToDouble());
    return values;
  }
  if (!tensor.has_raw_data())
    return {tensor.float_data().begin(), tensor.float_data().end()};
  std::vector<float> values(tensor.raw_data().size() / sizeof(float));
  std::memcpy(values.data(), tensor.raw_data().data(),
              values.size() * sizeof(float));
  return values;
}

enum class Verdict { Passed, Refused, Wrong, Inapplicable };

struct CaseResult {
  Verdict verdict = Verdict::Inapplicable;
  std::string detail;
  std::string operators = {}; ///< Of the whole model, each followed by a space.
  std::string types = {};     ///< Element types of its first input and outputs.
};

/// Tells what a model is made of, for the counts by operator.
void describe(const onnx::ModelProto &model, CaseResult &result) {
  std::set<std::string> operators, types;
  for (const auto &node : model.graph().node())
    operators.insert(node.op_type());
  auto addType = [&](const onnx::ValueInfoProto &info) {
    types.insert(onnx::TensorProto_DataType_Name(
        static_cast<onnx::TensorProto::DataType>(
            info.type().tensor_type().elem_type())));
  };
  addType(model.graph().input(0));
  for (const auto &info : model.graph().output())
    addType(info);
  for (const std::string &name : operators)
    result.operators += name + " ";
  for (const std::string &name : types)
    result.types += name + " ";
}

/// Exports a model that passed and imports it again. Leaves it and what it
/// computes in the folder that $NT_EXPORT_FOLDER names, for bench/onnx-export.
CaseResult compareExported(Runner &runner, llvm::ArrayRef<float> x,
                           const std::vector<double> &y,
                           const onnx::TensorProto &input) {
  const llvm::SmallVector<char> model = runner.exported();
  if (model.empty())
    return {Verdict::Wrong, "not exported: " + runner.getErrors()};
  Runner again(model);
  if (again.isRefused())
    return {Verdict::Wrong, "not imported again: " + again.getErrors()};
  const std::vector<float> rounded(y.begin(), y.end());
  const double difference = relativeError(again.run(x), rounded);
  if (difference > 1e-6)
    return {Verdict::Wrong, "exported and imported again, it is wrong by " +
                                std::to_string(difference)};
  if (const char *folder = std::getenv("NT_EXPORT_FOLDER")) {
    static unsigned number = 0;
    const std::string stem =
        (llvm::Twine(folder) + "/" + llvm::Twine(number++)).str();
    std::error_code error;
    llvm::raw_fd_ostream(stem + ".onnx", error)
        .write(model.data(), model.size());
    ntrt::NpyArray in, out;
    in.shape.assign(input.dims().begin(), input.dims().end());
    in.values.assign(x.begin(), x.end());
    out.shape = {rounded.size()};
    out.values = rounded;
    EXPECT_TRUE(bool(ntrt::writeNpz(stem + ".npz", {{"x", in}, {"y", out}})));
  }
  return {Verdict::Passed, ""};
}

/// Runs a model whose only input takes `input`; its only output is compared.
CaseResult runModel(const onnx::ModelProto &model, const std::string &scratch,
                    const onnx::TensorProto &input,
                    const onnx::TensorProto &output) {
  std::string path = scratch + "/model.onnx", bytes;
  model.SerializeToString(&bytes);
  std::error_code error;
  llvm::raw_fd_ostream(path, error) << bytes;
  if (error)
    return {Verdict::Wrong, error.message()};

  Runner runner(path);
  if (runner.isRefused())
    return {Verdict::Refused, runner.getErrors()};
  const std::vector<float> x = floatsOf(input);
  const std::vector<double> y = runner.run(x);
  double difference = relativeError(y, floatsOf(output));
  if (difference > kTolerance)
    return {Verdict::Wrong, "relative error " + std::to_string(difference)};
  return compareExported(runner, x, y, input);
}

/// Runs one test folder. NT takes one input and one output: inputs after the
/// first become initialisers, as an exporter would have them, and a model of
/// several outputs is run once for each, all of which must pass.
CaseResult runCase(const std::string &folder, const std::string &scratch) {
  onnx::ModelProto model;
  if (!readMessage(folder + "/model.onnx", model) ||
      model.graph().input().empty() || model.graph().output().empty())
    return {};
  const onnx::ModelProto original = model;
  std::string data = folder + "/test_data_set_0/";
  std::set<std::string> initializers;
  for (const auto &tensor : model.graph().initializer())
    initializers.insert(tensor.name());
  onnx::TensorProto input, output;
  int index = 0;
  for (const onnx::ValueInfoProto &info : model.graph().input()) {
    if (initializers.count(info.name()))
      continue;
    onnx::TensorProto tensor;
    if (!info.type().has_tensor_type() ||
        !readMessage(data + "input_" + std::to_string(index) + ".pb", tensor))
      return {};
    if (index++ == 0) {
      input = tensor;
      // The data has no type of its own for these.
      if (info.type().tensor_type().elem_type() == onnx::TensorProto::BFLOAT16)
        input.set_data_type(onnx::TensorProto::BFLOAT16);
      continue;
    }
    tensor.set_name(info.name());
    *model.mutable_graph()->add_initializer() = tensor;
  }
  if (index == 0)
    return {};
  onnx::ModelProto whole = model;
  CaseResult result;
  for (int k = 0; k != whole.graph().output_size(); ++k) {
    if (!whole.graph().output(k).type().has_tensor_type() ||
        !readMessage(data + "output_" + std::to_string(k) + ".pb", output))
      return {};
    model.mutable_graph()->clear_output();
    *model.mutable_graph()->add_output() = whole.graph().output(k);
    result = runModel(model, scratch, input, output);
    if (result.verdict != Verdict::Passed)
      break;
  }
  describe(original, result);
  return result;
}

/// Adds a line to the file that $NT_CONFORMANCE_LOG names: folder, test,
/// verdict, first line of the reason. bench/onnx-conformance counts them.
void logVerdict(const std::string &folder, const std::string &test,
                const CaseResult &result) {
  const char *path = std::getenv("NT_CONFORMANCE_LOG");
  if (!path)
    return;
  static constexpr const char *names[] = {"passed", "refused", "wrong",
                                          "inapplicable"};
  std::error_code error;
  llvm::raw_fd_ostream log(path, error, llvm::sys::fs::OF_Append);
  log << folder << '\t' << test << '\t'
      << names[static_cast<size_t>(result.verdict)] << '\t'
      << llvm::StringRef(result.detail).split('\n').first << '\t'
      << result.operators << '\t' << result.types << '\n';
}

/// Runs every test of one folder of the data; names the wrong ones. Returns the
/// names that passed.
std::set<std::string> runFolder(const std::string &name) {
  std::set<std::string> passed;
  llvm::SmallString<128> scratch;
  EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("nt-conformance", scratch));
  std::error_code error;
  unsigned refused = 0;
  for (llvm::sys::fs::directory_iterator it(kTestData + name, error), end;
       it != end && !error; it.increment(error)) {
    std::string test = llvm::sys::path::filename(it->path()).str();
    CaseResult result = runCase(it->path(), scratch.str().str());
    if (result.verdict == Verdict::Passed)
      passed.insert(test);
    logVerdict(name, test, result);
    EXPECT_NE(result.verdict, Verdict::Wrong) << test << ": " << result.detail;
    if (result.verdict == Verdict::Refused) {
      ++refused;
      // A refusal says why, with a code of the table.
      EXPECT_NE(result.detail.find("[NT-"), std::string::npos)
          << test << ": " << result.detail;
    }
  }
  EXPECT_FALSE(error) << kTestData << name << ": " << error.message()
                      << " (apt-get install libonnx-testdata)";
  llvm::sys::fs::remove_directories(scratch);
  llvm::outs() << name << ": " << passed.size() << " passed, " << refused
               << " refused\n";
  return passed;
}

void expectPassed(const std::set<std::string> &passed,
                  llvm::ArrayRef<const char *> names) {
  for (const char *name : names)
    EXPECT_TRUE(passed.count(name)) << name;
}

} // namespace

TEST(Conformance, MlpAsOnnxRuntime) { compareWithReference("mlp"); }
TEST(Conformance, CnnAsOnnxRuntime) { compareWithReference("cnn"); }
TEST(Conformance, TinyAsOnnxRuntime) { compareWithReference("tiny"); }

TEST(Conformance, OnnxNodeTests) {
  std::set<std::string> passed = runFolder("node");
  expectPassed(passed, {"test_relu",
                        "test_softmax_axis_0",
                        "test_softmax_large_number",
                        "test_maxpool_2d_default",
                        "test_maxpool_2d_same_lower",
                        "test_averagepool_2d_pads",
                        "test_averagepool_2d_pads_count_include_pad",
                        "test_averagepool_2d_same_upper",
                        "test_flatten_axis2",
                        "test_flatten_negative_axis1",
                        "test_reshape_negative_dim",
                        "test_reshape_zero_dim",
                        "test_gemm_alpha",
                        "test_gemm_transposeB",
                        "test_gemm_default_scalar_bias",
                        "test_matmul_2d",
                        "test_conv_with_strides_and_asymmetric_padding",
                        "test_conv_with_autopad_same",
                        "test_batchnorm_example",
                        "test_clip_default_max",
                        "test_clip_splitbounds",
                        "test_add",
                        "test_add_bcast",
                        "test_concat_3d_axis_1",
                        "test_identity"});
  EXPECT_GE(passed.size(), 350u);
}

TEST(Conformance, ModelsConvertedFromPytorch) {
  std::set<std::string> passed = runFolder("pytorch-converted");
  expectPassed(passed, {"test_Conv2d", "test_Conv2d_depthwise_with_multiplier",
                        "test_Conv2d_dilated", "test_Conv2d_groups",
                        "test_Conv2d_strided", "test_Linear", "test_MaxPool2d",
                        "test_AvgPool2d_stride", "test_BatchNorm2d_eval",
                        "test_ReLU", "test_Softmax", "test_softmax_lastdim"});
  EXPECT_GE(passed.size(), 70u);
}

TEST(Conformance, PytorchOperators) {
  std::set<std::string> passed = runFolder("pytorch-operator");
  expectPassed(passed, {"test_operator_conv", "test_operator_flatten",
                        "test_operator_clip", "test_operator_concat2"});
}
