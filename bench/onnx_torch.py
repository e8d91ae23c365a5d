"""An ONNX classifier as a torch module: what bench/tuning and bench/tuning-gradients compare with.

Batch normalisations behind a convolution or dense layer are folded, as NT does, so that torch
does no work that NT is spared. `modulate` adds a trainable value for each unit ("neuron") or
channel behind every linear layer and names it as NT names the site.
"""
import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


class OnnxModule(torch.nn.Module):
    def __init__(self, path, modulate=None, batch_dtype=torch.float32):
        super().__init__()
        self.modulate = modulate
        graph = onnx.load(path).graph
        self.constants = {t.name: numpy_helper.to_array(t).copy() for t in graph.initializer}
        self.input_name = next(i.name for i in graph.input if i.name not in self.constants)
        self.input_shape = [d.dim_value for i in graph.input if i.name == self.input_name
                            for d in i.type.tensor_type.shape.dim]
        self.output_name = graph.output[0].name
        self.nodes, self.values = [], {}
        alias = {}
        producer = {}
        for node in graph.node:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            inputs = [alias.get(n, n) for n in node.input]
            kind = node.op_type
            if kind == "Constant":
                self.constants[node.output[0]] = numpy_helper.to_array(attributes["value"])
                continue
            if kind in ("Dropout", "Identity", "Softmax"):
                alias[node.output[0]] = inputs[0]
                continue
            if kind == "BatchNormalization" and inputs[0] in producer:
                self.fold(producer[inputs[0]], inputs, attributes)
                alias[node.output[0]] = inputs[0]
                continue
            entry = dict(kind=kind, name=node.name or node.output[0], inputs=inputs,
                         output=node.output[0], a=attributes)
            if kind in ("Conv", "Gemm"):
                weight = self.constants[inputs[1]]
                if kind == "Gemm" and not attributes.get("transB", 0):
                    weight = weight.T
                entry["weight"] = weight.astype(np.float32)
                count = weight.shape[0]
                entry["bias"] = self.constants[inputs[2]].astype(np.float32) if len(inputs) > 2 \
                    else np.zeros(count, np.float32)
                producer[node.output[0]] = entry
            self.nodes.append(entry)
        self.output_name = alias.get(self.output_name, self.output_name)
        self.weights, self.biases = torch.nn.ParameterList(), torch.nn.ParameterList()
        for entry in self.nodes:
            if "weight" in entry:
                entry["index"] = len(self.weights)
                self.weights.append(torch.nn.Parameter(torch.from_numpy(
                    np.ascontiguousarray(entry["weight"])).to(batch_dtype)))
                self.biases.append(torch.nn.Parameter(torch.from_numpy(
                    np.ascontiguousarray(entry["bias"])).to(batch_dtype)))
        self.sites = {}

    def fold(self, entry, inputs, attributes):
        scale, shift, mean, variance = (self.constants[n].astype(np.float64) for n in inputs[1:5])
        factor = scale / np.sqrt(variance + attributes.get("epsilon", 1e-5))
        shape = [-1] + [1] * (entry["weight"].ndim - 1)
        entry["bias"] = ((entry["bias"] - mean) * factor + shift).astype(np.float32)
        entry["weight"] = (entry["weight"] * factor.reshape(shape)).astype(np.float32)

    def site(self, entry, y):
        if not self.modulate:
            return y
        if entry["name"] not in self.sites:
            shape = y.shape[1:] if self.modulate == "neuron" else (y.shape[1],) + (1,) * (y.ndim - 2)
            self.sites[entry["name"]] = torch.zeros((1, *shape), dtype=y.dtype, requires_grad=True)
        return y + self.sites[entry["name"]]

    def forward(self, x):
        values = {self.input_name: x}
        last_use = {}
        for i, entry in enumerate(self.nodes):
            for name in entry["inputs"]:
                last_use[name] = i
        for i, entry in enumerate(self.nodes):
            values[entry["output"]] = self.run(entry, values, i, last_use)
            for name in entry["inputs"]:
                if last_use[name] == i and name != self.output_name:
                    values.pop(name, None)
        return values[self.output_name]

    def run(self, entry, values, i, last_use):
        kind, a = entry["kind"], entry["a"]
        x = values[entry["inputs"][0]] if entry["inputs"][0] in values else None
        other = lambda n: values[n] if n in values else torch.from_numpy(self.constants[n]).to(x.dtype)
        if kind == "Conv":
            pads = a.get("pads", [0, 0, 0, 0])
            if pads[:2] != pads[2:]:
                x = F.pad(x, (pads[1], pads[3], pads[0], pads[2]))
                pads = [0, 0, 0, 0]
            return self.site(entry, F.conv2d(
                x, self.weights[entry["index"]], self.biases[entry["index"]], a.get("strides", [1, 1]),
                pads[:2], a.get("dilations", [1, 1]), a.get("group", 1)))
        if kind == "Gemm":
            return self.site(entry, F.linear(x, self.weights[entry["index"]], self.biases[entry["index"]]))
        if kind == "Relu":
            return F.relu(x, inplace=last_use[entry["inputs"][0]] == i and x.grad_fn is not None)
        if kind == "Clip":
            bounds = [float(self.constants[n]) for n in entry["inputs"][1:3]]
            low, high = bounds or (a["min"], a["max"])
            return F.relu6(x) if (low, high) == (0, 6) else x.clamp(low, high)
        if kind in ("MaxPool", "AveragePool"):
            pads, strides = a.get("pads", [0, 0, 0, 0]), a.get("strides", [1, 1])
            if kind == "MaxPool":
                if pads[:2] != pads[2:]:
                    x = F.pad(x, (pads[1], pads[3], pads[0], pads[2]), value=-float("inf"))
                    pads = [0, 0]
                return F.max_pool2d(x, a["kernel_shape"], strides, pads[:2],
                                    ceil_mode=bool(a.get("ceil_mode", 0)))
            return F.avg_pool2d(x, a["kernel_shape"], strides, pads[:2],
                                count_include_pad=bool(a.get("count_include_pad", 0)))
        if kind == "GlobalAveragePool":
            return x.mean((2, 3), keepdim=True)
        if kind == "Add":
            return other(entry["inputs"][0]) + other(entry["inputs"][1])
        if kind == "Sum":
            return sum(other(n) for n in entry["inputs"])
        if kind == "Concat":
            return torch.cat([other(n) for n in entry["inputs"]], a["axis"])
        if kind in ("Flatten", "Reshape"):
            return x.reshape(x.shape[0], -1)
        raise ValueError(f"bench/onnx_torch.py has no {kind}")
