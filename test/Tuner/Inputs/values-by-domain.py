"""Checks that a task of granularity=domain has one value a synapse domain, and that there are as many as were trained.

Usage: values-by-domain.py <module.mlir> <task> <curves.json>
"""
import json
import re
import sys

text = open(sys.argv[1]).read()
values = re.search(rf"nt.task @{sys.argv[2]} .*values {{(.*?)}}", text).group(1)
trained = 0
for name, dense, count in re.findall(r"([\w.]+) = dense<(.*?)> : tensor<(\d+)xf32>", values):
    layer = re.search(rf'name "{re.escape(name)}".*?domain_of_channel = array<i32: ([\d, ]+)>', text)
    domains = [int(d) for d in layer.group(1).split(",")]
    numbers = re.findall(r"[-+.\de]+", dense)
    numbers = numbers * int(count) if len(numbers) == 1 else numbers
    assert len(numbers) == len(domains) == int(count), (name, numbers, domains)
    of_domain = {}
    for domain, number in zip(domains, numbers):
        assert of_domain.setdefault(domain, number) == number, (name, domain, number)
    trained += len(of_domain)
assert trained > 0 and trained == json.load(open(sys.argv[3]))["trained_values"], trained
