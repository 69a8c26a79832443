"""Entropy (Shannon, 1948; for queries Dagan and Engelson, 1995): the more evenly spread, the sooner.

Logarithms of a whole pool are what costs. An item's sum of squared probabilities bounds its entropy from above
(at a given sum, one class above and all others equal is the most even spread: Harremoës and Topsøe, 2001), and
costs a few multiplications. So only the items that the bound leaves in the running get their logarithms taken;
the choice is exactly the one that all logarithms would give.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.sampling.ranking import lowest
from labelwright.sampling.requests import SUM_TOLERANCE, as_probabilities, check_count, row_sums

#: What rounding of the bound may hide, in nats: an item that close to the bound is looked at, not left out.
SLACK = 1e-4


def entropy(probabilities: ArrayLike, n: int, rng: np.random.Generator) -> NDArray[np.int64]:  # noqa: ARG001
    """The ``n`` items of the highest entropy.

    Args:
        probabilities: class probabilities, shape (items, classes), each row adding up to 1.
        n: how many items are wanted.
        rng: not used (ties go by row number); every strategy takes one.

    Returns:
        Row numbers, highest entropy first, shape (n,).

    Raises:
        UsageError: n cannot be had, or the probabilities are none.
    """
    p = as_probabilities(probabilities)
    check_count(n, len(p))
    if n == 0:
        return np.empty(0, dtype=np.int64)
    squares = np.einsum("ij,ij->i", p, p)
    evenest = np.argpartition(squares, n - 1)[:n]
    floor = float(entropies(p[evenest]).min()) - SLACK
    # The bound is on probabilities that add up to exactly 1; these may be off by the tolerance.
    running = np.flatnonzero(squares <= _largest_square_sum(floor, p.shape[1]) * (1 + SUM_TOLERANCE) ** 2)
    return running[lowest(-entropies(p[running]), n)].astype(np.int64)


def entropies(probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Entropy by item in nats, shape (items,), 0..ln(classes). 0 ln 0 is 0."""
    p = probabilities / row_sums(probabilities)[:, None]
    logs = np.log(p, out=np.zeros_like(p), where=p > 0)
    sums: NDArray[np.float64] = -np.einsum("ij,ij->i", p, logs).astype(np.float64)
    return sums


def _largest_square_sum(floor: float, classes: int) -> float:
    """The largest sum of squares at which an entropy of ``floor`` is still possible."""
    # The most even distributions: one class at `top`, the others share the rest. Both curves are monotone in it.
    top = np.linspace(1 / classes, 1, 4097)[:, None]
    spread = np.hstack([top, np.repeat((1 - top) / (classes - 1), classes - 1, axis=1)])
    possible = entropies(spread) >= floor
    last = min(int(possible.sum()), len(top) - 1)  # the first grid point that is out: nothing in between is lost
    return float((spread[last] ** 2).sum()) + SLACK
