"""The order of one desk: random for each annotator, a share spread evenly over time, gold where nobody foresees it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def desk_order(queue: Sequence[T], spread: Collection[T], rng: np.random.Generator) -> list[T]:
    """The queue in random order, with those of ``spread`` at even distances from its start to its end.

    What is spread has the same make-up early and late, whatever strategy chose the rest: a change in an annotator's
    accuracy on it over time is hers and not the data's. Where the first one stands is drawn at random (systematic
    sampling, Madow and Madow 1944), so that it lies at any place equally often.

    Args:
        queue: what one annotator gets.
        spread: the part of it that is spread over time.
        rng: source of randomness.
    """
    even = [x for x in queue if x in spread]
    rest = [x for x in queue if x not in spread]
    even = [even[i] for i in rng.permutation(len(even)).tolist()]
    rest = [rest[i] for i in rng.permutation(len(rest)).tolist()]
    if not even:
        return rest
    step = len(queue) / len(even)
    start = rng.random() if step > 1 else 0.0
    places = {int((k + start) * step): x for k, x in enumerate(even)}
    remaining = iter(rest)
    return [places[i] if i in places else next(remaining) for i in range(len(queue))]


def gold_places(n: int, share: float, rng: np.random.Generator) -> list[int]:
    """Before which of ``n`` tasks a gold task comes: each with the same hazard, whatever came before.

    The gaps are geometric, so a gold task is as likely right after another as at any other place: counting tells an
    annotator nothing about the next one.

    Args:
        n: tasks of the queue that are not gold.
        share: share of gold in the queue that comes out, 0 to under 1, on average.
        rng: source of randomness.
    """
    if share <= 0:
        return []
    hazard = share / (1 - share)
    draws = rng.random(n)
    return [i for i, draw in enumerate(draws.tolist()) if draw < hazard]
