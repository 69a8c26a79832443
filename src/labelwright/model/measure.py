"""The one shape of a measured number: with its interval, the counts it rests on, or the reason why it is undefined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that can be defended.

    Attributes:
        value: None when undefined; never 0 or NaN in its place.
        low: lower end of the interval, None without one.
        high: upper end of the interval.
        n_items: items it rests on.
        n_annotations: annotations it rests on.
        reason: why ``value`` (or the interval) is undefined.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n_items: int = 0
    n_annotations: int = 0
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The six keys that scripts rely on."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "n_items": self.n_items,
            "n_annotations": self.n_annotations,
            "reason": self.reason,
        }
