"""How much an answer is expected to tell, for many items at once. Compiled; imported only by `review.information`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Counts = NDArray[np.int64]


@njit(cache=True)
def column_entropies(channel: Floats) -> Floats:
    """Entropy of the answer under each truth, in nats; channel of shape (n, answer, truth), result (n, truth)."""
    n, K = channel.shape[0], channel.shape[1]
    found = np.zeros((n, K))
    for a in range(n):
        for k in range(K):
            for answer in range(K):
                p = channel[a, answer, k]
                if p > 0:
                    found[a, k] -= p * math.log(p)
    return found


@njit(cache=True)
def _gain(p: Floats, channel: Floats, noise: Floats) -> float:
    """Mutual information of the truth and one answer."""
    K = p.size
    found = 0.0
    for answer in range(K):
        q = 0.0
        for k in range(K):
            q += p[k] * channel[answer, k]
        if q > 0:
            found -= q * math.log(q)
    for k in range(K):
        found -= p[k] * noise[k]
    return max(found, 0.0)


@njit(cache=True)
def of_pool(posterior: Floats, wanted: NDArray[np.bool_], pool: Floats) -> Floats:
    """Information of one answer by somebody of the crowd, for each item; -1 where none is wanted."""
    noise = column_entropies(pool.reshape(1, *pool.shape))[0]
    found = np.full(posterior.shape[0], -1.0)
    for i in range(posterior.shape[0]):
        if wanted[i]:
            found[i] = _gain(posterior[i], pool, noise)
    return found


@njit(cache=True)
def of_best(
    posterior: Floats, wanted: NDArray[np.bool_], rows: tuple[Counts, Counts, Codes], channel: Floats, cost: Floats
) -> tuple[Floats, Counts]:
    """Highest information per cost among the annotators in rows first to last of each item, and the row."""
    first, last, annotator = rows
    noise = column_entropies(channel)
    found = np.full(posterior.shape[0], -1.0)
    row = np.full(posterior.shape[0], -1, np.int64)
    for i in range(posterior.shape[0]):
        if not wanted[i]:
            continue
        for r in range(first[i], last[i]):
            a = annotator[r]
            gain = _gain(posterior[i], channel[a], noise[a]) / cost[a]
            if gain > found[i]:
                found[i], row[i] = gain, r
    return found, row
