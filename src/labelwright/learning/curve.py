"""The learning curve: what accuracy so many labels have bought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from labelwright.model.errors import UsageError
from labelwright.model.measure import Measure


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One round.

    Attributes:
        round: its number.
        labels: labels paid for up to and with this round.
        accuracy: on the test set.
        random_accuracy: of a model trained on as many random labels; None where there is none.
    """

    round: int
    labels: int
    accuracy: Measure
    random_accuracy: Measure | None = None

    def as_dict(self) -> dict[str, Any]:
        """The keys that scripts rely on."""
        random = self.random_accuracy
        return {
            "round": self.round,
            "labels": self.labels,
            "accuracy": self.accuracy.value,
            "low": self.accuracy.low,
            "high": self.accuracy.high,
            "random_accuracy": None if random is None else random.value,
            "reason": self.accuracy.reason,
        }


def learning_curve(points: Iterable[CurvePoint]) -> tuple[CurvePoint, ...]:
    """The points in the order of their rounds.

    Raises:
        UsageError: a round comes twice, or labels become fewer.
    """
    curve = tuple(sorted(points, key=lambda point: point.round))
    for before, after in pairwise(curve):
        if before.round == after.round:
            raise UsageError(f"Round {after.round} comes twice", where="learning curve")
        if after.labels < before.labels:
            raise UsageError(f"Round {after.round} has fewer labels than the one before", where="learning curve")
    return curve


def gain_per_100(curve: tuple[CurvePoint, ...]) -> Measure:
    """Accuracy that the last round's labels bought, per 100 of them.

    Returns:
        The measure, without an interval: both points rest on the same test items, and what would be needed for one
        (which items changed) is not in the curve. Undefined with fewer than two measured rounds or no new labels.
    """
    measured = [point for point in curve if point.accuracy.value is not None]
    if len(measured) < 2:
        return Measure(None, reason="fewer than two rounds have an accuracy")
    before, after = measured[-2:]
    labels = after.labels - before.labels
    if labels == 0 or before.accuracy.value is None or after.accuracy.value is None:
        return Measure(None, reason="the last round brought no labels")
    gain = (after.accuracy.value - before.accuracy.value) * 100 / labels
    return Measure(
        gain, n_items=after.accuracy.n_items, reason="no interval: the curve does not say which items changed"
    )
