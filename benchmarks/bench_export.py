"""Exporting: whole commands beside label-studio-sdk's converter, 1,000,000 rows to Parquet, and the media server.

Each run is a process of its own, ours and the peer's in turn, the best of five counts. Seconds are of the processor
(user and system), which a busy machine changes least; seconds on the clock and memory stand beside them.

python benchmarks/bench_export.py FORMAT    1,000,000 rows in one format, in this process
"""

from __future__ import annotations

import compileall
import filecmp
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from export_tasks import write
from measuring import peak_above, resident

import labelwright
from labelwright.adapters.datasets import LocalFolders
from labelwright.app.export import ExportRequest, export_dataset
from labelwright.app.inference import Inferred
from labelwright.export import Provenance
from labelwright.model.project import Annotation, AnnotationSet, Annotator, Item
from labelwright.model.schema import Control, Kind, Schema
from labelwright.model.values import Answer, Choice, Entry

HERE = Path(__file__).resolve().parent
TASKS = 20_000
REPEATS = 5
#: Our format, the peer's, the export, times faster at least.
COMMANDS = (
    ("csv", "CSV", "choices", 3),
    ("conll", "CONLL2003", "spans", 5),
    ("coco", "COCO", "boxes", 4),
    ("yolo", "YOLO", "boxes", 2),
    ("voc", "VOC", "boxes", 3),
)
#: Files that are to be the same byte for byte: ours, the peer's.
SAME = {"csv": ("data.csv", "result.csv"), "conll": ("data.conll", "result.conll")}
ROWS = 1_000_000
# format: seconds at most, megabytes above the annotations at most
FORMATS: dict[str, tuple[float | None, int | None]] = {"parquet": (30.0, 500)}
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


def run(command: list[str]) -> dict[str, float]:
    """Seconds of processor and clock, and megabytes at the peak, of one command."""
    lean = [sys.executable, "-S", str(HERE / "export_run.py"), *command]
    found: dict[str, float] = json.loads(subprocess.run(lean, check=True, capture_output=True, text=True).stdout)
    return found


def best(runs: list[dict[str, float]]) -> dict[str, float]:
    """The least of each."""
    return {name: round(min(r[name] for r in runs), 2) for name in runs[0]}


def beside(folder: Path, form: str, theirs: str, export: str, at_least: float) -> dict[str, Any]:
    """One conversion, ours and the peer's in turn."""
    program = str(Path(sys.executable).with_name("labelwright"))
    source, config = str(folder / f"{export}.json"), str(folder / f"{export}.xml")
    command = [program, "convert", source, "--format", form, "--out"]
    peer = [sys.executable, str(HERE / "export_peer.py"), theirs, source, config]
    runs = []
    for turn in range(REPEATS):  # a new folder each time: nothing of an earlier run has to be taken away
        ours_out, peer_out = folder / f"ours-{form}-{turn}", folder / f"peer-{form}-{turn}"
        runs.append((run([*command, str(ours_out)]), run([*peer, str(peer_out)])))
    ours, others = best([a for a, _ in runs]), best([b for _, b in runs])
    found: dict[str, Any] = {
        "format": form,
        "ours": ours,
        "peer": others,
        "times_faster": round(others["cpu"] / ours["cpu"], 2),
        "times_faster_by_clock": round(others["clock"] / ours["clock"], 2),
        "times_faster_at_least": at_least,
    }
    if form in SAME:
        mine, other = SAME[form]
        found["same_bytes"] = filecmp.cmp(ours_out / mine, peer_out / other, shallow=False)
    return found


def commands() -> dict[str, Any]:
    """All conversions, and what the peer's command costs before it does anything."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder, TASKS)
        imports = best([run([sys.executable, str(HERE / "export_peer.py")]) for _ in range(REPEATS)])
        found = []
        for form, theirs, export, at_least in COMMANDS:
            one = beside(folder, form, theirs, export, at_least)
            one["times_faster_without_the_peers_imports"] = round(
                (one["peer"]["cpu"] - imports["cpu"]) / one["ours"]["cpu"], 2
            )
            found.append(one)
            print("  ", one, flush=True)
    return {"tasks": TASKS, "peer": "label-studio-sdk converter", "peer_imports_alone": imports, "runs": found}


def main() -> dict[str, Any]:
    """Whole commands, then a million rows and the media server, each in a fresh process."""
    # As pip leaves a package, ours is compiled, too: without, each command would begin by compiling it.
    compileall.compile_dir(Path(labelwright.__file__).parent, quiet=2)
    beside_peer = commands()
    runs = []
    for name in FORMATS:
        command = [sys.executable, str(Path(__file__).resolve()), name]
        runs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print("  ", runs[-1], flush=True)
    media = json.loads(
        subprocess.run(
            [sys.executable, str(HERE / "bench_media.py")], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    )
    print("  ", media, flush=True)
    return {"commands": beside_peer, "million_rows": runs, "media_server": media}


if __name__ == "__main__":
    json.dump(one(sys.argv[1]), sys.stdout)
