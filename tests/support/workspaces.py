"""Workspaces for tests, on a Label Studio that runs already."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from labelwright.adapters.labelstudio.annotator import AnnotatorSession
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.adapters.secrets import new_password
from labelwright.app.delivery import deliver
from labelwright.app.team import Newcomer, add_annotator
from labelwright.bootstrap import Workspace, open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar

CLASSES = ["Positive", "Negative", "Neutral"]
GUIDELINES = "# Task\n\nSay how it feels.\n" + "".join(
    f"\n## {c}\n\n**Examples**\n\n- an example of {c}\n" for c in CLASSES
)


def make(
    root: Path, server: Any, n: int = 40, template: str = "text-classification", **sections: dict[str, Any]
) -> Workspace:
    """A workspace with ``n`` sentences on ``server``; they are to be told apart by sentiment, or as the template has it."""
    data = root.parent / f"{root.name}.csv"
    with data.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "source"])
        writer.writerows((f"s{i}", f"sentence number {i}", "even" if i % 2 == 0 else "odd") for i in range(n))
    start = Start(
        root=root,
        schema_xml=render(template, None if template == "rating" else CLASSES),
        guidelines=GUIDELINES,
        name=f"Test {uuid.uuid4().hex[:6]}",
        data=data,
        columns={},
        data_settings={"id": "id", "metadata": ["source"]},
        sections={
            "label_studio": {"url": server.url, "token": server.administrator.token},
            "team": {"low_water": 4, "high_water": 8},
            "model": {"kind": "none", "test_items": 0},
            "sampling": {"strategy": "random", "batch": 10},
            "server": {"reconcile_seconds": 1.0, "sweep_seconds": 2.0},
        }
        | sections,
    )
    make_workspace(start, read_config(start.schema_xml), Bar(quiet=True))
    return open_workspace(root)


def turning(root: Path, server: Any, loop: dict[str, Any] | None = None, **sampling: Any) -> Workspace:
    """A workspace whose rounds of four items turn by themselves."""
    return make(
        root,
        server,
        model={"kind": "text", "test_items": 4},
        sampling={"strategy": "random", "batch": 4} | sampling,
        loop={"mode": "auto"} | (loop or {}),
    )


def configure(place: Workspace, section: str, **values: Any) -> Workspace:
    """The same workspace with other settings."""
    path = place.root / "labelwright.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings[section] |= values
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return open_workspace(place.root)


def join(place: Workspace, *names: str) -> None:
    """Annotators with an account, a desk and a full queue."""
    project, desks = place.project(), place.desks()
    for name in names:
        email = f"{name.lower()}-{uuid.uuid4().hex[:8]}@labelwright.test"
        added = add_annotator(project, desks, place.secrets, place.hook(), Newcomer(name, email, new_password()))
        deliver(project, desks, added.desk, place.owner)


@contextmanager
def at_work(place: Workspace, annotator: str) -> Iterator[tuple[AnnotatorSession, int]]:
    """The annotator's own session and the number of her desk."""
    desk = next(d for d in place.project().store.desks("work") if d.annotator == annotator)
    with AnnotatorSession(place.label_studio_url(), place.secrets.account(annotator)["token"]) as session:
        yield session, desk.project


def result(label: str) -> list[dict[str, Any]]:
    """An answer as the screen sends it."""
    return [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [label]}}]


def answer_all(place: Workspace, annotator: str, label: str = "Positive", most: int = 1000) -> int:
    """Answer what is on the desk, at most so many; how many it were."""
    given = 0
    with at_work(place, annotator) as (session, desk):
        while given < most and (task := session.next_task(desk)) is not None:
            session.submit(task["id"], result(label), 3.0)
            given += 1
    return given
