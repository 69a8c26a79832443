"""What stands on a desk and what should: the two states between which actions are decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labelwright.model.project import AnnotationState, Purpose


@dataclass(frozen=True, slots=True)
class DeskSpec:
    """How a desk should look. ``marker`` is written into the project's description and finds it again."""

    title: str
    marker: str
    config: str
    instructions_html: str = ""


@dataclass(frozen=True, slots=True)
class Prediction:
    """An answer that comes with a task: a model's, or (on a review desk) a colleague's without a name.

    Attributes:
        version: what the screen calls it.
        result: the answer as `result` records.
        score: 0 to 1, where one is known.
    """

    version: str
    result: tuple[Mapping[str, Any], ...]
    score: float | None = None


@dataclass(frozen=True, slots=True)
class TaskToDeliver:
    """One task on its way to a desk. ``key`` is the opaque id of the assignment, all that stands in its meta."""

    key: str
    data: Mapping[str, Any]
    predictions: tuple[Prediction, ...] = ()


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


@dataclass(frozen=True, slots=True)
class DeskRecord:
    """A desk as Labelwright knows it.

    Attributes:
        project: Label Studio's id of the project.
        annotator: whose desk it is.
        kind: ``work``, ``review`` or ``trial``.
        url: the annotator's way in.
        watermark: the newest update that intake has taken in; None before the first.
    """

    project: int
    annotator: str
    kind: str
    url: str
    watermark: datetime | None = None


#: Purposes that have a desk of their own kind; all others are work.
_APART = {Purpose.TRIAL: "trial", Purpose.REVIEW: "review"}


def kind_of(purpose: Purpose) -> str:
    """On which kind of desk an assignment stands."""
    return _APART.get(purpose, "work")


def purposes_of(kind: str) -> frozenset[Purpose]:
    """What stands on a kind of desk."""
    return frozenset(p for p in Purpose if kind_of(p) == kind)


@dataclass(frozen=True, slots=True)
class AnnotationRecord:
    """What intake keeps of one annotation. ``item`` is None on a task that Labelwright did not deliver.

    ``created_at`` is by our clock, ``updated_at`` by Label Studio's: the one says when, the other what is newer there.
    """

    id: int
    project: int
    task: int
    key: str | None
    item: str | None
    annotator: str
    state: AnnotationState
    created_at: datetime
    updated_at: datetime
    seconds: float | None
    purpose: Purpose
    round: int
    raw: str
    schema_version: int | None = None
    guidelines_version: int | None = None
    problems: tuple[str, ...] = ()
