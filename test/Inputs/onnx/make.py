#!/usr/bin/python3
"""Writes the small ONNX models that the import tests read.

Run with Debian's python3-onnx: /usr/bin/python3 test/Inputs/onnx/make.py
The models are committed; tests need neither this script nor python3-onnx.
"""
import os

import numpy as np
from onnx import TensorProto, helper, numpy_helper

HERE = os.path.dirname(os.path.abspath(__file__))


def floats(name, shape, start=0.0, step=0.25):
    count = int(np.prod(shape))
    values = start + step * np.arange(count, dtype=np.float32)
    return numpy_helper.from_array(values.reshape(shape).astype(np.float32), name)


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def save(name, nodes, inputs, outputs, initializers=(), opset=13, change=None):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(
        graph, producer_name="nt", opset_imports=[helper.make_opsetid("", opset)]
    )
    model.ir_version = 7
    if change:
        change(model)
    with open(os.path.join(HERE, name + ".onnx"), "wb") as file:
        file.write(model.SerializeToString())
    return model


def node(kind, inputs, outputs, name=None, **attributes):
    return helper.make_node(kind, inputs, outputs, name=name or "", **attributes)


X, Y = value("x", [1, 4]), value("y", [1, 4])
RELU = node("Relu", ["x"], ["y"], "act")

# Good models.
relu = save("relu", [RELU], [X], [Y])
save("gemm", [node("Gemm", ["x", "w", "b"], ["y"], "fc", transB=1)], [X],
     [value("y", [1, 2])], [floats("w", [2, 4]), floats("b", [2], 1.0)])
save("conv",
     [node("Conv", ["x", "w", "b"], ["c"], "conv1", kernel_shape=[3, 3],
           strides=[2, 2], pads=[1, 1, 1, 1]),
      node("Relu", ["c"], ["y"], "relu1")],
     [value("x", [1, 2, 6, 6])], [value("y", [1, 3, 3, 3])],
     [floats("w", [3, 2, 3, 3]), floats("b", [3])])
save("unnamed-nodes", [node("Relu", ["x"], ["h"]), node("Relu", ["h"], ["y"])],
     [X], [Y])
save("batch", [RELU], [value("x", ["batch", 4])], [value("y", ["batch", 4])])
save("batch-4", [RELU], [value("x", [4, 4])], [value("y", [4, 4])])
save("open-size", [RELU], [value("x", ["batch", 3, "height", "width"])],
     [value("y", ["batch", 3, "height", "width"])])
save("weights-as-inputs",
     [node("Gemm", ["x", "w"], ["y"], "fc", transB=1)],
     [X, value("w", [2, 4])], [value("y", [1, 2])], [floats("w", [2, 4])])
save("float-data",
     [node("Add", ["x", "b"], ["y"], "add")], [X], [Y],
     [helper.make_tensor("b", TensorProto.FLOAT, [1, 4], [1.0, 2.0, 3.0, 4.0])])
save("double", [node("Add", ["x", "b"], ["y"], "add")], [X], [Y],
     [numpy_helper.from_array(np.array([[0.1, 0.2, 0.3, 0.4]]), "b")])
save("reshape", [node("Reshape", ["x", "shape"], ["y"], "flat")],
     [value("x", [1, 2, 2])], [value("y", [1, 4])],
     [numpy_helper.from_array(np.array([1, -1], dtype=np.int64), "shape")])
save("dropout",
     [node("Dropout", ["x", "ratio"], ["y"], "drop")], [X], [Y],
     [numpy_helper.from_array(np.array(0.2, dtype=np.float32), "ratio")])
save("absent-operand", [node("Clip", ["x", "", "top"], ["y"], "clip")], [X], [Y],
     [numpy_helper.from_array(np.array(6.0, dtype=np.float32), "top")])
save("attributes",
     [node("Strange", ["x"], ["y"], "s", whole=3, real=0.5, text="abc",
           wholes=[1, 2], reals=[0.5, 1.0], texts=["a", "b"],
           tensor=floats("t", [2]))], [X], [Y])
save("odd-names",
     [node("Add", ["x", "layer/0:weight"], ["y"], "block/add:0")], [X], [Y],
     [floats("layer/0:weight", [1, 4])])
save("same-names",
     [node("Gemm", ["x", "w"], ["h"], "fc", transB=1),
      node("Gemm", ["h", "w"], ["y"], "fc", transB=1)], [X], [Y],
     [floats("w", [4, 4])])

save("float-only",
     [node("Gemm", ["x", "w"], ["h"], "fc", transB=1),
      node("Sigmoid", ["h"], ["g"], "gate"),
      node("Mul", ["h", "g"], ["y"], "swish")], [X], [Y], [floats("w", [4, 4])])
# As PyTorch exports x.view(x.size(0), -1).
save("view",
     [node("Shape", ["x"], ["s"], "shape"),
      node("Gather", ["s", "zero"], ["n"], "size", axis=0),
      node("Unsqueeze", ["n", "front"], ["u"], "list"),
      node("Concat", ["u", "rest"], ["c"], "sizes", axis=0),
      node("Reshape", ["x", "c"], ["y"], "view")],
     [value("x", [1, 2, 3])], [value("y", [1, 6])],
     [numpy_helper.from_array(np.array(v, dtype=np.int64), n)
      for n, v in (("zero", 0), ("front", [0]), ("rest", [-1]))])

save("half", [node("Add", ["x", "b"], ["y"], "add")], [X], [Y],
     [numpy_helper.from_array(np.array([[0.5, -2, 65504, 2**-24]], dtype=np.float16), "b")])
save("bfloat", [node("Add", ["x", "b"], ["y"], "add")], [X], [Y],
     [TensorProto(name="b", data_type=TensorProto.BFLOAT16, dims=[1, 4],
                  int32_data=[0x3F80, 0xC000, 0x3E80, 0x0000])])


def outside(location, **entries):
    """Moves the first initialiser to another file."""
    def change(model):
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, text in dict(location=location, **entries).items():
            entry = tensor.external_data.add()
            entry.key, entry.value = key, str(text)
    return change


with open(os.path.join(HERE, "external.weights"), "wb") as file:
    file.write(b"head" + np.float32([1, 2, 3, 4]).tobytes() + b"tail")
for name, location, entries in (
        ("external", "external.weights", dict(offset=4, length=16)),
        ("bad-external-range", "external.weights", dict(offset=16, length=16)),
        ("bad-external-size", "external.weights", dict(offset=4, length=12)),
        ("bad-external-escape", "../onnx/../../lit.cfg.py", {}),
        ("bad-external-absolute", "/etc/passwd", {}),
        ("bad-external-number", "external.weights", dict(offset="four"))):
    save(name, [node("Add", ["x", "b"], ["y"], "add")], [X], [Y],
         [floats("b", [1, 4])], change=outside(location, **entries))

# Bad models.
save("bad-ops",
     [node("Sinh", ["x"], ["a"], "act1"),
      node("Hardmax", ["a"], ["b"], "act2"),
      node("Softmax", ["b"], ["c"], "soft", axis=1, colour=3),
      node("FusedThing", ["c"], ["y"], "fused", domain="com.example")], [X], [Y],
     change=lambda m: m.opset_import.append(helper.make_opsetid("com.example", 2)))
save("bad-old-opset", [RELU], [X], [Y], opset=3)
save("bad-new-opset", [RELU], [X], [Y], opset=99)
save("bad-undefined",
     [node("Add", ["x", "lost"], ["h"], "add1"),
      node("Add", ["h", "gone"], ["y"], "add2")], [X], [Y])
save("bad-order",
     [node("Relu", ["h"], ["y"], "late"), node("Relu", ["x"], ["h"], "early")],
     [X], [Y])
save("bad-no-output", [node("Relu", ["x"], ["h"], "act")], [X], [Y])
save("bad-duplicate",
     [node("Relu", ["x"], ["y"], "one"), node("Relu", ["x"], ["y"], "two")],
     [X], [Y])
save("bad-two-inputs", [node("Add", ["x", "z"], ["y"], "add")],
     [X, value("z", [1, 4])], [Y])
save("bad-two-outputs", [RELU], [X], [Y, value("x", [1, 4])])
save("bad-input-type", [RELU], [value("x", [1, 4], TensorProto.INT64)], [Y])
save("bad-declared-shape", [RELU], [X], [value("y", [1, 5])])
save("bad-weights-size",
     [node("Gemm", ["x", "w", "b"], ["y"], "fc", transB=1)], [X],
     [value("y", [1, 2])],
     [TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[2, 4],
                  raw_data=b"\0" * 30),
      TensorProto(name="b", data_type=TensorProto.FLOAT, dims=[2],
                  float_data=[1.0])])
save("bad-weights-shape",
     [node("Gemm", ["x", "w"], ["y"], "fc", transB=1)], [X],
     [value("y", [1, 2])],
     [TensorProto(name="w", data_type=TensorProto.FLOAT,
                  dims=[2**40, 2**40], raw_data=b"\0" * 32)])
save("bad-weights-type",
     [node("Gemm", ["x", "w"], ["y"], "fc", transB=1)], [X],
     [value("y", [1, 2])],
     [numpy_helper.from_array(np.zeros([2, 4], dtype=np.complex64), "w")])


def store_outside(model):
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "weights.bin"


save("bad-external",
     [node("Gemm", ["x", "w"], ["y"], "fc", transB=1)], [X],
     [value("y", [1, 2])], [floats("w", [2, 4])], change=store_outside)
save("bad-empty-graph", [], [X], [X])

with open(os.path.join(HERE, "bad-truncated.onnx"), "wb") as file:
    file.write(relu.SerializeToString()[:-9])
with open(os.path.join(HERE, "bad-text.onnx"), "wb") as file:
    file.write(b"This is no model.\n")
with open(os.path.join(HERE, "bad-empty.onnx"), "wb") as file:
    pass
