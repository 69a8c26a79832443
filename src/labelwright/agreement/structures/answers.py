"""Agreement on answers that are compared two by two: texts, rankings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

import numpy as np

from labelwright.agreement.interval import Sampling
from labelwright.agreement.structures.pooling import Ratio, StructureAgreement, cells_of, pooled
from labelwright.matching.drawings import Drawing, regions_of

Answer = TypeVar("Answer")
#: What two answers add to the numerator and to the denominator.
Scored: TypeAlias = tuple[float, float]


def compared(
    answers: Sequence[tuple[Drawing, Answer]],
    compare: Callable[[Answer, Answer], Scored],
    name: str,
    sampling: Sampling,
) -> StructureAgreement:
    """Compare the answers of every two annotators to every item.

    Args:
        answers: who answered which item, and what.
        compare: numerator and denominator that two answers add; a denominator of 0 leaves the pair out.
        name: the measure's name.
        sampling: the interval that is wanted.
    """
    cells = cells_of(regions_of(Drawing(d.item, d.annotator) for d, _ in answers))
    latest = {(d.item, d.annotator): answer for d, answer in answers}
    items = dict.fromkeys(d.item for d, _ in answers)
    names = np.array([*items, ""], dtype=object)[cells.item].tolist()
    people = np.array([*cells.annotators, ""], dtype=object)[cells.annotator].tolist()
    given = [latest[item, annotator] for item, annotator in zip(names, people, strict=True)]
    rows = zip(cells.left.tolist(), cells.right.tolist(), strict=True)
    scores = np.array([compare(given[a], given[b]) for a, b in rows], dtype=np.float64).reshape(-1, 2)
    return pooled(cells, Ratio(name, scores[:, 0], scores[:, 1], "no two answers can be compared"), sampling)
