"""Diverse among the uncertain (Zhdanov, 2019): the most uncertain items, thinned out by k-means."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.sampling.kmeans import kmeans
from labelwright.sampling.margin import margins
from labelwright.sampling.ranking import lowest
from labelwright.sampling.requests import as_features, as_probabilities, check_count, check_same_length

#: The most uncertain items are as many times the wanted ones. The paper takes 10 to 50; with annotators who err, and
#: so with a model that does, so wide a net fell below chance (docs/adr/014-hybrid-by-default.md).
BREADTH = 4


def hybrid(probabilities: ArrayLike, features: ArrayLike, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``n`` items: one from each of ``n`` clusters among the ``4 n`` items with the smallest margins.

    Args:
        probabilities: class probabilities, shape (items, classes), each row adding up to 1.
        features: shape (items, dimensions).
        n: how many items are wanted.
        rng: draws the first middles of the clusters.

    Returns:
        Row numbers, the smallest margin first, shape (n,).

    Raises:
        UsageError: n cannot be had, arrays that do not go together, or no probabilities or features.
    """
    p, x = as_probabilities(probabilities), as_features(features)
    check_same_length(p, x)
    check_count(n, len(p))
    if n == 0:
        return np.empty(0, dtype=np.int64)
    margin = margins(p)
    uncertain = lowest(margin, min(BREADTH * n, len(p)))
    chosen = np.sort(uncertain[kmeans(x[uncertain], n, rng)])
    return chosen[np.argsort(margin[chosen], kind="stable")]
