"""F-based intervals of the intraclass correlations (Shrout and Fleiss 1979, p. 424; McGraw and Wong 1996)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from labelwright.agreement.interval import Bounds

if TYPE_CHECKING:
    from labelwright.agreement.icc import MeanSquares


def f_interval(squares: MeanSquares, form: str, value: float, confidence: float) -> Bounds:
    """The exact interval of forms 1 and 3, and Satterthwaite's approximation of form 2."""
    tail = (1 + confidence) / 2
    low, high = _absolute(squares, value, tail, form) if "(2" in form else _consistent(squares, tail, form)
    if not np.isfinite([low, high]).all():
        return Bounds(reason="no interval: the annotators do not differ at all within the items")
    if form.endswith("k)"):
        low, high = _stepped_up(low, squares.k), _stepped_up(high, squares.k)
    return Bounds(low, high)


def _quantile(tail: float, above: float, below: float) -> float:
    from scipy.special import fdtri  # noqa: PLC0415 - late: only this interval needs it

    return float(fdtri(above, below, tail))


def _consistent(squares: MeanSquares, tail: float, form: str) -> tuple[float, float]:
    """Bounds of forms (1,1) and (3,1)."""
    n, k = int(squares.n[0]), squares.k
    noise, freedom = (squares.within, n * (k - 1)) if "(1" in form else (squares.error, (n - 1) * (k - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = float((squares.between / noise)[0])
    low, high = ratio / _quantile(tail, n - 1, freedom), ratio * _quantile(tail, freedom, n - 1)
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _absolute(squares: MeanSquares, value: float, tail: float, form: str) -> tuple[float, float]:
    """Bounds of form (2,1)."""
    n, k = int(squares.n[0]), squares.k
    single = value / (k - (k - 1) * value) if form.endswith("k)") else value
    between, raters, error = (float(part[0]) for part in (squares.between, squares.raters, squares.error))
    if not error > 0:
        return np.nan, np.nan
    spread = n * (1 + (k - 1) * single) - k * single
    pull = k * single * raters / error
    freedom = (k - 1) * (n - 1) * (pull + spread) ** 2 / ((n - 1) * pull**2 + spread**2)
    below, above = _quantile(tail, n - 1, freedom), _quantile(tail, freedom, n - 1)
    rest = k * raters + (k * n - k - n) * error
    low = n * (between - below * error) / (below * rest + n * between)
    high = n * (above * between - error) / (rest + n * above * between)
    return low, high


def _stepped_up(single: float, k: int) -> float:
    """Spearman and Brown: from one annotation to the mean of k."""
    return single * k / (1 + single * (k - 1))
