"""compare-devices.py A.json B.json: the wider sinking mirror of B changes what it must."""
import json
import sys

a, b = (json.load(open(path)) for path in sys.argv[1:])
# The domain's volts set the current of a unit's width.
for kind in ("synapse", "modulation"):
    low, high = (d["domains"][kind]["curve"]["amperes"] for d in (a, b))
    assert all(y > 1.02 * x for x, y in zip(low, high)), (kind, low, high)
assert b["energy"]["per_synaptic_event"]["value"] != a["energy"]["per_synaptic_event"]["value"]
# Sizes and slot are the base's.
for part in ("core", "chip", "fabric"):
    assert a[part] == b[part], part
