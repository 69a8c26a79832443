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
def _scaled(p: Floats) -> float:
    """Scale p to sum to 1, in place; the sum that it had."""
    total = 0.0
    for k in range(p.size):
        total += p[k]
    for k in range(p.size):
        p[k] /= total
    return total


@njit(cache=True)
def _weigh(p: Floats, cells: Codes, channel: Floats) -> float:
    """Multiply p by the evidence of an item's answers and scale it; the log of its likelihood."""
    likelihood = 0.0
    for row in range(cells.size):
        at = cells[row]
        for k in range(p.size):
            p[k] *= channel[at, k]
        if row % _FACTORS == _FACTORS - 1:
            likelihood += np.log(_scaled(p))
    return float(likelihood + np.log(_scaled(p)))


@njit(cache=True)
def _credit(p: Floats, cells: Codes, counts: Floats, classes: Floats) -> None:
    """Add an item's posterior to the counts."""
    for k in range(p.size):
        classes[k] += p[k]
    for row in range(cells.size):
        at = cells[row]
        for k in range(p.size):
            counts[at, k] += p[k]


@njit(cache=True)
def _count_shares(starts: Starts, cell: Codes, label: Codes, counts: Floats, classes: Floats) -> None:
    p = np.empty(classes.size)
    for i in range(starts.size - 1):
        first, last = starts[i], starts[i + 1]
        if first < last:
            p[:] = 0.0
            for row in range(first, last):
                p[label[row]] += 1.0 / (last - first)
            _credit(p, cell[first:last], counts, classes)


@njit(cache=True)
def _expect(
    starts: Starts, cell: Codes, channel: Floats, prior: Floats, counts: Floats, classes: Floats, posterior: Floats
) -> float:
    p = np.empty(prior.size)
    likelihood = 0.0
    for i in range(starts.size - 1):
        first, last = starts[i], starts[i + 1]
        p[:] = prior
        if first < last:
            likelihood += _weigh(p, cell[first:last], channel)
            _credit(p, cell[first:last], counts, classes)
        if posterior.shape[0] > 0:
            posterior[i] = p
    return likelihood
