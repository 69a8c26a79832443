"""How each annotator answers: from her answers beside settled labels, shrunk to what her level promises."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from labelwright.app.answers import Reply, replies_of
from labelwright.app.context import Project
from labelwright.model.consensus import FINAL
from labelwright.model.project import Level, Purpose

Floats = NDArray[np.float64]
#: Answers' worth of belief in an annotator before anything is known, and in which share of right ones.
_WEIGHT, _PRIOR = 8.0, {Level.NOVICE: 0.7, Level.REGULAR: 0.8, Level.EXPERT: 0.9}
#: Share of ratings that have nothing to do with the item: without it two that contradict each other look sure.
_LAPSE = 0.1


class Person(Protocol):
    """An annotator, as far as her skill goes."""

    @property
    def id(self) -> str:
        """Who it is."""
        ...

    @property
    def level(self) -> Level:
        """What she may be trusted with before anything is known."""
        ...


def seen_pairs(project: Project, replies: Sequence[Reply]) -> dict[str, list[tuple[str, str]]]:
    """(answer, settled label) of each annotator, both as text; reviewers, who saw the others' answers, left out."""
    settled = {
        c.item: c.label
        for c in project.store.consensus(project.control.name)
        if c.label is not None and (c.state in FINAL or c.votes > 1)
    }
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for r in replies:
        if r.last and r.label is not None and r.item in settled and r.purpose is not Purpose.REVIEW:
            found[r.annotator].append((r.label, settled[r.item]))
    return found


def channels(team: Sequence[Person], pairs: Mapping[str, Sequence[tuple[str, str]]], classes: Sequence[str]) -> Floats:
    """P(answer | truth) of each annotator, shape (annotators, answer, truth).

    Counts by class are shrunk to her own share of right answers, and that to what her level promises.
    """
    index = {c: k for k, c in enumerate(classes)}
    return np.stack(
        [
            channel_of(
                Counter((index[a], index[t]) for a, t in pairs.get(p.id, ()) if a in index and t in index),
                _PRIOR[p.level],
                len(classes),
            )
            for p in team
        ]
    )


def channel_of(seen: Mapping[tuple[int, int], int], prior: float, K: int) -> Floats:
    """One annotator's matrix from counts of (answer, truth)."""
    n = sum(seen.values())
    right = sum(k for (a, b), k in seen.items() if a == b)
    skill = (right + _WEIGHT * prior) / (n + _WEIGHT)
    expected = np.full((K, K), (1 - skill) / max(K - 1, 1))
    np.fill_diagonal(expected, skill)
    counted = np.zeros((K, K))
    for (answer, truth), k in seen.items():
        counted[answer, truth] = k
    mixed = counted + _WEIGHT * expected
    return np.asarray(mixed / mixed.sum(axis=0, keepdims=True))


def presence(
    team: Sequence[Person], pairs: Mapping[str, Sequence[tuple[frozenset[str], frozenset[str]]]], name: str
) -> tuple[Floats, Floats]:
    """How often each marks a class that is there, and one that is not; both of shape (annotators,)."""
    found = np.stack(
        [
            channel_of(
                Counter((int(name in said), int(name in true)) for said, true in pairs.get(p.id, ())),
                _PRIOR[p.level],
                2,
            )
            for p in team
        ]
    )
    return found[:, 1, 1], found[:, 1, 0]


def scale_channels(team: Sequence[Person], pairs: Mapping[str, Sequence[tuple[str, str]]], steps: Floats) -> Floats:
    """P(answer | truth) on a scale, shape (annotators, answer, truth): normal around the truth, now and then anywhere.

    The spread is that of her answers around settled ones, shrunk to the one under which her level's share of answers
    falls on the right step.
    """
    width = float(np.diff(steps).min()) if steps.size > 1 else 1.0
    distance = np.abs(steps[:, None] - steps[None, :])
    found = []
    for p in team:
        off = np.array([float(a) - float(t) for a, t in pairs.get(p.id, ())])
        usual = width / 2 / float(ndtri((1 + _PRIOR[p.level]) / 2))
        spread = np.sqrt((float(off @ off) + _WEIGHT * usual**2) / (off.size + _WEIGHT))
        mass = ndtr((distance + width / 2) / spread) - ndtr((distance - width / 2) / spread) + 1e-9
        found.append((1 - _LAPSE) * mass / mass.sum(axis=0, keepdims=True) + _LAPSE / steps.size)
    return np.stack(found)


def class_skill(project: Project, team: Sequence[Person]) -> dict[str, dict[str, float]]:
    """Chance that each annotator is right, by class of the truth: for routing. Empty where answers are no classes."""
    classes = project.control.classes
    pairs = seen_pairs(project, replies_of(project))
    if not classes or not pairs:
        return {}
    found = channels(team, pairs, classes)
    return {p.id: dict(zip(classes, found[k].diagonal().tolist(), strict=True)) for k, p in enumerate(team)}
