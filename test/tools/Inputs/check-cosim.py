"""Checks the JSON of ntc cosim: field=value pairs of the run, and for each image equal
spikes, time errors in order, and the metered charge within 0.1 % of the events' sum."""
import json
import sys

found = json.load(open(sys.argv[1]))
problems = [f"{pair}: {found[pair.split('=')[0]]}" for pair in sys.argv[2:]
            if str(found[pair.split("=")[0]]) != pair.split("=")[1]]
for image in found["images"]:
    if not image["spikes_simulated"] == image["spikes_found"] > 0:
        problems.append(f"spikes: {image}")
    if not 0 < image["median_time_error"] <= image["p95_time_error"] <= image["max_time_error"] < 0.01:
        problems.append(f"times: {image}")
    measured, expected = image["synaptic_charge_measured_C"], image["synaptic_charge_expected_C"]
    if expected <= 0 or abs(measured / expected - 1) > 1e-3:
        problems.append(f"charge: {measured} {expected}")
if not found["images"]:
    problems.append("no image")
sys.exit("\n".join(problems) if problems else 0)
