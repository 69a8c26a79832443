"""Agreement on links between regions: the same two things, linked the same way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.structures.matches import PairMatch
from labelwright.agreement.structures.pooling import (
    Ratio,
    StructureAgreement,
    as_fields,
    cells_of,
    pairs_of,
    pooled,
    ratio_over,
)
from labelwright.matching.drawings import Drawing, Regions, last_answers, regions_of
from labelwright.matching.groups import grouped

_NOBODY = "nobody linked anything on an item that two annotators answered"
_Link = tuple[int, int, str, tuple[str, ...]]


def relation_match(
    drawings: Iterable[Drawing],
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> StructureAgreement:
    """F1 of relations: of everything two annotators linked, the share that both did.

    The regions of all annotators are grouped by place (see `labelwright.matching.groups`). Two relations are equal
    when both ends lie in the same groups and direction and labels are the same; a link without direction is the same
    from either end. A relation to a region that nobody else drew therefore counts against the agreement.

    Args:
        drawings: whole answers with their relations; who answered and linked nothing counts, too.
        interval: ``bootstrap``, ``bca``, ``analytic`` (delta method) over items, or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the intervals.

    Returns:
        F1 in [0, 1], with ``.annotators`` and ``.pairs``; each pair has its precision and recall.
    """
    answers, _ = last_answers(drawings)
    regions = regions_of(answers)
    links = _links(regions, answers)
    cells, sampling = cells_of(regions), Sampling(interval, replicates, seed, confidence)
    size = np.array([len(x) for x in links], np.float64)
    both = [len(links[a] & links[b]) for a, b in zip(cells.left.tolist(), cells.right.tolist(), strict=True)]
    agreed = np.array(both, np.float64)
    ratio = Ratio("F1 of relations", 2 * agreed, size[cells.left] + size[cells.right], _NOBODY)
    overall = pooled(cells, ratio, sampling)
    pairs = []
    for f1, (a, b, among) in zip(overall.pairs, pairs_of(cells), strict=True):
        recall = Ratio(f"recall of {a}", agreed, size[cells.left], _NOBODY)
        precision = Ratio(f"precision of {b}", agreed, size[cells.right], _NOBODY)
        pairs.append(
            PairMatch(
                **as_fields(f1),
                a=a,
                b=b,
                precision=ratio_over(cells, precision, sampling, among),
                recall=ratio_over(cells, recall, sampling, among),
            )
        )
    return replace(overall, pairs=tuple(pairs))


@dataclass(frozen=True, slots=True)
class _Ends:
    """The group of each region by the id that its annotator's answer gives it."""

    group: dict[str, int]

    def link(self, source: str, to: str, direction: str, labels: tuple[str, ...]) -> _Link | None:
        """None where an end is no region."""
        one, other = self.group.get(source), self.group.get(to)
        if one is None or other is None:
            return None
        if direction == "left":
            one, other, direction = other, one, "right"
        elif direction != "right" and other < one:
            one, other = other, one
        return one, other, direction, tuple(sorted(labels))


def _links(regions: Regions, answers: Iterable[Drawing]) -> list[frozenset[_Link]]:
    """What each answer links, in the order of the regions' cells."""
    group = grouped(regions).of.tolist()
    ends: list[dict[str, int]] = [{} for _ in regions.cell_item]
    for row, entry in enumerate(regions.entries):
        if entry.region is not None:
            ends[int(regions.cell[row])][entry.region] = group[row]
    by_name = {(d.item, d.annotator): d.relations for d in answers}
    found = []
    for cell, known in enumerate(ends):
        key = regions.items[regions.cell_item[cell]], regions.annotators[regions.cell_annotator[cell]]
        made = (_Ends(known).link(r.source, r.to, r.direction, r.labels) for r in by_name[key])
        found.append(frozenset(x for x in made if x is not None))
    return found
