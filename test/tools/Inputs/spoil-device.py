"""Writes a device file with one fault of each kind.

Usage: spoil-device.py <device.json> <output.json>
"""
import json
import sys

device = json.load(open(sys.argv[1]))
device["neuron"]["c_men"] = device["neuron"].pop("c_mem")  # missing, and unknown
device["synapse"]["pulse_width"]["unit"] = "us"
device["synapse"]["digits"]["value"] = "three"
device["core"]["axons"]["value"] = 0
device["domains"]["synapse"]["curve"]["amperes"][3] = 1e-12  # falls
json.dump(device, open(sys.argv[2], "w"))
