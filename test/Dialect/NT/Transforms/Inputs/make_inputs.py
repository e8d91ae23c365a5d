#!/usr/bin/python3
"""Writes the data sets that the tests in this folder use (no numpy needed)."""

import os
import struct
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))


def npy(shape, values, kind):
    code = {"<f4": "f", "<i8": "q"}[kind]
    header = repr({"descr": kind, "fortran_order": False, "shape": tuple(shape)})
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    data = struct.pack("<%d%s" % (len(values), code), *values)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


def write(name, arrays):
    with zipfile.ZipFile(os.path.join(HERE, name), "w", zipfile.ZIP_STORED) as file:
        for array, content in arrays.items():
            # A fixed date keeps the bytes the same from run to run.
            file.writestr(zipfile.ZipInfo(array + ".npy", (2000, 1, 1, 0, 0, 0)), content)


vectors = [1, 0, 0.5, 0, 1, 0.25, 0.5, 0.5, 1, 0.25, 0.75, 0]
write(
    "vectors.npz",
    {
        "x": npy([4, 3], vectors, "<f4"),
        "y": npy([4], [1, 0, 1, 1], "<i8"),
        "x_small": npy([4, 3], [v / 4 for v in vectors], "<f4"),
        "y_small": npy([4], [1, 0, 1, 1], "<i8"),
    },
)
ramp = [k / 32 for k in range(32)]
write("images.npz", {"x": npy([2, 2, 4, 4], ramp + ramp[::-1], "<f4")})
