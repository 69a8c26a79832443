"""Continua: what annotators drew on one axis, cut into sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from labelwright.matching.drawings import Regions
from labelwright.matching.span import axis_of
from labelwright.model.values import FrameRanges, Geometry, Segment, Span

Classes: TypeAlias = frozenset[str]

#: The value of a gap.
GAP: Classes = frozenset()
#: The value of a unit without a class.
NAMELESS = ""
_MILLISECOND = 0.001

_Axis: TypeAlias = tuple[str, str] | int | None
_Stretch: TypeAlias = tuple[_Axis, float, float]


@dataclass(frozen=True, slots=True)
class Section:
    """A unit or a gap of one annotator, from ``start`` to ``end`` (exclusive)."""

    start: float
    end: float
    value: Classes

    @property
    def length(self) -> float:
        """Its length."""
        return self.end - self.start


@dataclass(frozen=True)
class Continuum:
    """One axis of one item as its annotators cut it.

    Attributes:
        item: number of the item.
        end: where it ends; it begins at 0.
        resolution: length of an element of a gap.
        units: what each annotator drew, in any order; units may overlap.
    """

    item: int
    end: float
    resolution: float
    units: tuple[tuple[Section, ...], ...]

    @cached_property
    def partitions(self) -> tuple[tuple[Section, ...], ...]:
        """For each annotator, sections from the beginning to the end without a hole."""
        return tuple(_partition(units, self.end) for units in self.units)

    def sections(self) -> Iterator[Section]:
        """Everybody's sections."""
        return (section for partition in self.partitions for section in partition)

    def values(self) -> Iterator[Classes]:
        """The values of everybody's sections."""
        return (section.value for section in self.sections())

    def self_pairs(self) -> float:
        """S: pairs of a unit, or of an element of a gap, with itself."""
        return sum(s.length * (s.length if s.value else self.resolution) for s in self.sections())

    def agreed(self) -> float:
        """Sum of the diagonal of the observed coincidences."""
        cuts = sorted({s.start for s in self.sections()} | {s.end for s in self.sections()})
        spot = [0] * len(self.partitions)
        total = 0.0
        for start, end in pairwise(cuts):
            seen: dict[Classes, int] = {}
            for who, partition in enumerate(self.partitions):
                while partition[spot[who]].end <= start:
                    spot[who] += 1
                value = partition[spot[who]].value
                seen[value] = seen.get(value, 0) + 1
            total += (end - start) * sum(n * (n - 1) for n in seen.values())
        return total / (len(self.partitions) - 1)

    def recoded(self, rule: Callable[[Classes], Classes]) -> Continuum:
        """The same with other values for the units; a unit whose value becomes that of a gap is none."""
        coded = (tuple(Section(u.start, u.end, rule(u.value)) for u in units) for units in self.units)
        kept = tuple(tuple(u for u in units if u.value) for units in coded)
        return Continuum(self.item, self.end, self.resolution, kept)


def continua_of(regions: Regions, lengths: Mapping[str, float], resolution: float | None) -> list[Continuum]:
    """One continuum for each axis (node of a text, channel) of each item with two answers or more."""
    answers = np.bincount(regions.cell_item, minlength=len(regions.items))
    rows = np.split(np.arange(len(regions.entries)), np.searchsorted(regions.item, np.arange(1, len(regions.items))))
    first = np.searchsorted(regions.cell_item, np.arange(len(regions.items)))
    found: list[Continuum] = []
    for item in np.flatnonzero(answers >= 2).tolist():
        drawn = _by_axis(regions, rows[item].tolist(), int(first[item]))
        for units in (drawn or {None: {}}).values():
            end = max([lengths.get(regions.items[item], 0.0), *(u.end for part in units.values() for u in part)])
            grain = resolution or _resolution(regions, rows[item].tolist())
            drew = (tuple(units.get(who, [])) for who in range(int(answers[item])))
            found.append(Continuum(item, float(end), grain, tuple(drew)))
    return [c for c in found if c.end > 0]


def _resolution(regions: Regions, rows: list[int]) -> float:
    return _MILLISECOND if any(isinstance(regions.places[row], Segment) for row in rows) else 1.0


def _by_axis(regions: Regions, rows: list[int], first_cell: int) -> dict[_Axis, dict[int, list[Section]]]:
    """An item's units by axis and annotator (counted from 0 within the item)."""
    drawn: dict[_Axis, dict[int, list[Section]]] = {}
    for row in rows:
        value = frozenset(regions.classes[row] or (NAMELESS,))
        for axis, start, end in _stretches(regions.places[row]):
            units = drawn.setdefault(axis, {}).setdefault(int(regions.cell[row]) - first_cell, [])
            units.append(Section(float(start), float(end), value))
    return drawn


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


def _partition(units: tuple[Section, ...], end: float) -> tuple[Section, ...]:
    """Sections from 0 to the end: units, overlapping ones cut up, and the gaps between them."""
    events: dict[float, tuple[set[int], set[int]]] = {0.0: (set(), set()), end: (set(), set())}
    for number, unit in enumerate(units):
        if unit.start < unit.end:
            events.setdefault(unit.start, (set(), set()))[0].add(number)
            events.setdefault(unit.end, (set(), set()))[1].add(number)
    sections: list[Section] = []
    over: set[int] = set()
    for start, stop in pairwise(sorted(events)):
        opened, closed = events[start]
        stay = over - closed
        over = stay | opened
        value = GAP.union(*(units[n].value for n in over))
        # A unit that goes on, or that another of the same class overlaps, is still the same section.
        if sections and stay and value == sections[-1].value:
            sections[-1] = Section(sections[-1].start, stop, value)
        else:
            sections.append(Section(start, stop, value))
    return tuple(sections)
