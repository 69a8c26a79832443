"""The mean of a coefficient over pairs of annotators (Light 1971), with items as the sample.

One item adds to the tables of several pairs, so the pairs are not independent: an interval of the mean resamples
whole items.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.agreement.interval import TOO_FEW, Bounds, Sampling, normal, quantiles
from labelwright.agreement.pairs import PairRows, PairTables, pair_rows
from labelwright.agreement.statistic import STEP, Finish, Floats, Sums
from labelwright.coding import Coded

# Beyond so many additions a bootstrap of whole items takes minutes, and the normal interval differs from it by less
# than the bootstrap's own noise.
_MOST_ADDITIONS = 4_000_000_000


def mean_interval(coded: Coded, found: PairTables, finish: Finish, value: float, sampling: Sampling) -> Bounds:
    """The interval of the mean ``value`` over the pairs."""
    if sampling.interval is None:
        return Bounds()
    return MeanOverPairs(found, pair_rows(coded, found), finish).bounds(value, sampling)


@dataclass(frozen=True, eq=False)
class MeanOverPairs:
    """The mean coefficient as a function of the weights of items.

    Attributes:
        found: the tables of the pairs.
        rows: which item adds to which cell.
        finish: from cells, shape (pairs, classes²), to coefficients, shape (pairs,).
    """

    found: PairTables
    rows: PairRows
    finish: Finish

    @property
    def n_items(self) -> int:
        """Items that two annotators share."""
        return int(self.rows.item.max(initial=-1)) + 1

    def bounds(self, value: float, sampling: Sampling) -> Bounds:
        """The interval of the mean."""
        if self.n_items < 2:
            return Bounds(reason=TOO_FEW)
        influence = self._influence()
        error = float(np.sqrt(influence @ influence))
        if sampling.interval == "analytic" or self.rows.item.size * sampling.replicates > _MOST_ADDITIONS:
            return normal(value, error, sampling.confidence)
        pull = float((influence**3).sum()) / (6 * error**3) if error > 0 else 0.0
        return quantiles(self._replicates(sampling), value, pull if sampling.interval == "bca" else None, sampling)

    def _cells(self) -> Floats:
        return self.found.tables.reshape(len(self.found.a), -1).astype(np.float64)

    def _influence(self) -> Floats:
        """How the mean moves with the weight of each item; shape (items,)."""
        cells = self._cells()
        moves = np.empty_like(cells)
        for column in range(cells.shape[1]):
            moved = cells.astype(np.complex128)
            moved[:, column] += 1j * STEP
            moves[:, column] = self._finished(moved).imag / STEP
        defined = np.isfinite(self._finished(cells))
        moves[~defined] = 0
        sums = np.bincount(self.rows.item, weights=moves.ravel()[self.rows.cell])
        per_item = sums / max(1, np.count_nonzero(defined))
        return np.asarray(per_item - per_item.mean())

    def _replicates(self, sampling: Sampling) -> Floats:
        rng = np.random.default_rng(sampling.seed)
        shape, n = self._cells().shape, self.n_items
        values = np.full(sampling.replicates, np.nan)
        for r in range(sampling.replicates):
            weight = np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64)
            cells = np.bincount(self.rows.cell, weights=weight[self.rows.item], minlength=shape[0] * shape[1])
            kappas = self._finished(cells.reshape(shape))
            kappas = kappas[np.isfinite(kappas)]
            values[r] = kappas.mean() if kappas.size else np.nan
        return values

    def _finished(self, cells: Sums) -> Sums:
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.finish(cells)
