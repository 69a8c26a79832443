"""Reads a project that Labelwright does not manage. Nothing but GET is ever sent there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from labelwright.adapters.labelstudio import tasklist
from labelwright.adapters.labelstudio.client import LabelStudioClient
from labelwright.ports import Progress


@dataclass(frozen=True, slots=True)
class Adopted:
    """A project as it stands.

    Attributes:
        number: its id.
        title: its title.
        config: its labeling config.
        tasks: as an export of format JSON has them; people by e-mail address where they are known.
        raw: each annotation's JSON by its id.
    """

    number: int
    title: str
    config: str
    tasks: tuple[dict[str, Any], ...]
    raw: Mapping[str, str]


def read_project(client: LabelStudioClient, number: int, progress: Progress) -> Adopted:
    """The project's config and all its tasks with their annotations.

    Raises:
        OutsideServiceError: the server, the token or the project cannot be used.
    """
    client.version()
    project = client.get(f"/api/projects/{number}/")
    people = {int(u["id"]): str(u.get("email") or f"user:{u['id']}") for u in client.get("/api/users/")}
    progress.start("Reading tasks", int(project.get("task_number") or 0) or None)
    tasks = []
    for task in tasklist.by_update(client, number, None):
        tasks.append(_named(task, people))
        progress.step()
    raw = {str(a["id"]): orjson.dumps(a).decode() for t in tasks for a in t["annotations"]}
    ordered = sorted(tasks, key=lambda t: int(t["id"]))
    return Adopted(number, str(project["title"]), str(project["label_config"]), tuple(ordered), raw)


def _named(task: dict[str, Any], people: Mapping[int, str]) -> dict[str, Any]:
    return {**task, "annotations": [_by_person(a, people) for a in task.get("annotations") or ()]}


def _by_person(annotation: dict[str, Any], people: Mapping[int, str]) -> dict[str, Any]:
    who = annotation.get("completed_by")
    number = who.get("id") if isinstance(who, dict) else who
    email = people.get(int(number)) if isinstance(number, int) else None
    return {**annotation, "completed_by": {"id": number, "email": email} if email else number}
