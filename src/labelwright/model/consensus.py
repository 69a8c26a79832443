"""What is known of an item's label, as it is kept: the meeting point of consensus, review, export and console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class ConsensusState(StrEnum):
    """open → accepted | contested → review → adjudicated; excluded when the lead took it out."""

    OPEN = "open"  # more answers are wanted, or none has come
    ACCEPTED = "accepted"
    CONTESTED = "contested"  # the answers do not settle it
    REVIEW = "review"  # it lies on an expert's desk
    ADJUDICATED = "adjudicated"  # an expert's final word
    EXCLUDED = "excluded"


#: What a person decided: no inference takes its place.
FINAL = frozenset({ConsensusState.REVIEW, ConsensusState.ADJUDICATED, ConsensusState.EXCLUDED})


@dataclass(frozen=True, slots=True)
class ItemConsensus:
    """The label of one item under one control.

    Attributes:
        label: the class (ratings as text; a contested item's most probable one); None where the answer is a structure
            or nothing is known.
        answer: the whole answer as Label Studio `result` records, for structures, texts, rankings and sets;
            empty otherwise.
        posterior: probability that the label is right, as far as ``method`` knows; None when undefined.
        distribution: probability by class, for soft labels; empty for structures.
        votes: answers that it rests on.
        method: the aggregator's name, ``expert`` for an adjudication.
        by: the adjudicator's id.
        reason: why it is contested, in review, adjudicated so, or excluded.
    """

    item: str
    control: str
    state: ConsensusState
    label: str | None = None
    answer: tuple[Mapping[str, Any], ...] = ()
    posterior: float | None = None
    distribution: Mapping[str, float] = field(default_factory=dict)
    votes: int = 0
    method: str = ""
    by: str | None = None
    reason: str | None = None
    updated_at: datetime | None = None
