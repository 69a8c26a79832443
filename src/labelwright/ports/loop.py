"""What the loop remembers between its steps and its lives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from labelwright.model.loop import StepRecord


class LoopStore(Protocol):
    """Steps of rounds, workers, and what the lead has told the loop."""

    def put_step(self, record: StepRecord) -> bool:
        """Keep how far a step is; False when it is finished already, which stays."""
        ...

    def steps(self, round_number: int | None = None) -> list[StepRecord]:
        """Steps of one round or of all, in the order of rounds and steps."""
        ...

    def beat(self, worker: str, now: datetime) -> None:
        """This worker is alive."""
        ...

    def workers(self) -> dict[str, datetime]:
        """Workers and when they were last alive."""
        ...

    def forget_workers(self, names: Sequence[str]) -> None:
        """These are dead: what they held is free."""
        ...

    def note(self, name: str) -> str | None:
        """What was noted under that name."""
        ...

    def put_note(self, name: str, value: str | None) -> None:
        """Note it; None takes it away."""
        ...
