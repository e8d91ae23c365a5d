"""activations.py NTC SRC FOLDER: what `ntc inspect` says of each activation behind a layer.

Prints a line an activation: its name and the ops that the spiking stage will refuse.
"""
import json
import struct
import subprocess
import sys

ntc, source, folder = sys.argv[1:]
sys.path.insert(0, source + "/test/Import/ONNX/Inputs")
from hostile import X, Y, model, node, tensor, text, number  # noqa: E402

WEIGHTS = tensor("w", [4, 4], struct.pack("<16f", *range(16)))
SLOPE = tensor("slope", [1, 4], struct.pack("<4f", *range(4)))
BOUNDS = [tensor(n, [], struct.pack("<f", v)) for n, v in (("zero", 0), ("minus", -1), ("six", 6))]
CASES = {
    "Relu": ["h"], "Clip-0-6": ["h", "zero", "six"], "Clip-minus": ["h", "minus", "six"], "Softmax": ["h"],
    "LogSoftmax": ["h"], "LeakyRelu": ["h"], "PRelu": ["h", "slope"], "Elu": ["h"], "Selu": ["h"],
    "Celu": ["h"], "Sigmoid": ["h"], "HardSigmoid": ["h"], "Tanh": ["h"], "Softsign": ["h"],
    "HardSwish": ["h"], "Gelu": ["h"], "Mish": ["h"], "Softplus": ["h"], "ThresholdedRelu": ["h"],
}
for case, inputs in CASES.items():
    kind = case.split("-")[0]
    used = [t for t in [SLOPE, *BOUNDS] if any(f"\x42{chr(len(n))}{n}".encode() in t for n in inputs[1:])]
    with open(f"{folder}/a.onnx", "wb") as file:
        file.write(model([node("MatMul", ["x", "w"], ["h"], "fc"), node(kind, inputs, ["y"], "act")],
                         [X], [Y], [WEIGHTS, *used], opset=20))
    found = json.loads(subprocess.run([ntc, "inspect", f"{folder}/a.onnx", "--json"], check=True,
                                      capture_output=True).stdout)
    refused = sorted({entry["op"] for entry in found["refused_by_spiking"]})
    print(case, "spikes" if not refused else "float")
