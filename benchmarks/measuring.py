"""Time and peak memory of one task in this process. Runs in our environment and in a peer's: standard library only."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

STATUS = Path("/proc/self/status")


def resident(field: str) -> int:
    """VmRSS (now) or VmHWM (peak) in bytes; 0 where the system does not tell."""
    if not STATUS.exists():
        return 0
    line = next(line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def peak_above(work: Callable[[], object]) -> int:
    """Bytes of memory by which the work exceeds what was held before it."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak of loading the data
    before = resident("VmRSS")
    work()
    return resident("VmHWM") - before


def best(work: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Seconds of the first run (with all that is loaded late), and of the best."""
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return seconds[0], min(seconds)


def report(work: Callable[[], float], repeats: int, inner: int = 1) -> None:
    """Print as JSON: peak of the first run, seconds of the first and of the best, and the value found."""

    def loop() -> None:
        for _ in range(inner):
            work()

    peak = peak_above(work)
    first, fastest = best(loop, repeats)
    json.dump({"value": work(), "first": first / inner, "best": fastest / inner, "peak_mb": peak / 2**20}, sys.stdout)
