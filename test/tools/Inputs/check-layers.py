"""Fails unless the layers of ntc sim --json add up to the chip's figures."""
import json
import sys

sim = json.load(open(sys.argv[1]))
layers = sim["layers"]
assert len(layers) >= 2, layers
spikes = sum(layer["spikes_per_image"] for layer in layers)
assert abs(spikes - sim["spikes_per_image"]) < 1e-6 * spikes, (spikes, sim)
energy = sum(value for layer in layers for key, value in layer.items() if "_J_" in key)
# What the inputs' events cost belongs to no layer.
assert 0.5 * sim["energy_J_per_image"] < energy <= sim["energy_J_per_image"] * (1 + 1e-9), (energy, sim)
latencies = [layer["latency_s"] for layer in layers]
assert latencies == sorted(latencies)
assert abs(latencies[-1] - sim["time_s_per_image"]) < 1e-12, (latencies, sim)
