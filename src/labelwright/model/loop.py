"""How far a round is: its steps, and who keeps it turning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Step(StrEnum):
    """The steps of a round in their order."""

    SELECT = "select"
    DELIVER = "deliver"
    WAIT = "wait"
    SETTLE = "settle"
    TRAIN = "train"
    EVALUATE = "evaluate"
    SCORE = "score"
    NEXT = "next"


class StepState(StrEnum):
    """running → done; waiting and retrying go on by themselves, failed needs a hand."""

    RUNNING = "running"
    WAITING = "waiting"
    RETRYING = "retrying"
    FAILED = "failed"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of one round: the key by which it is done once, however often it is tried.

    Attributes:
        tries: how often it was begun.
        worker: who tried last.
        changed_at: when the state became what it is.
        retry_at: when a retrying step is tried again.
        result: what it came to; JSON.
        reason: why it waits, is tried again, failed or was skipped.
    """

    round: int
    step: Step
    state: StepState
    changed_at: datetime
    tries: int = 0
    worker: str = ""
    retry_at: datetime | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None

    @property
    def finished(self) -> bool:
        """Nothing is left to do."""
        return self.state in (StepState.DONE, StepState.SKIPPED)


def holder(worker: str) -> str:
    """By which name a worker's rounds hold a lease: its other thread, which fills desks, too, must not share it."""
    return f"{worker}:rounds"
