"""How many answers an item gets, of whom, and what happens to the labels then."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from labelwright.model.errors import UsageError

#: Mean answers an item that an adaptive policy may spend when nothing else is said.
_BUDGET = {"adaptive": 3.25, "adaptive-routed": 2.7}
_STEP = "Use fixed:5 (any number), adaptive, adaptive-routed or certified; certified:3 caps the mean answers at 3"


class PolicyKind(StrEnum):
    """The four ways to spend answers."""

    FIXED = "fixed"
    ADAPTIVE = "adaptive"
    ROUTED = "adaptive-routed"
    CERTIFIED = "certified"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy.

    Attributes:
        kind: fixed overlap; adaptive overlap with annotators as they come, or chosen; or adaptive and certified.
        answers: of each item (fixed), or at most on average; None where the expert's price decides (certified).
    """

    kind: PolicyKind
    answers: float | None = None

    @property
    def name(self) -> str:
        """As it is written on the command line."""
        if self.answers is None or self.answers == _BUDGET.get(self.kind.value):
            return self.kind.value
        return f"{self.kind.value}:{self.answers:g}"

    @classmethod
    def parse(cls, text: str) -> Policy:
        """``fixed:5``, ``adaptive``, ``adaptive:3``, ``adaptive-routed``, ``certified``, ``certified:3.5``.

        Raises:
            UsageError: it is none of these.
        """
        word, _, number = text.strip().partition(":")
        if word not in list(PolicyKind):
            raise UsageError(f"There is no policy {text}", next_step=_STEP)
        kind = PolicyKind(word)
        if not number and kind is PolicyKind.FIXED:
            raise UsageError("A fixed policy needs its number of answers", where=text, next_step=_STEP)
        return cls(kind, _number(text, number, kind) if number else _BUDGET.get(word))


def _number(text: str, number: str, kind: PolicyKind) -> float:
    try:
        found = float(number)
    except ValueError:
        found = 0.0
    whole = kind is PolicyKind.FIXED
    if not 1 <= found <= 1000 or (whole and found != int(found)):
        raise UsageError(f"{number} is no number of answers", where=text, next_step=_STEP)
    return found
