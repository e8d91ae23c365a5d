"""Checks a sweep's JSON: the DAC codes, equal rates of circuit and simulator, and a rate that
the supply moves."""
import json
import sys

found = json.load(open(sys.argv[1]))
points = found["sweep"]
problems = []
if [point["dac"] for point in points] != [int(code) for code in sys.argv[2:]]:
    problems.append("other codes")
for point in points:
    if point["rate_circuit_Hz"] != point["rate_simulated_Hz"]:
        problems.append(f"rates differ: {point}")
if points[0]["rate_circuit_Hz"] == points[-1]["rate_circuit_Hz"]:
    problems.append("the rate does not follow the supply")
if not found["passed"]:
    problems.append("not passed")
sys.exit("\n".join(problems) if problems else 0)
