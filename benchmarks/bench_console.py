"""How long each view of the console takes at a million answers, on SQLite, on this machine.

The store is seeded (four annotators, a third of the items answered twice: a simulation, not anybody's answers). What
the server makes in the background is put there at once: the list of items is written as `put_facts` writes it, and the
documents (report, people, facets) are those that it makes, the report of the first 20,000 items, for its size does not
depend on theirs. Then every request that a page of the console sends is timed through the API as it runs.

`LABELWRIGHT_CONSOLE_SEED=DIR` keeps the seeded workspace there and uses it again.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

ITEMS = int(os.environ.get("LABELWRIGHT_CONSOLE_ITEMS", "750000"))
BOUND = 0.5
_REPEATS = 7
SAMPLE = 20_000
_STEP = 25_000
#: What each page asks for when it is opened.
VIEWS: Mapping[str, tuple[str, ...]] = {
    "overview": ("/overview", "/setup", "/checks"),
    "items": ("/items?limit=100", "/items/facets"),
    "items by state": ("/items?limit=100&state=contested",),
    "items by label": ("/items?limit=100&label=Neutral",),
    "items by annotator": ("/items?limit=100&annotator=dee",),
    "items by two annotators that differ": ("/items?limit=100&annotator=ada&annotator=ben&differing=true",),
    "items by slice": ("/items?limit=100&slice=source:shop 1",),
    "items of a slice that differ": (
        "/items?limit=100&slice=source:shop 0&differing=true&sort=disagreement&descending=true",
    ),
    "items of a slice where none differ": (
        "/items?limit=100&slice=source:shop 1&differing=true&sort=disagreement&descending=true",
    ),
    "items of a month by annotator": ("/items?limit=100&answered=2026-11-21..2026-12-20&annotator=dee",),
    "items by posterior": ("/items?limit=100&posterior=0.8..0.95",),
    "items by label and state": ("/items?limit=100&label=Neutral&state=contested",),
    "items by confused classes": (
        "/items?limit=100&pair=Positive~Negative&control=label&sort=disagreement&descending=true",
    ),
    "items most disputed": ("/items?limit=100&sort=disagreement&descending=true",),
    "items newest": ("/items?limit=100&sort=changed_at&descending=true",),
    "items by a month": ("/items?limit=100&answered=2026-11-21..2026-12-20",),
    "items of a day that differ": (
        "/items?limit=100&answered=2026-12-02..2026-12-02&differing=true&sort=disagreement&descending=true",
    ),
    "items of a month that differ": (
        "/items?limit=100&answered=2026-11-21..2026-12-20&differing=true&sort=disagreement&descending=true",
    ),
    "items of all time that differ": (
        "/items?limit=100&answered=2026-11-01..2027-02-01&differing=true&sort=disagreement&descending=true",
    ),
    "items by a rare word": ("/items?limit=100&search=sentence 412345 ",),
    "items by a frequent word": ("/items?limit=100&search=battery",),
    "items by a word that is not there": ("/items?limit=100&search=zeppelin",),
    "item": ("/items/r0412344/detail",),
    "agreement": ("/agreement",),
    "people": ("/people",),
    "person": ("/people/dee",),
    "person's feedback": ("/people/dee/feedback",),
    "review": ("/review",),
    "rounds": ("/rounds", "/loop", "/models"),
    "datasets": ("/datasets", "/datasets/check"),
    "guidelines": ("/guidelines",),
    "set-up": ("/setup", "/setup/templates"),
    "access": ("/tokens", "/accounts", "/audit"),
}  # fmt: skip


def main() -> dict[str, Any]:
    """Seed, make the documents, time the views."""
    with _place() as root, _opened(root) as (client, made):
        views = {name: _view(client, paths) for name, paths in VIEWS.items()}
        answers = sum(client.get("/api/v1/items/facets").json()["annotator"].values())
    slow = [name for name, v in views.items() if v["median"] > BOUND]
    return {
        "what": "seconds until the API has answered what a view asks for: the best and the median of 7, and the first; "
        "processor: the seconds of work in it, which another program beside it does not lengthen",
        "simulated": "The answers are drawn at random; only times are measured on them.",
        "items": ITEMS,
        "answers": answers,
        "store": "SQLite",
        "bound_seconds": BOUND,
        "background": made,
        "views": views,
        "slower_than_bound": slow,
    }


@contextmanager
def _place() -> Iterator[Path]:
    kept = os.environ.get("LABELWRIGHT_CONSOLE_SEED")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
        return
    with tempfile.TemporaryDirectory(prefix="labelwright-bench-") as folder:
        yield Path(folder)


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[Any, dict[str, float]]]:
    """A signed-in client, and how long the documents took where they were made just now."""
    from fastapi.testclient import TestClient

    from labelwright.app.console.refresh import refresh_report, refresh_views
    from labelwright.bootstrap import open_workspace
    from labelwright.entry.api.serving import Service
    from support.console import Seeded, make_place, seed

    root, made = folder / "place", dict[str, float]()
    if not (folder / "seeded").exists():
        place = make_place(root, ITEMS)
        seed(place, SAMPLE)
        project = Service(place).console.project
        refresh_views(project)
        refresh_report(project, None)
        project.store.close()
        _rest(place)
        (folder / "seeded").touch()
    place = open_workspace(root)
    service = Service(place)
    store, begun = service.console.project.store, time.perf_counter()
    store.put_snapshot(replace(store.snapshot("facets"), document=store.facets()))
    made["facets"] = round(time.perf_counter() - begun, 2)
    begun = time.perf_counter()
    store.state_stamp()
    made["look whether anything changed"] = round(time.perf_counter() - begun, 3)
    app = service.app()
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield Seeded(place, service, app, client).sign_in(), made


def _rest(place: Any) -> None:
    """All items beyond the sample, with their answers, assignments and lines of the list, straight into the tables."""
    import sqlalchemy as sa

    from labelwright.adapters.store import tables
    from labelwright.adapters.store import tables_console as lists
    from support import console as seeded

    engine = sa.create_engine(f"sqlite:///{place.state / 'state.db'}")
    rng = np.random.default_rng(11)
    for start in range(SAMPLE, ITEMS, _STEP):
        given = [(i, w, v) for i, w, v in seeded.given(range(start, min(start + _STEP, ITEMS)), rng)]
        numbered = list(enumerate(given, 2 * start))
        said: dict[int, list[str]] = {}
        for i, _, label in given:
            said.setdefault(i, []).append(label)
        with engine.begin() as db:
            db.execute(tables.item.insert(), [seeded.item_row(i) for i in said])
            db.execute(tables.assignment.insert(), [seeded.assignment_row(k, *g) for k, g in numbered])
            db.execute(tables.annotation.insert(), [seeded.annotation_row(k, *g) for k, g in numbered])
            db.execute(lists.browse_item.insert(), [_line(i, labels) for i, labels in said.items()])
            answers = [
                {"item": seeded.item_id(i), "control": "label", "annotator": seeded.PEOPLE[w], "label": v}
                for i, w, v in given
            ]
            db.execute(lists.browse_answer.insert(), answers)
            values = [{"item": seeded.item_id(i), "field": "source", "value": f"shop {i % 3}"} for i in said]
            db.execute(lists.browse_slice.insert(), values)
    with engine.begin() as db:
        db.execute(sa.text("ANALYZE"))
    engine.dispose()


def _line(i: int, labels: list[str]) -> dict[str, Any]:
    from support import console as seeded

    apart = len(set(labels)) > 1
    return {
        "item": seeded.item_id(i), "text": seeded.text_of(i), "state": "contested" if apart else "accepted",
        "label": None if apart else labels[0], "posterior": None if apart else 0.9, "answers": len(labels), "round": 1,
        "disagreement": None if len(labels) < 2 else float(apart), "changed_at": seeded.stamp(i / 10),
        "answered_at": seeded.stamp(i / 10),
    }  # fmt: skip


def _view(client: Any, paths: tuple[str, ...]) -> dict[str, float]:
    took, used = [], []
    for _ in range(_REPEATS):
        begun, before = time.perf_counter(), time.process_time()
        for path in paths:
            answer = client.get("/api/v1" + path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
        took.append(time.perf_counter() - begun)
        used.append(time.process_time() - before)
    seconds = {"best": min(took), "median": median(took), "first": took[0], "processor": median(used)}
    return {name: round(value, 4) for name, value in seconds.items()}
