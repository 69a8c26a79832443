"""What the current model says of tasks that a Label Studio sends: of the desks, or of a project of anybody's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwright.app.context import Project
from labelwright.app.suggesting import ModelSuggester
from labelwright.model.project import Item
from labelwright.ports.suggesting import Suggestion


def suggest_for_tasks(project: Project, tasks: Sequence[Mapping[str, Any]]) -> list[Suggestion | None]:
    """One suggestion a task, None where the model has nothing to say.

    A task that stands on a desk of ours is the item behind it; of any other its data are read as they are.

    Args:
        project: the labeling project.
        tasks: as Label Studio sends them; ``data`` and ``meta`` are read.
    """
    keys = [_key(task) for task in tasks]
    known = project.store.assignments_of_keys(k for k in keys if k)
    items = project.store.items({a.item for a in known.values()})
    given = [_item(task, known[k].item if k in known else None, items) for task, k in zip(tasks, keys, strict=True)]
    return ModelSuggester(project).suggest(given)


def current_version(project: Project) -> str | None:
    """Version of the model in use."""
    record = project.store.model()
    return None if record is None else record.version


def _key(task: Mapping[str, Any]) -> str:
    meta = task.get("meta")
    key = meta.get("labelwright") if isinstance(meta, Mapping) else None
    return key if isinstance(key, str) else ""


def _item(task: Mapping[str, Any], item: str | None, items: Mapping[str, Item]) -> Item:
    if item is not None and item in items:
        return items[item]
    data = task.get("data")
    return Item(f"task:{task.get('id')}", dict(data) if isinstance(data, Mapping) else {})
