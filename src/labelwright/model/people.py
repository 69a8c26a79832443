"""What is kept about people's work beside their answers: gold, adjudications, messages, status, qualification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from labelwright.model.project import AnnotatorStatus

#: The recipient of messages that is not an annotator.
LEAD = "lead"
#: Why an item is reviewed: nobody doubts it, it was drawn at random.
AUDIT = "audit"


class GoldSource(StrEnum):
    """Where the label of a gold item comes from."""

    LEAD = "lead"
    ADJUDICATION = "adjudication"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class GoldItem:
    """An item whose label is known.

    Attributes:
        label: the class (ratings as text); None where the answer is a structure.
        answer: the whole answer as Label Studio `result` records, for structures; empty otherwise.
        by: who said so (an annotator's id, or ``lead``).
        explanation: why the label is right, shown in a qualification round and once the item is retired.
        retired_at: since when it is no longer asked as gold; None while it is active.
        retired_reason: worn, wrong, or what the lead said.
        suspected: why its label may be wrong; None while nobody doubts it. A suspected item counts for nobody.
        exposures: how many annotators it was given to as gold or for qualification.
    """

    item: str
    control: str
    label: str | None
    source: GoldSource
    answer: tuple[Mapping[str, Any], ...] = ()
    by: str = LEAD
    explanation: str | None = None
    added_at: datetime | None = None
    retired_at: datetime | None = None
    retired_reason: str | None = None
    suspected: str | None = None
    exposures: int = 0

    @property
    def active(self) -> bool:
        """Whether it may be asked and counted."""
        return self.retired_at is None and self.suspected is None


@dataclass(frozen=True, slots=True)
class Adjudication:
    """An expert's word on one item under one control.

    Attributes:
        by: the expert.
        annotation: Label Studio's id of the expert's annotation.
        label: the class, or None where the answer is a structure.
        answer: the answer as `result` records, for structures.
        why: the expert's reason, where one was written.
        before: the label that the consensus held before; None where there was none.
        asked: why the item was reviewed: ``contested``, ``audit``, ``unsure`` …
    """

    item: str
    control: str
    by: str
    annotation: int
    label: str | None
    at: datetime
    answer: tuple[Mapping[str, Any], ...] = ()
    why: str | None = None
    before: str | None = None
    asked: str = ""


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """An item that an expert shall see, and why. ``detail`` is for people, ``closed_at`` None until it is settled."""

    item: str
    why: str
    detail: str = ""
    asked_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """Something an annotator or the lead is told. ``id`` names the occasion: the same one is told once.

    Attributes:
        to: an annotator's id, or ``lead``.
        kind: ``paused``, ``resumed``, ``returned``, ``qualified``, ``budget``, ``gold`` …
        item: the item it is about, if any.
    """

    id: str
    to: str
    kind: str
    text: str
    at: datetime
    item: str | None = None
    mailed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One step of an annotator's status: the audit of who paused whom, when and why."""

    annotator: str
    before: AnnotatorStatus
    after: AnnotatorStatus
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Qualification:
    """One try of one annotator at the qualification round.

    Attributes:
        keys: the assignments that belong to it.
        result: counts and bound once it is decided; empty before.
    """

    annotator: str
    attempt: int
    keys: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime | None = None
    passed: bool | None = None
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """Since when a desk has shown a version of the guidelines, by Label Studio's clock."""

    project: int
    version: int
    at: datetime
