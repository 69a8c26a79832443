"""A pool of ten million texts: scored with the built-in model, and the next thousand chosen; beside a plain loop.

The texts are recombined: the first half of one real sentence and the second half of another, from the four sets of
sentences in vaderSentiment's source distribution. The plain loop reads the same file in batches, asks scikit-learn's
own pipeline for probabilities, keeps them and sorts by margin; its time a row is measured on the first 50,000 rows.

python benchmarks/bench_texts.py TASK ROWS      one task, in this process
python benchmarks/bench_texts.py all ROWS ROWS  other sizes, where the machine has no hours to spare
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path
from typing import Any, Self

import numpy as np

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "bench-texts"
SIZES = (1_000_000, 10_000_000)
LOOP_ROWS = 50_000
BATCH = 1000
CHUNK = 250_000
SETS = ("amazonReviewSnippets", "movieReviewSnippets", "nytEditorialSnippets", "tweets")


def sentences() -> list[tuple[str, float]]:
    """Every real sentence with its mean rating."""
    from labelwright.adapters.reviews import fetch_reviews

    found = []
    with tarfile.open(fetch_reviews(CACHE)) as outer:
        inner = outer.extractfile("vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz").read()
    with tarfile.open(fileobj=io.BytesIO(inner)) as archive:
        for name in SETS:
            text = archive.extractfile(f"hutto_ICWSM_2014/{name}_GroundTruth.txt").read().decode("utf-8-sig")
            rows = [line.rstrip("\r").split("\t") for line in text.split("\n") if line.strip()]
            found += [(row[2], float(row[1])) for row in rows]
    return found


def make(rows: int) -> Path:
    """The pool's file, made when missing."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = CACHE / f"{rows}.parquet"
    if path.exists():
        return path
    halves = [(" ".join(w[: len(w) // 2]), " ".join(w[len(w) // 2 :])) for w in (s.split() for s, _ in sentences())]
    first, second = (np.array([pair[k] for pair in halves], dtype=object) for k in (0, 1))
    rng = np.random.default_rng(0)
    schema = pa.schema({"id": pa.string(), "text": pa.string()})
    with pq.ParquetWriter(path.with_suffix(".part"), schema, compression="zstd") as writer:
        for start in range(0, rows, CHUNK):
            n = min(CHUNK, rows - start)
            texts = first[rng.integers(0, len(first), n)] + " " + second[rng.integers(0, len(second), n)]
            ids = [f"t{k}" for k in range(start, start + n)]
            writer.write_table(pa.table({"id": ids, "text": texts.tolist()}, schema=schema), row_group_size=50_000)
    path.with_suffix(".part").replace(path)
    return path


def workspace(rows: int) -> dict[str, Any]:
    """Import the pool and train the model, both measured for themselves."""
    from labelwright.adapters.labelstudio.config import read_config
    from labelwright.adapters.labelstudio.templates import render
    from labelwright.adapters.learners.text import TextLearner
    from labelwright.app import training
    from labelwright.app.inference import Inferred
    from labelwright.bootstrap import open_workspace
    from labelwright.entry.cli.init import Start, make_workspace
    from labelwright.entry.cli.output import Bar
    from labelwright.model.project import Item

    root = CACHE / f"ws-{rows}"
    shutil.rmtree(root, ignore_errors=True)
    xml = render("text-classification", ["Positive", "Negative"])
    start = Start(
        root=root,
        schema_xml=xml,
        guidelines="# Task\n",
        name="Bench",
        data=make(rows),
        columns={},
        data_settings={"id": "id"},
        sections={"sampling": {"batch": BATCH}},
    )
    started = time.perf_counter()
    make_workspace(start, read_config(xml), Bar(quiet=True))
    seconds = time.perf_counter() - started
    project = open_workspace(root).project()
    learned = sentences()[4000:6000]
    items = {f"l{k}": (Item(f"l{k}", {"text": text}), None) for k, (text, _) in enumerate(learned)}
    project.store.add_assignments(items, [])
    labels = {
        f"l{k}": Inferred("Positive" if rating > 0 else "Negative", 1.0, contested=False, votes=1)
        for k, (_, rating) in enumerate(learned)
    }
    trained = training.train(project, TextLearner, labels, set(), number=1)
    training.promote(project, trained.version, {})
    return {"import_seconds": round(seconds, 1)}


class Peak:
    """The most memory that this process and its children held together, looked at five times a second."""

    def __init__(self) -> None:
        import psutil

        self._psutil, self._own, self.bytes, self._over = psutil, psutil.Process(), 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            total = 0
            for process in [self._own, *self._own.children(recursive=True)]:
                try:
                    total += process.memory_info().rss
                except self._psutil.NoSuchProcess:
                    continue
            self.bytes = max(self.bytes, total)


def ours(rows: int) -> dict[str, Any]:
    """Score the pool and choose the next thousand."""
    from labelwright.app.scoring import score_pool
    from labelwright.app.selection import select
    from labelwright.bootstrap import open_project
    from labelwright.entry.cli.output import Bar

    with Peak() as peak:
        started = time.perf_counter()
        project = open_project(CACHE / f"ws-{rows}")
        done = score_pool(project, 1, Bar(quiet=True))
        scored = time.perf_counter()
        chosen = select(project, 2, BATCH, apart=np.empty(0, dtype=np.int64))
        over = time.perf_counter()
    return {
        "rows": done,
        "strategy": chosen.strategy,
        "chosen": len(chosen.rows),
        "score_seconds": round(scored - started, 1),
        "choose_seconds": round(over - scored, 1),
        "microseconds_a_row": round((over - started) / done * 1e6, 2),
        "peak_rss_mb": round(peak.bytes / 2**20),
    }


def loop(rows: int) -> dict[str, Any]:
    """A plain loop over scikit-learn, on the first rows."""
    import pyarrow.parquet as pq

    from labelwright.app.training import load_model
    from labelwright.bootstrap import open_project

    pipeline = load_model(open_project(CACHE / f"ws-{rows}")).learner._pipeline  # noqa: SLF001
    with Peak() as peak:
        started, kept = time.perf_counter(), []
        for batch in pq.ParquetFile(make(rows)).iter_batches(10_000, columns=["text"]):
            kept.append(pipeline.predict_proba(batch["text"].to_pylist()))
            if sum(len(p) for p in kept) >= LOOP_ROWS:
                break
        p = np.concatenate(kept)
        np.argsort(np.abs(p[:, 0] - p[:, 1]))[:BATCH]
        seconds = time.perf_counter() - started
    return {
        "rows": len(p),
        "microseconds_a_row": round(seconds / len(p) * 1e6, 2),
        "peak_rss_mb": round(peak.bytes / 2**20),
    }


def turn(task: str, rows: int) -> dict[str, Any]:
    """One task in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, task, str(rows)], capture_output=True, text=True, timeout=7200, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def main(sizes: tuple[int, ...] = SIZES) -> dict[str, Any]:
    """Every size; the loop beside the first."""
    lines, beside = [], None
    for rows in sizes:
        made = turn("workspace", rows)
        beside = beside or turn("loop", rows)
        line = {**turn("ours", rows), **made}
        line["ratio"] = round(beside["microseconds_a_row"] / line["microseconds_a_row"], 2)
        line["met"] = line["ratio"] >= 1 and line["peak_rss_mb"] <= 2048
        lines.append(line)
        print(
            f"   {line['ratio']:6.1f}× {line['microseconds_a_row']} µs a row, {line['peak_rss_mb']} MB, {rows} texts",
            flush=True,
        )
        shutil.rmtree(CACHE / f"ws-{rows}", ignore_errors=True)
    return {
        "texts": "recombined from halves of real sentences",
        "bar": "not slower a row than the loop; at most 2,048 MB with all processes, and flat",
        "loop": beside,
        "measured": lines,
        "memory_growth": round(lines[-1]["peak_rss_mb"] / lines[0]["peak_rss_mb"], 2),
    }


if __name__ == "__main__":
    tasks = {"workspace": workspace, "ours": ours, "loop": loop}
    rows = tuple(int(n) for n in sys.argv[2:])
    json.dump(main(rows) if sys.argv[1] == "all" else tasks[sys.argv[1]](rows[0]), sys.stdout, indent=None)
