"""Margin (Scheffer, Decomain and Wrobel, 2001): the smaller the lead of the likeliest class, the sooner."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.sampling.ranking import by_block, lowest
from labelwright.sampling.requests import as_probabilities, check_count


def margin(probabilities: ArrayLike, n: int, rng: np.random.Generator) -> NDArray[np.int64]:  # noqa: ARG001
    """The ``n`` items with the smallest distance between the two likeliest classes: the smallest is the most uncertain.

    Args:
        probabilities: class probabilities, shape (items, classes), each row adding up to 1.
        n: how many items are wanted.
        rng: not used (ties go by row number); every strategy takes one.

    Returns:
        Row numbers, smallest margin first, shape (n,).

    Raises:
        UsageError: n cannot be had, or the probabilities are none.
    """
    p = as_probabilities(probabilities)
    check_count(n, len(p))
    return lowest(margins(p), n)


def margins(probabilities: NDArray[np.floating]) -> NDArray[np.floating]:
    """Likeliest minus second likeliest class by item, shape (items,), 0..1."""
    return by_block(probabilities, _margins_of_block)


def _margins_of_block(block: NDArray[np.floating]) -> NDArray[np.floating]:
    first = np.maximum(block[0], block[1])
    second = np.minimum(block[0], block[1])
    for row in block[2:]:
        np.maximum(second, np.minimum(first, row), out=second)
        np.maximum(first, row, out=first)
    return np.asarray(first - second)
