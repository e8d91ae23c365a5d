"""Runs a command and fails unless it exits with the given code.

Usage: exit-code.py <code> <command...>
"""
import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
if code != int(sys.argv[1]):
    sys.exit(f"exit code {code}, expected {sys.argv[1]}")
