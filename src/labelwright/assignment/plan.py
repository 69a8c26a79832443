"""Who labels what: a share of the items goes to several annotators, the others to one, with equal loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.model.errors import UsageError
from labelwright.model.project import Purpose


@dataclass(frozen=True, slots=True)
class Placement:
    """One item given to one annotator, at a place in that annotator's own order."""

    item: str
    annotator: str
    purpose: Purpose
    position: int


def place(
    items: Sequence[str],
    annotators: Sequence[str],
    *,
    share: float,
    overlap: int,
    purpose: Purpose,
    load: Mapping[str, int],
    rng: np.random.Generator,
) -> tuple[Placement, ...]:
    """Give every item to one annotator, and ``share`` of the items to ``overlap`` different ones.

    Exactly ``round(share * len(items))`` items are shared. Each answer goes to one of the annotators
    with the smallest load so far (ties at random), so that queues stay within one item of each other.
    The order of the items is drawn anew for each annotator.

    Args:
        items: distinct item ids.
        annotators: ids of those who may get them.
        share: share of items that go to several annotators, from 0 to 1.
        overlap: how many annotators a shared item goes to; capped at the size of the team.
        purpose: why single items go out; a shared one of purpose ``label`` becomes ``overlap``.
        load: items that already wait, by annotator.
        rng: source of randomness.

    Raises:
        UsageError: there is nobody to give an item to.
    """
    if not annotators:
        raise UsageError("There is no active annotator", next_step="Add one: labelwright team add NAME --email ADDRESS")
    order = rng.permutation(len(items))
    shared = set(order[: round(share * len(items))].tolist())
    waiting = {a: load.get(a, 0) for a in annotators}
    queues: dict[str, list[tuple[str, Purpose]]] = {a: [] for a in annotators}
    for index in rng.permutation(len(items)).tolist():
        many = index in shared
        for annotator in _least_loaded(waiting, overlap if many else 1, rng):
            waiting[annotator] += 1
            queues[annotator].append((items[index], _purpose(purpose, shared=many)))
    return tuple(p for a in annotators for p in _ordered(a, queues[a], rng))


def _least_loaded(waiting: Mapping[str, int], n: int, rng: np.random.Generator) -> list[str]:
    names = list(waiting)
    shuffled = [names[i] for i in rng.permutation(len(names))]
    return sorted(shuffled, key=lambda a: waiting[a])[:n]


def _purpose(purpose: Purpose, *, shared: bool) -> Purpose:
    return Purpose.OVERLAP if shared and purpose is Purpose.LABEL else purpose


def _ordered(annotator: str, queue: list[tuple[str, Purpose]], rng: np.random.Generator) -> list[Placement]:
    places = rng.permutation(len(queue)).tolist()
    placed = [Placement(item, annotator, why, place) for (item, why), place in zip(queue, places, strict=True)]
    return sorted(placed, key=lambda p: p.position)
