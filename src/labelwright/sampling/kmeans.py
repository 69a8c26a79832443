"""k-means diversity: the item nearest to the middle of each of n clusters (Lloyd, 1982; Bodó et al., 2011).

Middles are found on a sample and moved once by all items: a few items for each cluster place it about as well as all
of them do, at a fraction of the time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from labelwright.sampling.distances import BLOCK, single, squared_norms
from labelwright.sampling.requests import as_features, check_count

#: Items a cluster in the sample.
PER_CLUSTER = 20
#: Passes over the sample at most …
PASSES = 8
#: … and the relative gain below which another is not worth its time.
GAIN = 2e-3


def kmeans(features: ArrayLike, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``n`` items, each the one nearest to the middle of one of ``n`` clusters; large clusters come first.

    Args:
        features: shape (items, dimensions).
        n: how many items are wanted.
        rng: draws the sample and the first middles.

    Returns:
        Row numbers, those of the largest clusters first, shape (n,).

    Raises:
        UsageError: n cannot be had, or the features are none.
    """
    raw = as_features(features)
    check_count(n, len(raw))
    if n == 0:
        return np.empty(0, dtype=np.int64)
    points = single(raw)
    middles, owners = clusters(points, n, rng)
    return _representatives(owners, _to_own_middle(points, middles, owners), n)


def clusters(
    points: NDArray[np.float32],
    n: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Middles of ``n`` clusters, shape (n, dimensions), and the cluster of each point, shape (points,)."""
    sample = points
    if len(points) > PER_CLUSTER * n:
        sample = points[np.sort(rng.choice(len(points), size=PER_CLUSTER * n, replace=False))]
    middles = sample[rng.choice(len(sample), size=n, replace=False)]
    before = np.inf
    for _ in range(PASSES):
        owners, distances = assign(sample, middles)
        inertia = float(distances.sum(dtype=np.float64))
        if before - inertia <= GAIN * inertia:
            break
        before = inertia
        middles = _means(sample, owners, middles, distances)
    owners, distances = assign(points, middles)
    return _means(points, owners, middles, distances), owners


def assign(points: NDArray[np.float32], middles: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The nearest middle of each point, and the squared distance to it. Ties go to the lower number."""
    owners = np.empty(len(points), dtype=np.int64)
    distances = squared_norms(points)
    norms, turned = squared_norms(middles), np.ascontiguousarray(-2 * middles.T)
    for start in range(0, len(points), BLOCK):
        rows = slice(start, start + BLOCK)
        scores = points[rows] @ turned
        scores += norms
        owners[rows] = scores.argmin(axis=1)
        distances[rows] += np.take_along_axis(scores, owners[rows][:, None], axis=1)[:, 0]
    return owners, np.maximum(distances, 0)


def _means(
    points: NDArray[np.float32],
    owners: NDArray[np.int64],
    middles: NDArray[np.float32],
    distances: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Means by cluster; an empty one moves to one of the points that are farthest from their middles."""
    counts = np.bincount(owners, minlength=len(middles))
    members = sparse.csr_array(
        (np.ones(len(points), dtype=np.float32), np.argsort(owners, kind="stable"), np.append(0, counts.cumsum())),
        shape=(len(middles), len(points)),
    )
    moved = np.asarray(members @ points / np.maximum(counts, 1)[:, None], dtype=np.float32)
    empty = np.flatnonzero(counts == 0)
    moved[empty] = points[np.argsort(-distances, kind="stable")[: len(empty)]]
    return moved


def _to_own_middle(
    points: NDArray[np.float32],
    middles: NDArray[np.float32],
    owners: NDArray[np.int64],
) -> NDArray[np.float32]:
    """Squared distance of each point to the middle of its cluster."""
    distances = np.empty(len(points), dtype=np.float32)
    for start in range(0, len(points), BLOCK):
        rows = slice(start, start + BLOCK)
        distances[rows] = squared_norms(points[rows] - middles[owners[rows]])
    return distances


def _representatives(owners: NDArray[np.int64], distances: NDArray[np.float32], n: int) -> NDArray[np.int64]:
    """The nearest point of each cluster by cluster size; for clusters without a point the farthest points left."""
    order = np.lexsort((np.arange(len(owners)), distances, owners))
    found, first = np.unique(owners[order], return_index=True)
    sizes = np.bincount(owners, minlength=n)[found]
    rows = order[first][np.argsort(-sizes, kind="stable")]
    if len(rows) < n:
        left = np.argsort(-distances, kind="stable")
        rows = np.concatenate([rows, left[~np.isin(left, rows)][: n - len(rows)]])
    return np.asarray(rows, dtype=np.int64)
