"""The spine's speed: help, webhook, reconciliation, a pool of a million texts, and the demo; each against its bar.

python benchmarks/bench_spine.py [PART ...]    measures these parts and puts them into results/spine.json
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

PARTS = ("help", "webhook", "reconcile", "pool", "demo")
RESULT = Path(__file__).resolve().parent / "results" / "spine.json"


def main(parts: tuple[str, ...] = PARTS) -> dict[str, Any]:
    """What was measured of every part, with the machine's load before and after it."""
    return {part: _measured(part) for part in parts}


def _measured(part: str) -> dict[str, Any]:
    print(f"   {part} ...", flush=True)
    before, started = os.getloadavg()[0], time.perf_counter()
    found = importlib.import_module(f"spine_{part}").measure()
    load = {"before": round(before, 2), "after": round(os.getloadavg()[0], 2)}
    document = {"load": load, "benchmark_seconds": round(time.perf_counter() - started, 1), **found}
    print("   " + json.dumps(document), flush=True)
    return document


def _update(parts: tuple[str, ...]) -> None:
    """Measure anew what is named; the other parts keep their figures."""
    from run import machine

    known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    known |= {"benchmark": "spine", "machine": machine()}
    for part in parts:
        known |= main((part,))
        RESULT.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _update(tuple(sys.argv[1:]) or PARTS)
