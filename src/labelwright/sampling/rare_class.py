"""Rare-class search: the items most likely of the classes that are looked for (Attenberg and Provost, 2010)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.model.errors import UsageError
from labelwright.sampling.ranking import lowest
from labelwright.sampling.requests import as_probabilities, check_count


def rare_class(
    probabilities: ArrayLike,
    classes: Sequence[int],
    n: int,
    rng: np.random.Generator,  # noqa: ARG001
) -> NDArray[np.int64]:
    """The ``n`` items with the highest probability of one of the classes, each class lifted by how rare it is.

    A class's probability is divided by its mean over the pool: among several wanted classes the rarest is not
    drowned by the others.

    Args:
        probabilities: class probabilities, shape (items, classes), each row adding up to 1.
        classes: columns of the classes that are looked for, at least one.
        n: how many items are wanted.
        rng: not used (ties go by row number); every strategy takes one.

    Returns:
        Row numbers, likeliest first, shape (n,).

    Raises:
        UsageError: n cannot be had, no such classes, or no probabilities.
    """
    p = as_probabilities(probabilities)
    check_count(n, len(p))
    wanted = sorted(set(classes))
    if not wanted or wanted[0] < 0 or wanted[-1] >= p.shape[1]:
        raise UsageError(f"classes must be columns 0 to {p.shape[1] - 1}, at least one", where="sampling.rare_class")
    if n == 0:
        return np.empty(0, dtype=np.int64)
    means = p.mean(axis=0)[wanted]
    lift = p[:, wanted] / np.where(means > 0, means, 1)
    return lowest(-lift.max(axis=1), n)
