"""Checks that the passes and pipelines of `nt-opt --help` are documented.

Usage: check-passes.py <help text> <docs folder>
"""
import pathlib
import re
import sys

names = set(re.findall(r"^ *--((?:nt-|chip-|spike-|convert-(?:onnx|nt|spike))[a-z0-9-]+)",
                       open(sys.argv[1]).read(), flags=re.M))
docs = pathlib.Path(sys.argv[2])
reference = "\n".join(page.read_text() for page in (docs / "reference").glob("*.md"))
architecture = (docs / "architecture.md").read_text()
missing = [name for name in sorted(names) if f"-{name}" not in reference]
missing += [f"{name} (architecture.md)" for name in sorted(names)
            if name.endswith("-pipeline") and name not in architecture]
print("\n".join(missing))
assert len(names) > 15, names
sys.exit(bool(missing))
