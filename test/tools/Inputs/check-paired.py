"""A paired layer's codes are nearer to its float weights than one column's.

check-paired.py LEDGER LEDGER-AFTER WANTING: the ledgers of one network without
and with the first layer of WANTING paired."""
import json
import pathlib
import sys

before, after = (json.loads(pathlib.Path(p).read_text())["tasks"][0] for p in sys.argv[1:3])
layer = pathlib.Path(sys.argv[3]).read_text().split()[0]


def grid(ledger):
    """What the codes of the chosen layer add to the error of the scores."""
    return [r["error_with"] for r in ledger["rows"]
            if r.get("layer") == layer and r["effect"] == "DAC grid"][0]


assert grid(after) < grid(before) / 4, (grid(before), grid(after))
assert layer not in after["want_digits"], after["want_digits"]
