"""A coefficient as a function of sums over items: what makes its bootstrap and standard error cheap.

Every coefficient here is ``finish(sum over items of features)``. Items with the same answers have the same
features, so that resampling items is a multinomial draw over the few distinct patterns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Sums: TypeAlias = NDArray[Any]  # float64, or complex128 for a derivative
Finish: TypeAlias = Callable[[Sums], Sums]

# Step of the complex-step derivative: exact to rounding, because nothing is subtracted.
STEP = 1e-30


@dataclass(frozen=True, eq=False)
class Statistic:
    """A coefficient over items.

    Attributes:
        features: shape (patterns, k): what one item with the pattern adds to the sums.
        times: shape (patterns,): how many items have the pattern.
        finish: from sums, shape (replicates, k), to values, shape (replicates,); not finite where undefined. It is
            analytic (sums, products, quotients), so that it also takes complex sums.
    """

    features: Floats
    times: NDArray[np.int64]
    finish: Finish

    @property
    def n_items(self) -> int:
        """Items it rests on."""
        return int(self.times.sum())

    @property
    def total(self) -> Floats:
        """The sums over all items; shape (k,)."""
        return np.asarray(self.features.T @ self.times.astype(np.float64))

    def at(self, weights: NDArray[Any]) -> Floats:
        """Values when pattern p occurs ``weights[r, p]`` times; shape (replicates,)."""
        return self._finished(np.asarray((self.features.T @ weights.T.astype(np.float64)).T))

    def value(self) -> float | None:
        """The coefficient itself; None where undefined."""
        value = float(self._finished(self.total[None, :])[0])
        return value if np.isfinite(value) else None

    def without_one(self) -> Floats:
        """Values with one item of each pattern left out (the jackknife); shape (patterns,)."""
        return self._finished(self.total - self.features)

    def influence(self) -> Floats:
        """How the value moves with the weight of one item of each pattern; shape (patterns,)."""
        moved = self._finished(self.total + 1j * STEP * self.features)
        return np.asarray(moved.imag / STEP)

    def standard_error(self, *, ddof: int = 1) -> float | None:
        """Standard error over items by linearization (the delta method); None with fewer than two items.

        For the chance-corrected coefficients this is the closed form of Gwet (2014, chapter 5), and with ``ddof=0``
        for Cohen's kappa that of Fleiss, Cohen and Everitt (1969).
        """
        n = self.n_items
        if n < 2:
            return None
        influence = self.influence()
        spread = influence - np.average(influence, weights=self.times)
        variance = n / (n - ddof) * float(self.times @ spread**2)
        return float(np.sqrt(variance)) if np.isfinite(variance) else None

    def _finished(self, sums: Sums) -> Sums:
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.finish(sums)
