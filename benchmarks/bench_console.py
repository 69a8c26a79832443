"""How long each view of the console takes at a million answers, on SQLite, on this machine.

The store is seeded (four annotators, a quarter of the items answered twice: a simulation, not anybody's answers); the
documents that views rest on are made once, as the server makes them in the background. Then every request that a page
of the console sends is timed through the API as it runs.

`LABELWRIGHT_CONSOLE_SEED=DIR` keeps the seeded workspace there and uses it again.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

ITEMS = int(os.environ.get("LABELWRIGHT_CONSOLE_ITEMS", "750000"))
BOUND = 0.5
_REPEATS = 5
#: What each page asks for when it is opened.
VIEWS: Mapping[str, tuple[str, ...]] = {
    "overview": ("/overview", "/setup", "/checks"),
    "items": ("/items?limit=100&count=true", "/items/facets"),
    "items by state": ("/items?limit=100&state=contested",),
    "items by label": ("/items?limit=100&label=Neutral",),
    "items by annotator": ("/items?limit=100&annotator=dee",),
    "items by two annotators that differ": ("/items?limit=100&annotator=ada&annotator=ben&differing=true",),
    "items by slice": ("/items?limit=100&slice=source:shop 1",),
    "items by confused classes": (
        "/items?limit=100&pair=Positive~Negative&control=label&sort=disagreement&descending=true",
    ),
    "items most disputed": ("/items?limit=100&sort=disagreement&descending=true",),
    "items newest": ("/items?limit=100&sort=changed_at&descending=true",),
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
        answers = client.get("/api/v1/agreement").json()["annotations"]
    slow = [name for name, v in views.items() if v["seconds"] > BOUND]
    return {
        "what": "seconds until the API has answered what a view asks for; median of 5, and the first time",
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
        begun = time.perf_counter()
        seed(place, ITEMS)
        print(f"   seeded in {time.perf_counter() - begun:.0f} s", flush=True)
        (folder / "seeded").touch()
    place = open_workspace(root)
    service = Service(place)
    for name, work in (("list of items", refresh_views), ("report", lambda p: refresh_report(p, None))):
        begun = time.perf_counter()
        if work(service.console.project):
            made[name] = round(time.perf_counter() - begun, 1)
            print(f"   {name} in {made[name]:.0f} s", flush=True)
    times = {name: s.seconds for name in ("facts", "report") if (s := service.console.project.store.snapshot(name))}
    app = service.app()
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield Seeded(place, service, app, client).sign_in(), {k: round(v, 1) for k, v in times.items()}


def _view(client: Any, paths: tuple[str, ...]) -> dict[str, float]:
    took = []
    for _ in range(_REPEATS):
        begun = time.perf_counter()
        for path in paths:
            answer = client.get("/api/v1" + path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
        took.append(time.perf_counter() - begun)
    return {"seconds": round(median(took[1:]), 4), "first": round(took[0], 4)}
