"""A card for each annotator: agreement with the others on the same items, and where theirs differs."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.app.report.overlap import Floats, Overlap
from labelwright.app.report.values import ControlCard, Habit, PairAgreement
from labelwright.model.measure import Measure

#: Chance that anybody of a team of equals is said to stand apart.
FALSE_ALARM = 0.05
#: Fewer shared items than this say nothing about a person.
FEWEST_ITEMS = 5
_HABITS = 3
#: Classes up to which habits are looked for.
_MOST_CLASSES = 500


def wilson(mean: float, n: int, z: float) -> tuple[float, float]:
    """Score interval of a mean of values from 0 to 1 (Wilson 1927, JASA 22; conservative where they lie between)."""
    centre = (mean + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * sqrt(mean * (1 - mean) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def likeness(overlap: Overlap, *, numbers: bool) -> Floats:
    """For each answer: how like the others' answers to the item it is, 0 to 1; NaN where nobody else answered.

    Classes: the share of the others who said the same. Numbers: one less the distance to the others' mean, in
    shares of the range of all answers.
    """
    others = overlap.others.astype(np.float64)
    out = np.full(others.size, np.nan)
    if not numbers:
        np.divide(overlap.same, others, out=out, where=others > 0)
        return out
    coded = overlap.coded
    value = np.asarray(coded.class_list(), np.float64)[coded.label]
    total = np.bincount(coded.item, weights=value, minlength=coded.n_items)[coded.item]
    mean = np.divide(total - value, others, out=np.full(others.size, np.nan), where=others > 0)
    spread = float(value.max() - value.min()) if value.size else 0.0
    return 1 - np.abs(value - mean) / spread if spread else np.where(others > 0, 1.0, np.nan)


def cards_of(
    annotators: Sequence[str], codes: NDArray[np.integer[Any]], likenesses: Floats, pairs: Sequence[PairAgreement]
) -> list[ControlCard]:
    """Cards from one likeness a row, most answers first.

    Args:
        annotators: ids by code.
        codes: annotator code of each answer, shape (n_annotations,).
        likenesses: likeness of each answer to the others', same shape, NaN where there is no other.
        pairs: kappa of each pair.
    """
    n = len(annotators)
    known = np.isfinite(likenesses)
    given = np.bincount(codes, minlength=n)
    shared = np.bincount(codes[known], minlength=n)
    total = np.bincount(codes[known], weights=likenesses[known], minlength=n)
    strict = NormalDist().inv_cdf(1 - FALSE_ALARM / max(1, int((shared > 0).sum())))
    kappas = _kappa_with_others(pairs)
    cards = [
        ControlCard(
            annotator=annotators[k],
            n=int(given[k]),
            agreement=_agreement(float(total[k]), int(shared[k])),
            kappa=kappas.get(annotators[k], Measure(None, reason="shares no item with anybody")),
            apart=_apart(total, shared, k, strict),
        )
        for k in np.argsort(-given, kind="stable")
    ]
    return [c for c in cards if c.n]


def _agreement(total: float, shared: int) -> Measure:
    if not shared:
        return Measure(None, reason="shares no item with anybody")
    low, high = wilson(total / shared, shared, NormalDist().inv_cdf(0.975))
    return Measure(total / shared, low, high, shared, shared)


def _apart(total: NDArray[Any], shared: NDArray[np.integer[Any]], k: int, z: float) -> bool:
    """Their agreement is below the rest's even at the upper end of an interval that minds the size of the team."""
    rest = int(shared.sum() - shared[k])
    if shared[k] < FEWEST_ITEMS or not rest or int((shared > 0).sum()) < 3:
        return False
    mean_of_rest = float(total.sum() - total[k]) / rest
    return wilson(float(total[k] / shared[k]), int(shared[k]), z)[1] < mean_of_rest


def _kappa_with_others(pairs: Sequence[PairAgreement]) -> dict[str, Measure]:
    """Mean kappa of each annotator's pairs, weighted by the items they share."""
    sums: dict[str, list[float]] = {}
    for pair in pairs:
        for one in (pair.a, pair.b):
            cell = sums.setdefault(one, [0.0, 0.0, 0.0])
            cell[2] += pair.shared
            if pair.kappa.value is not None:
                cell[0] += pair.kappa.value * pair.shared
                cell[1] += pair.shared
    return {
        one: Measure(weighted / weight, n_items=int(n))
        if weight
        else Measure(None, n_items=int(n), reason="no pair with the others has a defined kappa")
        for one, (weighted, weight, n) in sums.items()
    }


def habits_of(overlap: Overlap, annotator: str) -> tuple[Habit, ...]:
    """What the annotator says where the others say something else, most frequent first."""
    if overlap.coded.n_classes > _MOST_CLASSES:
        return ()
    against = overlap.said_against(overlap.annotator_ids.index(annotator))
    np.fill_diagonal(against, 0)
    order = np.argsort(-against, axis=None, kind="stable")[:_HABITS]
    cells = [divmod(int(at), against.shape[1]) for at in order]
    return tuple(Habit(overlap.classes[i], overlap.classes[j], int(against[i, j])) for i, j in cells if against[i, j])
