"""Label Studio's own JSON: tasks whose annotation is the consensus, or every annotator's in turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labelwright.export.columns import plain
from labelwright.export.encoding import EncodedFile, json_bytes
from labelwright.export.labelled import Labelled, Labellings

RULE = "A task for each item, or for each answer where they are kept apart; importable into Label Studio."


def encode(labellings: Labellings) -> Iterator[EncodedFile]:
    """``label-studio.json``: a list, one task a line."""
    yield EncodedFile("label-studio.json", _tasks(labellings))


def _tasks(labellings: Labellings) -> Iterator[bytes]:
    lead = b"[\n"
    for labelled in labellings.read():
        yield lead + json_bytes(_task(labellings, labelled))
        lead = b",\n"
    yield b"[]\n" if lead == b"[\n" else b"\n]\n"


def _task(labellings: Labellings, labelled: Labelled) -> dict[str, Any]:
    facts = {k: plain(v) for k, v in labelled.facts.items()}
    ours = {"item": labelled.id, **facts, **({"split": labelled.split} if labelled.split else {})}
    annotation = {"result": labellings.encode(labelled), "was_cancelled": False}
    if labelled.annotator is not None:
        ours["annotator"] = labelled.annotator
    number = {"id": int(labelled.id)} if labelled.id.isdecimal() else {}
    return {**number, "data": plain(labelled.data), "meta": {"labelwright": ours}, "annotations": [annotation]}
