"""Changes the last byte of the first frozen tensor of a textual module.

Usage: change-weight.py <from.mlir> <to.mlir>
"""
import re
import sys

text = open(sys.argv[1]).read()
match = re.search(r'fc1\.bias: "0x[0-9A-F]+', text)
last = text[match.end() - 1]
text = text[:match.end() - 1] + ("0" if last != "0" else "1") + text[match.end():]
open(sys.argv[2], "w").write(text)
