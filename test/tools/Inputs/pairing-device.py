"""Writes a device file whose columns can be joined: pairing-device.py BASE.json OUT.json"""
import json
import pathlib
import sys

device = json.loads(pathlib.Path(sys.argv[1]).read_text())
device["name"] = pathlib.Path(sys.argv[2]).stem
device["synapse"]["pairing"] = "adjacent_columns"
pathlib.Path(sys.argv[2]).write_text(json.dumps(device))
