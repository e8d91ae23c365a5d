"""first-images.py DATA COUNT GOOD BAD: COUNT test images to GOOD (x, y); the same with a negative value to BAD."""
import sys

import numpy as np

data, count, good, bad = sys.argv[1:]
stored = np.load(data)
x, y = stored["x_test"][:int(count)].astype(np.float32), stored["y_test"][:int(count)]
np.savez(good, x=x, y=y)
x = x.reshape(len(x), -1).copy()
x[0, 3] = -1
np.savez(bad, x=x, y=y)
