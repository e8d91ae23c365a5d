#!/usr/bin/env python3
"""Decodes a .ntb or .ntm file and prints it as JSON.

Written from docs/bitstream.md alone and sharing no code with NT, as a check on
both. It needs no device file: what a device would refuse it may accept.
Usage: decode-bitstream.py FILE     Exit code 1 if the file is damaged.
"""
import json, struct, sys

def require(condition, message):
    if not condition:
        raise ValueError(message)

def crc32c(data):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF

def fnv1a64(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value

class Reader:
    """The fields of one section, first to last."""
    def __init__(self, name, data):
        self.name, self.data, self.at = name, data, 0

    def raw(self, size):
        require(self.at + size <= len(self.data), self.name + " ends too early")
        self.at += size
        return self.data[self.at - size:self.at]

    def fixed(self, layout):
        return struct.unpack("<" + layout, self.raw(struct.calcsize(layout)))[0]
    def varint(self):
        value = shift = 0
        while True:
            byte = self.raw(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                require((byte or shift == 7) and value < 1 << 64,
                        self.name + ": a varint in too long a form")
                return value

    def zigzag(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)
    def string(self):
        return self.raw(self.varint()).decode("utf-8", "backslashreplace")

    def tuples(self, size):
        """Tuples in rising order, as lexicographic differences."""
        tuples, last = [], [0] * size
        for _ in range(self.varint()):
            fields, same = [], True
            for i in range(size):
                fields.append(self.varint() + (last[i] if same else 0))
                same = same and fields[i] == last[i]
            tuples.append(fields)
            last = fields
        return tuples

    def bit_fields(self, count, *widths):
        """`count` groups of bit fields, least significant bit first."""
        bits = int.from_bytes(self.raw((count * sum(widths) + 7) // 8), "little")
        groups = []
        for _ in range(count):
            groups.append([])
            for width in widths:
                groups[-1].append(bits & ((1 << width) - 1))
                bits >>= width
        require(bits == 0, self.name + ": padding bits are not 0")
        return groups

    def finish(self):
        require(self.at == len(self.data), self.name + ": bytes are left over")

def index_bits(count):
    return (count - 1).bit_length() if count > 1 else 0

def code_of(digits, sign_magnitude):
    """Sum of the digits' two-bit states: 0 off, 1 sourcing, 2 sinking."""
    require(3 not in digits, "an invalid source")
    require(not sign_magnitude or not {1, 2} <= set(digits), "mixed signs")
    return sum({0: 0, 1: 1, 2: -1}[d] << k for k, d in enumerate(digits))

def read_container(data):
    require(data[:4] in (b"NTB1", b"NTM1"), "not an NT bitstream")
    require(len(data) >= 28, "the header ends too early")
    version, count, device, size = struct.unpack("<HHQQ", data[4:24])
    require(version == 1, "version %d" % version)
    table_end = 24 + 24 * count
    require(len(data) == size >= table_end + 4, "it ends too early or too late")
    header_crc, = struct.unpack_from("<I", data, table_end)
    require(header_crc == crc32c(data[:table_end]), "header CRC")
    sections, end = {}, table_end + 4
    for i in range(count):
        tag, crc, offset, size = struct.unpack_from("<4sIQQ", data, 24 + 24 * i)
        content = data[offset:offset + size]
        require(offset == end and len(content) == size, "section bounds")
        require(crc == crc32c(content), "section CRC of %r" % tag)
        end += size
        sections[tag.decode("ascii", "replace")] = content
    require(end == len(data), "bytes after the last section")
    expected = (["META", "LAYR", "CORE", "FRAM", "INPT", "ROUT", "READ"]
                if data[:4] == b"NTB1" else ["META", "MODU", "CLAS"])
    if data[:4] == b"NTB1":
        expected += [tag for tag in ("PAIR", "NORM") if tag in sections]
    require(list(sections) == expected and count == len(expected),
            "sections are " + " ".join(sections))
    return device, {tag: Reader(tag, sections[tag]) for tag in expected}

def read_core(r):
    core = {"row": r.fixed("H"), "column": r.fixed("H")}
    axons, neurons = r.varint(), r.varint()
    core["start_slot"], core["layer"] = r.varint(), r.varint()
    core["synapse_dac"] = [r.varint() for _ in range(r.varint())]
    width = index_bits(len(core["synapse_dac"]))
    core["synapse_domain"] = [d for d, in r.bit_fields(neurons, width)]
    core["layer_neuron"], expected = [], 0
    for _ in range(neurons):
        core["layer_neuron"].append(expected + r.zigzag())
        expected = core["layer_neuron"][-1] + 1
    core["axons"], core["columns_per_neuron"] = axons, 1
    return core

def read_pairs(r, cores):
    """The synapse domains of the second columns."""
    count, last = r.varint(), -1
    require(count > 0, "PAIR names no core")
    for _ in range(count):
        index = r.varint()
        require(last < index < len(cores), "PAIR: cores out of order")
        core, last = cores[index], index
        first = core["synapse_domain"]
        second = r.bit_fields(len(first), index_bits(len(core["synapse_dac"])))
        core["synapse_domain"] = [d for a, (b,) in zip(first, second) for d in (a, b)]
        core["columns_per_neuron"] = 2

def read_program(device, sections):
    r = sections["META"]
    program = {"kind": "program", "name": r.string(), "device": r.string(),
               "device_hash": "0x%016x" % device, "digits": r.fixed("B"),
               "sign_magnitude": r.fixed("B") == 1}
    program["encoding"] = {0: "regular", 1: "signed"}[r.fixed("B")]
    program["readout_kind"] = {0: "count", 1: "membrane", 2: "first"}[r.fixed("B")]
    program["input_full_scale"] = r.fixed("d")
    program["inputs"], program["default_slots"] = r.varint(), r.varint()
    r = sections["LAYR"]
    program["layers"] = [{"name": r.string(), "neurons": r.varint()}
                         for _ in range(r.varint())]
    r = sections["CORE"]
    program["cores"] = [read_core(r) for _ in range(r.varint())]
    if "PAIR" in sections:
        read_pairs(sections["PAIR"], program["cores"])
    for core in program["cores"]:
        columns = len(core["synapse_domain"])
        core["codes"] = [[0] * columns for _ in range(core.pop("axons"))]
    at = {(c["row"], c["column"]): c for c in program["cores"]}
    r = sections["FRAM"]
    for _ in range(r.varint()):
        row, column, axon = r.fixed("H"), r.fixed("H"), r.fixed("H")
        core = at[row, column]
        require(axon < len(core["codes"]), "a frame of no axon")
        columns = len(core["synapse_domain"])
        core["codes"][axon] = [
            code_of(digits, program["sign_magnitude"])
            for digits in r.bit_fields(columns, *[2] * program["digits"])]
        require(any(core["codes"][axon]), "a frame that is all off")
    program["input_routes"] = sections["INPT"].tuples(3)
    program["routes"] = sections["ROUT"].tuples(4)
    r = sections["READ"]
    program["readout"] = [[r.varint(), r.varint()] for _ in range(r.varint())]
    program["mean"], program["deviation"] = [], []
    if "NORM" in sections:
        r = sections["NORM"]
        program["mean"] = [r.fixed("d") for _ in range(r.varint())]
        program["deviation"] = [r.fixed("d") for _ in range(r.varint())]
        require(program["mean"] or program["deviation"], "NORM changes nothing")
    return program

def read_task(device, sections):
    r = sections["META"]
    task = {"kind": "task", "name": r.string(),
            "program_hash": "0x%016x" % r.fixed("Q"),
            "device_hash": "0x%016x" % device, "digits": r.fixed("B"),
            "sign_magnitude": r.fixed("B") == 1, "cores": []}
    r = sections["MODU"]
    for _ in range(r.varint()):
        dac = [r.varint() for _ in range(r.varint())]
        groups = r.bit_fields(r.varint(), index_bits(len(dac)),
                              *[2] * task["digits"])
        task["cores"].append({"dac": dac, "words": [
            [g[0], code_of(g[1:], task["sign_magnitude"])] for g in groups]})
    r = sections["CLAS"]
    task["class_of_output"] = [r.varint() for _ in range(r.varint())]
    return task

def decode(path):
    with open(path, "rb") as file:
        data = file.read()
    device, sections = read_container(data)
    result = (read_program if data[:4] == b"NTB1" else read_task)(device, sections)
    for section in sections.values():
        section.finish()
    result["hash"] = "0x%016x" % fnv1a64(data)
    return result

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        print(json.dumps(decode(sys.argv[1])))
    except (ValueError, KeyError, OSError) as fault:
        sys.exit("%s: error: %r" % (sys.argv[1], fault))
