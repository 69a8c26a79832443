"""Items, annotators, assignments, annotations, rounds: the words of docs/glossary.md as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from labelwright.model.money import Rate
from labelwright.model.schema import Schema
from labelwright.model.values import Answer


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to label.

    Attributes:
        id: stable: a named column's value, or a hash of the content.
        data: the fields that the schema shows, as Label Studio takes them.
        metadata: columns that travel with the item to the end (source, created at, slices).
        group: items of one group never end up in two splits; the id where nothing else is given.
        existing: a label that came with the data; kept apart, only for comparison.
    """

    id: str
    data: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""
    existing: str | None = None


class Level(StrEnum):
    """How much an annotator's word weighs before anything is known."""

    NOVICE = "novice"
    REGULAR = "regular"
    EXPERT = "expert"


class AnnotatorStatus(StrEnum):
    """Whether an annotator gets work: onboarding → active ⇄ paused; left when she does not come back."""

    ONBOARDING = "onboarding"  # reads the guidelines and qualifies on gold
    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


class AnnotatorKind(StrEnum):
    """Who stands behind an annotator. A model has no desk and is measured like everyone."""

    PERSON = "person"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Annotator:
    """A person (or model) who labels.

    Attributes:
        user: the account's id in Label Studio.
        skills: tags that items may ask for.
        languages: tags of languages, for example ``de``.
        rate: what the work is paid now; None where nobody said.
        weekly_hours: hours a week that she gives; None where nobody said.
        reason: why the status is what it is.
        read_guidelines: the newest version of the guidelines that she said to have read.
    """

    id: str
    name: str
    email: str
    level: Level = Level.REGULAR
    status: AnnotatorStatus = AnnotatorStatus.ACTIVE
    user: int | None = None
    simulated: bool = False
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    rate: Rate | None = None
    weekly_hours: float | None = None
    reason: str | None = None
    read_guidelines: int | None = None
    kind: AnnotatorKind = AnnotatorKind.PERSON


class Purpose(StrEnum):
    """Why an item goes to an annotator."""

    LABEL = "label"
    OVERLAP = "overlap"
    TEST = "test"
    GOLD = "gold"
    QUALIFICATION = "qualification"
    REVIEW = "review"
    REASK = "reask"  # the same person once more, on purpose: self-consistency, new guidelines
    RETURN = "return"  # back to her with an explanation
    TRIAL = "trial"


class AssignmentState(StrEnum):
    """planned → delivered → done | skipped; withdrawn when it is no longer wanted."""

    PLANNED = "planned"
    DELIVERED = "delivered"
    DONE = "done"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Assignment:
    """Item × annotator × purpose.

    Attributes:
        key: the one opaque id that stands in the task's meta; tells nothing about the item.
        position: place in the annotator's own random order.
        attempt: how often it was delivered anew because its task had vanished.
    """

    key: str
    item: str
    annotator: str
    purpose: Purpose
    round: int
    position: int
    state: AssignmentState = AssignmentState.PLANNED
    task: int | None = None
    attempt: int = 0


class AnnotationState(StrEnum):
    """Only ``valid`` counts. The others are kept and counted apart."""

    VALID = "valid"
    SKIPPED = "skipped"
    SUPERSEDED = "superseded"  # an earlier answer of the same annotator to the same item
    FOREIGN = "foreign"  # by somebody to whom the item was not assigned
    DELETED = "deleted"
    INVALID = "invalid"  # does not fit the schema
    TRIAL = "trial"  # from the sandbox desk


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotator's answer to one item.

    ``seconds`` is the lead time that Label Studio measured; ``truth``: somebody marked the answer as the known one.
    """

    id: str
    item: str
    annotator: str
    answer: Answer
    state: AnnotationState = AnnotationState.VALID
    created_at: datetime | None = None
    updated_at: datetime | None = None
    seconds: float | None = None
    purpose: Purpose = Purpose.LABEL
    round: int = 0
    guidelines_version: int | None = None
    schema_version: int | None = None
    truth: bool = False


@dataclass(frozen=True, slots=True)
class AnnotationSet:
    """What report and export work on, wherever it came from: workspace, Label Studio export, CSV.

    Attributes:
        schema: the controls.
        items: by id; may hold items without an annotation.
        annotations: every annotation in every state.
        annotators: by id.
        simulated: says in one sentence what is simulated, or None.
    """

    schema: Schema
    items: Mapping[str, Item]
    annotations: tuple[Annotation, ...]
    annotators: Mapping[str, Annotator]
    simulated: str | None = None

    @property
    def valid(self) -> tuple[Annotation, ...]:
        """The annotations that count."""
        return tuple(a for a in self.annotations if a.state is AnnotationState.VALID)


class RoundState(StrEnum):
    """A round is open until it is closed, or cancelled: then nothing was learned from it."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RoundRecord:
    """select → label → settle → train → score. ``result`` holds what its opening and closing found out."""

    number: int
    state: RoundState
    strategy: str
    opened_at: datetime
    closed_at: datetime | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
