"""A model as it is kept: its version, what it was trained on, how good it was found, and whether it is in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class ModelState(StrEnum):
    """candidate → current → retired, or rejected: at most one model is current."""

    CANDIDATE = "candidate"  # trained, not yet compared
    CURRENT = "current"  # scores the pool and suggests
    RETIRED = "retired"  # was current
    REJECTED = "rejected"  # worse than the one that was current


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One trained model.

    Attributes:
        version: its name, such as ``round-3``; also that of its folder on the shelf.
        kind: the learner's name in `model.kind`.
        round: the round that trained it; None by hand.
        path: where the model's file is; None for a model behind an address.
        card: what it learned from and how it was measured: data version, seed, classes, metrics with intervals.
        reason: why it became what it is.
    """

    version: str
    kind: str
    state: ModelState
    trained_at: datetime
    round: int | None = None
    path: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "version": self.version,
            "kind": self.kind,
            "state": self.state.value,
            "round": self.round,
            "trained_at": self.trained_at.isoformat(),
            "path": self.path,
            "reason": self.reason,
            "card": dict(self.card),
        }
