"""Class balance: the batch that is expected to even out the labels that there are, its least sure items first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.model.errors import UsageError
from labelwright.sampling.ranking import lowest
from labelwright.sampling.requests import as_probabilities, check_count


def class_balance(probabilities: ArrayLike, counts: ArrayLike, n: int, rng: np.random.Generator) -> NDArray[np.int64]:  # noqa: ARG001
    """``n`` items, one after the other for the class that is expected to have the fewest labels by then.

    Each goes to the class that is behind, as the item most likely of it; what the item may be instead counts for the
    other classes. So a class that the model cannot find yet does not take the whole batch: an item of which it is
    only a third sure counts as a third.

    Args:
        probabilities: class probabilities, shape (items, classes), each row adding up to 1.
        counts: labels that each class has already, shape (classes,), not negative.
        n: how many items are wanted.
        rng: not used (ties go by row number); every strategy takes one.

    Returns:
        Row numbers in the order chosen, shape (n,).

    Raises:
        UsageError: n cannot be had, counts that do not go with the classes, or no probabilities.
    """
    p = as_probabilities(probabilities)
    check_count(n, len(p))
    have = _counts(counts, p.shape[1])
    if n == 0:
        return np.empty(0, dtype=np.int64)
    queues = [iter(lowest(-p[:, k], min(2 * n, len(p))).tolist()) for k in range(p.shape[1])]
    taken = np.zeros(len(p), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < n:
        row = _next(queues[int(have.argmin())], taken)
        chosen.append(row)
        taken[row] = True
        have += p[row]
    return np.array(chosen, dtype=np.int64)


def _next(queue: Iterator[int], taken: NDArray[np.bool_]) -> int:
    """The likeliest item of the class that is left; a queue of 2 n never runs dry, for n are taken at most."""
    return next((row for row in queue if not taken[row]), int(taken.argmin()))


def _counts(counts: ArrayLike, classes: int) -> NDArray[np.float64]:
    have = np.array(counts, dtype=np.float64)
    if have.shape != (classes,) or not np.isfinite(have).all() or (have < 0).any():
        raise UsageError(
            f"counts must be {classes} numbers that are not negative, one a class", where="sampling.class_balance"
        )
    return have
