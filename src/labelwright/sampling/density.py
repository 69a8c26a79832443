"""Information density (Settles and Craven, 2008): uncertain items that stand for many others, not outliers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.sampling.entropy import entropies
from labelwright.sampling.ranking import lowest
from labelwright.sampling.requests import as_features, as_probabilities, check_count, check_same_length


def density(probabilities: ArrayLike, features: ArrayLike, n: int, rng: np.random.Generator) -> NDArray[np.int64]:  # noqa: ARG001
    """The ``n`` items with the highest entropy × mean similarity to the pool.

    Similarity is (1 + cosine) / 2, so that it lies in 0..1; an item of zeros is as near to everything as to nothing.

    Args:
        probabilities: class probabilities, shape (items, classes), each row adding up to 1.
        features: shape (items, dimensions).
        n: how many items are wanted.
        rng: not used (ties go by row number); every strategy takes one.

    Returns:
        Row numbers, best first, shape (n,).

    Raises:
        UsageError: n cannot be had, arrays that do not go together, or no probabilities or features.
    """
    p, x = as_probabilities(probabilities), as_features(features)
    check_same_length(p, x)
    check_count(n, len(p))
    if n == 0:
        return np.empty(0, dtype=np.int64)
    return lowest(-entropies(p) * (1 + _mean_cosines(x)) / 2, n)


def _mean_cosines(features: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean cosine of each item with all: the cosine sums into one product with the mean direction."""
    lengths = np.linalg.norm(features, axis=1)
    inverse = np.divide(1.0, lengths, out=np.zeros(len(features)), where=lengths > 0)
    mean_direction = (inverse @ features) / len(features)
    return np.asarray((features @ mean_direction) * inverse, dtype=np.float64)
