"""Runs the pipelines of a manifest one after the other through nt-opt.

Usage: run-manifest.py <manifest.json> <output.mlir>
"""
import json
import subprocess
import sys

manifest = json.load(open(sys.argv[1]))
passes = ",".join(manifest["pipelines"])
subprocess.run(["nt-opt", manifest["model"], f"--pass-pipeline=builtin.module({passes})",
                "-o", sys.argv[2]], check=True)
