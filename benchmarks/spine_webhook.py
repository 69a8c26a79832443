"""100 webhooks a second for 30 seconds at the real server, while its worker reads answers back from Label Studio.

Every call opens a connection of its own, as Label Studio does, and leaves on schedule whether or not the ones before
have been answered. Latency counts from the moment when the call was due, so a server that stalls is charged for all
that waited meanwhile. Calls leave from a process of its own, so that this one's work does not count as the server's.

python benchmarks/spine_webhook.py HOST PORT PATH SECRET SECONDS    sends them, prints the latencies as JSON
"""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

RATE = 100
SECONDS = 30
BAR_MILLISECONDS = 20.0
_SENDERS = 16
_ANSWERS = 200


def measure() -> dict[str, Any]:
    """Latencies alone with the worker, and while an annotator answers, too; no event may be missing."""
    from spine_support import folder

    from support import workspaces
    from support.servers import label_studio_server

    with folder() as root, label_studio_server(root / "label-studio") as server:
        place = workspaces.make(
            root / "workspace",
            server,
            n=2 * _ANSWERS,
            sampling={"strategy": "random", "batch": 2 * _ANSWERS},
        )
        place = workspaces.configure(place, "server", reconcile_seconds=30.0, sweep_seconds=300.0)
        running = place.server.start(None, place.stamp())
        try:
            workspaces.join(place, "Ann", "Bob")
            _open(place)
            hinted = _phase(place, running.port)
            with _answering(place):
                answered = _phase(place, running.port)
            health = place.server.is_healthy()
        finally:
            place.server.stop()
    return {
        "rate": RATE,
        "seconds": SECONDS,
        "worker_reads_back": hinted,
        "worker_reads_back_and_an_annotator_answers": answered,
        "healthy_after": health,
        "bar_p99_milliseconds": BAR_MILLISECONDS,
        "met": hinted["p99_ms"] < BAR_MILLISECONDS and not hinted["lost"],
    }


def _open(place: Any) -> None:
    from labelwright.app.delivery import deliver
    from labelwright.app.rounds import open_round

    project, desks = place.project(), place.desks()
    open_round(project)
    for desk in project.store.desks():
        deliver(project, desks, desk, place.owner)


class _answering:  # noqa: N801 - used as a context
    """An annotator who answers as fast as Label Studio takes it; each answer sends a webhook of its own."""

    def __init__(self, place: Any) -> None:
        self._place, self._stop = place, threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        from support.workspaces import at_work, result

        with at_work(self._place, "ann") as (session, desk):
            while not self._stop.is_set():
                task = session.next_task(desk)
                if task is None:
                    time.sleep(0.2)
                else:
                    session.submit(task["id"], result("Positive"), 3.0)


def _phase(place: Any, port: int) -> dict[str, Any]:
    """One run of the sender; what was answered, and what stands in the event log."""
    from spine_support import percentile

    from labelwright.app.hooks import HOOK_PATH

    desk = place.project().store.desks("work")[0].project
    database = place.state / "state.db"
    before, done = _events(database), _records(place)
    command = [sys.executable, __file__, "127.0.0.1", str(port), f"{HOOK_PATH}/{desk}"]
    sender = subprocess.run(
        [*command, place.secrets.ensure("webhook_secret"), str(SECONDS)], check=True, capture_output=True, text=True
    )
    sent = json.loads(sender.stdout)
    time.sleep(1.0)
    found = _events(database) - before
    due, served = sorted(sent["from_due_ms"]), sorted(sent["from_send_ms"])
    return {
        "sent": len(due),
        "answered_204": sent["statuses"].get("204", 0),
        "events": found,
        "lost": max(0, sent["statuses"].get("204", 0) - found),
        "p50_ms": round(percentile(due, 0.5), 2),
        "p99_ms": round(percentile(due, 0.99), 2),
        "max_ms": round(due[-1], 2),
        "p99_from_send_ms": round(percentile(served, 0.99), 2),
        "answers_taken_in": _records(place) - done,
    }


def _events(database: Path) -> int:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        return int(db.execute("SELECT count(*) FROM event").fetchone()[0])


def _records(place: Any) -> int:
    return sum(1 for _ in place.project().store.records())


# ---------------------------------------------------------------- the sender


def send(host: str, port: int, path: str, secret: str, seconds: float) -> dict[str, Any]:
    """Call on schedule from several threads, each with a new connection a call."""
    body = '{"action":"ANNOTATION_CREATED"}'
    request = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nX-Labelwright-Secret: {secret}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()
    start, total = time.perf_counter() + 0.5, int(RATE * seconds)
    due, numbers, lock = [0.0] * total, iter(range(total)), threading.Lock()
    served, statuses = [0.0] * total, [""] * total

    def work() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            at = start + number / RATE
            time.sleep(max(0.0, at - time.perf_counter()))
            begun = time.perf_counter()
            statuses[number] = _call(host, port, request)
            ended = time.perf_counter()
            due[number], served[number] = 1000 * (ended - at), 1000 * (ended - begun)

    threads = [threading.Thread(target=work) for _ in range(_SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"from_due_ms": due, "from_send_ms": served, "statuses": dict(Counter(statuses))}


def _call(host: str, port: int, request: bytes) -> str:
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(request)
            answer = connection.recv(4096)
    except OSError as error:
        return type(error).__name__
    return answer.split(b" ", 2)[1].decode() if answer.startswith(b"HTTP/") else "nothing"


if __name__ == "__main__":
    _, to_host, to_port, to_path, with_secret, for_seconds = sys.argv
    json.dump(send(to_host, int(to_port), to_path, with_secret, float(for_seconds)), sys.stdout)
