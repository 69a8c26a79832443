"""The peer's side: runs in its own environment.

python consensus_peer.py TASK DATA REPEATS LABELS LIMIT
"""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import pandas as pd
from crowdkit.aggregation import GLAD, MACE, DawidSkene, MajorityVote
from measuring import peak_above


def estimator(task):
    if task == "dawid_skene":
        return DawidSkene(n_iter=10, tol=-1e9)  # never stops early: ten iterations, as ours
    return {"majority": MajorityVote, "mace": MACE, "glad": GLAD}[task]()


class TooSlowError(Exception):
    """The limit has passed."""


def stop(*_):
    raise TooSlowError


def main():
    task, folder, repeats, out, limit = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
    names = {"item": "task", "annotator": "worker"}
    table = pd.read_parquet(folder / "table.parquet").rename(columns=names)
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(limit)
    seconds, cpu, labels, peak = [], [], [], 0.0
    try:
        for turn in range(repeats):
            started = time.perf_counter(), time.process_time()
            if turn == 0:
                peak = peak_above(lambda: labels.append(estimator(task).fit_predict(table)))
            else:
                estimator(task).fit_predict(table)
            seconds.append(time.perf_counter() - started[0])
            cpu.append(time.process_time() - started[1])
    except TooSlowError:
        if not seconds:
            json.dump({"stopped_after": limit, "stopped_after_cpu": time.process_time()}, sys.stdout)
            return
    signal.alarm(0)
    frame = labels[0].rename("label").rename_axis("item").reset_index()
    frame.to_parquet(out)
    measured = {"best": min(seconds), "best_cpu": min(cpu), "repeats": len(seconds), "peak_mb": peak / 2**20}
    json.dump(measured, sys.stdout)


if __name__ == "__main__":
    main()
