"""nt1 with hard reset and a leak of 5 % a slot, for the benches of spiking networks."""
import json
import math
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def leaky_device(folder):
    """Writes the device into a folder: nt1 with hard reset and a leak that takes 5 % of the membrane's distance from rest in
    a slot. Returns its path."""
    device = json.loads((ROOT / "share/nt/devices/nt1.json").read_text())
    slot = device["fabric"]["slot"]["value"]
    neuron = device["neuron"]
    neuron["reset"] = "hard"
    neuron["g_leak"] = {"value": -math.log(0.95) * neuron["c_mem"]["value"] / slot, "unit": "S",
                        "source": "bench/spiking-accuracy: 5 % of the membrane a slot"}
    path = folder / "nt1-hard-leak.json"
    path.write_text(json.dumps(device, indent=1))
    return path
