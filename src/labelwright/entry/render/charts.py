"""Numbers as places on a drawing: what the templates need to write SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labelwright.app.report.values import Confusion, PairAgreement
from labelwright.entry.render.words import interval_of, value_of
from labelwright.model.measure import Measure

#: Annotators a heat map shows; beyond that its cells cannot be read.
MOST_PEOPLE = 30
_SMALL_TEAM = 6


@dataclass(frozen=True, slots=True)
class Whisker:
    """One measure as a point with its interval on an axis of 0 to 100 (percent of the axis).

    ``zoned``: the thresholds that were made for alpha are drawn behind it.
    """

    title: str
    measure: Measure
    shown: str
    interval: str
    at: float | None
    low: float | None
    high: float | None
    zoned: bool


def whisker(title: str, measure: Measure, floor: float, *, percent: bool = False) -> Whisker:
    """The measure on an axis from ``floor`` to 1."""
    at, low, high = (None if v is None else place(v, floor) for v in (measure.value, measure.low, measure.high))
    shown, interval = value_of(measure, percent=percent), interval_of(measure, percent=percent)
    return Whisker(title, measure, shown, interval, at, low, high, zoned="alpha" in title.lower())


def place(value: float, floor: float) -> float:
    """Where a value lies on an axis from ``floor`` to 1, in percent."""
    return round(100 * min(1.0, max(0.0, (value - floor) / (1 - floor))), 2)


def floor_of(measures: Sequence[Measure]) -> float:
    """Where the axis starts: 0, or below the lowest end of an interval."""
    lows = [m.low if m.low is not None else m.value for m in measures]
    lowest = min((v for v in lows if v is not None), default=0.0)
    return 0.0 if lowest >= 0 else max(-1.0, (int(lowest * 5) - 1) / 5)


def ticks(floor: float) -> list[tuple[str, float]]:
    """Marks of the axis: label and place in percent."""
    values = [v / 5 for v in range(-5, 6) if v / 5 >= floor - 1e-9]
    return [(f"{v:.1f}", round(100 * (v - floor) / (1 - floor), 2)) for v in values]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a heat map. ``warm`` lies below the middle of the scale; ``strength`` is from 0 to 1."""

    column: int
    row: int
    text: str
    title: str
    warm: bool
    strength: float


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A square of annotators. Cells are placed by column and row, counted from 0."""

    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    left_out: int
    measure: str

    @property
    def size(self) -> int:
        """Side of a cell in pixels: larger for small teams."""
        return 38 if len(self.names) > _SMALL_TEAM else 54

    @property
    def left(self) -> int:
        """Room for the names beside the rows."""
        return 24 + 7 * min(18, max(map(len, self.names), default=0))

    @property
    def top(self) -> int:
        """Room for the slanted names above the columns."""
        return 22 + 5 * min(15, max(map(len, self.names), default=0))

    @property
    def right(self) -> int:
        """Room for the end of the last slanted name."""
        return 5 * min(15, max(map(len, self.names), default=0))


#: Middle of the colour scale of kappa: colder above, warmer below.
_MIDDLE = 0.5


def heat_map(pairs: Sequence[PairAgreement], names: Mapping[str, str]) -> HeatMap:
    """The pairs of the annotators who share most items."""
    weight: dict[str, int] = {}
    for p in pairs:
        for who in (p.a, p.b):
            weight[who] = weight.get(who, 0) + p.shared
    busiest = sorted(weight, key=lambda w: -weight[w])[:MOST_PEOPLE]
    order = {who: k for k, who in enumerate(w for w in weight if w in set(busiest))}
    cells = [c for p in pairs if p.a in order and p.b in order for c in _cells(p, order, names)]
    shown = tuple(names.get(w, w) for w in order)
    return HeatMap(shown, tuple(cells), len(weight) - len(order), pairs[0].measure)


def _cells(pair: PairAgreement, order: Mapping[str, int], names: Mapping[str, str]) -> list[Cell]:
    a, b, value = order[pair.a], order[pair.b], pair.value.value
    who = f"{names.get(pair.a, pair.a)} and {names.get(pair.b, pair.b)}"
    told = f"{pair.measure} {value_of(pair.value)}" if value is not None else f"undefined: {pair.value.reason}"
    interval = f" ({interval_of(pair.value)})" if interval_of(pair.value) else ""
    title = f"{who}: {told}{interval}, {pair.shared:,} shared items"
    text = "–" if value is None else f"{value:.2f}".replace("0.", ".", 1)
    return [Cell(c, r, text, title, *_colour(value)) for c, r in ((a, b), (b, a))]


def _colour(value: float | None) -> tuple[bool, float]:
    if value is None:
        return False, 0.0
    reach = (value - _MIDDLE) / (1 - _MIDDLE) if value >= _MIDDLE else (_MIDDLE - value) / _MIDDLE
    return value < _MIDDLE, round(0.08 + 0.82 * min(1.0, reach), 2)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A confusion matrix: a row is a class; ``level`` is from 0 (empty) to 6 (most), off and on the diagonal apart."""

    classes: tuple[str, ...]
    rows: tuple[tuple[tuple[int, int], ...], ...]
    left_out: int


def matrix(confusion: Confusion) -> Matrix:
    """Counts with the strength of their colour."""
    counts = confusion.counts
    n = len(counts)
    most_off = max((counts[i][j] for i in range(n) for j in range(n) if i != j), default=0)
    most_on = max((counts[i][i] for i in range(n)), default=0)

    def level(i: int, j: int) -> int:
        most = most_on if i == j else most_off
        return 0 if not counts[i][j] else 1 + round(5 * counts[i][j] / most)

    rows = tuple(tuple((counts[i][j], level(i, j)) for j in range(n)) for i in range(n))
    return Matrix(confusion.classes, rows, confusion.left_out)
