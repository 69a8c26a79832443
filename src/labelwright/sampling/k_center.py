"""k-center, the core-set (Gonzalez, 1985; Sener and Savarese, 2018): no item is far from a chosen one.

Greedy: always the item farthest from all that are chosen. Distances to chosen items only ever shrink, so one that
was measured a while ago is an upper bound. Most items are therefore brought up to date for many choices at once,
by a matrix product, and in between only the few farthest ones. The choice is the greedy one, exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.sampling.distances import lower_to, single, squared_norms
from labelwright.sampling.ranking import lowest
from labelwright.sampling.requests import as_features, check_count

#: Choices after which all items are brought up to date.
EVERY = 32
#: Farthest items that are kept up to date in between.
WATCHED = 256


def k_center(features: ArrayLike, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``n`` items such that every item is near one of them, at most twice as far as with the best ``n``.

    Args:
        features: shape (items, dimensions); Euclidean distances between them should mean something.
        n: how many items are wanted.
        rng: chooses the first item; ties go by row number.

    Returns:
        Row numbers in the order chosen, shape (n,): every beginning of it is a core-set, too.

    Raises:
        UsageError: n cannot be had, or the features are none.
    """
    raw = as_features(features)
    check_count(n, len(raw))
    if n == 0:
        return np.empty(0, dtype=np.int64)
    points = single(raw)
    norms = squared_norms(points)
    chosen = [int(rng.integers(len(points)))]
    nearest = np.full(len(points), np.inf, dtype=np.float32)
    lower_to(nearest, points, norms, np.array(chosen))
    nearest[chosen] = -1  # never again, even among copies of it
    while len(chosen) < n:
        _extend(chosen, nearest, points, norms, n)
    return np.array(chosen, dtype=np.int64)


def _extend(
    chosen: list[int],
    nearest: NDArray[np.float32],
    points: NDArray[np.float32],
    norms: NDArray[np.float32],
    n: int,
) -> None:
    """Choose up to `EVERY` items while the watched ones are sure to hold the farthest, then bring all up to date."""
    watched, others = _farthest(nearest)
    distances = nearest[watched].copy()
    fresh: list[int] = []
    while len(fresh) < EVERY and len(chosen) < n:
        at = int(distances.argmax())
        if fresh and distances[at] <= others:  # an item that is not watched might be as far
            break
        row = int(watched[at])
        fresh.append(row)
        chosen.append(row)
        lower_to(distances, points[watched], norms[watched], np.array([at]))
        distances[at] = -1
    rows = np.array(fresh)
    lower_to(nearest, points, norms, rows)
    nearest[rows] = -1


def _farthest(nearest: NDArray[np.float32]) -> tuple[NDArray[np.int64], float]:
    """The farthest items by row number, and the distance of the farthest other one."""
    if len(nearest) <= WATCHED:
        return np.arange(len(nearest)), -np.inf
    farthest = lowest(-nearest, WATCHED + 1)  # among equals those of the lowest row numbers
    return np.sort(farthest[:WATCHED]), float(nearest[farthest[WATCHED]])
