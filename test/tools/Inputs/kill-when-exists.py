"""kill-when-exists.py FILE COMMAND...: SIGKILL for the command as soon as the file is there.

Exits with 0 if the command was killed, with 1 if it ended by itself first.
"""
import os
import signal
import subprocess
import sys
import time

process = subprocess.Popen(sys.argv[2:], stderr=subprocess.DEVNULL)
while process.poll() is None:
    if os.path.exists(sys.argv[1]):
        process.send_signal(signal.SIGKILL)
        process.wait()
        break
    time.sleep(0.001)
sys.exit(0 if process.returncode == -signal.SIGKILL else 1)
