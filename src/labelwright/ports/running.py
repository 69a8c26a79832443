"""The clock, and where long work tells how far it is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The only source of the time of day."""

    def now(self) -> datetime:
        """The time now, with its zone (UTC)."""
        ...


class Progress(Protocol):
    """Where long work tells how far it is (a bar at a terminal, nothing in a test)."""

    def start(self, what: str, total: int | None) -> None:
        """A new piece of work of ``total`` steps (None: unknown)."""
        ...

    def step(self, n: int = 1) -> None:
        """``n`` steps further."""
        ...

    def done(self) -> None:
        """The piece of work is finished."""
        ...
