#!/usr/bin/python3
"""Train a small residual network on normalised Fashion-MNIST and write it as ONNX with a reference file.

Run:  python3 -m venv /tmp/ortvenv && /tmp/ortvenv/bin/pip install onnxruntime numpy
      /usr/bin/python3 models/make_resnet.py [--ort-python PATH]

As ResNet (He et al. 2015, basic blocks with the activation behind the add): a stem of 8 channels, a block with an
identity shortcut, one with a projection that halves the image, another identity, global average pool, classifier.
The inputs are normalised by MEAN and DEVIATION, so that many are below 0. See make_models.py for data, training and
packages.
"""
import argparse
import os
import subprocess
import tempfile
import time

import make_models as mm
import numpy as np

NAME = "resnet"
MEAN, DEVIATION = 0.286, 0.353
EPOCHS, BATCH, RATE = 10, 128, 4e-3


def build():
    import torch.nn as nn

    class Block(nn.Module):
        def __init__(self, a, b):
            super().__init__()
            self.conv1 = nn.Conv2d(a, b, 3, stride=b // a, padding=1)
            self.bn1 = nn.BatchNorm2d(b)
            self.conv2 = nn.Conv2d(b, b, 3, padding=1)
            self.bn2 = nn.BatchNorm2d(b)
            self.shortcut = nn.Conv2d(a, b, 1, stride=b // a) if a != b else None

        def forward(self, x):
            y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
            return (y + (self.shortcut(x) if self.shortcut else x)).relu()

    class ResNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(1, 8, 3, stride=2, padding=1)
            self.bn = nn.BatchNorm2d(8)
            self.block1, self.block2, self.block3 = Block(8, 8), Block(8, 16), Block(16, 16)
            self.fc = nn.Linear(16, 5)

        def forward(self, x):
            x = self.bn(self.stem(x)).relu()
            x = self.block3(self.block2(self.block1(x)))
            return self.fc(x.mean((2, 3)))

    return ResNet()


class Graph:
    """ONNX nodes one after the other."""

    def __init__(self):
        self.nodes, self.values = [], []

    def add(self, op, inputs, name, out=None, **attributes):
        from onnx import helper
        out = out or f"{name}.out"
        self.nodes.append(helper.make_node(op, inputs, [out], name=name, **attributes))
        return out

    def value(self, name, tensor):
        from onnx import numpy_helper
        self.values.append(numpy_helper.from_array(np.array(tensor.detach().numpy(), order="C"), name))
        return name

    def conv(self, x, name, module, norm=None):
        x = self.add("Conv", [x, self.value(f"{name}.weight", module.weight), self.value(f"{name}.bias", module.bias)],
                     name, kernel_shape=list(module.kernel_size), strides=list(module.stride),
                     pads=2 * list(module.padding), dilations=[1, 1], group=1)
        if norm is None:
            return x
        inputs = [x] + [self.value(f"{name}.bn.{p}", getattr(norm, p))
                        for p in ("weight", "bias", "running_mean", "running_var")]
        return self.add("BatchNormalization", inputs, f"{name}.bn", epsilon=float(norm.eps), momentum=0.9)


def to_onnx(net):
    import onnx
    from onnx import TensorProto, helper
    g = Graph()
    x = g.add("Relu", [g.conv("input", "stem", net.stem, net.bn)], "relu")
    for name in ("block1", "block2", "block3"):
        block = getattr(net, name)
        y = g.add("Relu", [g.conv(x, f"{name}.conv1", block.conv1, block.bn1)], f"{name}.relu1")
        y = g.conv(y, f"{name}.conv2", block.conv2, block.bn2)
        shortcut = g.conv(x, f"{name}.project", block.shortcut) if block.shortcut else x
        x = g.add("Relu", [g.add("Add", [y, shortcut], f"{name}.add")], f"{name}.relu2")
    # The mean of activations is itself above 0, so this Relu changes nothing: it makes the pool a layer of neurons.
    x = g.add("Relu", [g.add("AveragePool", [x], "pool", kernel_shape=[7, 7], strides=[1, 1])], "pool.relu")
    x = g.add("Flatten", [x], "flatten", axis=1)
    g.add("Gemm", [x, g.value("fc.weight", net.fc.weight), g.value("fc.bias", net.fc.bias)], "fc", "output", alpha=1.0,
          beta=1.0, transB=1)
    graph = helper.make_graph(
        g.nodes, NAME, [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 1, 28, 28])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 5])], g.values)
    model = helper.make_model(graph, producer_name="models/make_resnet.py",
                              opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f"{mm.HERE}/{NAME}.onnx")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ort-python", default="/tmp/ortvenv/bin/python")
    arguments = parser.parse_args()
    import torch
    torch.set_num_threads(1)
    start = time.time()
    xa, ya, xb, yb = map(torch.from_numpy, mm.data("cnn", "source"))
    xa, xb = (xa - MEAN) / DEVIATION, (xb - MEAN) / DEVIATION
    torch.manual_seed(mm.SEED)
    net = build().train()
    mm.fit(net, xa, ya, EPOCHS, BATCH, RATE, log=1)
    out = mm.logits(net, xb)
    to_onnx(net)
    print(f"{NAME}: test accuracy {mm.accuracy(net, xb, yb):.2f}, train {mm.accuracy(net, xa, ya):.2f}, "
          f"{sum(p.numel() for p in net.parameters())} trained values, "
          f"{os.path.getsize(f'{mm.HERE}/{NAME}.onnx')} bytes, {time.time() - start:.0f}s", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/torch.npz"
        np.savez(path, x=xb.numpy(), labels=yb.numpy(), torch=out.numpy())
        subprocess.run([arguments.ort_python, f"{mm.HERE}/make_models.py", NAME, "--reference", path],
                       check=True)


if __name__ == "__main__":
    main()
