"""New items or one more answer to old ones, chosen together: which doubtful labels are worth more than a new one."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright import sampling
from labelwright.app.answers import Reply, replies_of
from labelwright.app.context import Project
from labelwright.app.reading import inputs_of
from labelwright.app.report.doubts import cross_validated
from labelwright.app.routing import active_team, candidates, needs_of
from labelwright.app.settling import current_labels
from labelwright.assignment.routing import Candidate
from labelwright.model.consensus import FINAL
from labelwright.model.errors import LabelwrightError, UsageError
from labelwright.model.project import AssignmentState, Item, Level, Purpose
from labelwright.ports import Learner
from labelwright.ports.scoring import ScoreTable
from labelwright.sampling.relabel import Answers

log = logging.getLogger(__name__)
Floats = NDArray[np.float64]
_LABELING = frozenset({Purpose.LABEL, Purpose.OVERLAP})
_WAITING = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})


@dataclass(frozen=True, slots=True)
class _Labeled:
    """An item that may be asked again: its answers that count, and whom one more would cost how much."""

    item: Item
    answers: tuple[tuple[str, str], ...]
    price: float


def doubtful(
    project: Project,
    table: ScoreTable,
    unlabeled: NDArray[np.floating],
    n: int,
    new_learner: Callable[[], Learner] | None,
) -> list[str]:
    """Items with labels on which one more answer is worth more, for its price, than the first one to a new item.

    Args:
        project: the labeling project.
        table: what the model says of the pool.
        unlabeled: its probabilities of the new items that it is least sure of, shape (items, classes).
        n: answers to choose, new and old together.
        new_learner: makes a model that has learned nothing yet, for scores out of sample; without it the current
            model's own scores of what it has learned are taken.

    Returns:
        Ids, the most worthwhile first, at most n.

    Raises:
        UsageError: the scores name no classes, or there is no annotator.
    """
    if not table.classes:
        raise UsageError("the scores do not name their classes")
    replies = _replies(project)
    if not replies or not n:
        return []
    team = candidates(project, active_team(project))
    cheapest, labeled = _cheapest(team), _labeled(project, replies, team)
    known = _probabilities(project, table, labeled, new_learner)
    labeled = [one for one in labeled if one.item.id in known]
    p = np.concatenate([unlabeled, *(known[one.item.id][None] for one in labeled)])
    prices = np.concatenate([np.full(len(unlabeled), cheapest), [one.price for one in labeled]])
    chosen = sampling.relabel(
        p, _answers(labeled, table.classes, len(unlabeled)), min(n, len(p)), project.rng(6), prices=prices
    )
    return [labeled[k - len(unlabeled)].item.id for k in chosen.tolist() if k >= len(unlabeled)]


# ---------------------------------------------------------------- who could still answer, and at which price


def _replies(project: Project) -> dict[str, list[Reply]]:
    """Answers that count, by item: of items with none on the way, and not decided by a person."""
    _, apart = _had(project)
    final = {c.item for c in project.store.consensus(project.control.name) if c.state in FINAL}
    replies: dict[str, list[Reply]] = defaultdict(list)
    for r in replies_of(project):
        if r.last and r.label is not None and r.purpose in _LABELING and r.item not in apart | final:
            replies[r.item].append(r)
    return replies


def _labeled(project: Project, replies: Mapping[str, Sequence[Reply]], team: Sequence[Candidate]) -> list[_Labeled]:
    """Those for which somebody is left to ask."""
    items, most, (had, _) = project.store.items(replies), project.settings.overlap.most, _had(project)
    found = []
    for name in sorted(replies):
        price = _price(project, items[name], team, had[name])
        if price is not None and len(replies[name]) < most:
            found.append(_Labeled(items[name], tuple((r.annotator, str(r.label)) for r in replies[name]), price))
    return found


def _had(project: Project) -> tuple[Mapping[str, set[str]], set[str]]:
    """Who had each item, and items that are none to ask again: of the test set, gold, or with an answer to come."""
    had: dict[str, set[str]] = defaultdict(set)
    apart: set[str] = {g.item for g in project.store.gold()}
    for a in project.store.assignments(trial=False):
        had[a.item].add(a.annotator)
        if a.state in _WAITING or a.purpose is Purpose.TEST:
            apart.add(a.item)
    return had, apart


def _price(project: Project, item: Item, team: Sequence[Candidate], had: set[str]) -> float | None:
    """What the cheapest one costs who may still answer it; None where nobody may."""
    tags, level = needs_of(project, item)
    rank = list(Level)
    able = [
        c
        for c in team
        if c.id not in had
        and tags <= c.tags
        and (level is None or rank.index(c.level) >= rank.index(level))
        and (c.room is None or c.room > 0)
    ]
    return _cheapest(able, team) if able else None


def _cheapest(able: Sequence[Candidate], team: Sequence[Candidate] | None = None) -> float:
    """The lowest price among them; who has no rate costs as much as the middle of the team."""
    known = [c.cost for c in team or able if c.cost]
    middle = float(np.median(known)) if known else 1.0
    return min(c.cost or middle for c in able)


# ---------------------------------------------------------------- what is known of the labels


def _answers(labeled: Sequence[_Labeled], classes: Sequence[str], offset: int) -> Answers:
    index = {name: k for k, name in enumerate(classes)}
    people = {who: k for k, who in enumerate(sorted({who for one in labeled for who, _ in one.answers}))}
    rows = [
        (offset + at, people[who], index[label])
        for at, one in enumerate(labeled)
        for who, label in one.answers
        if label in index
    ]
    items, annotators, labels = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Answers(items, annotators, labels)


def _probabilities(
    project: Project,
    table: ScoreTable,
    labeled: Sequence[_Labeled],
    new_learner: Callable[[], Learner] | None,
) -> dict[str, Floats]:
    """Class probabilities in the order of the table's classes, out of sample where models can be made."""
    if new_learner is not None:
        try:
            return _out_of_sample(project, table.classes, [one.item for one in labeled], new_learner)
        except LabelwrightError as problem:  # such as too few of a class to learn from four fifths of them
            log.info("Labels are scored by the model that learned them: %s", problem.what)
    ids = [one.item.id for one in labeled]
    rows = project.pool.rows_of(ids)
    names = dict(zip(rows.tolist(), ids, strict=True))
    found, p = table.of(np.sort(rows[rows >= 0]))
    return {names[row]: np.asarray(p[k], dtype=np.float64) for k, row in enumerate(found.tolist())}


def _out_of_sample(
    project: Project, classes: Sequence[str], items: Sequence[Item], new_learner: Callable[[], Learner]
) -> dict[str, Floats]:
    labels = current_labels(project)
    items = [i for i in items if i.id in labels]
    given = [labels[i.id].label for i in items]
    inputs = inputs_of(project, new_learner().reads, items)
    p = cross_validated(inputs, given, [i.id for i in items], new_learner)
    return _in_order(items, p, sorted(set(given)), classes)


def _in_order(
    items: Sequence[Item], p: NDArray[np.floating], own: Sequence[str], classes: Sequence[str]
) -> dict[str, Floats]:
    """In the table's order of classes; a class that a fold did not have is given a little."""
    wide = np.full((len(items), len(classes)), 1e-6)
    at = {name: k for k, name in enumerate(classes)}
    for k, name in enumerate(own):
        if name in at:
            wide[:, at[name]] = p[:, k]
    readable = np.isfinite(wide).all(axis=1)
    return {i.id: row / row.sum() for i, row, ok in zip(items, wide, readable.tolist(), strict=True) if ok}
