"""Compares what examples/c/tiny_classify.c printed with recorded scores.

Usage: compare-c-scores.py <printed> <scores.npz> <digits4x4.npz>
"""
import sys

import numpy

lines = open(sys.argv[1]).read().splitlines()
scores = numpy.load(sys.argv[2])["scores"]
labels = numpy.load(sys.argv[3])["y_test"]
labels = labels[labels < 5]
assert len(lines) == 3, lines
for digit, line in enumerate(lines):  # the first test image of each digit
    row = scores[list(labels).index(digit)]
    printed = [float(word) for word in line.split("scores")[1].split()]
    assert f"class {row.argmax()}," in line, (line, row)
    assert numpy.allclose(printed, row, atol=5e-4), (printed, row)
