"""Fails unless a recording of all neurons has the spikes that ntc sim counted."""
import json
import sys

import numpy

run = numpy.load(sys.argv[1])
sim = json.load(open(sys.argv[2]))
images, neurons, slots = run["membrane_V"].shape
assert images == sim["images"], (images, sim)
assert neurons == len(run["neuron_layer"]) == len(run["neuron_index"])
assert abs(len(run["spike_slot"]) / images - sim["spikes_per_image"]) < 1e-6
assert run["spike_neuron"].max() < neurons and run["spike_image"].max() < images
assert (numpy.diff(run["spike_image"]) >= 0).all()
assert numpy.isfinite(run["membrane_V"]).all()
