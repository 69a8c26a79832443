"""Boundaries of an audit with several planned looks, exactly, for a finite set. Compiled; imported only by `review`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from labelwright.review.compiled_hypergeometric import critical, log_choose

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# 5 % of 40 items are two items, whatever the rounding of floating point says.
_ROUNDING = 1e-9


@njit(cache=True)
def allowed(population: int, drawn: int, target: float) -> int:
    """Most errors among the unaudited items with which they reach the target."""
    return math.floor((1 - target) * (population - drawn) + _ROUNDING)


@njit(cache=True)
def fewest(population: int, most: int, target: float, alpha: float) -> int:
    """The fewest audited items with which a set without an error passes; ``most`` where none do."""
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        if critical(population, middle, allowed(population, middle, target), alpha) >= 0:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True)
def _draw(alive: Floats, population: int, errors: int, drawn: int, more: int) -> Floats:
    """Distribution of the errors seen after ``more`` items without replacement; those beyond the array are dropped."""
    after = np.zeros(alive.size)
    rest = population - drawn
    for seen in range(min(alive.size, errors + 1)):
        if alive[seen] <= 0.0:
            continue
        bad = errors - seen
        low = max(0, more - (rest - bad))
        high = min(bad, more, alive.size - 1 - seen)
        if low > high:
            continue
        p = math.exp(log_choose(bad, low) + log_choose(rest - bad, more - low) - log_choose(rest, more))
        for x in range(low, high + 1):
            after[seen + x] += alive[seen] * p
            p *= (bad - x) * (more - x) / ((x + 1.0) * (rest - bad - more + x + 1.0))
    return after


@njit(cache=True)
def boundaries(population: int, looks: Counts, target: float, spent: Floats) -> Counts:
    """Most errors with which each look passes; -1 where none.

    ``spent[s]`` is what the chance of a false pass may have come to by look s, whatever the number of errors.
    """
    n = looks.size
    last = max(critical(population, looks[n - 1], allowed(population, looks[n - 1], target), spent[n - 1]), 0)
    fewest = allowed(population, looks[n - 1], target) + 1
    most = min(allowed(population, looks[0], target) + last + 2, population)
    states = max(most - fewest + 1, 1)
    alive = np.zeros((states, last + 1))
    alive[:, 0] = 1.0
    false_pass = np.zeros(states)
    found = np.full(n, -1, np.int64)
    drawn = 0
    for s in range(n):
        limit = allowed(population, looks[s], target)
        for z in range(states):
            alive[z] = _draw(alive[z], population, fewest + z, drawn, looks[s] - drawn)
        drawn = looks[s]
        found[s] = _largest(alive, false_pass, fewest, limit, spent[s])
        for z in range(states):
            for seen in range(found[s] + 1):
                if fewest + z - seen > limit:
                    false_pass[z] += alive[z, seen]
                alive[z, seen] = 0.0
    return found


@njit(cache=True)
def _largest(alive: Floats, false_pass: Floats, fewest: int, limit: int, alpha: float) -> int:
    """The largest boundary that keeps every chance of a false pass within alpha."""
    tentative = false_pass.copy()
    for boundary in range(alive.shape[1]):
        for z in range(alive.shape[0]):
            if fewest + z - boundary > limit:
                tentative[z] += alive[z, boundary]
            if tentative[z] > alpha:
                return boundary - 1
    return alive.shape[1] - 1


@njit(cache=True)
def placed(population: int, most: int, target: float, spent: Floats, errors: Counts) -> Counts:
    """The earliest look that may pass with each number of errors, ascending, after the looks before it; 0 where none.

    ``spent[s]`` is what the chance of a false pass may have come to by then, as in `boundaries`.
    """
    n, last = errors.size, errors[-1]
    fewest = allowed(population, most, target) + 1
    states = max(min(allowed(population, 1, target) + last + 2, population) - fewest + 1, 1)
    alive = np.zeros((states, last + 1))
    alive[:, 0] = 1.0
    false_pass = np.zeros(states)
    found = np.zeros(n, np.int64)
    drawn = 0
    for s in range(n):
        place = (population, target, fewest, drawn)
        look = _earliest(place, most, errors[s], alive, false_pass, spent[s])
        if look == 0:
            continue
        limit = allowed(population, look, target)
        for z in range(states):
            alive[z] = _draw(alive[z], population, fewest + z, drawn, look - drawn)
            for seen in range(errors[s] + 1):
                if fewest + z - seen > limit:
                    false_pass[z] += alive[z, seen]
                alive[z, seen] = 0.0
        found[s] = drawn = look
    return found


@njit(cache=True)
def _earliest(
    place: tuple[int, float, int, int], most: int, bound: int, alive: Floats, false_pass: Floats, alpha: float
) -> int:
    """The earliest look after ``place``'s that may pass with so many errors; 0 where none may until ``most``."""
    population, target, _, drawn = place
    low, high = drawn + 1, most
    if low > high or not _bearable(place, high, bound, alive, false_pass, alpha):
        return 0
    while low < high:
        middle = (low + high) // 2
        if _bearable(place, middle, bound, alive, false_pass, alpha):
            high = middle
        else:
            low = middle + 1
    # How many errors may be left is a whole number: just before it falls, an earlier look may do as well.
    for look in range(max(drawn + 1, low - int(1 / (1 - target)) - 1), low):
        if allowed(population, look, target) > allowed(population, low, target) and _bearable(
            place, look, bound, alive, false_pass, alpha
        ):
            return look
    return low


@njit(cache=True)
def _bearable(
    place: tuple[int, float, int, int], look: int, bound: int, alive: Floats, false_pass: Floats, alpha: float
) -> bool:
    """Whether a look there that passes with so many errors keeps every chance of a false pass within alpha."""
    population, target, fewest, drawn = place
    limit = allowed(population, look, target)
    for z in range(alive.shape[0]):
        after = _draw(alive[z], population, fewest + z, drawn, look - drawn)
        chance = false_pass[z]
        for seen in range(bound + 1):
            if fewest + z - seen > limit:
                chance += after[seen]
        if chance > alpha:
            return False
    return True


@njit(cache=True)
def passing(population: int, looks: Counts, bounds: Counts, errors: int) -> Floats:
    """Chance to pass at each look when the set holds so many errors."""
    top = max(bounds.max(), 0)
    alive = np.zeros(top + 1)
    alive[0] = 1.0
    found = np.zeros(looks.size)
    drawn = 0
    for s in range(looks.size):
        alive = _draw(alive, population, errors, drawn, looks[s] - drawn)
        drawn = looks[s]
        for seen in range(bounds[s] + 1):
            found[s] += alive[seen]
            alive[seen] = 0.0
    return found


@njit(cache=True)
def passing_from(
    population: int, looks: Counts, bounds: Counts, errors: int, drawn: int, seen: int
) -> tuple[float, float]:
    """Likelihood of ``seen`` errors among ``drawn`` items, and the chance to pass at a later look."""
    top = max(bounds.max(), 0)
    likelihood = _likelihood(population, errors, drawn, seen)
    if seen > top or likelihood == 0.0:
        return likelihood, 0.0
    alive = np.zeros(top + 1)
    alive[seen] = 1.0
    chance = 0.0
    for s in range(looks.size):
        if looks[s] <= drawn:
            continue
        alive = _draw(alive, population, errors, drawn, looks[s] - drawn)
        drawn = looks[s]
        for k in range(bounds[s] + 1):
            chance += alive[k]
            alive[k] = 0.0
    return likelihood, chance


@njit(cache=True)
def _likelihood(population: int, errors: int, drawn: int, seen: int) -> float:
    """P[Hypergeometric(population, errors, drawn) = seen]."""
    if seen > errors or drawn - seen > population - errors:
        return 0.0
    return math.exp(
        log_choose(errors, seen) + log_choose(population - errors, drawn - seen) - log_choose(population, drawn)
    )
