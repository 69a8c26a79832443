"""Label Studio JSON: every annotation of every annotator, in the shape that Label Studio exports and imports.

Annotators are numbers: their account in Label Studio when everybody has one, else the number of their pseudonym.
No name and no address of a person is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from labelwright.export.building import pseudonyms_of
from labelwright.export.columns import plain
from labelwright.export.encoding import Dataset, EncodedFile, Format, json_bytes
from labelwright.model.project import Annotation, AnnotationState, Item

#: Answers to the task, and skips; a reader counts the last of each annotator.
COUNTED = frozenset({AnnotationState.VALID, AnnotationState.SKIPPED, AnnotationState.SUPERSEDED})
#: Kept apart, so that nobody counts them by accident.
KEPT_APART = frozenset({AnnotationState.FOREIGN, AnnotationState.INVALID})
#: Fields of the vendor's record that are handed on. Others may name people.
_KEPT_FIELDS = ("unique_id", "ground_truth", "result_count", "import_id", "last_action", "bulk_created")

#: Stated in the manifest and on the card.
NOTE = (
    "label-studio.json holds every annotation that answers or skips a task, earlier answers of the same annotator too "
    "(`labelwright_state` tells which). Answers by somebody to whom the item was not assigned, and answers that do "
    "not fit the schema, are in label-studio.not-counted.json. The item's id is in `meta.labelwright.item`."
)


def encode(dataset: Dataset) -> Iterator[EncodedFile]:
    """``label-studio.json``, and ``label-studio.not-counted.json`` when there are annotations that do not count."""
    yield EncodedFile("label-studio.json", _tasks(dataset, COUNTED))
    if any(a.state in KEPT_APART for a in dataset.annotation_set.annotations):
        yield EncodedFile("label-studio.not-counted.json", _tasks(dataset, KEPT_APART))


def _tasks(dataset: Dataset, states: frozenset[AnnotationState]) -> Iterator[bytes]:
    """A JSON list, one task a line, in the order of item ids; a task keeps its number in both files."""
    by_item: dict[str, list[Annotation]] = {}
    for annotation in dataset.annotation_set.annotations:
        if annotation.state in states and annotation.item in dataset.annotation_set.items:
            by_item.setdefault(annotation.item, []).append(annotation)
    people = _people(dataset)
    lead = b"[\n"
    for number, item_id in enumerate(sorted(dataset.annotation_set.items), start=1):
        if item_id in by_item:
            item = dataset.annotation_set.items[item_id]
            yield lead + json_bytes(_task(number, item, by_item[item_id], dataset, people))
            lead = b",\n"
    yield b"[]\n" if lead == b"[\n" else b"\n]\n"


def _people(dataset: Dataset) -> dict[str, int]:
    """Annotator → number. Accounts and pseudonyms are never mixed: their numbers would collide."""
    names = pseudonyms_of(dataset.annotation_set)
    known = dataset.annotation_set.annotators
    accounts = {a: known[a].user for a in names if a in known}
    found = {a: user for a, user in accounts.items() if user is not None}
    if len(found) == len(names) and len(set(found.values())) == len(names):
        return found
    return {a: int(name.rpartition("-")[2]) for a, name in names.items()}


def _task(
    number: int, item: Item, annotations: list[Annotation], dataset: Dataset, people: Mapping[str, int]
) -> dict[str, Any]:
    ordered = sorted(annotations, key=lambda a: (len(a.id), a.id))
    ours = {"item": item.id, "group": item.group or item.id, "existing_label": item.existing}
    if dataset.annotation_set.simulated:
        ours["simulated"] = dataset.annotation_set.simulated
    meta = {**item.metadata, "labelwright": ours}
    return {
        "id": number,
        "data": plain(item.data),
        "meta": plain(meta),
        "annotations": [_annotation(a, dataset, people) for a in ordered],
    }


def _annotation(annotation: Annotation, dataset: Dataset, people: Mapping[str, int]) -> dict[str, Any]:
    raw = json.loads(dataset.raw.get(annotation.id, "{}"))
    result = dataset.encode_answer(annotation.answer) if annotation.answer.entries else raw.get("result", [])
    return {
        "id": int(annotation.id) if annotation.id.isdecimal() else annotation.id,
        "completed_by": people[annotation.annotator],
        "result": result,
        "was_cancelled": annotation.state is AnnotationState.SKIPPED,
        "lead_time": annotation.seconds,
        "created_at": _time(annotation.created_at),
        "updated_at": _time(annotation.updated_at),
        "labelwright_state": str(annotation.state),
        **{name: raw[name] for name in _KEPT_FIELDS if name in raw},
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


FORMAT = Format(
    "label-studio",
    "Label Studio JSON: label-studio.json, all annotations of all annotators",
    encode,
    loading='import json\n\ntasks = json.load(open("OUT/label-studio.json", encoding="utf-8"))',
    notes=(NOTE,),
    trains=False,
)
