"""Checks the JSON of ntc ledger: check-ledger.py FILE."""
import json
import sys

tasks = json.load(open(sys.argv[1]))["tasks"]
for task in tasks:
    rows = [{"layer": None, **row} for row in task["rows"]]
    layers = {row["layer"] for row in rows}
    assert None in layers and len(rows) == 5 * len(layers), rows
    by = {(row["layer"], row["effect"]): row for row in rows}
    for row in rows:
        assert 0 <= row["error_with"] < 10, row
    for layer in layers:
        # What stands on another effect is the difference to it.
        for effect, before in (("domain grouping", "weight rounding"), ("DAC grid", "domain grouping")):
            added = by[layer, effect]["error_with"] - by[layer, before]["error_with"]
            assert abs(added - by[layer, effect]["error_added"]) < 1e-9
        assert by[layer, "weight rounding"]["error_added"] > 0
        assert by[layer, "mismatch"]["error_added"] > 0
    worst = max((row for row in rows if row["layer"]), key=lambda row: row["error_added"])
    assert task["fix_first"].startswith(f"Fix this first: {worst['effect']} in '{worst['layer']}'"), task["fix_first"]
    assert 0 <= task["fold"]["error_added"] < 1e-5 and task["fold"]["images"] == 64, task["fold"]
domains = json.load(open(sys.argv[1]))["domains"]
assert len(domains) == len(layers) - 1, domains
for entry in domains:
    assert entry["cost"] * (1 + 1e-9) >= entry["lower_bound"] >= entry["free_bound"] * (1 - 1e-9) > 0, entry
