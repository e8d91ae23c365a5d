"""Checks recorded scores against the labels and the reported accuracy.

Usage: check-scores.py <scores.npz> <sim.json> <digits4x4.npz>
"""
import json
import sys

import numpy

scores = numpy.load(sys.argv[1])["scores"]
reported = json.load(open(sys.argv[2]))
labels = numpy.load(sys.argv[3])["y_test"]
labels = labels[labels < 5]
assert scores.shape == (reported["images"], 5) == (len(labels), 5), scores.shape
accuracy = 100 * (scores.argmax(axis=1) == labels).mean()
assert abs(accuracy - reported["accuracy_percent"]) < 1e-9, (accuracy, reported)
