"""Language models behind an address, and what is remembered of their answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: its text, tokens read and written as the endpoint counted them, and seconds it took."""

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float


class Chat(Protocol):
    """One language model."""

    def ask(self, system: str, user: str) -> Reply:
        """One answer.

        Raises:
            OutsideServiceError: it cannot be reached or stays busy.
        """
        ...


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a language model said of an item.

    Attributes:
        valid: it fits the schema.
        label: as text, several joined by "; "; None where it does not fit.
        raw: the answer as it came.
        problem: why it does not fit.
        cost: in the currency of the budget; None where no price is set.
    """

    annotator: str
    item: str
    control: str
    valid: bool
    label: str | None
    raw: str
    problem: str | None
    tokens_in: int
    tokens_out: int
    cost: float | None
    seconds: float
    answered_at: datetime


class ModelAnswerStore(Protocol):
    """What language models have answered."""

    def put_model_answers(self, answers: Sequence[ModelAnswer]) -> None:
        """Keep these, in place of what the same model said of the same item before."""
        ...

    def model_answers(self, annotator: str, items: Iterable[str] | None = None) -> list[ModelAnswer]:
        """What one model said, of all items or of some, in the order of items."""
        ...
