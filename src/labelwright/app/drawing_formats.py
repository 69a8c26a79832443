"""Formats that carry drawings, as an export of a workspace and a conversion have them in common."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from labelwright.export.answers import Outlook
from labelwright.export.encoding import Dataset, EncodedFile, Format
from labelwright.export.labelled import Labellings
from labelwright.export.labelled_formats import LabelledFormat
from labelwright.model.schema import STRUCTURE_KINDS, Kind, Schema

if TYPE_CHECKING:
    from labelwright.app.export import ExportRequest

#: Tags of objects that are loaded from an address.
MEDIA_TAGS = frozenset({"Image", "Audio", "AudioPlus", "Video"})
#: What is drawn on what.
FAMILIES = {
    "text": frozenset({Kind.SPANS}),
    "picture": frozenset(
        {Kind.BOXES, Kind.POLYGONS, Kind.ELLIPSES, Kind.KEYPOINTS, Kind.MASKS},
    ),
    "sound": frozenset({Kind.SEGMENTS}),
}


def encoded(form: LabelledFormat, labellings: Labellings) -> Iterator[EncodedFile]:
    """The files of a format, and ``dropped.jsonl`` where something was lost."""
    encoder = getattr(import_module(form.module), form.encoder)
    yield from encoder(labellings)
    dropped = labellings.lost.file()
    if dropped is not None:
        yield dropped


def rule_of(form: LabelledFormat) -> str | None:
    """What a reader of its files must know."""
    return getattr(import_module(form.module), form.rule) if form.rule else None


def drawn_format(form: LabelledFormat, labellings: Labellings, request: ExportRequest) -> Format:
    """The format as an export of a workspace takes it; beside others it has a folder of its own."""
    folder = f"{form.name}/" if len(request.formats) > 1 else ""

    def encode(_: Dataset) -> Iterator[EncodedFile]:
        for file in encoded(form, labellings):
            yield replace(file, path=f"{folder}{file.path}")

    rule = rule_of(form)
    loading = _of_split(form.loading, labellings.options.get("splits") or ()).replace("OUT/", f"OUT/{folder}")
    return Format(form.name, form.description, encode, loading, notes=(rule,) if rule else ())


def _of_split(loading: str, splits: Sequence[str]) -> str:
    """The lines that load a format's one file, for its file of the first split."""
    if not splits:
        return loading
    for whole in ("OUT/data.conll", "OUT/data.spacy", "OUT/data-000000.tar", "OUT/preferences.jsonl"):
        _, dot, ending = whole.partition("-" if "-" in whole else ".")
        loading = loading.replace(whole, f"OUT/{splits[0]}{dot}{ending}")
    return loading


def outlook_of(schema: Schema, family: str = "") -> Outlook:
    """Classes and fields as a labeling config has them, in its order.

    Args:
        schema: the config, read.
        family: of controls that draw on text, picture or sound; empty: of all.
    """
    kinds = FAMILIES.get(family, STRUCTURE_KINDS)
    drawn = [c for c in schema.controls if c.kind in kinds]
    classes = dict.fromkeys(name for c in drawn if c.kind is not Kind.KEYPOINTS for name in c.classes)
    points = dict.fromkeys(name for c in drawn if c.kind is Kind.KEYPOINTS for name in c.classes)
    choices = {
        c.name: c.classes
        for c in schema.controls
        if c.kind in {Kind.CHOICE, Kind.CHOICES} and c.classes and not c.per_region
    }
    first = next(iter([*drawn, *schema.controls]), None)
    shown = next((o for o in schema.objects if first and o.name in first.to), None)
    return Outlook(
        tuple(classes),
        tuple(points),
        choices,
        shown.name if shown and drawn else None,
        shown.field if shown else None,
        bool(shown and shown.tag in MEDIA_TAGS),
    )


@contextmanager
def no_collection() -> Iterator[None]:
    """Millions of small values and no cycles: the collector would only search in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
