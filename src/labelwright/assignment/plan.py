"""Who labels what: a share of the items goes to several annotators, the others to one, with equal loads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.assignment.order import desk_order
from labelwright.assignment.routing import Candidate, Given, Rule, Wanted, route
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
    shared = set(rng.permutation(len(items))[: round(share * len(items))].tolist())
    wanted = [
        Wanted(item, min(overlap, len(annotators)) if i in shared else 1, _purpose(purpose, shared=i in shared))
        for i, item in enumerate(items)
    ]
    team = [Candidate(a, waiting=load.get(a, 0)) for a in annotators]
    queues: dict[str, list[Given]] = {a: [] for a in annotators}
    for given in route(wanted, team, Rule(), rng).given:
        queues[given.annotator].append(given)
    return tuple(
        Placement(g.item, a, g.purpose, position)
        for a in annotators
        for position, g in enumerate(desk_order(queues[a], (), rng))
    )


def _purpose(purpose: Purpose, *, shared: bool) -> Purpose:
    return Purpose.OVERLAP if shared and purpose is Purpose.LABEL else purpose
