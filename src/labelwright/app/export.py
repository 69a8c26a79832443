"""From annotations and their consensus to a training set in a folder."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from labelwright.app.tables import NOTHING, PATH_JOINT, SET_JOINT, SET_KINDS
from labelwright.export import (
    Dataset,
    EncodedFile,
    Format,
    Problem,
    Provenance,
    Records,
    SplitRule,
    build_records,
    check_records,
    formats_named,
    group_of,
)
from labelwright.export.card import card
from labelwright.export.columns import Column
from labelwright.export.encoding import json_bytes
from labelwright.export.manifest import NAME, manifest_of
from labelwright.export.records import ConsensusLabel
from labelwright.export.survey import survey
from labelwright.model.errors import NothingToDoError
from labelwright.model.project import AnnotationSet, Purpose
from labelwright.model.schema import Control, Kind
from labelwright.model.values import Answer, Choice, Paths
from labelwright.ports.datasets import DatasetFolders

#: Kinds whose labels are names out of the control's list of classes.
_CLASS_KINDS = frozenset({Kind.CHOICE, Kind.CHOICES})


@dataclass(frozen=True, slots=True)
class Answers:
    """What the format label-studio needs beside the rows: a codec's ``encode`` and the raw JSON that was kept."""

    encode: Callable[[Answer], list[dict[str, Any]]]
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What is wanted.

    Attributes:
        formats: names of `labelwright.export.FORMATS`; they share one folder and one manifest.
        out: the folder.
        provenance: how the labels came about.
        rule: how items are divided; see `forced_tests`.
        force: replace a folder that is not ours; it is moved aside, never deleted.
    """

    formats: tuple[str, ...]
    out: Path
    provenance: Provenance
    rule: SplitRule = field(default_factory=SplitRule)
    force: bool = False


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
) -> ExportResult:
    """Write a training set, or nothing.

    Args:
        annotation_set: items and annotations.
        consensus: item id → label, posterior, contested; computed by the caller.
        control: the control that was aggregated.
        request: what is wanted.
        folders: writes it.
        answers: needed for the format label-studio.

    Raises:
        UsageError: no such format, or ``out`` cannot be a dataset's folder.
        NothingToDoError: there is nothing to write.
        CheckFailedError: rows are corrupt, or ``out`` holds what is not ours.
        OutsideServiceError: the disk is full or failed.
    """
    formats = formats_named(request.formats)
    with _no_collection():
        return _export(annotation_set, consensus, control, request, formats, folders, answers)


def _export(
    annotation_set: AnnotationSet,
    consensus: Mapping[str, ConsensusLabel],
    control: Control,
    request: ExportRequest,
    formats: list[Format],
    folders: DatasetFolders,
    answers: Answers | None,
) -> ExportResult:
    labels = _labels(annotation_set, consensus, control)
    records = build_records(annotation_set, labels, control, request.rule, aggregator=request.provenance.aggregator)
    classes = control.classes if control.kind in _CLASS_KINDS else ()
    found = survey(records, classes, annotation_set.schema.data_fields)
    if any(f.trains for f in formats):
        _check(records, found.problems, request.out, folders)
    dataset = _dataset(records, found.columns, classes, annotation_set, answers)
    with folders.draft(request.out, force=request.force) as draft:
        files = {file.path: draft.add(file) for f in formats for file in f.encode(dataset)}
        manifest = manifest_of(dataset, formats, request.rule, request.provenance, found.summary, files)
        cards = {file.path: draft.add(file) for file in _cards(manifest, formats, dataset)}
        manifest["files"] |= {path: {"sha256": checksum} for path, checksum in cards.items()}
        draft.add(EncodedFile(NAME, [json_bytes(manifest, indent=2), b"\n"]))
    paths = tuple(request.out / path for path in (*manifest["files"], NAME))
    return ExportResult(request.out, paths, len(records), records.left_out, manifest)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of small values and no cycles: the collector would only search in vain (a fifth of the time)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def forced_tests(annotation_set: AnnotationSet) -> dict[str, str]:
    """Groups of the untouched test set → test: whatever was labeled as test is never trained on."""
    tests = {a.item for a in annotation_set.annotations if a.purpose is Purpose.TEST}
    return {group_of(annotation_set.items[i]): "test" for i in sorted(tests) if i in annotation_set.items}


def _dataset(
    records: Records,
    columns: tuple[Column, ...],
    classes: tuple[str, ...],
    annotation_set: AnnotationSet,
    answers: Answers | None,
) -> Dataset:
    dataset = Dataset(records, columns, classes, annotation_set)
    return replace(dataset, encode_answer=answers.encode, raw=answers.raw) if answers else dataset


def _check(records: Records, problems: Sequence[Problem], out: Path, folders: DatasetFolders) -> None:
    if not len(records):
        raise NothingToDoError(
            "No item has a label yet",
            where=", ".join(f"{n} {reason}" for reason, n in records.left_out.items()) or "no items",
            next_step="Let annotators answer first; `labelwright status` shows what is on their desks",
        )
    path = folders.put_problems(out, problems)
    check_records(problems, f"all of them: {path}")


def _cards(manifest: Mapping[str, Any], formats: list[Format], dataset: Dataset) -> Iterator[EncodedFile]:
    text = card(manifest, [(f.name, f.loading) for f in formats])
    yield EncodedFile("dataset_card.md", [text.encode()])
    for f in formats:
        if f.front_matter is not None:
            yield EncodedFile("README.md", [f.front_matter(dataset).encode(), text.encode()])


@dataclass(frozen=True, slots=True)
class _Label:
    label: Any
    posterior: float | None
    contested: bool


def _labels(
    annotation_set: AnnotationSet, consensus: Mapping[str, ConsensusLabel], control: Control
) -> Mapping[str, ConsensusLabel]:
    """Sets of classes as lists: they are counted as one text, but are no text to a trainer."""
    if control.kind not in SET_KINDS:
        return consensus
    sets = {SET_JOINT.join(s): s for a in annotation_set.valid for s in (_members(a.answer, control.name),)}
    sets |= {NOTHING: ()}
    return {i: _Label(_inferred_set(c, sets), c.posterior, c.contested) for i, c in consensus.items()}


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
