"""compare-python-run.py TEXT SCORES: the example's lines against ntc sim's scores."""
import re
import sys

import numpy as np

lines = open(sys.argv[1]).read().splitlines()
scores = np.load(sys.argv[2])["scores"]
assert len(lines) == len(scores) > 0, (len(lines), len(scores))
for i, (line, expected) in enumerate(zip(lines, scores)):
    label, found = re.fullmatch(rf"image {i}: class (\d+), scores (.*), spikes [0-9 ]+", line).groups()
    assert found == " ".join(f"{s:.3f}" for s in expected), (line, expected)
    assert int(label) == int(np.argmax(expected)), line
