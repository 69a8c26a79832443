"""Run every benchmark beside its peer and write the ratios to benchmarks/results/NAME.json.

    python benchmarks/run.py [NAME ...]

A benchmark is a module ``bench_NAME.py`` here with ``main() -> dict``: what it measured, ready for JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"


def names() -> list[str]:
    """The benchmarks that there are."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def machine() -> Mapping[str, Any]:
    """What the numbers were measured on."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
    }


def run(name: str) -> None:
    """Run one benchmark and write its file."""
    print(f"== {name}", flush=True)
    before, started = machine(), time.perf_counter()
    measured = importlib.import_module(f"bench_{name}").main()
    document = {"benchmark": name, "machine": before, "seconds": round(time.perf_counter() - started, 1), **measured}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(document, indent=2, sort_keys=False) + "\n", encoding="utf-8")
    print(f"   -> {path.relative_to(HERE.parent)}", flush=True)


def main() -> int:
    """Run the named benchmarks, or all."""
    sys.path.insert(0, str(HERE))
    wanted = sys.argv[1:] or names()
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        print(f"No benchmark {', '.join(unknown)}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    for name in wanted:
        run(name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
