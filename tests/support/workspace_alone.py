"""A workspace with labeled data and no Label Studio: what needs a store, a pool and settings, and nothing else."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.bootstrap import Workspace, open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar

WORDS = {
    "Positive": ["good", "great", "lovely"],
    "Negative": ["bad", "awful", "broken"],
    "Neutral": ["box", "blue", "phone"],
}
CLASSES = list(WORDS)


def alone(folder: Path, n: int = 240, **sections: dict[str, Any]) -> Workspace:
    """Sentences s0, s1 … of the three classes in turn."""
    rng = np.random.default_rng(0)
    data = folder / "pool.csv"
    with data.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        writer.writerows((f"s{i}", " ".join(rng.choice(WORDS[CLASSES[i % 3]], 2)) + f" number {i}") for i in range(n))
    start = Start(
        root=folder / "ws",
        schema_xml=render("text-classification", CLASSES),
        guidelines="# Task\n\nSay how it feels.\n",
        name="Test",
        data=data,
        columns={},
        data_settings={"id": "id"},
        sections=sections,
    )
    make_workspace(start, read_config(start.schema_xml), Bar(quiet=True))
    return open_workspace(start.root)


def truth(rows: range) -> dict[str, str]:
    """The classes of those sentences."""
    return {f"s{i}": CLASSES[i % 3] for i in rows}
