"""The passes of `passes` as compiled loops, for tables of millions. Imported only for these."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.consensus.passes import Expectation

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Starts = NDArray[np.int64]
# After so many factors of at least `passes.FLOOR` a product is brought back to 1, far above the smallest double.
_FACTORS = 16


class CompiledPasses:
    """E-step in one loop over the items: probabilities are multiplied, no logarithm of a single answer is taken."""

    def __init__(self, coded: Coded) -> None:
        self._coded = coded
        self._cell = coded.annotator * np.int32(coded.n_classes) + coded.label

    def start(self) -> Expectation:
        """Counts under the vote shares."""
        counts, classes = self._empty()
        _count_shares(self._coded.starts, self._cell, self._coded.label, counts, classes)
        return Expectation(self._shaped(counts), classes, -np.inf, None)

    def expect(self, channel: Floats, prior: Floats, *, keep: bool) -> Expectation:
        """Counts under a channel and a prior."""
        K = self._coded.n_classes
        counts, classes = self._empty()
        posterior = np.empty((self._coded.n_items if keep else 0, K))
        flat = np.ascontiguousarray(channel).reshape(-1, K)
        likelihood = _expect(self._coded.starts, self._cell, flat, prior, counts, classes, posterior)
        return Expectation(self._shaped(counts), classes, likelihood, posterior if keep else None)

    def _empty(self) -> tuple[Floats, Floats]:
        K = self._coded.n_classes
        return np.zeros((self._coded.n_annotators * K, K)), np.zeros(K)

    def _shaped(self, counts: Floats) -> Floats:
        K = self._coded.n_classes
        return counts.reshape(-1, K, K)


@njit(cache=True)
def _count_shares(starts: Starts, cell: Codes, label: Codes, counts: Floats, classes: Floats) -> None:
    K = classes.size
    p = np.empty(K)
    for i in range(starts.size - 1):
        first, last = starts[i], starts[i + 1]
        if first == last:
            continue
        p[:] = 0.0
        for row in range(first, last):
            p[label[row]] += 1.0 / (last - first)
        for k in range(K):
            classes[k] += p[k]
        for row in range(first, last):
            for k in range(K):
                counts[cell[row], k] += p[k]


@njit(cache=True)
def _expect(  # noqa: C901, PLR0912 - one loop: with its parts in functions of their own it takes twice as long
    starts: Starts, cell: Codes, channel: Floats, prior: Floats, counts: Floats, classes: Floats, posterior: Floats
) -> float:
    K = prior.size
    keep = posterior.shape[0] > 0
    p = np.empty(K)
    likelihood = 0.0
    for i in range(starts.size - 1):
        first, last = starts[i], starts[i + 1]
        for k in range(K):
            p[k] = prior[k]
        for row in range(first, last):
            at = cell[row]
            for k in range(K):
                p[k] *= channel[at, k]
            if (row - first) % _FACTORS == _FACTORS - 1:
                total = 0.0
                for k in range(K):
                    total += p[k]
                likelihood += np.log(total)
                for k in range(K):
                    p[k] /= total
        total = 0.0
        for k in range(K):
            total += p[k]
        for k in range(K):
            p[k] /= total
        if keep:
            for k in range(K):
                posterior[i, k] = p[k]
        if first == last:
            continue
        likelihood += np.log(total)
        for k in range(K):
            classes[k] += p[k]
        for row in range(first, last):
            at = cell[row]
            for k in range(K):
                counts[at, k] += p[k]
    return likelihood
