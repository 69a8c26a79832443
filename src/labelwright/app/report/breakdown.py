"""Agreement in parts: by a metadata field, over time, and under two versions of the guidelines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from math import hypot
from typing import Any

import polars as pl

from labelwright.agreement import alpha_paths, alpha_sets, by_slice, compare, krippendorff_alpha, over_time
from labelwright.app.report.drawing import compared_by_distance, lengths_of, on_regions
from labelwright.app.report.drawn import leading
from labelwright.app.report.measures import LEVELS, paths_of, plain
from labelwright.app.report.parts import Breakdown, PartMeasure, VersionChange
from labelwright.app.report.values import ControlReport
from labelwright.app.tables import ControlTable, Regions, Tables
from labelwright.model.errors import UsageError
from labelwright.model.measure import Measure
from labelwright.model.project import AnnotationState
from labelwright.model.schema import STRUCTURE_KINDS, Kind

#: Values of a field that are shown: those with most items.
MOST_PARTS = 30
#: Items with several answers in one stretch of time, at least, and the most stretches.
_FEWEST = 20
_PERIODS = 8


@dataclass(frozen=True, slots=True)
class Coded:
    """Classes, sets or numbers: a frame item, annotator, label, and the measure that reads it.

    ``by_region``: its items are regions, named item#number.
    """

    name: str
    frame: pl.DataFrame
    measure: Callable[..., Any]
    options: Mapping[str, Any]
    by_region: bool = False

    def sliced(self, values: Mapping[str, str]) -> list[PartMeasure]:
        """By the value of each item."""
        parts = by_slice(self.frame, values, self.measure, "bootstrap", **self.options)
        return [PartMeasure(str(p.key), plain(p)) for p in parts]

    def stretched(self, times: Mapping[str, datetime], periods: int) -> list[PartMeasure]:
        """By stretches of time with equally many items."""
        frame = self.frame.filter(pl.col("item").is_in(list(times)))
        frame = frame.with_columns(time=pl.col("item").replace_strict(times, return_dtype=pl.Datetime("us", "UTC")))
        parts = over_time(frame, "time", self.measure, "bootstrap", periods=periods, **self.options)
        return [PartMeasure(_stretch(*p.key), plain(p)) for p in parts]

    def changed(self, before: pl.DataFrame, after: pl.DataFrame) -> tuple[Measure, Measure, Measure]:
        """Before, after and the difference; each version has a frame item, annotator."""
        whole = pl.col("item").str.replace("#[^#]*$", "") if self.by_region else pl.col("item")
        keys = pl.struct(whole, "annotator")
        old, new = (self.frame.filter(keys.is_in(v.to_struct().implode())) for v in (before, after))
        found = compare(old, new, self.measure, **self.options)
        parts = (self.measure(f, interval="bootstrap", **self.options) for f in (old, new))
        first, second = (plain(p) for p in parts)
        return first, second, plain(found)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Drawings, texts or orders, and the measure that reads them."""

    name: str
    answers: Regions
    measure: Callable[[Regions], Measure]

    @property
    def frame(self) -> pl.DataFrame:
        """Columns item, annotator."""
        return pl.DataFrame(list(self.answers), schema={"item": pl.String, "annotator": pl.String}, orient="row")

    def sliced(self, values: Mapping[str, str]) -> list[PartMeasure]:
        """By the value of each item."""
        return [
            PartMeasure(v, self._of({i for i, w in values.items() if w == v})) for v in sorted(set(values.values()))
        ]

    def stretched(self, times: Mapping[str, datetime], periods: int) -> list[PartMeasure]:
        """By stretches of time with equally many items."""
        order = sorted(times, key=lambda i: (times[i], i))
        edges = [k * len(order) // periods for k in range(periods + 1)]
        groups = [order[a:b] for a, b in pairwise(edges)]
        return [PartMeasure(_stretch(times[g[0]], times[g[-1]]), self._of(set(g))) for g in groups if g]

    def changed(self, before: pl.DataFrame, after: pl.DataFrame) -> tuple[Measure, Measure, Measure]:
        """Before, after and the difference, with the interval that follows from theirs."""
        keys = [set(v.select("item", "annotator").iter_rows()) for v in (before, after)]
        old, new = (self.measure({k: e for k, e in self.answers.items() if k in kept}) for kept in keys)
        if old.value is None or new.value is None:
            reason = f"before: {old.reason}" if old.value is None else f"after: {new.reason}"
            return old, new, Measure(None, reason=reason)
        return old, new, difference_of(old, new)

    def _of(self, items: set[str]) -> Measure:
        return self.measure({k: e for k, e in self.answers.items() if k[0] in items})


def difference_of(before: Measure, after: Measure) -> Measure:
    """After less before, with the interval that the intervals of both imply.

    The method of variance estimates recovery (G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008) 1693-1702,
    doi:10.1002/sim.3095): the limits lie as far from the difference as the near limits of both together. It holds for
    two measures that are independent; where both share items it is too wide rather than too narrow.
    """
    n, answers = before.n_items + after.n_items, before.n_annotations + after.n_annotations
    if before.value is None or after.value is None:
        return Measure(None, None, None, n, answers, "one of the two is undefined")
    change = after.value - before.value
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return Measure(change, None, None, n, answers, "one of the two has no interval")
    down = hypot(after.value - after.low, before.high - before.value)
    up = hypot(after.high - after.value, before.value - before.low)
    return Measure(change, change - down, change + up, n, answers)


def with_breakdowns(report: ControlReport, table: ControlTable, tables: Tables, fields: Sequence[str]) -> ControlReport:
    """The control's report with its agreement by each field, over time and by version of the guidelines.

    Raises:
        UsageError: no item has one of the fields.
    """
    lead = _lead(table, tables)
    if lead is None:
        return report
    return replace(
        report,
        by_slice=tuple(_by_field(lead, tables, f) for f in fields),
        over_time=_over_time(lead, tables),
        versions=tuple(_versions(lead, tables)),
    )


def _lead(table: ControlTable, tables: Tables) -> Coded | Drawn | None:
    """The measure that the verdict rests on; None where there is none."""
    control = table.control
    by_region = control.per_region and control.kind not in STRUCTURE_KINDS
    if by_region:
        table = on_regions(table)
    elif compared_by_distance(control):
        found = leading(table, lengths_of(table, tables))
        return None if found is None else Drawn(found[0], table.regions, found[1])
    if table.sets is not None and control.kind is Kind.TAXONOMY:
        return Coded("alpha (paths)", paths_of(table.sets), alpha_paths, {}, by_region)
    if table.sets is not None:
        return Coded("alpha (sets, MASI distance)", table.sets, alpha_sets, {"distance": "masi"}, by_region)
    level = LEVELS.get(control.kind, "nominal")
    return Coded(f"alpha ({level})", table.labels, krippendorff_alpha, {"level": level}, by_region)


def _shared(lead: Coded | Drawn) -> list[str]:
    """Items with answers of two annotators or more."""
    counts = lead.frame.group_by("item").agg(pl.col("annotator").n_unique().alias("n"))
    return [str(i) for i in counts.filter(pl.col("n") >= 2)["item"].sort().to_list()]


# ---------------------------------------------------------------- fields


def _by_field(lead: Coded | Drawn, tables: Tables, name: str) -> Breakdown:
    known = slice_values(tables, name)
    shared = _shared(lead)
    found = {i: known.get(i, known.get(_whole(i))) for i in shared}
    values = {i: v for i, v in found.items() if v is not None}
    counts = Counter(values.values())
    shown = {v for v, _ in counts.most_common(MOST_PARTS)}
    values = {i: v for i, v in values.items() if v in shown}
    if not values:
        return Breakdown(name, lead.name, left_out=len(shared), reason="no item with several answers has this field")
    return Breakdown(name, lead.name, tuple(lead.sliced(values)), len(shared) - len(values))


def slice_values(tables: Tables, name: str) -> Mapping[str, str]:
    """The value of a metadata or data field by item, as text; items without one are left out.

    Raises:
        UsageError: no item has the field.
    """
    items = tables.content(tables.item_ids())
    values = {i: _plain(item.metadata.get(name, item.data.get(name))) for i, item in items.items()}
    known = {i: v for i, v in values.items() if v is not None}
    if not known:
        fields = sorted({str(f) for item in items.values() for f in (*item.metadata, *item.data)})
        raise UsageError(
            f"No item has a field {name} with a value to slice by",
            where="--slice",
            next_step=f"The items have: {', '.join(fields[:20]) or 'no fields'}.",
        )
    return known


def _plain(value: Any) -> str | None:
    """A value as text; None for nothing, lists and records."""
    if value is None or isinstance(value, (list, dict)) or value == "":
        return None
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _whole(item: str) -> str:
    """The item of a region item#number."""
    return item.rpartition("#")[0]


# ---------------------------------------------------------------- time


def _over_time(lead: Coded | Drawn, tables: Tables) -> Breakdown:
    if "time" not in tables.answers.columns:
        return Breakdown("time", lead.name, reason="no time was recorded")
    valid = tables.answers.filter((pl.col("state") == str(AnnotationState.VALID)) & pl.col("time").is_not_null())
    last: Mapping[str, datetime] = dict(valid.group_by("item").agg(pl.col("time").max()).iter_rows())
    shared = _shared(lead)
    found = {i: last.get(i, last.get(_whole(i))) for i in shared}
    times = {i: t for i, t in found.items() if t is not None}
    periods = min(_PERIODS, len(times) // _FEWEST)
    if periods < 2 or len(set(times.values())) < 2:
        few = f"fewer than {2 * _FEWEST} items with several answers have a time, or all have the same"
        return Breakdown("time", lead.name, left_out=len(shared) - len(times), reason=few)
    return Breakdown("time", lead.name, tuple(lead.stretched(times, periods)), len(shared) - len(times))


def _stretch(first: Any, last: Any) -> str:
    """First and last time, to the day or, within one day, to the minute."""
    one, other = (t if isinstance(t, datetime) else datetime.fromisoformat(str(t)) for t in (first, last))
    if one.date() != other.date():
        return f"{one:%Y-%m-%d} to {other:%Y-%m-%d}"
    return f"{one:%Y-%m-%d %H:%M} to {other:%H:%M}"


# ---------------------------------------------------------------- versions


def _versions(lead: Coded | Drawn, tables: Tables) -> list[VersionChange]:
    """Each version of the guidelines against the next; none where fewer than two were used."""
    if "guidelines_version" not in tables.answers.columns:
        return []
    valid = tables.answers.filter(pl.col("state") == str(AnnotationState.VALID))
    numbers = valid["guidelines_version"].drop_nulls().unique().sort().to_list()
    frames = {n: valid.filter(pl.col("guidelines_version") == n).select("item", "annotator").unique() for n in numbers}
    return [VersionChange(a, b, lead.name, *lead.changed(frames[a], frames[b])) for a, b in pairwise(numbers)]
