"""From an annotation set to one table for each control: what every measure of agreement reads.

A table has the columns item, annotator, label. The label is the class (choices), the sorted classes joined by
`SET_JOINT` (sets of classes), the number (ratings), the text, the side, the order; structures keep their entries
beside the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from labelwright.app.marked import Keys, marked_of
from labelwright.model.project import Annotation, AnnotationSet, AnnotationState, Annotator, Item
from labelwright.model.schema import STRUCTURE_KINDS, Control, DataObject, Kind
from labelwright.model.values import Choice, Entry, Number, Paths, Preference, Ranking, Relation, Text

#: Between the classes of a set, and between the texts of an answer with several.
SET_JOINT = " + "
#: Between the levels of a path, and between the places of a ranking.
PATH_JOINT = " > "
#: The empty set: an annotator answered the item and chose nothing.
NOTHING = "(nothing chosen)"

NUMERIC_KINDS = frozenset({Kind.RATING, Kind.NUMBER})
SET_KINDS = frozenset({Kind.CHOICES, Kind.TAXONOMY})
#: Kinds that are compared by distance: what was written, and orders.
WRITTEN_KINDS = frozenset({Kind.TEXT, Kind.RANKING})

Regions = Mapping[tuple[str, str], tuple[Entry, ...]]


@dataclass(frozen=True, slots=True)
class ControlTable:
    """The answers to one control.

    Attributes:
        control: the question.
        labels: columns item, annotator, label (text, or a float for numbers); one row for each answer that counts.
        sets: for sets of classes, the members as lists beside item and annotator; None for other kinds.
        regions: for structures, texts and rankings the entries by (item, annotator); for a question about regions
            the whole answers.
        n_dropped: earlier answers of an annotator to the same item, which do not count.
        links: for structures the relations by (item, annotator), of answers that have any.
    """

    control: Control
    labels: pl.DataFrame
    sets: pl.DataFrame | None = None
    regions: Regions = field(default_factory=dict)
    n_dropped: int = 0
    links: Mapping[tuple[str, str], tuple[Relation, ...]] = field(default_factory=dict)

    @property
    def has_regions(self) -> bool:
        """The control draws on the data or describes what was drawn."""
        return self.control.kind in STRUCTURE_KINDS or self.control.per_region

    def only(self, keys: Keys) -> ControlTable:
        """The same with no answers but these."""
        kept = pl.DataFrame(sorted(keys), schema={"item": pl.String, "annotator": pl.String}, orient="row")
        join: Callable[[pl.DataFrame], pl.DataFrame] = lambda f: f.join(  # noqa: E731
            kept, on=["item", "annotator"], how="semi", maintain_order="left"
        )
        return replace(
            self,
            labels=join(self.labels),
            sets=None if self.sets is None else join(self.sets),
            regions={key: entries for key, entries in self.regions.items() if key in keys},
            links={key: links for key, links in self.links.items() if key in keys},
        )


class Known(NamedTuple):
    """Known labels by item.

    ``gold`` chooses and calibrates an estimator, all that are ``held`` count as truth; ``marked`` answers (item and
    annotator) are where gold comes from, so that they prove nothing.
    """

    gold: Mapping[str, str] = MappingProxyType({})
    held: Mapping[str, str] = MappingProxyType({})
    marked: Keys = frozenset()


@dataclass(frozen=True, slots=True)
class Tables:
    """All a report reads, wherever it came from.

    Attributes:
        controls: one table a control.
        answers: one row for each annotation in any state: item, annotator, state, seconds (float, may be null),
            round (integer); where the source tells, also time (UTC, may be null) and guidelines_version (may be null).
        content: the data an item shows, by item id; called only for the items that a report names.
        n_items: items in the source, with or without an annotation.
        annotators: by id.
        schema_xml: the labeling config, empty when it is not known.
        objects: what the screen shows, and which data field each object takes.
        rejected: rows that could not be read, counted by reason.
        notes: what a reader must know about how the source was read.
        simulated: says in one sentence what is simulated, or None.
        gold: known labels by control, then by item.
        held: the same and what experts were asked about, which count as truth but choose and calibrate nothing; empty:
            nothing but gold.
        marked: item and annotator of the answers that were marked as known, where gold comes from such marks.
        truths: the known answers by control, as a table of who gave each: what cannot be told as a label is held
            against them (see `ControlTable.only`).
    """

    controls: tuple[ControlTable, ...]
    answers: pl.DataFrame
    content: Callable[[Iterable[str]], Mapping[str, Item]]
    n_items: int
    annotators: Mapping[str, Annotator]
    schema_xml: str = ""
    objects: tuple[DataObject, ...] = ()
    rejected: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    simulated: str | None = None
    gold: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    held: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    marked: Keys = frozenset()
    truths: Mapping[str, ControlTable] = field(default_factory=dict)

    def known(self, control: str) -> Known:
        """What is known of the items of one control."""
        gold = self.gold.get(control, {})
        return Known(gold, {**gold, **self.held.get(control, {})}, self.marked)

    def item_ids(self) -> list[str]:
        """Ids of the items with an answer that counts, in ascending order."""
        valid = self.answers.filter(pl.col("state") == str(AnnotationState.VALID))
        return [str(i) for i in valid["item"].unique().sort().to_list()]

    @property
    def fields(self) -> tuple[str, ...]:
        """The data fields that the screen shows, in the order of the config."""
        return tuple(dict.fromkeys(o.field for o in self.objects if o.field))


def tables_of(
    annotations: AnnotationSet, *, rejected: Mapping[str, int] | None = None, notes: tuple[str, ...] = ()
) -> Tables:
    """The tables of an annotation set: of several answers of an annotator to an item the last counts."""
    valid, superseded = last_answers(annotations.valid)
    n_dropped = len(superseded) + sum(a.state is AnnotationState.SUPERSEDED for a in annotations.annotations)
    hidden = "visiblewhen" in annotations.schema.xml.lower()
    controls = tuple(_control_table(c, valid, n_dropped, hidden) for c in annotations.schema.controls)
    marked = marked_of(valid, {t.control.name: t.labels for t in controls})
    return Tables(
        controls=controls,
        answers=_answers(annotations.annotations, superseded),
        content=lambda ids: {i: annotations.items[i] for i in ids if i in annotations.items},
        n_items=len(annotations.items),
        annotators=annotations.annotators,
        schema_xml=annotations.schema.xml,
        objects=annotations.schema.objects,
        rejected=rejected or {},
        notes=(*notes, *marked.notes),
        simulated=annotations.simulated,
        gold=marked.labels,
        marked=marked.keys,
        truths={t.control.name: t.only(marked.keys) for t in controls} if marked.keys else {},
    )


def last_answers(annotations: Iterable[Annotation]) -> tuple[list[Annotation], set[str]]:
    """The last answer of each annotator to each item, and the ids of the earlier ones.

    Later is the later update; without times, the later place in the sequence.
    """
    last: dict[tuple[str, str], Annotation] = {}
    superseded: set[str] = set()
    for answer in annotations:
        key = (answer.item, answer.annotator)
        before = last.get(key)
        if before is not None and _is_later(before, answer):
            superseded.add(answer.id)
            continue
        if before is not None:
            superseded.add(before.id)
        last[key] = answer
    # In the order of ids, not of arrival: the same answers give the same numbers, intervals too.
    return sorted(last.values(), key=lambda a: (a.item, a.annotator)), superseded


def _is_later(one: Annotation, other: Annotation) -> bool:
    a, b = one.updated_at or one.created_at, other.updated_at or other.created_at
    return a is not None and b is not None and a > b


def _answers(annotations: Iterable[Annotation], superseded: set[str]) -> pl.DataFrame:
    rows = [
        (
            a.item,
            a.annotator,
            str(AnnotationState.SUPERSEDED if a.id in superseded and a.state is AnnotationState.VALID else a.state),
            a.seconds,
            a.round,
            a.updated_at or a.created_at,
            a.guidelines_version,
        )
        for a in annotations
    ]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "item": pl.String,
        "annotator": pl.String,
        "state": pl.String,
        "seconds": pl.Float64,
        "round": pl.Int64,
        "time": pl.Datetime("us", "UTC"),
        "guidelines_version": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _control_table(control: Control, valid: list[Annotation], n_dropped: int, hidden: bool) -> ControlTable:
    if _keeps_entries(control):
        return _region_table(control, valid, n_dropped)
    rows: list[tuple[str, str, str | float]] = []
    sets: list[tuple[str, str, list[str]]] = []
    for annotation in valid:
        members = _members(control, annotation, hidden)
        label = _label(control, annotation) if members is None else (SET_JOINT.join(members) or NOTHING)
        if label is None:
            continue
        rows.append((annotation.item, annotation.annotator, label))
        if members is not None:
            sets.append((annotation.item, annotation.annotator, members))
    return ControlTable(
        control, label_frame(rows, control.kind), set_frame(sets) if control.kind in SET_KINDS else None, {}, n_dropped
    )


def _keeps_entries(control: Control) -> bool:
    """Answers that are compared by place or distance rather than class by class."""
    return control.kind in STRUCTURE_KINDS or control.kind in WRITTEN_KINDS or control.per_region


def _region_table(control: Control, valid: list[Annotation], n_dropped: int) -> ControlTable:
    """Entries by (item, annotator). Nothing drawn is an answer (nothing was found there), nothing written is none."""
    regions = {(a.item, a.annotator): _entries(control, a) for a in valid}
    if control.kind not in STRUCTURE_KINDS:
        regions = {key: entries for key, entries in regions.items() if entries}
    rows: list[tuple[str, str, str | float]] = [
        (item, annotator, _shown(control, entries)) for (item, annotator), entries in regions.items()
    ]
    return ControlTable(control, label_frame(rows, Kind.TEXT), None, regions, n_dropped, _links(control, valid))


def _links(control: Control, valid: list[Annotation]) -> dict[tuple[str, str], tuple[Relation, ...]]:
    """The relations of answers to a structural control."""
    if control.kind not in STRUCTURE_KINDS:
        return {}
    found = {(a.item, a.annotator): tuple(e for e in a.answer.entries if isinstance(e, Relation)) for a in valid}
    return {key: links for key, links in found.items() if links}


def _entries(control: Control, annotation: Annotation) -> tuple[Entry, ...]:
    """The control's entries; for a question about regions the regions, too."""
    if not control.per_region:
        return annotation.answer.of(control.name)
    return tuple(e for e in annotation.answer.entries if isinstance(e, Entry))


def _shown(control: Control, entries: tuple[Entry, ...]) -> str:
    return SET_JOINT.join(map(_text_of, entries)) if control.kind in WRITTEN_KINDS else summary_of(entries)


def _members(control: Control, annotation: Annotation, hidden: bool) -> list[str] | None:
    """The set chosen, sorted; None where the control asks for no set or was not answered.

    Nothing chosen is the empty set, unless an answer is required or the question may have been hidden.
    """
    if control.kind not in SET_KINDS:
        return None
    found = sorted({label for e in annotation.answer.of(control.name) for label in _set_of(e)})
    if not found and (control.required or hidden):
        return None
    return found


def _set_of(entry: Entry) -> tuple[str, ...]:
    match entry.value:
        case Choice(labels):
            return labels
        case Paths(paths):
            return tuple(PATH_JOINT.join(p) for p in paths)
        case _:
            return entry.labels


def _label(control: Control, annotation: Annotation) -> str | float | None:
    if control.kind in SET_KINDS:
        return None
    entries = annotation.answer.of(control.name)
    if not entries:
        return None
    if control.kind in NUMERIC_KINDS:
        return next((float(e.value.value) for e in entries if isinstance(e.value, Number)), None)
    return SET_JOINT.join(_text_of(e) for e in entries) or None


def _text_of(entry: Entry) -> str:
    """One entry as a label: equal answers give equal labels."""
    match entry.value:
        case Choice(labels):
            return SET_JOINT.join(sorted(labels))
        case Text(texts):
            return SET_JOINT.join(texts)
        case Preference(side):
            return side
        case Ranking(buckets):
            return " | ".join(f"{name}: {PATH_JOINT.join(ids)}" for name, ids in buckets)
        case Paths() | Number():
            return SET_JOINT.join(_set_of(entry)) if isinstance(entry.value, Paths) else f"{entry.value.value:g}"
        case _:
            return SET_JOINT.join(entry.labels) or type(entry.value).__name__


def summary_of(entries: Iterable[Entry | Relation]) -> str:
    """What was drawn, in words: ``2 Person, 1 Place``; ``no regions`` for none."""
    counts: dict[str, int] = {}
    for entry in entries:
        name = SET_JOINT.join(entry.labels) or "region"
        counts[name] = counts.get(name, 0) + 1
    return ", ".join(f"{n} {name}" for name, n in sorted(counts.items())) or "no regions"


def label_frame(rows: Sequence[tuple[str, str, str | float]], kind: Kind) -> pl.DataFrame:
    """Item, annotator and label as the column types that a table of this kind of control has."""
    label = pl.Float64 if kind in NUMERIC_KINDS else pl.String
    return pl.DataFrame(rows, schema={"item": pl.String, "annotator": pl.String, "label": label}, orient="row")


def set_frame(rows: Sequence[tuple[str, str, list[str]]]) -> pl.DataFrame:
    """Item, annotator and the members of the set as columns."""
    label = pl.List(pl.String)
    return pl.DataFrame(rows, schema={"item": pl.String, "annotator": pl.String, "label": label}, orient="row")
