"""What stands on a desk and what should: the two states between which actions are decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class DeskSpec:
    """How a desk should look. ``marker`` is written into the project's description and finds it again."""

    title: str
    marker: str
    config: str
    instructions_html: str = ""


@dataclass(frozen=True, slots=True)
class TaskToDeliver:
    """One task on its way to a desk. ``key`` is the opaque id of the assignment, all that stands in its meta."""

    key: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeenTask:
    """A task as it stands on a desk. ``key`` is None where Labelwright did not put it there."""

    id: int
    key: str | None
    annotations: tuple[int, ...] = ()
    in_hand: bool = False  # open, locked or with a draft: never withdrawn


@dataclass(frozen=True, slots=True)
class SeenAnnotation:
    """An annotation as Label Studio holds it now. ``raw`` is its JSON, unchanged."""

    id: int
    desk: int
    task: int
    key: str | None
    user: int | None
    skipped: bool
    created_at: datetime
    updated_at: datetime
    seconds: float | None
    raw: str


@dataclass(frozen=True, slots=True)
class SeenChange:
    """A task that changed since a time, with every annotation it holds now."""

    task: SeenTask
    updated_at: datetime
    annotations: tuple[SeenAnnotation, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """An account in Label Studio. ``token`` lets a program act as this person; None where nobody may."""

    user: int
    email: str
    token: str | None = None
