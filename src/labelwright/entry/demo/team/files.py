"""The files of the team's demo: pool, known labels, guidelines and settings, at the size that is wanted."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.adapters.reviews import Review
from labelwright.app.settings import FILE_NAME
from labelwright.bootstrap import Workspace, open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar
from labelwright.entry.demo import prepare
from labelwright.entry.demo.team.cast import SEED, SIMULATED, certainty, truth_of
from labelwright.model.errors import CheckFailedError

NAME = "Customer feedback by a team of eight"
#: Sentences on which so many raters agree serve as gold: what a lead would pick, because nobody doubts them.
CLEAR = 0.85
#: Why a label is right, as an expert writes it; the guidelines' own words.
RULES = {
    "Positive": "It says something good about the product, or recommends it.",
    "Negative": "It says something bad about the product, or warns against it.",
    "Neutral": "It states a fact, asks a question, or balances good and bad.",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large the simulation is.

    Attributes:
        items: sentences to label.
        gold: sentences whose label is known, a third of each class.
        turn: answers after which the careless one stops reading.
        shift: answers that everybody gives before the answers are taken in.
        target: τ, the share of right labels that is to be certified.
        audits: most sentences that experts audit.
        qualifying: gold sentences of the qualification round.
        gold_share: share of gold on the desks.
        overlap: people who get each sentence at first; adaptive overlap asks more where they do not settle it.
    """

    items: int = 240
    gold: int = 48
    turn: int = 60
    shift: int = 10
    target: float = 0.85
    audits: int = 80
    qualifying: int = 8
    gold_share: float = 0.25
    overlap: int = 3


def size_of(items: int) -> Size:
    """The demo's size with so many sentences; the careless one turns in the middle of what she is likely to get."""
    return Size(items, turn=max(items // 4, 12), audits=max(items // 3, 1))


def settings_of(size: Size) -> dict[str, Any]:
    """What differs from the defaults."""
    return {
        "team": {"low_water": size.shift, "high_water": size.shift + 4, "novice_items": 10, "experts_label": False},
        "overlap": {"policy": "adaptive", "share": 1.0, "annotators": size.overlap, "most": 5},
        "gold": {"share": size.gold_share},
        "review": {"unsure": True, "audit_share": 0.03},
        "watch": {"pass_mark": 0.75},
        "qualification": {"items": size.qualifying, "pass_mark": 0.5, "confidence": 0.7, "attempts": 3},
        "budget": {"money": 100},
        "sampling": {"strategy": "random", "batch": size.items, "seed": SEED},
        "model": {"kind": "none", "test_items": 0},
    }


def make_files(
    root: Path, reviews: Sequence[Review], size: Size, bar: Bar, more: dict[str, dict[str, Any]] | None = None
) -> Workspace:
    """The workspace, made where it is missing.

    Args:
        root: its folder.
        reviews: all sentences.
        size: how many of them.
        bar: for progress.
        more: further settings.

    Raises:
        CheckFailedError: the folder holds another workspace.
    """
    if not (root / FILE_NAME).exists():
        xml = render("text-classification", list(prepare.CLASSES))
        gold = gold_of(reviews, size)
        start = Start(
            root=root,
            schema_xml=xml,
            guidelines=prepare.GUIDELINES,
            name=NAME,
            data=_write_pool(root, [*gold, *_labeled(reviews, gold, size)]),
            columns={},
            data_settings={"id": "id", "metadata": []},
            sections=settings_of(size) | (more or {}),
            simulated=SIMULATED,
        )
        make_workspace(start, read_config(xml), bar)
    place = open_workspace(root)
    if place.settings.name != NAME:
        raise CheckFailedError(
            "That folder holds another workspace", where=str(root), next_step="labelwright demo --team --dir ANOTHER"
        )
    return place


def gold_of(reviews: Sequence[Review], size: Size) -> list[Review]:
    """Sentences that nearly all raters see alike, as many of each class."""
    rng = np.random.default_rng([SEED, 1])
    chosen: list[Review] = []
    for label in prepare.CLASSES:
        clear = [r for r in reviews if truth_of(r) == label and certainty(r) >= CLEAR]
        chosen += [clear[i] for i in rng.permutation(len(clear))[: size.gold // len(prepare.CLASSES)].tolist()]
    return chosen


def _labeled(reviews: Sequence[Review], gold: Iterable[Review], size: Size) -> list[Review]:
    """Sentences drawn at random from all whose vote is no tie."""
    known = {r.id for r in gold}
    able = [r for r in reviews if truth_of(r) is not None and r.id not in known]
    return [able[i] for i in np.random.default_rng([SEED, 2]).permutation(len(able))[: size.items].tolist()]


def _write_pool(root: Path, reviews: Sequence[Review]) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    path = root / "reviews.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "text"))
        writer.writerows((r.id, r.text) for r in reviews)
    return path
