"""Runs one command and prints seconds of processor and clock and megabytes at the peak, as JSON.

A process of its own that holds next to nothing: a child's peak counts what its parent held when it was made.
"""

from __future__ import annotations

import json
import os
import sys
import time

started = time.perf_counter()
child = os.fork()
if child == 0:
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - the benchmark's own commands
_, status, used = os.wait4(child, 0)
if os.waitstatus_to_exitcode(status):
    sys.exit(f"failed: {sys.argv[1:]}")
cpu = used.ru_utime + used.ru_stime
json.dump({"cpu": cpu, "clock": time.perf_counter() - started, "mb": used.ru_maxrss / 1024}, sys.stdout)
