"""What annotators drew, as one table of regions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from labelwright.matching.arrays import Compare, Flags, Floats, Ints
from labelwright.matching.compare import comparing
from labelwright.model.values import Answer, Entry, Geometry, Relation

#: Pairs of regions compared at a time, to bound memory.
_BATCH = 2_000_000


@dataclass(frozen=True, slots=True)
class Drawing:
    """One annotator's answer to one item, as far as it matters here.

    An annotator who saw the item and drew nothing is a drawing without entries: that is an answer, too.

    Attributes:
        item: id of the item.
        annotator: id of the annotator.
        entries: the answer, of one control or of several that belong together.
        relations: links between its regions.
    """

    item: str
    annotator: str
    entries: tuple[Entry, ...] = ()
    relations: tuple[Relation, ...] = ()

    @classmethod
    def of(cls, item: str, annotator: str, answer: Answer, controls: Collection[str] | None = None) -> Drawing:
        """The entries of some controls (None: of all) and the relations of an answer."""
        said = [e for e in answer.entries if isinstance(e, Entry) and (controls is None or e.control in controls)]
        linked = [e for e in answer.entries if isinstance(e, Relation)]
        return cls(item, annotator, tuple(said), tuple(linked))


def whole_regions(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that draw a region, each region once.

    Label Studio repeats a region's place in every entry about it (a box, then its class): those that name the same
    region become one, with the place of the first and the classes of all.
    """
    found: dict[str, Entry] = {}
    for number, entry in enumerate(entries):
        if isinstance(entry.value, Geometry):
            name = f"#{number}" if entry.region is None else f"id {entry.region}"
            before = found.get(name)
            found[name] = entry if before is None else replace(before, labels=(*before.labels, *entry.labels))
    return tuple(found.values())


def last_answers(drawings: Iterable[Drawing]) -> tuple[tuple[Drawing, ...], int]:
    """The last answer of each annotator to each item, and how many were dropped."""
    given = tuple(drawings)
    latest = {(d.item, d.annotator): d for d in given}
    return tuple(latest.values()), len(given) - len(latest)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs of regions of one item by two annotators that share something.

    Attributes:
        left: row of the region of the annotator who stands earlier, shape (n,).
        right: row of the other's region, shape (n,).
        similarity: above 0, at most 1, shape (n,).
    """

    left: Ints
    right: Ints
    similarity: Floats

    def where(self, keep: Flags) -> Candidates:
        """Those of them."""
        return Candidates(self.left[keep], self.right[keep], self.similarity[keep])


@dataclass(frozen=True, eq=False)
class Regions:
    """Every region that several annotators drew, ordered by item and annotator.

    A cell is one annotator's answer to one item. Items and annotators are numbered in the order of first appearance.

    Attributes:
        items: ids of the items.
        annotators: ids of the annotators.
        cell_item: item of each cell, ascending, shape (cells,).
        cell_annotator: annotator of each cell, ascending within an item, shape (cells,).
        cell: cell of each region, ascending, shape (regions,).
        entries: the regions.
        dropped: answers that a later one of the same annotator to the same item replaced.
    """

    items: tuple[str, ...]
    annotators: tuple[str, ...]
    cell_item: Ints
    cell_annotator: Ints
    cell: Ints
    entries: tuple[Entry, ...]
    dropped: int = 0

    @cached_property
    def places(self) -> tuple[Geometry, ...]:
        """The geometry of each region."""
        return tuple(e.value for e in self.entries if isinstance(e.value, Geometry))

    @cached_property
    def classes(self) -> tuple[tuple[str, ...], ...]:
        """The class names of each region, in order of the alphabet."""
        return tuple(tuple(sorted(set(e.labels))) for e in self.entries)

    @cached_property
    def class_code(self) -> Ints:
        """A number for each set of class names, shape (regions,)."""
        codes: dict[tuple[str, ...], int] = {}
        return np.array([codes.setdefault(c, len(codes)) for c in self.classes], dtype=np.int64)

    @cached_property
    def item(self) -> Ints:
        """Item of each region, shape (regions,)."""
        return self.cell_item[self.cell]

    @cached_property
    def annotator(self) -> Ints:
        """Annotator of each region, shape (regions,)."""
        return self.cell_annotator[self.cell]

    @cached_property
    def candidates(self) -> Candidates:
        """All pairs of regions that share something; compared once, used by every measure."""
        compare = comparing(self.places)
        parts = [_compared(compare, left, right) for left, right in self._pairs()]
        return Candidates(
            np.concatenate([np.zeros(0, dtype=np.int64), *(p.left for p in parts)]),
            np.concatenate([np.zeros(0, dtype=np.int64), *(p.right for p in parts)]),
            np.concatenate([np.zeros(0), *(p.similarity for p in parts)]),
        )

    def _pairs(self) -> Iterator[tuple[Ints, Ints]]:
        """Rows of all pairs within an item and across annotators, in batches of whole regions."""
        first = np.searchsorted(self.cell, self.cell, side="right")
        stop = np.searchsorted(self.item, self.item, side="right")
        ahead = stop - first
        if not ahead.sum():
            return
        batch = np.cumsum(ahead) // _BATCH
        for number in range(int(batch[-1]) + 1):
            rows = np.flatnonzero(batch == number)
            left = np.repeat(rows, ahead[rows])
            start = np.repeat(first[rows] - (np.cumsum(ahead[rows]) - ahead[rows]), ahead[rows])
            yield left, np.arange(len(left)) + start


def _compared(compare: Compare, left: Ints, right: Ints) -> Candidates:
    found = Candidates(left, right, compare(left, right))
    return found.where(found.similarity > 0)


def regions_of(drawings: Iterable[Drawing]) -> Regions:
    """Lay out drawings as a table; entries without a place are left out, and a region is one (see `whole_regions`).

    Of several answers of one annotator to one item the last counts.
    """
    answers, dropped = last_answers(drawings)
    items = {name: code for code, name in enumerate(dict.fromkeys(d.item for d in answers))}
    people = {name: code for code, name in enumerate(dict.fromkeys(d.annotator for d in answers))}
    cells = sorted(((items[d.item], people[d.annotator], d) for d in answers), key=lambda c: c[:2])
    drawn = [whole_regions(d.entries) for _, _, d in cells]
    return Regions(
        items=tuple(items),
        annotators=tuple(people),
        cell_item=np.array([c[0] for c in cells], dtype=np.int64),
        cell_annotator=np.array([c[1] for c in cells], dtype=np.int64),
        cell=np.repeat(np.arange(len(cells)), [len(d) for d in drawn]).astype(np.int64),
        entries=tuple(entry for entries in drawn for entry in entries),
        dropped=dropped,
    )
