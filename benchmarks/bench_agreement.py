"""Agreement beside krippendorff 0.9 and scikit-learn, on the same synthetic crowd (see docs: sizes of the bars).

Every task runs in a process of its own; ours and the peer's take turns, and the best of all turns counts on both
sides. Peak memory is what the first call takes above the loaded data.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "bench-agreement"
PEERS = ("krippendorff==0.9.0", "scikit-learn==1.7.2", "pandas==2.3.3", "pyarrow", "numpy==2.2.6")
TURNS = 2
SLOW = frozenset({"ten_alphas", "cohen"})  # the peer's tasks that are run once

# name: (our tasks, peer's task, data, the bar on peer's / our seconds)
BARS = (
    ("alpha, 300 × 5, from a pandas long table", "pandas_alpha", "table_matrix", "300x5", 1.0),
    ("alpha, 300 × 5, from a pandas long table, peer by pivot", "pandas_alpha", "table_pivot", "300x5", 1.0),
    ("alpha, 300 × 5, from a pandas long table, peer by value counts", "pandas_alpha", "table_counts", "300x5", None),
    ("alpha, 300 × 5, from a polars long table", "polars_alpha", "table_matrix", "300x5", 1.0),
    ("alpha, 3M, from a pandas table with string ids", "pandas_alpha", "table_matrix", "3m", 5.0),
    ("alpha, 3M, from a polars table with string ids", "polars_alpha", "table_matrix", "3m", 5.0),
    ("the same, rows in random order", "polars_alpha", "table_matrix", "3m-shuffled", 5.0),
    ("alpha, 3M, from a pandas table, peer by value counts", "pandas_alpha", "table_counts", "3m", None),
    ("alpha, 3M, from integer codes", "codes_alpha", "codes_matrix", "3m", 20.0),
    ("the same, peer by value counts", "codes_alpha", "codes_counts", "3m", None),
    ("alpha, 3M, from integer codes, rows in random order", "codes_alpha", "codes_matrix", "3m-shuffled", None),
    ("all-pairs Cohen, 50 annotators, 3M, from integer codes", "codes_cohen", "cohen", "3m", 50.0),
    ("1,000-replicate bootstrap of alpha, 3M, against ten plain alphas", "codes_bootstrap", "ten_alphas", "3m", 1.0),
)


def crowd(folder: Path, n_items: int, per_item: int, n_annotators: int, *, shuffle: bool, seed: int = 7) -> None:
    """Annotators of differing skill label items of 5 classes; nobody answers an item twice."""
    if (folder / "table.parquet").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    first = rng.integers(n_annotators, size=n_items)
    step = 1 + rng.integers(max(1, (n_annotators - 1) // per_item), size=n_items)
    annotator = (first[:, None] + step[:, None] * np.arange(per_item)) % n_annotators
    truth = rng.integers(5, size=n_items)[:, None]
    right = rng.random((n_items, per_item)) < rng.uniform(0.5, 0.95, n_annotators)[annotator]
    label = np.where(right, truth, rng.integers(5, size=(n_items, per_item)))
    item = np.repeat(np.arange(n_items), per_item)
    order = rng.permutation(item.size) if shuffle else np.arange(item.size)
    codes = {"item": item[order], "annotator": annotator.ravel()[order], "label": label.ravel()[order]}
    for name, column in codes.items():
        np.save(folder / f"{name}.npy", column)
    pl.DataFrame(
        {
            "item": [f"item-{code:07d}" for code in codes["item"]],
            "annotator": [f"annotator-{code:02d}" for code in codes["annotator"]],
            "label": [f"class-{code}" for code in codes["label"]],
        }
    ).write_parquet(folder / "table.parquet")


def peer_python() -> Path:
    """The peers' environment, made when missing."""
    python = CACHE / "peer" / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(CACHE / "peer")], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *PEERS], check=True)
    return python


def turn(python: Path | str, script: str, task: str, folder: Path) -> dict[str, Any]:
    """One task in a fresh process."""
    repeats = "1" if task in SLOW else "3"
    command = [str(python), str(HERE / script), task, str(folder), repeats]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=900)
    return json.loads(done.stdout)


def side_by_side(ours: str, peer: str, folder: Path) -> dict[str, Any]:
    """Both sides in turns; the best seconds of each, and the peak of the turn that was best."""
    python, turns = peer_python(), ([], [])
    for _ in range(1 if peer in SLOW else TURNS):
        turns[0].append(turn(sys.executable, "agreement_ours.py", ours, folder))
        turns[1].append(turn(python, "agreement_peer.py", peer, folder))
    mine, theirs = (min(side, key=lambda result: result["best"]) for side in turns)
    return {
        "ratio": theirs["best"] / mine["best"],
        "peak_ratio": mine["peak_mb"] / theirs["peak_mb"] if theirs["peak_mb"] else None,
        "ours": mine,
        "peer": theirs,
    }


def main() -> dict[str, Any]:
    """Measure every bar."""
    crowd(CACHE / "3m", 1_000_000, 3, 50, shuffle=False)
    crowd(CACHE / "3m-shuffled", 1_000_000, 3, 50, shuffle=True)
    crowd(CACHE / "300x5", 300, 5, 5, shuffle=False)
    lines = []
    for what, ours, peer, data, bar in BARS:
        line = {"what": what, "bar": bar, **side_by_side(ours, peer, CACHE / data)}
        line["met"] = bar is None or line["ratio"] >= bar
        lines.append(line)
        mine, theirs = line["ours"], line["peer"]
        print(f"   {line['ratio']:7.2f}× (bar {bar})  {what}", flush=True)
        print(f"            {mine['best']:.5f} s against {theirs['best']:.5f} s", end=", ")
        print(f"{mine['peak_mb']:.0f} MB against {theirs['peak_mb']:.0f} MB", flush=True)
    return {"peers": list(PEERS), "turns": TURNS, "measured": lines}
