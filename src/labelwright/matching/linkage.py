"""Average linkage of regions into groups, two regions of one annotator never together."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence

from labelwright.matching.arrays import Ints

_Link = tuple[float, int, int]


class _Clusters:
    """Clusters, named by their smallest row, and the sums of similarities between the linked ones."""

    def __init__(self, rows: Sequence[int], annotator: Ints, known: Mapping[tuple[int, int], float]) -> None:
        self.rows = {row: [row] for row in rows}
        self.people = {row: {int(annotator[row])} for row in rows}
        self.sums: dict[int, dict[int, float]] = {row: {} for row in rows}
        for (left, right), similarity in known.items():
            self.sums[left][right] = self.sums[right][left] = similarity

    def mean(self, one: int, two: int) -> float:
        """Mean similarity across two clusters, pairs that share nothing included."""
        return self.sums[one][two] / (len(self.rows[one]) * len(self.rows[two]))

    def links(self, one: int) -> Iterator[_Link]:
        """Its links to clusters of other people, the most similar smallest."""
        for two in self.sums[one]:
            if not self.people[one] & self.people[two]:
                yield -self.mean(one, two), min(one, two), max(one, two)

    def alive(self, link: _Link) -> bool:
        """Whether a link still says what it said when it was noted, and may be followed."""
        return link[2] in self.sums.get(link[1], {}) and link in self.links(link[1])

    def join(self, one: int, two: int) -> None:
        """Merge the second into the first."""
        self.rows[one] += self.rows.pop(two)
        self.people[one] |= self.people.pop(two)
        for other, total in self.sums.pop(two).items():
            del self.sums[other][two]
            if other != one:
                self.sums[one][other] = self.sums[other][one] = self.sums[one].get(other, 0.0) + total


def average_linkage(
    rows: Sequence[int],
    annotator: Ints,
    known: Mapping[tuple[int, int], float],
    threshold: float,
) -> list[list[int]]:
    """Merge the most similar clusters first until none is similar enough (Sokal and Michener 1958).

    Args:
        rows: the regions.
        annotator: annotator of every region, indexed by row.
        known: similarities above 0 by (smaller row, greater row).
        threshold: least mean similarity of two clusters that are merged, above 0.

    Returns:
        The clusters. Ties go to the smaller rows.
    """
    clusters = _Clusters(rows, annotator, known)
    queue = sorted({link for row in rows for link in clusters.links(row)})
    while queue and -queue[0][0] >= threshold:
        link = heapq.heappop(queue)
        if clusters.alive(link):
            clusters.join(link[1], link[2])
            for fresh in clusters.links(link[1]):
                heapq.heappush(queue, fresh)
    return [sorted(members) for members in clusters.rows.values()]
