"""Kendall's W: how far annotators put the items in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement import reasons
from labelwright.agreement.interval import TOO_FEW, Bounds, Sampling, quantiles, skewness
from labelwright.agreement.measuring import Basis
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Floats
from labelwright.coding import Coded, encode
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

NAME = "Kendall's W"


def kendall_w(
    annotations: IntoDataFrame | Coded,
    interval: Literal["bootstrap", "bca"] | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Kendall's coefficient of concordance, corrected for ties.

    Each of m annotators ranks the n items by label. With R_i the sum of ranks of item i and T_j = sum (t³ - t) over
    the ties of annotator j: W = (12 sum R_i² - 3 m² n (n + 1)²) / (m² n (n² - 1) - m sum T_j).

    Args:
        annotations: DataFrame with columns item, annotator, label (numbers, or ordered classes), or `Coded`. Only the
            items that every annotator answered count.
        interval: ``bootstrap``, ``bca`` or None; there is no closed form. A resampled item ties with itself.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.

    Returns:
        The coefficient, from 0 to 1; None when fewer than two items are complete, or an order has only ties.

    Raises:
        UsageError: the interval is not known.

    Source: Kendall and Babington Smith (1939), The problem of m rankings; Kendall (1948), Rank correlation methods,
    chapter 6.
    """
    if interval not in (None, "bootstrap", "bca"):
        raise UsageError(f"Kendall's W has no interval {interval!r}", next_step="Use bootstrap, bca or None")
    coded = encode(annotations)
    complete = np.diff(coded.starts) == coded.n_annotators
    n, m = int(np.count_nonzero(complete)), coded.n_annotators
    basis = Basis(NAME, n, n * m, coded.n_dropped)
    if m < 2 or n < 2:
        return basis.undefined(reasons.NOT_CROSSED if coded.n_annotations else reasons.NOTHING)
    rows = np.flatnonzero(complete[coded.item])
    order = rows[np.lexsort((coded.annotator[rows], coded.item[rows]))]
    ranking = Ranking(coded.label[order].reshape(n, m), coded.n_classes)
    value = ranking.concordance(np.ones(n))
    if not np.isfinite(value):
        return basis.undefined(reasons.NO_SPREAD)
    sampling = Sampling(interval, replicates, seed, confidence)
    return basis.defined(value, ranking.bounds(value, sampling), sampling)


@dataclass(frozen=True, eq=False)
class Ranking:
    """Class codes by item and annotator, shape (items, annotators)."""

    codes: NDArray[np.int32]
    n_classes: int

    def concordance(self, weights: Floats) -> float:
        """W when item i occurs ``weights[i]`` times; NaN where undefined."""
        n, m = float(weights.sum()), self.codes.shape[1]
        total, ties = np.zeros(len(weights)), 0.0
        for codes in self.codes.T:
            tied = np.bincount(codes, weights=weights, minlength=self.n_classes)
            midrank = np.cumsum(tied) - (tied - 1) / 2
            total += midrank[codes]
            ties += float((tied**3 - tied).sum())
        spread = 12 * float(weights @ total**2) - 3 * m * m * n * (n + 1) ** 2
        most = m * m * n * (n * n - 1) - m * ties
        return spread / most if most > 0 else np.nan

    def bounds(self, value: float, sampling: Sampling) -> Bounds:
        """The bootstrap interval over items."""
        n = len(self.codes)
        if sampling.interval is None:
            return Bounds()
        if n < 3:
            return Bounds(reason=TOO_FEW)
        rng = np.random.default_rng(sampling.seed)
        shares = np.full(n, 1 / n)
        values = np.array(
            [self.concordance(rng.multinomial(n, shares).astype(np.float64)) for _ in range(sampling.replicates)]
        )
        pull = self._acceleration() if sampling.interval == "bca" else None
        return quantiles(values, value, pull, sampling)

    def _acceleration(self) -> float:
        """From the values with each item left out."""
        left_out = np.empty(len(self.codes))
        for i in range(len(self.codes)):
            weights = np.ones(len(self.codes))
            weights[i] = 0
            left_out[i] = self.concordance(weights)
        return skewness(left_out, np.ones(len(left_out), np.int64))
