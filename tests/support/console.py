"""A console without Label Studio: a workspace with a seeded store, its API, and its people."""

from __future__ import annotations

import csv
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.adapters.store import tables
from labelwright.bootstrap import Workspace, open_workspace
from labelwright.entry.api.refresher import Refresher
from labelwright.entry.api.serving import Service
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar
from labelwright.entry.cli.servers import console_link
from labelwright.model.measure import Measure

CLASSES = ("Positive", "Negative", "Neutral")
PEOPLE = ("ada", "ben", "cho", "dee")
_NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WORDS = ("battery", "screen", "sound", "price", "zoom", "menu", "charger", "case", "lens", "manual")


@dataclass
class Seeded:
    """A workspace, its service, and a client of its API."""

    place: Workspace
    service: Service
    app: FastAPI
    client: TestClient

    def sign_in(self) -> TestClient:
        """As the lead, by the link that `up` prints."""
        secret = console_link(self.place).rsplit("/", 1)[1]
        me = self.client.post("/api/v1/session/link", json={"token": secret}).json()
        self.client.headers["X-Labelwright-CSRF"] = me["csrf"]
        return self.client


def make_place(root: Path, n: int = 60) -> Workspace:
    """A sentiment workspace with ``n`` sentences."""
    data = root.parent / f"{root.name}.csv"
    with data.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "source"])
        writer.writerows((item_id(i), text_of(i), f"shop {i % 3}") for i in range(n))
    start = Start(
        root=root,
        schema_xml=render("text-classification", list(CLASSES)),
        guidelines="# Task\n\nSay how it feels.\n",
        name="Seeded reviews",
        data=data,
        columns={},
        data_settings={"id": "id", "metadata": ["source"]},
        sections={"budget": {"answers": 2 * n, "per_answer": 0.05}, "model": {"kind": "none", "test_items": 0}},
    )
    make_workspace(start, read_config(start.schema_xml), Bar(quiet=True))
    return open_workspace(root)


def item_id(i: int) -> str:
    """Ids whose order is that of the numbers."""
    return f"r{i:07d}"


def text_of(i: int) -> str:
    """A sentence; every hundredth holds what a hostile writer would write."""
    word = WORDS[i % len(WORDS)]
    return f"<img src=x onerror=alert({i})> the {word}" if i % 100 == 99 else f"sentence {i} about the {word}"


def seed(place: Workspace, n: int = 60, *, close: bool = True) -> None:
    """Four people answered ``n`` items straight into the store: every third twice, dee at random."""
    place.project().store.close()
    engine = sa.create_engine(f"sqlite:///{place.state / 'state.db'}")
    rng = np.random.default_rng(7)
    with engine.begin() as db:
        db.execute(tables.annotator.insert(), [_person(who) for who in PEOPLE])
        db.execute(tables.desk.insert(), [_desk(k, who) for k, who in enumerate(PEOPLE, 1)])
        db.execute(tables.round_.insert(), [_round(close)])
        db.execute(tables.item.insert(), [item_row(i) for i in range(n)])
        answers = list(given(range(n), rng))
        db.execute(tables.assignment.insert(), [assignment_row(k, *g) for k, g in enumerate(answers, 1)])
        db.execute(tables.annotation.insert(), [annotation_row(k, *g) for k, g in enumerate(answers, 1)])
    engine.dispose()


def given(items: Iterable[int], rng: np.random.Generator) -> Iterator[tuple[int, int, str]]:
    """(item, person, label): one class is true; everybody errs a little, dee guesses."""
    for i in items:
        true = int(rng.integers(3))
        for who in rng.permutation(4)[: 2 if i % 3 == 0 else 1]:
            wrong = rng.random() < (0.66 if who == 3 else 0.1)
            yield i, int(who), CLASSES[(true + int(rng.integers(1, 3))) % 3 if wrong else true]


def _person(who: str) -> dict[str, Any]:
    return {"id": who, "name": who.title(), "email": f"{who}@example.org", "level": "regular", "status": "active",
            "user": None, "simulated": False}  # fmt: skip


def _desk(project: int, who: str) -> dict[str, Any]:
    return {"project": project, "annotator": who, "kind": "work", "url": f"http://127.0.0.1:1/projects/{project}"}


def _round(close: bool) -> dict[str, Any]:
    by_chance = Measure(0.7, 0.6, 0.8, 60, 60).as_dict()  # as `app.shadow` keeps it
    accuracy = {"value": 0.8, "low": 0.7, "high": 0.9, "n_items": 60}
    result = {"labels": 60, "accuracy": accuracy, "random_accuracy": by_chance}
    return {"round": 1, "state": "closed" if close else "open", "strategy": "random", "opened_at": stamp(0),
            "closed_at": stamp(9) if close else None, "result": orjson.dumps(result if close else {}).decode()}  # fmt: skip


def stamp(minutes: float) -> str:
    return (_NOW + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def item_row(i: int) -> dict[str, Any]:
    return {"id": item_id(i), "row": i, "data": orjson.dumps({"text": text_of(i)}).decode(),
            "metadata": orjson.dumps({"source": f"shop {i % 3}"}).decode(), "group": item_id(i), "existing": None}  # fmt: skip


def assignment_row(k: int, i: int, who: int, _: str) -> dict[str, Any]:
    return {"key": f"k{k}", "item": item_id(i), "annotator": PEOPLE[who], "purpose": "label", "round": 1,
            "position": k, "state": "done", "task": k, "attempt": 0}  # fmt: skip


def annotation_row(k: int, i: int, who: int, label: str) -> dict[str, Any]:
    result = [{"id": "a", "from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [label]}}]
    return {"id": k, "project": who + 1, "task": k, "key": f"k{k}", "item": item_id(i), "annotator": PEOPLE[who],
            "state": "valid", "created_at": stamp(k / 10), "updated_at": stamp(k / 10), "seconds": 4.0 + who,
            "purpose": "label", "round": 1, "schema_version": 1, "guidelines_version": 1, "problems": None,
            "raw": orjson.dumps({"id": k, "result": result}).decode()}  # fmt: skip


@contextmanager
def console(root: Path, n: int = 60, *, close: bool = True) -> Iterator[Seeded]:
    """A seeded workspace behind its API; nothing runs beside it, the views are made once."""
    place = make_place(root, n)
    seed(place, n, close=close)
    service = Service(place)
    Refresher(lambda: service.console.project, None).turn()
    app = service.app()
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield Seeded(place, service, app, client)
    service.console.project.store.close()


@contextmanager
def served(root: Path, n: int) -> Iterator[tuple[Seeded, str]]:
    """The same behind uvicorn, as `labelwright serve` runs it, with its address."""
    with console(root, n) as seeded, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(seeded.app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield seeded, f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=20)
