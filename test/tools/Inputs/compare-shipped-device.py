"""Compares the figures that `ntc characterize` measures in a shipped device file and in one
made again: within 2 %, or 1 mV. Curves are compared at their ends, the volts both have."""
import json
import sys

MEASURED = "'ntc characterize "


def figures(node, path=""):
    if "source" not in node:
        for key, child in node.items():
            if isinstance(child, dict):
                yield from figures(child, f"{path}/{key}")
    elif MEASURED in node["source"]:
        if "amperes" in node:
            yield path + "/first", node["amperes"][0]
            yield path + "/last", node["amperes"][-1]
        else:
            yield path, node["value"]


shipped, again = (dict(figures(json.load(open(path)))) for path in sys.argv[1:])
# Not made without Monte Carlo, or made at or between volts that two points do not have.
OTHERS = ("sigma", "event", "settling", "static_power")
shipped = {path: value for path, value in shipped.items() if not any(word in path for word in OTHERS)}
assert len(shipped) > 10, shipped
wrong = [f"{path}: {value} shipped, {again.get(path)} made again" for path, value in shipped.items()
         if path not in again or abs(again[path] - value) > max(0.02 * abs(value), 1e-3 * ("/v_" in path))]
sys.exit("\n".join(wrong) or 0)
