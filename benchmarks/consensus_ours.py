"""Our side, one task in a process.

python consensus_ours.py TASK DATA REPEATS [LABELS]
"""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
from measuring import peak_above

from labelwright.consensus import GLAD, MACE, DawidSkene, MajorityVote, Online

# Dawid-Skene started and smoothed as crowd-kit does it: vote shares, a floor of 1e-10 under every count.
ESTIMATORS = {
    "majority": MajorityVote(),
    "dawid_skene": DawidSkene(iterations=10, tol=0.0, credit=0.0),
    "mace": MACE(iterations=50, tol=0.0),
    "mace_default": MACE(),
    "glad": GLAD(),
}


def one_more(table: pl.DataFrame, n: int = 2000) -> dict[str, float]:
    """Milliseconds of one annotation more on the whole table: the median and the worst of many."""
    result = DawidSkene(iterations=10, tol=0.0).fit(table)
    started = time.perf_counter()
    online = Online(result)
    setup = time.perf_counter() - started
    gc.collect()
    gc.freeze()  # as a process does that must not pause; without it two to seven updates in a thousand take 15-25 ms
    rng = np.random.default_rng(0)
    items, people = result.coded.item_names, result.coded.annotator_list()
    times, cpu = [], []
    for code in rng.integers(result.coded.n_items, size=n).tolist():
        item, who, label = items[code], people[rng.integers(len(people))], result.classes[rng.integers(5)]
        started = time.perf_counter(), time.thread_time()
        online.add(item, who, label)
        times.append(1000 * (time.perf_counter() - started[0]))
        cpu.append(1000 * (time.thread_time() - started[1]))
    return {
        "setup_seconds": setup,
        "median_ms": float(np.median(times)),
        "share_under_5_ms": float(np.mean(np.array(times) < 5)),
        "worst_ms": max(times),
        "worst_cpu_ms": max(cpu),
    }


def main() -> None:
    task, folder, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    table = pl.read_parquet(folder / "table.parquet").rechunk()
    if task == "one_more":
        json.dump(one_more(table), sys.stdout)
        return
    estimator = ESTIMATORS[task]
    frames = []
    peak = peak_above(lambda: frames.append(estimator.fit(table).labels))
    seconds, cpu = [], []
    for _ in range(repeats):
        started = time.perf_counter(), time.process_time()
        labels = estimator.fit(table).labels
        seconds.append(time.perf_counter() - started[0])
        cpu.append(time.process_time() - started[1])
        del labels
    frames[0].select("item", "label").write_parquet(sys.argv[4])
    json.dump({"best": min(seconds), "best_cpu": min(cpu), "peak_mb": peak / 2**20}, sys.stdout)


if __name__ == "__main__":
    main()
