"""Makes a variant of nt1-tiny and rewrites a chip module for it.

usage: retarget.py module.mlir device.json [field.path=value ...] > out.mlir

The device's hash is read from the message nt-opt gives for the wrong one.
"""
import json
import os
import re
import subprocess
import sys

module, device, *changes = sys.argv[1:]
tiny = os.path.join(os.environ["NT_DEVICE_PATH"], "nt1-tiny.json")
with open(tiny) as file:
    model = json.load(file)
model["name"] = "variant"
for change in changes:
    path, value = change.split("=")
    *parents, last = path.split(".")
    node = model
    for parent in parents:
        node = node[parent]
    node[last]["value"] = json.loads(value)
with open(device, "w") as file:
    json.dump(model, file)

with open(module) as file:
    text = file.read()
text = re.sub(r'device "[^"]*" hash "[^"]*"', 'device "variant" hash "%s"' % ("0" * 16), text)
run = subprocess.run(["nt-opt", "--chip-verify=device=" + device, "-"],
                     input=text, capture_output=True, text=True)
found = re.search(r"but variant has hash ([0-9a-f]{16})", run.stderr)
if not found:
    sys.exit("no hash in: " + run.stderr)
print(text.replace("0" * 16, found[1]), end="")
