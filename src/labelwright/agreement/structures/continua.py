"""Continua: the stretches that annotators drew on one axis, as one table.

All pairs of stretches that overlap are found in one sweep over the starts, so that time goes with the overlaps and not
with the square of the stretches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from labelwright.matching.arrays import Flags, Floats, Ints
from labelwright.matching.drawings import Regions
from labelwright.matching.span import axis_of
from labelwright.model.values import FrameRanges, Geometry, Segment, Span

#: The value of a stretch: its classes.
Classes: TypeAlias = frozenset[str]

#: The class of a unit without one.
NAMELESS = ""
_MILLISECOND = 0.001
#: Pairs of stretches looked at a time, to bound memory.
_BATCH = 2_000_000

_Axis: TypeAlias = tuple[str, str] | int | None
_Stretch: TypeAlias = tuple[_Axis, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Continua:
    """One continuum for each axis (node of a text, channel) of each item with two answers or more; it begins at 0.

    Attributes:
        item: item of each, numbered from 0 without gaps, shape (continua,).
        end: where it ends, shape (continua,).
        answers: annotators who answered, shape (continua,).
        resolution: length of an element of a gap.
        n_items: number of items.
        n_answers: answers to them.
    """

    item: Ints
    end: Floats
    answers: Ints
    resolution: float
    n_items: int
    n_answers: int


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Units of all annotators, each of shape (stretches,).

    Attributes:
        continuum: which continuum it lies on.
        cell: whose answer it belongs to.
        start: where it begins.
        end: where it ends (exclusive).
        value: number of its value.
        values: the values.
    """

    continuum: Ints
    cell: Ints
    start: Floats
    end: Floats
    value: Ints
    values: Sequence[Classes]

    @property
    def length(self) -> Floats:
        """Length of each."""
        return self.end - self.start

    def where(self, keep: Flags | Ints) -> Stretches:
        """Those of them."""
        continuum, cell, value = self.continuum[keep], self.cell[keep], self.value[keep]
        return Stretches(continuum, cell, self.start[keep], self.end[keep], value, self.values)

    def coded(self, codes: Sequence[int], values: Sequence[Classes]) -> Stretches:
        """The same with other values; those whose new code is negative are no units."""
        value = np.asarray(codes, dtype=np.int64)[self.value]
        return Stretches(self.continuum, self.cell, self.start, self.end, value, values).where(value >= 0)


def continua_of(
    regions: Regions,
    lengths: Mapping[str, float],
    resolution: float | None,
) -> tuple[Continua, Stretches]:
    """The continua of all items with two answers or more, and what was drawn on them."""
    answers = np.bincount(regions.cell_item, minlength=len(regions.items))
    numbers: dict[tuple[int, _Axis], int] = {
        (item, None): number for number, item in enumerate(np.flatnonzero(answers >= 2).tolist())
    }
    values: dict[Classes, int] = {}
    rows = [
        (numbers.setdefault((item, axis), len(numbers)), cell, start, end, values.setdefault(value, len(values)))
        for item, cell, value, axis, start, end in _drawn(regions)
        if (item, None) in numbers
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    ints = table[:, [0, 1, 4]].astype(np.int64)
    units = Stretches(ints[:, 0], ints[:, 1], table[:, 2], table[:, 3], ints[:, 2], list(values))
    grain = resolution or (_MILLISECOND if any(isinstance(p, Segment) for p in regions.places) else 1.0)
    return _laid_out(regions, numbers, lengths, units, grain), units.where(units.length > 0)


def _laid_out(
    regions: Regions,
    numbers: Mapping[tuple[int, _Axis], int],
    lengths: Mapping[str, float],
    units: Stretches,
    resolution: float,
) -> Continua:
    """Where each continuum ends: at the item's length, or with the last unit behind it."""
    answers = np.bincount(regions.cell_item, minlength=len(regions.items))
    item = np.array([item for item, _ in numbers], dtype=np.int64)
    # An axis on which nobody drew anything has no length, unless it is the only one of its item.
    used = np.bincount(units.continuum, minlength=len(numbers)) > 0
    alone = np.bincount(item, minlength=len(regions.items)) == 1
    given = np.array([lengths.get(regions.items[i], 0.0) for i in item.tolist()], dtype=np.float64)
    end = np.where(used | alone[item], given, 0.0)
    np.maximum.at(end, units.continuum, units.end)
    shared, code = np.unique(item, return_inverse=True)
    return Continua(code, end, answers[item], resolution, len(shared), int(answers[shared].sum()))


def _drawn(regions: Regions) -> Iterator[tuple[int, int, Classes, _Axis, float, float]]:
    """Every stretch with its item, cell and classes."""
    rows = zip(regions.item.tolist(), regions.cell.tolist(), regions.classes, regions.places, strict=True)
    for item, cell, classes, place in rows:
        value = frozenset(classes or (NAMELESS,))
        for axis, start, end in _stretches(place):
            yield item, cell, value, axis, start, end


def _stretches(place: Geometry) -> Iterable[_Stretch]:
    """Where a unit lies; other geometry than stretches has no place on a continuum."""
    match place:
        case Span():
            return [(axis_of(place), place.start, place.end)]
        case Segment():
            return [(place.channel, place.start, place.end)]
        case FrameRanges():
            return [(None, start, end + 1) for start, end in place.ranges]
        case _:
            return []


def flattened(units: Stretches) -> Stretches:
    """Sections without overlaps within one annotator's answer, in the order of continuum and start.

    Overlapping units are cut up; a stretch that several cover has the set of all their classes. A unit that goes on, or
    that another of equal value overlaps, stays one section; two that only touch are two.
    """
    order = np.lexsort((units.start, units.cell, units.continuum))
    units = units.where(order)
    same = (units.continuum[1:] == units.continuum[:-1]) & (units.cell[1:] == units.cell[:-1])
    clash = np.flatnonzero(same & (units.start[1:] < units.end[:-1]))
    if len(clash):
        units = _cut_up(units, clash)
    return units.where(np.lexsort((units.start, units.continuum)))


def _cut_up(units: Stretches, clash: Ints) -> Stretches:
    """Replace the units of every answer that holds an overlap by their sections."""
    wide = int(units.cell.max()) + 1
    key = units.continuum * wide + units.cell
    tangled = np.isin(key, key[clash])
    values = {value: code for code, value in enumerate(units.values)}
    found: list[tuple[int, int, float, float, int]] = []
    rest = units.where(tangled)
    for rows in np.split(np.arange(len(rest.cell)), np.flatnonzero(np.diff(key[tangled])) + 1):
        at, who = int(rest.continuum[rows[0]]), int(rest.cell[rows[0]])
        for start, end, value in _sections(rest.where(rows)):
            found.append((at, who, start, end, values.setdefault(value, len(values))))
    table = np.array(found, dtype=np.float64).reshape(-1, 5)
    plain = units.where(~tangled)
    return Stretches(
        np.concatenate([plain.continuum, table[:, 0].astype(np.int64)]),
        np.concatenate([plain.cell, table[:, 1].astype(np.int64)]),
        np.concatenate([plain.start, table[:, 2]]),
        np.concatenate([plain.end, table[:, 3]]),
        np.concatenate([plain.value, table[:, 4].astype(np.int64)]),
        list(values),
    )


def _sections(units: Stretches) -> Iterator[tuple[float, float, Classes]]:
    """The sections of one answer on one continuum."""
    events: dict[float, tuple[set[int], set[int]]] = {}
    for number, (start, end) in enumerate(zip(units.start.tolist(), units.end.tolist(), strict=True)):
        events.setdefault(start, (set(), set()))[0].add(number)
        events.setdefault(end, (set(), set()))[1].add(number)
    names = [units.values[code] for code in units.value.tolist()]
    begun, value, over = 0.0, frozenset[str](), set[int]()
    for start in sorted(events):
        opened, closed = events[start]
        stay = over - closed
        over = stay | opened
        now = frozenset[str]().union(*(names[n] for n in over))
        if not stay or now != value:
            if value:
                yield begun, start, value
            begun, value = start, now


def overlaps(sections: Stretches, continua: Continua) -> Iterator[tuple[Ints, Ints, Floats]]:
    """All pairs of sections of one continuum that overlap: rows of both and the shared length, in batches.

    Args:
        sections: without overlaps within an answer, ordered by continuum and start.
        continua: what they lie on.
    """
    offset = np.cumsum(continua.end) - continua.end
    begin = sections.start + offset[sections.continuum]
    after = np.arange(len(begin)) + 1
    ahead = np.maximum(np.searchsorted(begin, sections.end + offset[sections.continuum], side="left") - after, 0)
    batch = np.cumsum(ahead) // _BATCH
    for number in range(int(batch[-1]) + 1 if len(batch) else 0):
        rows = np.flatnonzero(batch == number)
        left = np.repeat(rows, ahead[rows])
        right = np.arange(len(left)) + np.repeat(after[rows] - (np.cumsum(ahead[rows]) - ahead[rows]), ahead[rows])
        shared = np.minimum(sections.end[left], sections.end[right]) - sections.start[right]
        # Rounding of the offset may let in a pair of the next continuum, or one that only touches.
        real = (shared > 0) & (sections.continuum[left] == sections.continuum[right])
        yield left[real], right[real], shared[real]
