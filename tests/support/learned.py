"""A workspace with a pool of made-up sentences and a model that has learned from them; no Label Studio."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.adapters.learners.text import TextLearner
from labelwright.app import training
from labelwright.app.inference import Inferred
from labelwright.bootstrap import Workspace, open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar

WORDS = {
    "Positive": ["good", "great", "lovely", "bright"],
    "Negative": ["bad", "awful", "broken", "dim"],
    "Neutral": ["box", "blue", "phone", "cable"],
}
QUIET = Bar(quiet=True)


def workspace(folder: Path, n: int = 600, sections: dict[str, Any] | None = None) -> Workspace:
    """A workspace in ``folder / ws`` whose pool has ``n`` sentences, some of them of two minds."""
    rng = np.random.default_rng(0)
    data = folder / "pool.csv"
    words = [word for group in WORDS.values() for word in group]
    with data.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        for i in range(n):
            own = rng.choice(WORDS[list(WORDS)[i % 3]], 3)
            writer.writerow([f"s{i}", f"{' '.join(own)} {' '.join(rng.choice(words, i % 4))} number {i}"])
    start = Start(
        root=folder / "ws",
        schema_xml=render("text-classification", list(WORDS)),
        guidelines="# Task\n",
        name="Test",
        data=data,
        columns={},
        data_settings={"id": "id"},
        sections=sections or {},
    )
    make_workspace(start, read_config(start.schema_xml), QUIET)
    return open_workspace(start.root)


def learned(place: Workspace, labels: int = 90) -> Any:
    """The workspace's project, with a model in use that learned from the first items."""
    project = place.project()
    known = {item.id: (item, row) for row, item in enumerate(project.pool.items(list(range(labels))))}
    project.store.add_assignments(known, [])
    consensus = {f"s{i}": Inferred(list(WORDS)[i % 3], 1.0, contested=False, votes=2) for i in range(labels)}
    trained = training.train(project, TextLearner, consensus, set(), number=1)
    training.promote(project, trained.version, {})
    return project
