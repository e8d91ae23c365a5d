#!/usr/bin/python3
"""Train the four source networks and write them as ONNX, with reference files.

Run:  python3 -m venv /tmp/ortvenv && /tmp/ortvenv/bin/pip install onnxruntime numpy
      /usr/bin/python3 models/make_models.py [mlp cnn lenet tiny] [--ort-python PATH]

Needs Debian's python3-torch, python3-onnx, python3-sklearn, libopenblas0-pthread
and dataset-fashion-mnist.  The reference outputs (y) come from onnxruntime, which
Debian does not package, so the same file is run a second time ("--reference") by
an interpreter that has onnxruntime and numpy only.
"""
import os

for _v in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(_v, None)
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import gzip
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
FASHION = "/usr/share/datasets/fashion-mnist"
SOURCE_CLASSES = (0, 2, 4, 5, 8)      # Fashion-MNIST, relabelled 0..4 in this order
NEW_CLASSES = (1, 3, 6, 7, 9)         # the new task, relabelled 0..4 in this order
SOURCE_DIGITS = (0, 1, 2, 3, 4)
NEW_DIGITS = (5, 6, 7, 8, 9)
SEED = 20240
DROPOUT = 0.2


# ------------------------------------------------------------------ data

def read_idx(path):
    with gzip.open(path, "rb") as f:
        raw = f.read()
    ndim = raw[3]
    shape = [int.from_bytes(raw[4 + 4 * i:8 + 4 * i], "big") for i in range(ndim)]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * ndim).reshape(shape)


def select(x, labels, classes):
    """Rows whose label is in `classes`, relabelled to the position in `classes`."""
    table = np.full(10, -1, np.int64)
    table[list(classes)] = np.arange(len(classes))
    y = table[labels]
    keep = y >= 0
    return x[keep], y[keep]


def fashion(part, classes):
    """float32 [N,1,28,28] = k/255, int64 [N]; part is 'train' or 't10k'."""
    x = read_idx(f"{FASHION}/{part}-images-idx3-ubyte.gz")
    y = read_idx(f"{FASHION}/{part}-labels-idx1-ubyte.gz")
    x, y = select(x, y, classes)
    return (x.astype(np.float32) / np.float32(255))[:, None], y


def write_digits():
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    d = load_digits()
    x = d.images.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16) / 16
    a, b, ya, yb = train_test_split(x.astype(np.float32), d.target.astype(np.int64),
                                    test_size=500, random_state=0, stratify=d.target)
    assert len(a) == 1297 and a.min() >= 0 and a.max() <= 1
    np.savez_compressed(f"{HERE}/digits4x4.npz", x_train=a, y_train=ya, x_test=b, y_test=yb)


def digits(part, classes):
    z = np.load(f"{HERE}/digits4x4.npz")
    return select(z[f"x_{part}"], z[f"y_{part}"], classes)


def data(name, task):
    """(x_train, y_train, x_test, y_test) of model `name` on 'source' or 'new'."""
    if name == "tiny":
        c = SOURCE_DIGITS if task == "source" else NEW_DIGITS
        return (*digits("train", c), *digits("test", c))
    c = SOURCE_CLASSES if task == "source" else NEW_CLASSES
    return (*fashion("train", c), *fashion("t10k", c))


# ------------------------------------------------------------------ nets

def build(name):
    """The torch network, without the final Softmax (it gives logits)."""
    import torch.nn as nn
    from collections import OrderedDict as D
    if name == "mlp":
        return nn.Sequential(D(
            flatten=nn.Flatten(),
            fc1=nn.Linear(784, 384), relu1=nn.ReLU(), dropout1=nn.Dropout(DROPOUT),
            fc2=nn.Linear(384, 256), relu2=nn.ReLU(),
            fc3=nn.Linear(256, 5)))
    if name == "cnn":
        layers = D()
        for i, (a, b) in enumerate(((1, 32), (32, 64), (64, 64)), 1):
            layers[f"conv{i}"] = nn.Conv2d(a, b, 3, stride=2, padding=1)
            layers[f"bn{i}"] = nn.BatchNorm2d(b)
            layers[f"relu{i}"] = nn.ReLU()
        layers["flatten"] = nn.Flatten()
        layers["fc1"] = nn.Linear(1024, 128)
        layers["relu4"] = nn.ReLU()
        layers["fc2"] = nn.Linear(128, 5)
        return nn.Sequential(layers)
    if name == "lenet":
        # The activation behind a pool, as in LeNet-5 itself, is what lets the pool be a
        # layer of neurons; on averages of ReLUs it changes nothing.
        return nn.Sequential(D(
            conv1=nn.Conv2d(1, 6, 5, padding=2), relu1=nn.ReLU(), pool1=nn.AvgPool2d(2), relu2=nn.ReLU(),
            conv2=nn.Conv2d(6, 16, 5), relu3=nn.ReLU(), pool2=nn.AvgPool2d(2), relu4=nn.ReLU(),
            flatten=nn.Flatten(),
            fc1=nn.Linear(400, 120), relu5=nn.ReLU(),
            fc2=nn.Linear(120, 84), relu6=nn.ReLU(),
            fc3=nn.Linear(84, 5)))
    if name == "tiny":
        return nn.Sequential(D(fc1=nn.Linear(16, 16), relu1=nn.ReLU(), fc2=nn.Linear(16, 5)))
    raise ValueError(name)


HEAD = {"mlp": "fc3", "cnn": "fc2", "lenet": "fc3", "tiny": "fc2"}
# epochs, batch, learning rate
PLAN = {"mlp": (12, 128, 1e-3), "cnn": (10, 128, 2e-3), "lenet": (12, 128, 2e-3), "tiny": (100, 32, 5e-3)}


def fit(net, x, y, epochs, batch, lr, log=None):
    """Adam, cosine to 0 over all steps, weight decay 1e-4, cross entropy.

    Biases and BatchNormalization values do not decay: a Conv bias in front of a
    BatchNormalization would go to 0, and an importer folding it wrongly would
    not be noticed.
    """
    import torch
    p = list(net.parameters())
    opt = torch.optim.Adam([dict(params=[q for q in p if q.ndim > 1], weight_decay=1e-4),
                            dict(params=[q for q in p if q.ndim == 1], weight_decay=0.0)], lr=lr)
    steps = epochs * (len(x) // batch)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
    loss_fn = torch.nn.CrossEntropyLoss()
    for e in range(epochs):
        total, t0 = 0.0, time.time()
        perm = torch.randperm(len(x))
        for i in range(0, len(x) - batch + 1, batch):
            k = perm[i:i + batch]
            loss = loss_fn(net(x[k]), y[k])
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            total += loss.item()
        if log and (e + 1) % log == 0:
            print(f"  epoch {e + 1}: loss {total / (len(x) // batch):.4f}  {time.time() - t0:.1f}s",
                  flush=True)


def logits(net, x):
    import torch
    net.eval()
    with torch.no_grad():
        return torch.cat([net(p) for p in x.split(500)])


def accuracy(net, x, y):
    return 100.0 * (logits(net, x).argmax(1) == y).float().mean().item()


# ------------------------------------------------------------------ ONNX

def to_onnx(name, net):
    import onnx
    from onnx import TensorProto, helper as h, numpy_helper
    opset = {"mlp": 13, "cnn": 13, "lenet": 13, "tiny": 11}[name]
    batch = "batch" if name in ("cnn", "lenet") else 1
    init, nodes = [], []
    shape = [batch, 16] if name == "tiny" else [batch, 1, 28, 28]
    cur = "input"

    def param(pname, t):
        a = np.array(t.detach().numpy() if hasattr(t, "detach") else t, order="C")
        init.append(numpy_helper.from_array(a, pname))
        return pname

    mods = list(net.named_children())
    for i, (n, m) in enumerate(mods):
        kind = type(m).__name__
        out = "output" if i == len(mods) - 1 else f"{n}.out"
        if kind == "Flatten":
            nodes.append(h.make_node("Flatten", [cur], [out], name=n, axis=1))
        elif kind == "ReLU":
            nodes.append(h.make_node("Relu", [cur], [out], name=n))
        elif kind == "Dropout":       # opset >= 12: the ratio is an input, training_mode absent = false
            r = param(f"{n}.ratio", np.array(m.p, np.float32))
            nodes.append(h.make_node("Dropout", [cur, r], [out], name=n))
        elif kind == "Conv2d":
            nodes.append(h.make_node(
                "Conv", [cur, param(f"{n}.weight", m.weight), param(f"{n}.bias", m.bias)], [out],
                name=n, kernel_shape=list(m.kernel_size), strides=list(m.stride),
                pads=2 * list(m.padding), dilations=[1, 1], group=1))
        elif kind == "AvgPool2d":
            nodes.append(h.make_node("AveragePool", [cur], [out], name=n, kernel_shape=2 * [m.kernel_size],
                                     strides=2 * [m.stride]))
        elif kind == "BatchNorm2d":   # opset 9..13: inference mode is "one output"
            ins = [cur] + [param(f"{n}.{p}", getattr(m, p))
                           for p in ("weight", "bias", "running_mean", "running_var")]
            nodes.append(h.make_node("BatchNormalization", ins, [out], name=n,
                                     epsilon=float(m.eps), momentum=0.9))
        elif kind == "Linear" and name == "tiny" and n == "fc1":
            # MatMul + Add; note the weight is [in, out] here
            w, b = param(f"{n}.weight", m.weight.detach().t()), param(f"{n}.bias", m.bias)
            nodes.append(h.make_node("MatMul", [cur, w], [f"{n}.matmul.out"], name=f"{n}.matmul"))
            nodes.append(h.make_node("Add", [f"{n}.matmul.out", b], [out], name=f"{n}.add"))
        elif kind == "Linear":
            if name == "cnn" and i == len(mods) - 1:
                out = "logits"
            nodes.append(h.make_node(
                "Gemm", [cur, param(f"{n}.weight", m.weight), param(f"{n}.bias", m.bias)], [out],
                name=n, alpha=1.0, beta=1.0, transB=1))
        else:
            raise ValueError(kind)
        cur = out
    if name == "cnn":
        nodes.append(h.make_node("Softmax", ["logits"], ["output"], name="softmax", axis=1))
    graph = h.make_graph(
        nodes, name,
        [h.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [h.make_tensor_value_info("output", TensorProto.FLOAT, [batch, 5])], init)
    model = h.make_model(graph, producer_name="models/make_models.py",
                         opset_imports=[h.make_opsetid("", opset)])
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, f"{HERE}/{name}.onnx")
    onnx.checker.check_model(onnx.load(f"{HERE}/{name}.onnx"))


def load_onnx(name):
    """The torch network with the values of models/<name>.onnx."""
    import onnx
    import torch
    from onnx import numpy_helper
    m = onnx.load(f"{HERE}/{name}.onnx")
    net = build(name)
    state = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy())
             for t in m.graph.initializer if not t.name.endswith(".ratio")}
    if name == "tiny":
        state["fc1.weight"] = state["fc1.weight"].t().contiguous()
    missing, extra = net.load_state_dict(state, strict=False)
    assert not extra and all(k.endswith("num_batches_tracked") for k in missing)
    return net.eval()


# ------------------------------------------------------------------ onnxruntime side

def reference(name, path):
    """Run by an interpreter with onnxruntime: write the reference, compare with torch."""
    import onnxruntime as ort
    opt = ort.SessionOptions()
    opt.intra_op_num_threads = 1
    s = ort.InferenceSession(f"{HERE}/{name}.onnx", opt, providers=["CPUExecutionProvider"])
    z = np.load(path)
    step = 1 if name in ("mlp", "tiny") else 100   # these have batch 1

    def run(x):
        return np.concatenate([s.run(["output"], {"input": x[i:i + step]})[0]
                               for i in range(0, len(x), step)])

    out = run(z["x"])
    acc = 100.0 * (out.argmax(1) == z["labels"]).mean()
    print(f"{name}: onnxruntime {ort.__version__} test accuracy {acc:.2f}, "
          f"largest difference from torch {np.abs(out - z['torch']).max():.2e}")
    assert np.abs(out - z["torch"]).max() < 1e-3
    np.savez_compressed(f"{HERE}/{name}-reference.npz", x=z["x"][:16], y=run(z["x"][:16]))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("names", nargs="*", default=["tiny", "mlp", "cnn", "lenet"])
    ap.add_argument("--ort-python", default="/tmp/ortvenv/bin/python")
    ap.add_argument("--reference", help=argparse.SUPPRESS)
    a = ap.parse_args()
    if a.reference:
        return reference(a.names[0], a.reference)

    import torch
    torch.set_num_threads(1)
    for name in a.names:
        t0 = time.time()
        if name == "tiny":
            write_digits()
        xa, ya, xb, yb = map(torch.from_numpy, data(name, "source"))
        torch.manual_seed(SEED)
        net = build(name).train()
        epochs, batch, lr = PLAN[name]
        print(f"{name}: {len(xa)} train, {len(xb)} test images", flush=True)
        fit(net, xa, ya, epochs, batch, lr, log=max(1, epochs // 6))
        out = logits(net, xb)
        to_onnx(name, net)
        same = load_onnx(name)
        assert torch.equal(logits(same, xb), out)
        biggest = max(p.abs().max().item() for p in net.parameters())
        print(f"{name}: test accuracy {accuracy(net, xb, yb):.2f}, train {accuracy(net, xa, ya):.2f}, "
              f"{sum(p.numel() for p in net.parameters())} trained values, largest |value| {biggest:.2f}, "
              f"{os.path.getsize(f'{HERE}/{name}.onnx')} bytes, {time.time() - t0:.0f}s", flush=True)
        if name == "cnn":
            out = out.softmax(1)
        with tempfile.TemporaryDirectory() as d:
            p = f"{d}/torch.npz"
            np.savez(p, x=xb.numpy(), labels=yb.numpy(), torch=out.numpy())
            subprocess.run([a.ort_python, os.path.abspath(__file__), name, "--reference", p], check=True)


if __name__ == "__main__":
    main()
