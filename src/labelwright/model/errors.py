"""The one exception family. A message says what happened, where, and what to do next."""

from __future__ import annotations


class LabelwrightError(Exception):
    """Anything Labelwright refuses or cannot do.

    Args:
        what: what happened, one sentence without a final full stop.
        where: file, row, field, address or command it happened at.
        next_step: what the reader can do about it.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | None = None, next_step: str | None = None) -> None:
        self.what = what
        self.where = where
        self.next_step = next_step
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        hint = f". {self.next_step}" if self.next_step else ""
        return f"{self.what}{place}{hint}"


class UsageError(LabelwrightError):
    """The command, settings or arguments cannot be used as they are (exit code 2)."""

    exit_code = 2


class SettingsError(UsageError):
    """`labelwright.yaml` holds something that cannot be used."""


class SchemaError(UsageError):
    """The labeling config cannot be used."""


class DataError(UsageError):
    """The data as a whole cannot be used; single bad rows go to the rejects file instead."""


class NothingToDoError(LabelwrightError):
    """The request is understood and there is nothing to do (exit code 1)."""


class CheckFailedError(LabelwrightError):
    """A check that protects the user has failed (exit code 1)."""


class OutsideServiceError(LabelwrightError):
    """Something outside Labelwright failed: Label Studio, a database, a registry (exit code 3)."""

    exit_code = 3


class DeliveryConflictError(OutsideServiceError):
    """Label Studio holds something that Labelwright did not put there and must not change."""
