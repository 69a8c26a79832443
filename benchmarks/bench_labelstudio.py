"""10,000 annotations read back from a Label Studio that has just been started, on SQLite and on PostgreSQL.

Cold start: the server's process is new (its caches are empty) and nothing is known of the desk (no watermark). Beside
it Label Studio's own export of the same project, which gives everything in one answer and cannot go on from a
watermark.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from labelwright.adapters.labelstudio.managed import ManagedSettings
from labelwright.adapters.processes import free_port
from labelwright.model.desk import DeskSpec, TaskToDeliver
from support.servers import (
    CHOICE_CONFIG,
    LiveServer,
    Silent,
    choices,
    database,
    installed,
    label_studio_server,
    postgres_server,
)

TASKS = 10_000
_CHUNK = 1_000


def main() -> dict[str, Any]:
    """Seconds of each step, on both databases."""
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres, database(postgres) as url:
        return {
            "annotations": TASKS,
            "limit_seconds": 60,
            "sqlite": _on(Path(folder) / "sqlite", None),
            "postgresql": _on(Path(folder) / "postgresql", url),
        }


def _on(folder: Path, url: str | None) -> dict[str, float]:
    with label_studio_server(folder, ManagedSettings(folder, port=free_port(), database=url)) as server:
        desks, client = server.desks(), server.client()
        desk = desks.open_desk(DeskSpec("Reconciliation", "labelwright:bench", CHOICE_CONFIG))
        empty = desks.open_desk(DeskSpec("Delivery", "labelwright:bench-2", CHOICE_CONFIG))
        _fill(server, desk)
        restart = _seconds(lambda: (server.managed.stop(), server.managed.start(installed(), Silent())))
        reconciled = _seconds(lambda: _expect(sum(len(c.annotations) for c in desks.changes(desk, None))))
        tasks = [TaskToDeliver(str(n), {"text": f"A sentence that somebody labels, number {n}."}) for n in range(TASKS)]
        export = {"exportType": "JSON", "download_all_tasks": "true"}
        return {
            "restart": restart,
            "reconcile_cold": reconciled,
            "reconcile_again": _seconds(lambda: list(desks.changes(desk, None))),
            "sweep_of_ids": _seconds(lambda: _expect(len(desks.tasks(desk)))),
            "label_studio_export": _seconds(lambda: _expect(len(client.get(f"/api/projects/{desk}/export", export)))),
            "deliver_10000_tasks": _seconds(lambda: desks.deliver(empty, tasks)),
        }


def _fill(server: LiveServer, desk: int) -> None:
    client = server.client()
    answer = [{"result": choices("Positive"), "lead_time": 3.0}]
    for start in range(0, TASKS, _CHUNK):
        rows = [
            {"data": {"text": f"A sentence that somebody labels, number {n}."}, "annotations": answer}
            for n in range(start, start + _CHUNK)
        ]
        client.post(f"/api/projects/{desk}/import", rows)


def _expect(found: int) -> None:
    if found != TASKS:
        message = f"{found} were read instead of {TASKS}"
        raise AssertionError(message)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 2)
