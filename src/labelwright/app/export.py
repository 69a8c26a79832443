"""From annotations and their consensus to a training set in a folder."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from labelwright.app.dividing import Division, divide
from labelwright.app.drawing_formats import MEDIA_TAGS, drawn_format, no_collection, outlook_of
from labelwright.app.tables import NOTHING, PATH_JOINT, SET_JOINT, SET_KINDS
from labelwright.export import (
    Dataset,
    EncodedFile,
    Format,
    Provenance,
    Records,
    SplitRule,
    build_records,
    check_records,
    formats_named,
    group_of,
)
from labelwright.export.answers import Given
from labelwright.export.building import Filters
from labelwright.export.card import card
from labelwright.export.columns import Column
from labelwright.export.croissant import croissant
from labelwright.export.encoding import json_bytes
from labelwright.export.formats import FORMATS
from labelwright.export.hf import features
from labelwright.export.labelled import Labelled, Labellings
from labelwright.export.labelled_formats import LABELLED_FORMATS, LabelledFormat
from labelwright.export.lineage import lineage
from labelwright.export.manifest import NAME, content_id, manifest_of
from labelwright.export.records import ConsensusLabel, More
from labelwright.export.survey import Surveyor
from labelwright.model.errors import NothingToDoError, UsageError
from labelwright.model.project import AnnotationSet, Item, Purpose
from labelwright.model.schema import STRUCTURE_KINDS, Control, Kind, Schema
from labelwright.model.values import Answer, Choice, Paths
from labelwright.ports.datasets import DatasetFolders

#: Kinds whose labels are names out of the control's list of classes.
_CLASS_KINDS = frozenset({Kind.CHOICE, Kind.CHOICES})
#: Formats that are made to hold media.
HOLDING = frozenset({"hf", "webdataset"})


@dataclass(frozen=True, slots=True)
class Answers:
    """What the format label-studio needs beside the rows: a codec's ``encode`` and the raw JSON that was kept."""

    encode: Callable[[Answer], list[dict[str, Any]]]
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the exported labels.

    Attributes:
        others: item id → answers to other controls.
        drawn: item id → what is drawn on it, for formats that carry drawings.
        suggested: annotation id → the model that suggested it.
        media: bytes behind a link; None where they are not at hand.
        likeness: a hash of 64 bits of what an item's picture looks like; None where the items show no picture.
    """

    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    drawn: Mapping[str, Given] = field(default_factory=dict)
    suggested: Mapping[str, str] = field(default_factory=dict)
    media: Callable[[str], bytes | None] | None = None
    likeness: Callable[[Item], int | None] | None = None


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What is wanted.

    Attributes:
        formats: names of `labelwright.export.FORMATS`; they share one folder and one manifest.
        out: the folder.
        provenance: how the labels came about.
        rule: how items are divided; see `forced_tests`.
        force: replace a folder that is not ours; it is moved aside, never deleted.
        filters: which items become rows.
        stratify: divide each class by itself.
        soft: rows carry the share of annotators by class, and contested items are kept, marked.
        media: copy the media into the dataset; None for the formats alone that are made to hold them (`HOLDING`).
        certification: the verdict on the labels, as JSON holds it; None where there is none.
    """

    formats: tuple[str, ...]
    out: Path
    provenance: Provenance
    rule: SplitRule = field(default_factory=SplitRule)
    force: bool = False
    filters: Filters = field(default_factory=Filters)
    stratify: bool = False
    soft: bool = False
    media: bool | None = None
    certification: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written.

    Attributes:
        out: the folder.
        paths: its files.
        rows: rows of the training set over all splits.
        left_out: items without a row, counted by reason.
        manifest: as it stands in ``manifest.json``.
    """

    out: Path
    paths: tuple[Path, ...]
    rows: int
    left_out: Mapping[str, int]
    manifest: Mapping[str, Any]


def export_dataset(
    annotation_set: AnnotationSet,
    consensus: Mapping[str, ConsensusLabel],
    control: Control,
    request: ExportRequest,
    folders: DatasetFolders,
    answers: Answers | None = None,
    beside: Beside | None = None,
) -> ExportResult:
    """Write a training set, or nothing.

    Args:
        annotation_set: items and annotations.
        consensus: item id → label, posterior, contested; computed by the caller.
        control: the control that was aggregated.
        request: what is wanted.
        folders: writes it.
        answers: needed for the format label-studio.
        beside: needed for formats that carry drawings, and for what else is known.

    Raises:
        UsageError: no such format, or ``out`` cannot be a dataset's folder.
        NothingToDoError: there is nothing to write.
        CheckFailedError: rows are corrupt, or ``out`` holds what is not ours.
        OutsideServiceError: the disk is full or failed.
    """
    names = [n for n in request.formats if n in FORMATS or n not in LABELLED_FORMATS]
    formats = formats_named(names) if names else []
    drawn = [LABELLED_FORMATS[n] for n in LABELLED_FORMATS if n in request.formats and n not in FORMATS]
    if drawn and beside is None:
        raise UsageError(
            f"The format {drawn[0].name} needs what was drawn, which is not at hand here",
            where="--format",
            next_step="Export the project from Label Studio as JSON, and use labelwright convert",
        )
    with no_collection():
        given = _Given(annotation_set, consensus, control, answers, beside or Beside())
        return _export(given, request, formats, drawn, folders)


@dataclass(frozen=True, slots=True)
class _Given:
    annotations: AnnotationSet
    consensus: Mapping[str, ConsensusLabel]
    control: Control
    answers: Answers | None
    beside: Beside


def _export(
    given: _Given,
    request: ExportRequest,
    formats: list[Format],
    drawn: list[LabelledFormat],
    folders: DatasetFolders,
) -> ExportResult:
    records, division = _records(given, request)
    control, annotations = given.control, given.annotations
    classes = control.classes if control.kind in _CLASS_KINDS else ()
    formats = [*formats, *(drawn_format(f, _labellings(given, records, request, f), request) for f in drawn)]
    trains = any(f.trains for f in formats)
    if trains and not len(records):
        raise _nothing(records)
    with folders.draft(request.out, force=request.force) as draft:
        surveyor = Surveyor(classes, annotations.schema.data_fields)
        looked_at = surveyor.looking(records)
        files: dict[str, str] = {}
        if trains:  # written while the rows are surveyed: they are read once less
            file = lineage(looked_at)
            files[file.path] = draft.add(file)
        deque(looked_at, maxlen=0)
        found = surveyor.survey()
        if trains:
            check_records(found.problems, f"all of them: {folders.put_problems(request.out, found.problems)}")
        dataset = _dataset(records, found.columns, classes, given, request)
        files |= {file.path: draft.add(file) for f in formats for file in f.encode(dataset)}
        manifest = manifest_of(dataset, formats, division.rule, request.provenance, found.summary, files)
        _complete(manifest, request, division)
        cards = {file.path: draft.add(file) for file in _cards(manifest, formats, dataset)}
        manifest["files"] |= {path: {"sha256": checksum} for path, checksum in cards.items()}
        draft.add(EncodedFile(NAME, [json_bytes(manifest, indent=2), b"\n"]))
    paths = tuple(request.out / path for path in (*manifest["files"], NAME))
    return ExportResult(request.out, paths, len(records), records.left_out, manifest)


def _records(given: _Given, request: ExportRequest) -> tuple[Records, Division]:
    """The rows: first with the plain rule, then divided anew where that must be."""
    labels = _labels(given.annotations, given.consensus, given.control)
    more = More(given.beside.others, given.beside.suggested, request.soft)

    def build(rule: SplitRule) -> Records:
        return build_records(
            given.annotations,
            labels,
            given.control,
            rule,
            aggregator=request.provenance.aggregator,
            keep_contested=request.soft,
            filters=request.filters,
            more=more,
        )

    records = build(request.rule)
    rows = [item for part in records.parts.values() for item in part.items]
    fields = text_fields(given.annotations.schema)
    look = given.beside.likeness
    division = divide(rows, labels, request.rule, fields, stratify=request.stratify, likeness=look)
    return (records if division.rule == request.rule else build(division.rule)), division


def text_fields(schema: Schema) -> tuple[str, ...]:
    """Data fields that the screen shows as text."""
    media = {o.field for o in schema.objects if o.tag in MEDIA_TAGS}
    return tuple(f for f in schema.data_fields if f not in media)


def _complete(manifest: dict[str, Any], request: ExportRequest, division: Division) -> None:
    """What a version has beyond its rows: how it was filtered and divided, what was certified, and its id."""
    manifest["filters"] = request.filters.stated()
    manifest["soft_labels"] = request.soft
    manifest["splits"] |= {"stratified": division.stratified, "near_duplicates": dict(division.found)}
    manifest["certification"] = dict(request.certification) if request.certification else None
    manifest["id"] = content_id(manifest["files"])


def _labellings(given: _Given, records: Records, request: ExportRequest, form: LabelledFormat) -> Labellings:
    schema, beside = given.annotations.schema, given.beside
    outlook = outlook_of(schema, form.family)
    copied = bool(beside.media) and (form.name in HOLDING if request.media is None else request.media)
    splits = tuple(split for split, part in records.parts.items() if part.items)

    def read() -> Iterator[Labelled]:
        for record in records:
            drawn = beside.drawn.get(record.id)
            values = {**record.answers, **({} if drawn is None else drawn.values)}
            values = {name: v for name, v in values.items() if name not in structures}
            if given.control.name not in structures:
                values = {given.control.name: record.label, **values}
            regions, links = ((), ()) if drawn is None else (drawn.regions, drawn.links)
            facts = {"posterior": record.posterior, "n_annotations": record.n_annotations}
            yield Labelled(record.id, record.data, regions, values, links, None, record.split, facts)

    structures = {c.name for c in schema.controls if c.kind in STRUCTURE_KINDS or c.per_region}
    options = {"splits": splits, "classes": outlook.choices, "media": copied, "media_field": outlook.is_media}
    return Labellings(
        read=read,
        classes=outlook.classes,
        points=lambda: outlook.points,
        data_field=outlook.data_field,
        target=outlook.target,
        media=(beside.media if copied or form.name not in HOLDING else None) or (lambda _: None),
        options=options,
    )


def forced_tests(annotation_set: AnnotationSet) -> dict[str, str]:
    """Groups of the untouched test set → test: whatever was labeled as test is never trained on."""
    tests = {a.item for a in annotation_set.annotations if a.purpose is Purpose.TEST}
    return {group_of(annotation_set.items[i]): "test" for i in sorted(tests) if i in annotation_set.items}


def _dataset(
    records: Records, columns: tuple[Column, ...], classes: tuple[str, ...], given: _Given, request: ExportRequest
) -> Dataset:
    annotations, answers = given.annotations, given.answers
    dataset = Dataset(
        records,
        columns,
        classes,
        annotations,
        media=None if request.media is False else given.beside.media,
        media_fields=tuple(o.field for o in annotations.schema.objects if o.tag in MEDIA_TAGS and o.field),
    )
    return replace(dataset, encode_answer=answers.encode, raw=answers.raw) if answers else dataset


def _nothing(records: Records) -> NothingToDoError:
    return NothingToDoError(
        "No item has a label yet",
        where=", ".join(f"{n} {reason}" for reason, n in records.left_out.items()) or "no items",
        next_step="Let annotators answer first; `labelwright status` shows what is on their desks",
    )


def _cards(manifest: Mapping[str, Any], formats: list[Format], dataset: Dataset) -> Iterator[EncodedFile]:
    text = card(manifest, [(f.name, f.loading) for f in formats])
    yield EncodedFile("dataset_card.md", [text.encode()])
    yield croissant(manifest, features(dataset) if any(f.name == "hf" for f in formats) else None)
    for f in formats:
        if f.front_matter is not None:
            yield EncodedFile("README.md", [f.front_matter(dataset).encode(), text.encode()])


@dataclass(frozen=True, slots=True)
class _Label:
    label: Any
    posterior: float | None
    contested: bool
    method: str = ""
    adjudicator: str | None = None


def _labels(
    annotation_set: AnnotationSet, consensus: Mapping[str, ConsensusLabel], control: Control
) -> Mapping[str, ConsensusLabel]:
    """Sets of classes as lists: they are counted as one text, but are no text to a trainer."""
    if control.kind not in SET_KINDS:
        return consensus
    sets = {SET_JOINT.join(s): s for a in annotation_set.valid for s in (_members(a.answer, control.name),)}
    sets |= {NOTHING: ()}
    return {
        i: _Label(
            _inferred_set(c, sets),
            c.posterior,
            c.contested,
            getattr(c, "method", ""),
            getattr(c, "adjudicator", None),
        )
        for i, c in consensus.items()
    }


def _inferred_set(found: ConsensusLabel, given: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The inferred set, which nobody may have given as a whole; else the one that was given under that name."""
    match getattr(found, "value", None):
        case Choice(labels):
            return list(labels)
        case Paths(paths):
            return [PATH_JOINT.join(p) for p in paths]
        case _:
            return list(given.get(found.label, (found.label,)))


def _members(answer: Answer, control: str) -> tuple[str, ...]:
    found: set[str] = set()
    for entry in answer.of(control):
        match entry.value:
            case Choice(labels):
                found.update(labels)
            case Paths(paths):
                found.update(PATH_JOINT.join(p) for p in paths)
            case _:
                found.update(entry.labels)
    return tuple(sorted(found))
