"""Runs every ```sh block of a page, in order, in the top folder with $OUT set.

Usage: run-page.py <page.md> <top folder> <output folder>
"""
import os
import re
import subprocess
import sys

page, top, out = sys.argv[1:4]
blocks = re.findall(r"^```sh\n(.*?)^```", open(page).read(), flags=re.S | re.M)
assert blocks, f"{page} has no sh block"
for block in blocks:
    for command in block.replace("\\\n", " ").splitlines():
        print(f"$ {command}", flush=True)
        status = subprocess.run(["bash", "-euc", command], cwd=top,
                                env={**os.environ, "OUT": out}).returncode
        if status:
            sys.exit(f"{command}: exit code {status}")
