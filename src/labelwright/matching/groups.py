"""Groups of regions that several annotators drew of the same thing, each annotator at most once in a group.

The optimal matchings of all pairs of annotators are joined: where they agree (everybody in a group is matched with
everybody else) the group is taken as it is. Where they do not, groups are merged by average linkage, the most similar
first, as long as no annotator stands in both and the mean similarity across them stays above the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from labelwright.matching.arrays import Flags, Ints
from labelwright.matching.drawings import Candidates, Regions
from labelwright.matching.linkage import average_linkage
from labelwright.matching.optimal import matched
from labelwright.model.values import FrameRanges, KeyPoint, Segment, Span

#: Least similarity of one group. Areas: PASCAL VOC's IoU of .5 (Everingham et al. 2010). Stretches of text and time:
#: any overlap, as in MUC's partial match, for boundaries are what annotators differ in most.
SAME_AREA = 0.5
SAME_STRETCH = 1e-9
#: Key points: OKS at one tolerance, exp(-1/2).
SAME_POINT = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Regions in groups.

    Attributes:
        regions: what was drawn.
        of: group of each region, shape (regions,); groups are numbered by item, then by their first region.
        count: number of groups.
    """

    regions: Regions
    of: Ints
    count: int

    def members(self) -> tuple[Ints, ...]:
        """Rows of each group's regions, ascending."""
        order = np.argsort(self.of, kind="stable")
        return tuple(np.split(order, np.flatnonzero(np.diff(self.of[order])) + 1)) if len(order) else ()

    def item(self) -> Ints:
        """Item of each group, shape (groups,)."""
        item = np.zeros(self.count, dtype=np.int64)
        item[self.of] = self.regions.item
        return item

    def within_item(self) -> Ints:
        """Number of each group within its item, from 0, shape (groups,)."""
        item = self.item()
        return np.arange(self.count) - np.searchsorted(item, item)


def usual_threshold(regions: Regions) -> float:
    """The least similarity of one group for what was drawn; see `SAME_AREA`, `SAME_STRETCH` and `SAME_POINT`."""
    kinds = {type(p) for p in regions.places}
    if kinds and kinds <= {Span, Segment, FrameRanges}:
        return SAME_STRETCH
    return SAME_POINT if kinds == {KeyPoint} else SAME_AREA


def grouped(regions: Regions, at_least: float | None = None) -> Groups:
    """Group regions by place; deterministic, and classes decide only between equally good matchings.

    Args:
        regions: what was drawn.
        at_least: least mean similarity of one group, above 0 and at most 1; None takes the kind's usual one.
    """
    threshold = usual_threshold(regions) if at_least is None else at_least
    pairs = matched(regions, threshold)
    n = len(regions.entries)
    links = coo_array((np.ones(len(pairs.left)), (pairs.left, pairs.right)), shape=(n, n))
    _, part = connected_components(links, directed=False) if n else (0, np.zeros(0, dtype=np.int64))
    group = _untangled(regions, pairs, np.asarray(part, dtype=np.int64), threshold)
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return Groups(regions, np.asarray(rank[inverse], dtype=np.int64), len(first))


def _untangled(regions: Regions, pairs: Candidates, part: Ints, threshold: float) -> Ints:
    """Split every connected part that is not a clique of different annotators; a group is named by its first row."""
    size = np.bincount(part)
    links = np.bincount(part[pairs.left], minlength=len(size))
    tangled = links != size * (size - 1) // 2
    order = np.argsort(part, kind="stable")
    start = np.searchsorted(part[order], np.arange(len(size)))
    group = order[start][part]
    known = _by_part(regions.candidates, part, tangled)
    for number in np.flatnonzero(tangled).tolist():
        rows = order[start[number] : start[number] + size[number]].tolist()
        for cluster in average_linkage(rows, regions.annotator, known.get(number, {}), threshold):
            group[cluster] = min(cluster)
    return group


def _by_part(pairs: Candidates, part: Ints, wanted: Flags) -> dict[int, dict[tuple[int, int], float]]:
    """All similarities within the wanted parts."""
    inside = pairs.where((part[pairs.left] == part[pairs.right]) & wanted[part[pairs.left]])
    known: dict[int, dict[tuple[int, int], float]] = {}
    rows = zip(inside.left.tolist(), inside.right.tolist(), inside.similarity.tolist(), strict=True)
    for left, right, similarity in rows:
        known.setdefault(int(part[left]), {})[left, right] = similarity
    return known
