"""Changes each field of a device file and checks that the right results change.

Usage: device-fields.py <nt1-tiny.json> <model.onnx> <digits.npz> <decode-bitstream.py> <folder>

Compiles, simulates and emits SPICE for the device as it is and for each changed
one. A field is live if what is named for it changes. The fields that nothing of
the chain reads yet are named too, with who will: one that comes alive fails here
until it gets its line.
"""
import copy
import json
import os
import subprocess
import sys

import numpy

device_path, model, data, decoder, folder = sys.argv[1:6]
base = json.load(open(device_path))

# What a change must change. "refused:<code>": the compiler must refuse it.
CODES, WORDS, BITS, SCORES, ENERGY, TIME, AREA, SETTLING, NETLIST = (
    "codes", "words", "bits", "scores", "energy", "time", "area", "settling", "netlist")
FOUR = {"core/neurons": 4, "chip/grid_rows": 4}  # tiny on six cores
FIELDS = {
    "synapse/digits": (2, {CODES, SCORES}),
    "synapse/encoding": ("sign_magnitude", {BITS}),
    "synapse/pulse_width": (2e-6, {CODES, NETLIST}),
    "domains/synapse/count_per_core": (1, {CODES}),
    "domains/synapse/dac_bits": (4, {CODES}),
    "domains/synapse/volts_min": (1.0, {CODES}),
    "domains/synapse/volts_max": (1.5, {CODES}),
    "domains/synapse/curve/amperes/5": (1.4e-8, {CODES, NETLIST}),
    "domains/synapse/curve/volts/5": (1.41, {CODES, NETLIST}),
    "domains/synapse/settling": (1e-3, {SETTLING}),
    "domains/synapse/static_power": (2e-6, {ENERGY}),
    "domains/synapse/supply_limit": (1e-12, "refused:NT-MAP-005"),
    "domains/modulation/count_per_core": (1, {WORDS}),
    "domains/modulation/dac_bits": (4, {WORDS}),
    "domains/modulation/volts_min": (1.0, {WORDS}),
    "domains/modulation/volts_max": (1.5, {WORDS}),
    "domains/modulation/curve/amperes/4": (6e-10, {WORDS, NETLIST}),
    "domains/modulation/curve/volts/4": (1.31, {WORDS, NETLIST}),
    "domains/modulation/settling": (1e-3, {SETTLING}),
    "domains/modulation/static_power": (2e-6, {ENERGY}),
    "domains/modulation/supply_limit": (1e-15, "refused:NT-MAP-005"),
    "neuron/c_mem": (2e-12, {CODES, NETLIST}),
    "neuron/g_leak": (5e-9, {SCORES, NETLIST}),
    "neuron/v_rest": (1.0, {SCORES, NETLIST}),
    "neuron/v_reset": (1.0, {CODES, SCORES, NETLIST}),
    "neuron/v_th": (1.4, {CODES, NETLIST}),
    "neuron/v_init": (0.9, {SCORES, NETLIST}),
    "neuron/rail_low": (0.85, {SCORES, NETLIST}),
    "neuron/rail_high": (1.6, {NETLIST}),
    "neuron/t_ref": (8e-6, {SCORES, NETLIST}),
    "neuron/reset": ("subtract", {SCORES, NETLIST}),
    # Slower neurons leave only the inputs' link over its limit.
    "neuron/max_rate": (10, "refused:the limit is 1e+03\n", {"fabric/link_event_rate": 1e3},
                        "refused:2 more links exceed it"),
    "core/axons": (8, "refused:NT-MAP-001"),
    "core/neurons": (8, {CODES, AREA}),
    "chip/grid_rows": (1, "refused:NT-MAP-", {"chip/grid_columns": 1}, "accepted"),
    "chip/grid_columns": (1, {BITS}),
    "fabric/slot": (2e-5, {TIME, WORDS, NETLIST}, {"neuron/max_rate": 1e4}, "accepted"),
    "fabric/link_latency": (3, {TIME}),
    "fabric/link_fan_out": (1, "refused:NT-MAP-", FOUR, "accepted"),
    "fabric/link_event_rate": (1e3, "refused:NT-MAP-004"),
    "energy/per_synaptic_event": (1e-13, {ENERGY}),
    "energy/per_spike": (1e-12, {ENERGY}),
    "energy/per_routed_event": (1e-11, {ENERGY}),
    "energy/static_per_core": (1e-4, {ENERGY}),
    "area/per_synapse": (1e-10, {AREA}),
    "area/per_neuron": (4e-9, {AREA}),
    "area/per_domain": (2e-8, {AREA}),
}
# Figures of studies that NT does not do yet: a change of one of them must change
# nothing but the device's hash, or it belongs above.
NOT_READ_YET = {
    "synapse/event_offset_charge": 2e-15,
    "synapse/mismatch_sigma": 0.1,
    "neuron/threshold_sigma": 0.02,
}


def set_field(device, path, value):
    node = device
    keys = path.split("/")
    for key in keys[:-1]:
        node = node[key]
    last = int(keys[-1]) if isinstance(node, list) else keys[-1]
    if isinstance(node[last], dict):
        node[last]["value"] = value
    else:
        node[last] = value


def run(*command):
    return subprocess.run(command, text=True, capture_output=True)


def observe(device, name):
    """What the chain makes of a device: a dictionary of results, or a refusal."""
    out = os.path.join(folder, name)
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, "device.json")
    with open(path, "w") as file:
        json.dump(device, file)
    compiled = run("ntc", "compile", model, "--device", path, "--data", f"{data}:train;classes=0,1,2,3,4",
                   "-o", out + "/compiled")
    if compiled.returncode:
        return {"refused": compiled.stderr}
    ntb, ntm = out + "/compiled/model.ntb", out + "/compiled/source.ntm"
    test = ["--task", ntm, "--device", path, "--data", f"{data}:test;classes=0,1,2,3,4"]
    sim = run("ntc", "sim", ntb, *test, "--json", "--scores", out + "/scores.npz")
    spice = run("ntc", "spice", ntb, *test, "--core", "0", "-o", out + "/core.cir")
    if sim.returncode or spice.returncode:
        sys.exit(f"{name}: {sim.stderr}{spice.stderr}")
    figures = json.loads(sim.stdout)
    program, task = (json.loads(run(sys.executable, decoder, file).stdout) for file in (ntb, ntm))
    bits = {key: value for key, value in program.items() if "hash" not in key}
    return {CODES: [core["codes"] for core in program["cores"]], WORDS: task["cores"], BITS: bits,
            SCORES: numpy.load(out + "/scores.npz")["scores"].tolist(),
            ENERGY: figures["energy_J_per_image"], TIME: figures["time_s_per_image"],
            AREA: figures["area_m2"], SETTLING: (figures["configure_s"], figures["retarget_s"]),
            NETLIST: open(out + "/core.cir").read()}


def judge(field, found, reference, expected):
    """A failure's text, or None."""
    if "refused" in found:
        ok = isinstance(expected, str) and expected != "accepted" and expected.split(":", 1)[1] in found["refused"]
        return None if ok else f"{field}: expected {expected}, refused: {found['refused']}"
    if expected == "accepted":
        return None
    changed = {key for key in reference if found[key] != reference[key]}
    print(f"{field}: {sorted(changed)}")
    if isinstance(expected, set) and expected <= changed and (expected or not changed):
        return None
    return f"{field}: expected {expected}, found {sorted(changed)}"


failures = []
base_result = observe(base, "base")
for field, (value, expected, *context) in FIELDS.items():
    device, reference = copy.deepcopy(base), base_result
    name = field.replace("/", "-")
    if context:
        for other, other_value in context[0].items():
            set_field(device, other, other_value)
        reference = observe(device, name + "-before")
        failures.append(judge(field + " before", reference, reference, context[1]))
    set_field(device, field, value)
    failures.append(judge(field, observe(device, name), reference, expected))
for field, value in NOT_READ_YET.items():
    device = copy.deepcopy(base)
    set_field(device, field, value)
    failures.append(judge(field, observe(device, field.replace("/", "-")), base_result, set()))


def leaves(node, path=""):
    if isinstance(node, dict) and "value" in node:
        yield path
    elif isinstance(node, dict):
        for key, child in node.items():
            yield from leaves(child, f"{path}/{key}" if path else key)
    elif isinstance(node, str) and path in ("synapse/encoding", "neuron/reset"):
        yield path


listed = set(FIELDS) | set(NOT_READ_YET)
failures += [f"{leaf} has no line in this test" for leaf in leaves(base) if leaf not in listed]
failures = [failure for failure in failures if failure]
print("\n".join(failures), file=sys.stderr)
sys.exit(bool(failures))
