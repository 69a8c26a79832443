"""From a consensus to what a model learns from: sure labels count more, contested ones not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from narwhals.typing import IntoDataFrame
from numpy.typing import NDArray

from labelwright.model.errors import UsageError

_COLUMNS = ("item", "label")


@dataclass(frozen=True, eq=False, slots=True)
class TrainingSet:
    """What a model learns from, in the order of item ids.

    Attributes:
        items: ids.
        labels: the consensus of each item, as text.
        weights: how much each counts, 0 < weight <= 1, shape (items,).
        contested: items left out because another class was as likely.
        held_out: items left out because they belong to the test set.
        unlabeled: items left out because there is no label, or one of probability 0.
    """

    items: tuple[str, ...]
    labels: tuple[str, ...]
    weights: NDArray[np.float64]
    contested: int = 0
    held_out: int = 0
    unlabeled: int = 0

    def __len__(self) -> int:
        return len(self.items)

    @property
    def class_counts(self) -> Mapping[str, int]:
        """Items by class, by name."""
        return dict(sorted(Counter(self.labels).items()))


def training_set(consensus: IntoDataFrame, *, held_out: Collection[str] = ()) -> TrainingSet:
    """The labels to train on, each weighed by its posterior.

    Args:
        consensus: one row an item: columns item, label and, where there are any, posterior (0..1, of that label;
            null counts as 1) and contested (another class is as likely). Any data frame.
        held_out: items of the test set: never trained on.

    Returns:
        The training set; empty where nothing is left.

    Raises:
        UsageError: a column is missing, an item comes twice, or a posterior is outside 0..1.
    """
    rows = _rows(consensus)
    apart = frozenset(str(item) for item in held_out)
    left = Counter(_left_out(row, apart) for row in rows)
    kept = sorted((row for row in rows if _left_out(row, apart) is None), key=lambda row: row[0])
    weights = np.array([1.0 if row[2] is None else row[2] for row in kept], dtype=np.float64)
    weights.flags.writeable = False
    return TrainingSet(
        items=tuple(row[0] for row in kept),
        labels=tuple(str(row[1]) for row in kept),
        weights=weights,
        contested=left["contested"],
        held_out=left["held out"],
        unlabeled=left["unlabeled"],
    )


def _left_out(row: tuple[str, Any, float | None, bool], held_out: frozenset[str]) -> str | None:
    item, label, posterior, contested = row
    if item in held_out:
        return "held out"
    if label is None or posterior == 0:
        return "unlabeled"
    return "contested" if contested else None


def _rows(consensus: IntoDataFrame) -> list[tuple[str, Any, float | None, bool]]:
    frame = nw.from_native(consensus, eager_only=True)
    missing = [name for name in _COLUMNS if name not in frame.columns]
    if missing:
        raise UsageError(f"The consensus has no column {', '.join(missing)}", where="training set")
    items = [str(item) for item in frame["item"].to_list()]
    if len(set(items)) != len(items):
        raise UsageError("An item has more than one consensus", where="training set")
    nothing = [None] * len(items)
    posteriors = frame["posterior"].to_list() if "posterior" in frame.columns else nothing
    contested = frame["contested"].to_list() if "contested" in frame.columns else nothing
    return [
        (item, label, _probability(posterior, item), bool(tied))
        for item, label, posterior, tied in zip(items, frame["label"].to_list(), posteriors, contested, strict=True)
    ]


def _probability(posterior: Any, item: str) -> float | None:
    if posterior is None:
        return None
    if not 0 <= posterior <= 1:
        raise UsageError(f"A posterior lies between 0 and 1, not at {posterior}", where=f"item {item}")
    return float(posterior)
