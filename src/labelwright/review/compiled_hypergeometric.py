"""Tails of the hypergeometric distribution, compiled: a plan looks at thousands of them. Imported only by `review`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@njit(cache=True)
def log_choose(n: int, k: int) -> float:
    """Logarithm of the binomial coefficient."""
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)


@njit(cache=True)
def at_most(j: int, population: int, errors: int, drawn: int) -> float:
    """P[Hypergeometric(population, errors, drawn) ≤ j]."""
    low = max(0, drawn - (population - errors))
    high = min(j, errors, drawn)
    if j >= min(errors, drawn):
        return 1.0
    if high < low:
        return 0.0
    term = math.exp(
        log_choose(errors, low) + log_choose(population - errors, drawn - low) - log_choose(population, drawn)
    )
    total = term
    for x in range(low, high):
        term *= (errors - x) * (drawn - x) / ((x + 1.0) * (population - errors - drawn + x + 1.0))
        total += term
    return min(total, 1.0)


@njit(cache=True)
def critical(population: int, drawn: int, unaudited_errors: int, alpha: float) -> int:
    """Most errors in the audit with which the test passes; -1 where none passes."""
    for j in range(drawn + 1):
        errors = j + unaudited_errors + 1
        if errors > population or at_most(j, population, errors, drawn) > alpha:
            return j - 1
        if errors - j > population - drawn:  # so many errors do not fit into the unaudited items
            return drawn
    return drawn


@njit(cache=True)
def level(errors_seen: int, population: int, drawn: int, unaudited_errors: int) -> float:
    """The smallest alpha at which the test passes with those errors."""
    worst = 0.0
    for j in range(errors_seen + 1):
        errors = j + unaudited_errors + 1
        if errors - j > population - drawn or errors > population:
            return worst
        worst = max(worst, at_most(j, population, errors, drawn))
    return worst
