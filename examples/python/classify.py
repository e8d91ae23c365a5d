#!/usr/bin/python3
# Part of the NT project, under the Apache License v2.0 with LLVM Exceptions.
# See LICENSE for license information.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Classifies images with a network that `ntc compile --emit-cpu` compiled.

Usage: classify.py FOLDER/NAME.so IMAGES.npz [SLOTS]
NAME is that of the functions, too (tiny_source). IMAGES.npz holds `x`, [images, ...] of the network's inputs. Prints a
line an image: class, scores, spikes by slot. Needs NumPy; of NT nothing but the shared library.
"""
import ctypes
import sys
from pathlib import Path

import numpy as np


class Network:
    """The functions of the shared library (docs/aot.md)."""

    def __init__(self, path):
        self.library = ctypes.CDLL(str(Path(path).resolve()))
        self.name = Path(path).stem
        pointer = ctypes.c_void_p
        self.function("create", pointer, pointer)
        self.function("classify", ctypes.c_int32, pointer, pointer, ctypes.c_uint32, pointer, pointer)
        self.function("record", ctypes.c_int32, pointer, pointer, ctypes.c_uint32, pointer, pointer, pointer)
        self.function("free_error", None, pointer)
        for number in ("inputs", "outputs", "slots", "neurons"):
            self.function(number, ctypes.c_uint32, pointer)
        self.handle = self.create(None)
        self.shape = {number: getattr(self, number)(self.handle) for number in ("inputs", "outputs", "slots", "neurons")}

    def function(self, what, result, *arguments):
        found = getattr(self.library, f"{self.name}_{what}")
        found.restype, found.argtypes = result, arguments
        setattr(self, what, found)

    def run(self, values, slots=0):
        """Class, scores [outputs] and spikes [slots, neurons] of one sample; ValueError with the library's message."""
        values = np.ascontiguousarray(values, np.float32).ravel()
        if values.size != self.shape["inputs"]:
            raise ValueError(f"{values.size} values, the network has {self.shape['inputs']} inputs")
        scores = np.zeros(self.shape["outputs"])
        spikes = np.zeros((slots or self.shape["slots"], self.shape["neurons"]), np.uint8)
        error = ctypes.c_char_p()
        label = self.record(self.handle, values.ctypes.data, slots, scores.ctypes.data, spikes.ctypes.data,
                            ctypes.addressof(error))
        if label < 0:
            message = error.value.decode() if error.value else "out of memory"
            self.free_error(ctypes.cast(error, ctypes.c_void_p))
            raise ValueError(message)
        return label, scores, spikes


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    network = Network(sys.argv[1])
    slots = int(sys.argv[3]) if len(sys.argv) == 4 else 0
    for i, image in enumerate(np.load(sys.argv[2])["x"]):
        try:
            label, scores, spikes = network.run(image, slots)
        except ValueError as error:
            sys.exit(f"image {i}: {error}")
        print(f"image {i}: class {label}, scores {' '.join(f'{s:.3f}' for s in scores)}, "
              f"spikes {' '.join(str(n) for n in spikes.sum(1))}")


if __name__ == "__main__":
    main()
