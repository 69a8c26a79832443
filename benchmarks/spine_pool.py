"""From a Parquet file of a million texts to the first filled desk, beside the import of the texts into Label Studio.

LABELWRIGHT_BENCH_PEER_ROWS=1000000 imports all of them there, too (minutes); else a tenth.

python benchmarks/spine_pool.py    makes the file when it is missing
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from bench_pool import CACHE, make
from spine_support import Ran, folder, run, seconds

from labelwright.adapters.runtime import OwnServer
from support.servers import CHOICE_CONFIG, LiveServer, label_studio_server

if TYPE_CHECKING:
    from labelwright.adapters.labelstudio.client import LabelStudioClient

ROWS = 1_000_000
NAME = "1000k.parquet"
#: Of the texts that Label Studio imports; the time grows with their number, and is told for all of them.
PEER_ROWS = int(os.environ.get("LABELWRIGHT_BENCH_PEER_ROWS", "100000"))
BAR_SECONDS, BAR_MB = 15.0, 1024
_CHUNK = 10_000
_LABELS = "Positive,Negative,Neutral"


def measure() -> dict[str, Any]:
    """Every command on the way with its time and memory; then Label Studio with the same texts."""
    # The file is made by another process: a child's peak of memory begins with that of who starts it.
    subprocess.run([sys.executable, __file__], check=True)
    with folder() as root, label_studio_server(root / "label-studio") as server:
        ran = _way(root / "workspace", server)
        peer = _import(server.client(), PEER_ROWS)
    total = sum(step.seconds for step in ran.values())
    peak = max(step.peak_mb for step in ran.values())
    return {
        "texts": ROWS,
        "steps": {name: step.figures() for name, step in ran.items()},
        "seconds": round(total, 2),
        "peak_rss_mb": round(peak),
        "label_studio_imports": {
            "texts": PEER_ROWS,
            "seconds": peer,
            "seconds_for_all": round(peer * ROWS / PEER_ROWS, 1),
            "extrapolated": PEER_ROWS != ROWS,
        },
        "times_as_fast": round(peer * ROWS / PEER_ROWS / total, 1),
        "bar_seconds": BAR_SECONDS,
        "bar_mb": BAR_MB,
        "met": total < BAR_SECONDS and peak < BAR_MB,
    }


def _way(place: Path, server: LiveServer) -> dict[str, Ran]:
    """`init`, `up` with a Label Studio that runs, `team add`, `round open`: then tasks are on the desk."""
    template = ("--template", "text-classification", "--labels", _LABELS)
    ran = {"init": run("init", str(place), *template, "--data", str(CACHE / NAME), "--id", "id", "--json")}
    if ran["init"].document["data"]["items"] < 0.99 * ROWS:
        raise AssertionError(ran["init"].stdout)
    _connect(place, server)
    try:
        ran["up"] = run("up", "--json", folder=place)
        ran["team add"] = run("team", "add", "Ann", "--email", "ann@labelwright.test", "--json", folder=place)
        ran["round open"] = run("round", "open", "--json", folder=place)
        ran["server"] = Ran(0.0, 0.0, _peak_mb(place), "")
    finally:
        OwnServer(place, place / ".labelwright").stop()
    if ran["round open"].document["delivered"] < 1:
        raise AssertionError(ran["round open"].stdout)
    return ran


def _connect(place: Path, server: LiveServer) -> None:
    path = place / "labelwright.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["label_studio"] = {"url": server.url, "token": server.administrator.token}
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")


def _peak_mb(place: Path) -> float:
    """The most memory that Labelwright's server has held so far."""
    running = OwnServer(place, place / ".labelwright").running()
    if running is None:
        raise AssertionError(OwnServer(place, place / ".labelwright").log.read_text())
    lines = Path(f"/proc/{running.pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def _import(client: LabelStudioClient, rows: int) -> float:
    """Seconds to import so many texts into one project."""
    project = client.post("/api/projects/", {"title": "All texts", "label_config": CHOICE_CONFIG})["id"]
    chunks = list(_chunks(rows))
    return seconds(lambda: [client.post(f"/api/projects/{project}/import", chunk) for chunk in chunks])


def _chunks(rows: int) -> Iterator[list[dict[str, Any]]]:
    import polars as pl

    frame = pl.scan_parquet(CACHE / NAME).select("text").head(rows).collect()
    for part in frame.iter_slices(_CHUNK):
        yield [{"data": {"text": text}} for text in part["text"]]


if __name__ == "__main__":
    make(NAME, ROWS)
