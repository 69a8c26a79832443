"""What a model is given of an item: its text, its picture, its recording, its vector, or the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from labelwright.app.context import Project
from labelwright.model.errors import SettingsError
from labelwright.model.project import Item
from labelwright.model.schema import Kind
from labelwright.ports import Reads

_TAGS = {Reads.IMAGE: frozenset({"Image"}), Reads.AUDIO: frozenset({"Audio", "AudioPlus"})}


def kind_of(project: Project) -> str:
    """The kind of learner that the settings name, or that fits what the screen shows and asks."""
    kind = project.settings.model.kind
    if kind != "auto":
        return kind
    if marked_field(project) is not None:
        return "spans"
    if text_fields(project):
        return "text"
    return next((r.value for r in _TAGS if media_field(project, r) is not None), "text")


def inputs_of(project: Project, reads: Reads, items: Sequence[Item]) -> list[Any]:
    """One input an item, as a learner of that kind takes it; None where there is nothing to read.

    Raises:
        SettingsError: vectors are wanted, and the settings name no column of them.
    """
    read = _reader(project, reads)
    return [read(item) for item in items]


def text_fields(project: Project) -> list[str]:
    """What a text model may read: the path of a file would tell it the folder's name, not what is in the file."""
    return [f for f in project.schema.data_fields if f not in project.media.fields]


def media_field(project: Project, reads: Reads) -> str | None:
    """The data field that holds pictures or recordings, the first of several; None where there is none."""
    found = (o.field for o in project.schema.objects if o.tag in _TAGS[reads])
    return next((f for f in found if f in project.media.fields), None)


def marked_field(project: Project) -> str | None:
    """The plain text in which the control marks spans; None where it does something else."""
    control = project.control
    if control.kind is not Kind.SPANS or control.per_region:
        return None
    return next((o.field for o in project.schema.objects if o.name in control.to and o.tag == "Text"), None)


def text_of(project: Project, item: Item) -> str:
    """What a text model reads of an item: the fields that the screen shows."""
    return "\n".join(str(item.data[f]) for f in text_fields(project) if f in item.data)


def _reader(project: Project, reads: Reads) -> Callable[[Item], Any]:
    if reads is Reads.TEXT:
        fields = text_fields(project)
        return lambda item: "\n".join(str(item.data[f]) for f in fields if f in item.data)
    if reads is Reads.MARKED:
        marked = marked_field(project)
        return lambda item: _text(item, marked)
    if reads is Reads.ITEM:
        return lambda item: replace(item, data={f: project.media.shown(item, f) for f in item.data})
    if reads is Reads.VECTOR:
        return _vector_reader(project)
    field = media_field(project, reads)
    return lambda item: _file(project, item, field)


def _text(item: Item, field: str | None) -> str | None:
    value = None if field is None else item.data.get(field)
    return None if value is None else str(value)


def _file(project: Project, item: Item, field: str | None) -> Path | None:
    return None if field is None else project.media.path(item, field)


def _vector_reader(project: Project) -> Callable[[Item], Any]:
    vectors = project.vectors()
    if vectors is None:
        raise SettingsError(
            "A model on vectors needs vectors",
            where="labelwright.yaml: model.vectors",
            next_step="Name a Parquet or .npy file with one vector an item there",
        )
    return lambda item: _row(vectors, item.id)


def _row(vectors: Mapping[str, Any], item: str) -> Any:
    found = vectors.get(item)
    return None if found is None else np.asarray(found, dtype=np.float32)
