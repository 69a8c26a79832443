"""How far answers that are no single class lie apart: numbers, sets and whatever else comes with a distance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import TypeVar

import numpy as np

from labelwright.app.report.overlap import Floats, Overlap

Value = TypeVar("Value")


def numeric_disagreement(overlap: Overlap) -> Floats:
    """Root mean squared difference of an item's pairs of answers, in shares of the range; NaN below two answers."""
    coded = overlap.coded
    value = np.asarray(coded.class_list(), np.float64)[coded.label]
    spread = float(value.max() - value.min()) if value.size else 0.0
    n = overlap.sizes.astype(np.float64)
    centred = value - (value.mean() if value.size else 0.0)
    first = np.bincount(coded.item, weights=centred, minlength=coded.n_items)
    second = np.bincount(coded.item, weights=centred**2, minlength=coded.n_items)
    squared = np.full(coded.n_items, np.nan)
    np.divide(2 * (n * second - first**2), n * (n - 1), out=squared, where=n > 1)
    return np.sqrt(np.maximum(squared, 0)) / spread if spread else np.where(n > 1, 0.0, np.nan)


def paired(
    answers: Mapping[tuple[str, str], Value], distance: Callable[[Value, Value], float | None]
) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Mean distance of an item's pairs of answers, and each answer's mean likeness to the others.

    Args:
        answers: by (item, annotator).
        distance: 0 (the same) to 1; None where it is not defined for the two.

    Returns:
        Disagreement by item, and likeness (one less the mean distance) by (item, annotator); items with fewer
        than two answers are in neither.
    """
    by_item: dict[str, list[tuple[str, Value]]] = {}
    for (item, annotator), value in answers.items():
        by_item.setdefault(item, []).append((annotator, value))
    items: dict[str, float] = {}
    rows: dict[tuple[str, str], list[float]] = {}
    for item, given in by_item.items():
        found: list[float] = []
        for (a, one), (b, other) in combinations(given, 2):
            d = distance(one, other)
            if d is None:
                continue
            found.append(d)
            rows.setdefault((item, a), []).append(d)
            rows.setdefault((item, b), []).append(d)
        if found:
            items[item] = sum(found) / len(found)
    return items, {key: 1 - sum(ds) / len(ds) for key, ds in rows.items()}


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    """One less the share of common members (Jaccard 1901); two empty sets are the same."""
    return 1 - len(a & b) / len(a | b) if a | b else 0.0
