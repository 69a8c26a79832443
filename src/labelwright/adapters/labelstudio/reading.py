"""Label Studio's tasks and annotations, as they come over REST, to the values of the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labelwright.adapters.labelstudio.tasklist import time_of
from labelwright.model.desk import SeenAnnotation, SeenChange, SeenTask

#: The name under which a task's meta holds the opaque id of the assignment.
META = "labelwright"
# "0 minutes": what the clock said when the server was asked. It would make every reading of one answer differ.
_OF_THE_CLOCK = "created_ago"


def seen_task(task: Mapping[str, Any], locked: frozenset[int]) -> SeenTask:
    """A task of the sweep; ``locked`` holds the ids of tasks that somebody has open."""
    ids = str(task.get("annotations_ids") or "").replace(",", " ").split()
    return _task(task, tuple(sorted(int(i) for i in ids)), locked)


def seen_change(task: Mapping[str, Any], desk: int, locked: frozenset[int]) -> SeenChange:
    """A task with its annotations, skipped ones too, in the order of their ids."""
    annotations = tuple(
        seen_annotation(a, task, desk) for a in sorted(task.get("annotations") or (), key=lambda a: int(a["id"]))
    )
    ids = tuple(a.id for a in annotations)
    return SeenChange(_task(task, ids, locked), time_of(task["updated_at"]), annotations)


def seen_annotation(annotation: Mapping[str, Any], task: Mapping[str, Any], desk: int) -> SeenAnnotation:
    """One annotation. ``raw`` is its JSON as given, less the one field that changes with the clock."""
    return SeenAnnotation(
        id=int(annotation["id"]),
        desk=desk,
        task=int(task["id"]),
        key=_key(task),
        user=_user(annotation.get("completed_by")),
        skipped=bool(annotation.get("was_cancelled")),
        created_at=time_of(annotation["created_at"]),
        updated_at=time_of(annotation["updated_at"]),
        seconds=_seconds(annotation.get("lead_time")),
        raw=_raw({k: v for k, v in annotation.items() if k != _OF_THE_CLOCK}),
    )


def _task(task: Mapping[str, Any], annotations: tuple[int, ...], locked: frozenset[int]) -> SeenTask:
    in_hand = task["id"] in locked or bool(task.get("draft_exists"))
    return SeenTask(int(task["id"]), _key(task), annotations, in_hand)


def _key(task: Mapping[str, Any]) -> str | None:
    meta = task.get("meta")
    key = meta.get(META) if isinstance(meta, dict) else None
    return key if isinstance(key, str) else None


def _user(completed_by: Any) -> int | None:
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("id")
    return int(completed_by) if completed_by is not None else None


def _seconds(lead_time: Any) -> float | None:
    return float(lead_time) if isinstance(lead_time, int | float) else None


def _raw(annotation: Mapping[str, Any]) -> str:
    text = json.dumps(annotation, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: no database takes it, its escape can be kept
        return json.dumps(annotation, separators=(",", ":"))
    return text
