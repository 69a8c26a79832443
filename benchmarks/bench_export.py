"""Exporting 1,000,000 rows, one annotation each, format by format; each in a process of its own.

python benchmarks/bench_export.py FORMAT    one format, in this process
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from measuring import peak_above, resident

from labelwright.adapters.datasets import LocalFolders
from labelwright.app.export import ExportRequest, export_dataset
from labelwright.app.inference import Inferred
from labelwright.export import Provenance
from labelwright.model.project import Annotation, AnnotationSet, Annotator, Item
from labelwright.model.schema import Control, Kind, Schema
from labelwright.model.values import Answer, Choice, Entry

ROWS = 1_000_000
# format: seconds at most, megabytes above the annotations at most
FORMATS: dict[str, tuple[float | None, int | None]] = {
    "parquet": (30.0, 500),
    "jsonl": (None, None),
    "csv": (None, None),
}
CLASSES = ("Positive", "Negative", "Neutral")
CONTROL = Control("sentiment", "Choices", Kind.CHOICE, ("text",), CLASSES)


def annotations(rows: int) -> tuple[AnnotationSet, dict[str, Inferred]]:
    """Texts of about 100 characters, hardly any two alike, with one answer each by one of seven annotators."""
    words = np.array([f"word{n}" for n in range(5000)])[np.random.default_rng(0).integers(0, 5000, (rows, 12))]
    answers = [Answer((Entry("sentiment", "text", Choice((c,))),)) for c in CLASSES]
    labels = [Inferred(c, 1.0, contested=False, votes=1) for c in CLASSES]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    ids = [f"item-{n:07d}" for n in range(rows)]
    items = {i: Item(i, {"text": " ".join(words[n])}, {"source": "web"}, group=i) for n, i in enumerate(ids)}
    given = (
        Annotation(
            str(n), i, f"a{n % 7}", answers[n % 3], created_at=at, updated_at=at, guidelines_version=1, schema_version=1
        )
        for n, i in enumerate(ids)
    )
    people = {f"a{n}": Annotator(f"a{n}", f"a{n}", "") for n in range(7)}
    schema = Schema("<View/>", (CONTROL,), (), ("text",))
    return AnnotationSet(schema, items, tuple(given), people), {i: labels[n % 3] for n, i in enumerate(ids)}


def one(name: str) -> dict[str, Any]:
    """Seconds and memory of one export: rows, checks, files, manifest and card."""
    found, labels = annotations(ROWS)
    took: list[float] = []
    before = resident("VmRSS")

    def work() -> None:
        started, cpu = time.perf_counter(), time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            request = ExportRequest(
                (name,), Path(folder) / "out", Provenance("bench", "labelwright", "MajorityVote", "")
            )
            result = export_dataset(found, labels, CONTROL, request, LocalFolders())
        took.extend((time.perf_counter() - started, time.process_time() - cpu, result.rows))

    peak = peak_above(work)
    seconds, at_most = FORMATS[name]
    return {
        "format": name,
        "rows": took[2],
        "seconds": round(took[0], 2),
        "cpu_seconds": round(took[1], 2),
        "seconds_at_most": seconds,
        "peak_mb_above_annotations": round(peak / 2**20),
        "mb_at_most": at_most,
        "annotations_mb": round(before / 2**20),
    }


def main() -> dict[str, Any]:
    """Every format in a fresh process."""
    runs = []
    for name in FORMATS:
        command = [sys.executable, str(Path(__file__).resolve()), name]
        runs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print("  ", runs[-1], flush=True)
    return {"runs": runs}


if __name__ == "__main__":
    json.dump(one(sys.argv[1]), sys.stdout)
