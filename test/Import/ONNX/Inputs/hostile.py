"""Writes ONNX models that no exporter makes: hostile.py KIND FILE.

The wire format of protobuf is written by hand, so that tests need no onnx package and a model of a
million nodes takes a second. Field numbers are those of onnx.proto.
"""
import os
import struct
import sys


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    data = value if isinstance(value, bytes) else value.encode()
    return varint(field << 3 | 2) + varint(len(data)) + data


def node(kind, inputs, outputs, name="", attributes=b""):
    return text(1, b"".join(text(1, i) for i in inputs) + b"".join(text(2, o) for o in outputs)
                + text(3, name) + text(4, kind) + attributes)


def info(name, shape):
    dims = b"".join(text(1, number(1, size)) for size in shape)
    return text(1, name) + text(2, text(1, number(1, 1) + text(2, dims)))


def tensor(name, dims, data=b"", kind=1, external=None):
    body = b"".join(number(1, size) for size in dims) + number(2, kind) + text(8, name)
    if external:
        body += b"".join(text(13, text(1, key) + text(2, str(value))) for key, value in external)
        return body + number(14, 1)
    return body + text(9, data)


def model(nodes, inputs, outputs, initializers=(), sparse=(), opset=17):
    graph = b"".join(nodes) + text(2, "g") + b"".join(text(5, t) for t in initializers)
    graph += b"".join(text(15, t) for t in sparse)
    graph += b"".join(text(11, i) for i in inputs) + b"".join(text(12, o) for o in outputs)
    return number(1, 8) + text(7, graph) + text(8, text(1, "") + number(2, opset))


X, Y = info("x", [1, 4]), info("y", [1, 4])
ADD = node("Add", ["x", "w"], ["y"], "add")
FLOATS = struct.pack("<4f", 1, 2, 3, 4)


def sparse(dims, values, indices, index_dims):
    return (text(1, tensor("w", [len(values)], struct.pack(f"<{len(values)}f", *values)))
            + text(2, tensor("i", index_dims, struct.pack(f"<{len(indices)}q", *indices), kind=7))
            + b"".join(number(3, size) for size in dims))


def nested(depth):
    """An If whose branch holds an If, and so on."""
    body = b""
    for _ in range(depth):
        inner = text(1, body) if body else b""
        body = text(1, "") + text(5, text(1, "then_branch") + text(6, inner + text(2, "b")) + number(20, 5))
    return model([text(1, text(2, "y") + text(4, "If") + body)], [X], [Y])


def external(path, ranges):
    folder = os.path.dirname(path)
    with open(os.path.join(folder, "hostile.weights"), "wb") as file:
        file.write(bytes(64))
    names = [f"w{i}" for i in range(len(ranges))]
    tensors = [tensor(n, [4], external=[("location", "hostile.weights"), ("offset", a), ("length", b)])
               for n, (a, b) in zip(names, ranges)]
    nodes, last = [], "x"
    for n in names:
        nodes.append(node("Add", [last, n], [n + "y"], "add " + n))
        last = n + "y"
    return model(nodes, [X], [info(last, [1, 4])], tensors)


MANY = 1_000_000
KINDS = {
    "cycle": lambda p: model([node("Add", ["x", "b"], ["a"], "first"), node("Add", ["a", "x"], ["b"], "second")],
                             [X], [info("b", [1, 4])]),
    "self-cycle": lambda p: model([node("Relu", ["y"], ["y"], "act")], [X], [Y]),
    "huge-input": lambda p: model([node("Relu", ["x"], ["y"], "act")], [info("x", [1, 1 << 31, 1 << 31])], [Y]),
    "huge-initialiser": lambda p: model([ADD], [X], [Y], [tensor("w", [1 << 40, 1 << 20], FLOATS)]),
    "overflowing-initialiser": lambda p: model([ADD], [X], [Y], [tensor("w", [1 << 62, 4], FLOATS)]),
    "negative-initialiser": lambda p: model([ADD], [X], [Y], [tensor("w", [-4], FLOATS)]),
    "huge-expand": lambda p: model([node("Expand", ["x", "s"], ["y"], "grow")], [X], [info("y", [])],
                                   [tensor("s", [3], struct.pack("<3q", 1 << 20, 1 << 20, 4), kind=7)]),
    "huge-constant": lambda p: model([node("ConstantOfShape", ["s"], ["w"], "fill"), ADD], [X], [Y],
                                     [tensor("s", [1], struct.pack("<q", 1 << 60), kind=7)]),
    # Each pad is small; a thousand of them doubles an axis a thousand times.
    "growing": lambda p: model([node("Concat", [f"v{i}" if i else "x"] * 2, [f"v{i + 1}"], f"twice {i}",
                                     text(5, text(1, "axis") + number(3, 1) + number(20, 2)))
                                for i in range(1000)], [X], [info("v1000", [1, 4])]),
    "million-nodes": lambda p: model([node("Relu", [f"v{i}" if i else "x"], [f"v{i + 1}"], f"r{i}")
                                      for i in range(MANY)], [X], [info(f"v{MANY}", [1, 4])]),
    "million-misfits": lambda p: model([node("Strange", [f"v{i}" if i else "x"], [f"v{i + 1}"], f"s{i}")
                                        for i in range(MANY)], [X], [info(f"v{MANY}", [1, 4])]),
    "nested": lambda p: nested(20000),
    "shallow-if": lambda p: nested(3),
    "no-outputs": lambda p: model([node("Relu", ["x"], [], "dead"), node("Relu", ["x"], ["y"], "act")], [X], [Y]),
    "nameless-output": lambda p: model([node("Relu", ["x"], ["y"], "act")], [X], [info("", [1, 4])]),
    "integer-output": lambda p: model([node("Shape", ["x"], ["y"], "shape")], [X], [Y]),
    "overlap": lambda p: external(p, [(0, 16), (8, 16)]),
    "same-bytes": lambda p: external(p, [(16, 16), (0, 16), (16, 16)]),
    "beside": lambda p: external(p, [(16, 16), (0, 16), (32, 16)]),
    "sparse": lambda p: model([ADD], [X], [Y], sparse=[sparse([1, 4], [5, 7], [1, 3], [2])]),
    "sparse-rows": lambda p: model([ADD], [X], [Y], sparse=[sparse([1, 4], [5, 7], [0, 1, 0, 3], [2, 2])]),
    "sparse-outside": lambda p: model([ADD], [X], [Y], sparse=[sparse([1, 4], [5, 7], [1, 4], [2])]),
    "sparse-huge": lambda p: model([ADD], [X], [Y], sparse=[sparse([1 << 30, 1 << 30], [5], [1], [1])]),
    "sparse-shape": lambda p: model([ADD], [X], [Y], sparse=[sparse([1, 4], [5, 7], [1], [1])]),
    "window-overflow": lambda p: model(
        [node("MaxPool", ["x"], ["y"], "pool",
              text(5, text(1, "kernel_shape") + number(8, 1 << 62) + number(8, 1 << 62) + number(20, 7)))],
        [info("x", [1, 1, 4, 4])], [info("y", [1, 1, 1, 1])]),
}

if __name__ == "__main__":
    kind, path = sys.argv[1:]
    with open(path, "wb") as file:
        file.write(KINDS[kind](path))
