"""What a model suggests for an item, and how it is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from labelwright.model.project import Item


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggested answer.

    Attributes:
        label: its class; None for structures.
        confidence: that it is right, 0 to 1; None where its source says nothing of the kind.
        result: as Label Studio's ``result`` list.
        version: of the model, or name of the source.
    """

    label: str | None
    confidence: float | None
    result: tuple[Mapping[str, Any], ...]
    version: str


@dataclass(frozen=True, slots=True)
class SuggestionRecord:
    """What a desk shows with one assignment.

    Attributes:
        key: of the assignment.
        arm: ``shown``; ``control`` where it was held back at random; ``unsure`` where it was not confident enough.
        suggestion: what was or would have been shown.
    """

    key: str
    arm: str
    suggestion: Suggestion
    made_at: datetime


class Suggester(Protocol):
    """A source of suggestions."""

    def suggest(self, items: Sequence[Item]) -> list[Suggestion | None]:
        """One an item, None where it has nothing to say.

        Raises:
            LabelwrightError: the source cannot be used.
        """
        ...


class SuggestionStore(Protocol):
    """What desks have shown."""

    def put_suggestions(self, records: Sequence[SuggestionRecord]) -> None:
        """Keep these; what was kept for an assignment before stays: it is what the annotator has seen."""
        ...

    def suggestions(self, keys: Iterable[str] | None = None) -> list[SuggestionRecord]:
        """All, or those of some assignments, in the order of keys."""
        ...


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a file of the user's own predicts for an item: a class, or a whole result."""

    label: str | None
    confidence: float | None
    result: tuple[Mapping[str, Any], ...] = ()
