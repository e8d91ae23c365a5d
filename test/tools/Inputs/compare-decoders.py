"""Compares scripts/decode-bitstream.py with the IR that ntc disasm writes.

Usage: compare-decoders.py <program.json> <task.json> <chip.mlir>
"""
import json
import re
import sys

program, task = (json.load(open(path)) for path in sys.argv[1:3])
text = open(sys.argv[3]).read()


def elements(dense, rows, columns=None):
    """The values of dense<...>: nested lists, or hexadecimal bytes (int8)."""
    if dense.startswith('"0x'):
        values = [byte - 256 if byte > 127 else byte for byte in bytes.fromhex(dense[3:-1])]
        return [values[i:i + columns] for i in range(0, len(values), columns)] if columns else values
    return json.loads(dense)


def check(name, found, expected):
    assert found == expected, f"{name}: disasm has {found}, the decoder {expected}"


cores = re.split(r"chip\.core @core_", text)[1:]
check("cores", len(cores), len(program["cores"]))
for index, (body, core) in enumerate(zip(cores, program["cores"])):
    columns = len(core["synapse_domain"])
    array = re.search(r"chip\.array dense<(.*?)> :", body).group(1)
    check(f"codes of core {index}", elements(array, len(core["codes"]), columns), core["codes"])
    dac = [int(v) for v in re.findall(r"chip\.domain synapse \d+ dac (\d+)", body)]
    check(f"DAC of core {index}", dac, core["synapse_dac"])
    domains = re.search(r"chip\.neuron_bank .*? domains dense<(.*?)> :", body).group(1)
    check(f"domains of core {index}", elements(domains, columns), core["synapse_domain"])

modulation = re.findall(r"chip\.modulation @core_\d+ dac (\[.*?\]) codes dense<(.*?)> : .*? "
                        r"domains dense<(.*?)> :", text)
check("modulated cores", len(modulation), len(task["cores"]))
for index, ((dac, codes, domains), core) in enumerate(zip(modulation, task["cores"])):
    check(f"modulation DAC of core {index}", json.loads(dac), core["dac"])
    words = [list(word) for word in zip(elements(domains, 0), elements(codes, 0))]
    check(f"words of core {index}", words, core["words"])
classes = re.search(r"chip\.task .*? classes (\[.*?\])", text).group(1)
check("classes", json.loads(classes), task["class_of_output"])
