"""Answers that describe a region, and answers as labels that the measures for coding take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import polars as pl

from labelwright.matching.drawings import Drawing, last_answers, regions_of
from labelwright.matching.groups import grouped
from labelwright.model.values import Choice, Entry, Geometry, Number, Paths, Preference, Ranking, Text, Value

#: One class or side, a set of classes, a set of paths, or a number.
Label: TypeAlias = str | float | tuple[str, ...] | tuple[tuple[str, ...], ...]
#: How an answer becomes a label.
Coding: TypeAlias = Literal["plain", "set", "written"]


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A line of the table that the measures for coding take."""

    item: str
    annotator: str
    label: Label


def region_answers(drawings: Iterable[Drawing], control: str, at_least: float | None = None) -> tuple[Drawing, ...]:
    """What annotators said about the regions that several of them drew (a control asked per region).

    The regions of all annotators are grouped by place (see `labelwright.matching.groups`); each group becomes an item
    of its own, named item#group.

    Args:
        drawings: whole answers: the regions, and the entries of the control that name them.
        control: name of the control that is asked per region.
        at_least: least similarity of one group; None takes the kind's usual one.

    Returns:
        One answer for each region that was described; regions that nobody described are left out.
    """
    answers, _ = last_answers(drawings)
    regions = regions_of(answers)
    groups = grouped(regions, at_least)
    number = groups.within_item()[groups.of].tolist()
    about = {(d.item, d.annotator): _described(d, control) for d in answers}
    found: list[Drawing] = []
    for row, entry in enumerate(regions.entries):
        item, who = regions.items[regions.item[row]], regions.annotators[regions.annotator[row]]
        said = about[item, who].get(entry.region or "", ())
        if said:
            found.append(Drawing(f"{item}#{number[row]}", who, tuple(said)))
    return tuple(found)


def _described(drawing: Drawing, control: str) -> dict[str, list[Entry]]:
    """The entries of the control by the region that they name."""
    about: dict[str, list[Entry]] = {}
    for entry in drawing.entries:
        if entry.control == control and entry.region is not None and not isinstance(entry.value, Geometry):
            about.setdefault(entry.region, []).append(entry)
    return about


def coded_answers(drawings: Iterable[Drawing], coding: Coding = "plain") -> tuple[LabelRow, ...]:
    """Answers as item, annotator, label, for Krippendorff's alpha and its kin.

    Choices, paths, numbers and preferences give their value. A ranking into buckets gives a row for each thing, as the
    item item#thing with its bucket for a label. Places have no label and are left out.

    Args:
        drawings: answers to one control.
        coding: ``plain``: a choice is its first class, and texts are left out; ``set``: a choice is the tuple of its
            classes, sorted; ``written``: a text is itself, without outer white space.
    """
    rows = ((d, label) for d in drawings for e in d.entries for label in _labels(e.value, coding))
    return tuple(LabelRow(f"{d.item}#{thing}" if thing else d.item, d.annotator, label) for d, (thing, label) in rows)


def label_frame(rows: Iterable[LabelRow]) -> pl.DataFrame:
    """The table with columns item, annotator, label; sets and paths become lists."""
    table = list(rows)
    columns = {
        "item": [r.item for r in table],
        "annotator": [r.annotator for r in table],
        "label": [_listed(r.label) for r in table],
    }
    return pl.DataFrame(columns, strict=False)


def _listed(label: Any) -> Any:
    return [_listed(part) for part in label] if isinstance(label, tuple) else label


def _labels(value: Value, coding: Coding) -> list[tuple[str, Label]]:
    """Labels of a value, each with the thing that it is about (empty: the item itself)."""
    if isinstance(value, Ranking):
        return [(thing, bucket) for bucket, things in value.buckets for thing in things]
    return [("", label) for label in _labels_of_item(value, coding)]


def _labels_of_item(value: Value, coding: Coding) -> Iterator[Label]:
    match value:
        case Choice(labels) if coding == "set":
            yield tuple(sorted(set(labels)))
        case Choice(labels):
            yield from labels[:1]
        case Paths(paths):
            yield tuple(sorted(set(paths)))
        case Number(label) | Preference(label):
            yield label
        case Text(texts) if coding == "written":
            yield "\n".join(texts).strip()
        case _:
            pass
