"""Questions about regions (``perRegion`` controls): one answer for each region that exists."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from labelwright.app.inference import infer_table
from labelwright.app.inferring.regions import Drawn, InferredRegions
from labelwright.app.inferring.values import Inferred
from labelwright.app.report.drawing import on_regions
from labelwright.app.tables import ControlTable
from labelwright.model.schema import Control, Kind
from labelwright.model.values import Choice, Entry, Number, Preference, Text, Value

#: The type of a line where the value alone does not tell it.
_TYPES: Mapping[Kind, str] = {
    Kind.RATING: "rating",
    Kind.DATETIME: "datetime",
    Kind.NUMBER: "number",
}


def infer_described(table: ControlTable, drawn: Drawn) -> dict[str, InferredRegions]:
    """What is said about the regions of one structural control.

    The regions of all annotators are grouped as in the consensus of that control; each region is an item of its own,
    and its answers are settled as for a control of that kind.

    Args:
        table: the answers to the question, with whole answers as entries.
        drawn: the consensus of the control whose regions it is asked of.
    """
    control = table.control
    wanted = {control.name, drawn.control}
    regions = {key: tuple(e for e in entries if e.control in wanted) for key, entries in table.regions.items()}
    asked = on_regions(replace(table, regions=regions))
    if asked.sets is not None and asked.sets.schema["label"] != pl.List(pl.String):
        asked = replace(asked, sets=None)  # paths: each set of them is a class of its own
    said = infer_table(replace(asked, control=replace(control, per_region=False)))
    found: dict[str, list[tuple[str, Inferred]]] = defaultdict(list)
    for region in drawn.consensus.existing():
        about = said.get(f"{region.item}#{region.group}")
        if about is not None:
            found[region.item].append((drawn.id_of(region), about))
    return {item: _answer(control, rows) for item, rows in found.items()}


def _answer(control: Control, rows: list[tuple[str, Inferred]]) -> InferredRegions:
    return InferredRegions(
        entries=tuple(entry_of(control, found, region) for region, found in rows),
        posterior=math.prod(found.posterior for _, found in rows),
        contested=any(found.contested for _, found in rows),
        votes=max(found.votes for _, found in rows),
        method=", ".join(sorted({found.method for _, found in rows})),
    )


def entry_of(control: Control, found: Inferred, region: str | None = None) -> Entry:
    """An inferred label as a line of an answer."""
    kind = _TYPES.get(control.kind)
    target = control.to[0] if control.to else ""
    return Entry(control.name, target, value_of(control, found), region=region, extra={"type": kind} if kind else {})


def value_of(control: Control, found: Inferred) -> Value:
    """The label as a value of the control's kind."""
    if found.value is not None:
        return found.value
    match control.kind:
        case Kind.PAIRWISE:
            return Preference(found.label)
        case Kind.RATING | Kind.NUMBER:
            return Number(float(found.label))
        case Kind.TEXT | Kind.DATETIME:
            return Text((found.label,))
        case _:
            return Choice((found.label,))
