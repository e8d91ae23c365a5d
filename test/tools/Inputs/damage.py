"""Writes a damaged copy of a file.

Usage: damage.py <from> <to> flip <byte> | cut <bytes> | write <byte> <text>
"""
import sys

data = bytearray(open(sys.argv[1], "rb").read())
kind, at = sys.argv[3], int(sys.argv[4])
if kind == "flip":
    data[at] ^= 1
elif kind == "cut":
    data = data[:at]
elif kind == "write":
    data[at:at + len(sys.argv[5])] = sys.argv[5].encode()
else:
    sys.exit(__doc__)
open(sys.argv[2], "wb").write(data)
