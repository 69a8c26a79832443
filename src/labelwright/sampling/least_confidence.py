"""Least confidence (Lewis and Gale, 1994): the lower the probability of the likeliest class, the sooner."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.sampling.ranking import by_block, lowest
from labelwright.sampling.requests import as_probabilities, check_count


def least_confidence(probabilities: ArrayLike, n: int, rng: np.random.Generator) -> NDArray[np.int64]:  # noqa: ARG001
    """The ``n`` items whose likeliest class is the least likely.

    Args:
        probabilities: class probabilities, shape (items, classes), each row adding up to 1.
        n: how many items are wanted.
        rng: not used (ties go by row number); every strategy takes one.

    Returns:
        Row numbers, least confident first, shape (n,).

    Raises:
        UsageError: n cannot be had, or the probabilities are none.
    """
    p = as_probabilities(probabilities)
    check_count(n, len(p))
    return lowest(by_block(p, lambda block: block.max(axis=0)), n)
