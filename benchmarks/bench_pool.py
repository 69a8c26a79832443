"""Importing pools, fetching rows and streaming them for scores; each in a process of its own.

python benchmarks/bench_pool.py TASK    one task, in this process
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from measuring import peak_above, resident

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "bench-pool"
WORDS = ("the", "battery", "was", "good", "but", "never", "lasts", "long", "this", "arrived", "late", "sound", "price")

# name: (file, rows, id column, seconds at most, megabytes at most)
TASKS = {
    "parquet, 1,000,000 texts, ids by content": ("1000k.parquet", 1_000_000, None, 8.0, 700),
    "parquet, 1,000,000 texts, ids of a column": ("1000k.parquet", 1_000_000, "id", 8.0, 700),
    "csv, 100,000 texts": ("100k.csv", 100_000, None, 2.0, None),
    "jsonl, 100,000 texts": ("100k.jsonl", 100_000, None, None, None),
    "json array, 100,000 texts": ("100k.json", 100_000, None, None, None),
    "csv, 1,000,000 texts": ("1000k.csv", 1_000_000, None, None, None),
}


def texts(rows: int) -> list[str]:
    """About 100 characters each, hardly any two alike."""
    words = np.array(WORDS)[np.random.default_rng(0).integers(0, len(WORDS), (rows, 18))]
    return [" ".join(line) for line in words]


def make(name: str, rows: int) -> Path:
    """The data file, made when missing."""
    import polars as pl

    path = CACHE / name
    if path.exists():
        return path
    CACHE.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame({"id": [f"row-{i}" for i in range(rows)], "text": texts(rows)})
    if name.endswith("parquet"):
        frame.write_parquet(path)
    elif name.endswith("csv"):
        frame.write_csv(path)
    elif name.endswith("jsonl"):
        frame.write_ndjson(path)
    else:
        path.write_text(json.dumps(frame.to_dicts()), encoding="utf-8")
    return path


def one(task: str) -> dict[str, Any]:
    """Seconds and memory of one import, then of fetching and streaming."""
    from labelwright.adapters.pool.files import FilePool
    from labelwright.ports import PoolSpec

    name, rows, id_column, *_ = TASKS[task]
    state = CACHE / "state"
    shutil.rmtree(state, ignore_errors=True)
    spec = PoolSpec(files=(CACHE / name,), fields={"text": "text"}, id_column=id_column)
    pool, seconds = FilePool(state), {}
    started = time.perf_counter()
    peak = peak_above(lambda: pool.import_files(spec))
    seconds["import"] = time.perf_counter() - started
    peak_rss = resident("VmHWM")
    picked = np.random.default_rng(0).choice(len(pool), 1000, replace=False)
    for what, work in {
        "1,000 random items": lambda: pool.items(picked),
        "the same 1,000 again": lambda: pool.items(picked),
        "all in batches of 8,192": lambda: sum(len(batch) for _, batch in pool.batches(8192)),
    }.items():
        started = time.perf_counter()
        work()
        seconds[what] = time.perf_counter() - started
    return {
        "rows": rows,
        "items": len(pool),
        "seconds": {what: round(value, 3) for what, value in seconds.items()},
        "peak_rss_mb": round(peak_rss / 2**20),
        "peak_above_start_mb": round(peak / 2**20),
        "index_mb": round(sum(path.stat().st_size for path in state.glob("index-*")) / 2**20, 1),
        "file_mb": round((CACHE / name).stat().st_size / 2**20, 1),
    }


def main() -> dict[str, Any]:
    """Every task; what is under its bar."""
    measured = []
    for task, (name, rows, _, seconds, megabytes) in TASKS.items():
        make(name, rows)
        done = subprocess.run([sys.executable, __file__, task], check=True, capture_output=True, text=True, timeout=900)
        result = json.loads(done.stdout)
        met = (seconds is None or result["seconds"]["import"] <= seconds) and (
            megabytes is None or result["peak_rss_mb"] <= megabytes
        )
        measured.append({"what": task, "bar_seconds": seconds, "bar_mb": megabytes, "met": met, **result})
        print(f"   {result['seconds']['import']:7.2f} s {result['peak_rss_mb']:5d} MB  {task}", flush=True)
    shutil.rmtree(CACHE / "state", ignore_errors=True)
    return {"measured": measured}


if __name__ == "__main__":
    json.dump(one(sys.argv[1]), sys.stdout)
