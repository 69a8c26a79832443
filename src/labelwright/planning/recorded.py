"""Answers that a crowd has given, to be given again in another order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.model.errors import DataError

Codes = NDArray[np.int32]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RecordedCrowd:
    """Recorded answers to items whose truth is known, as codes sorted by item.

    Attributes:
        item: item codes, ascending, shape (n_answers,).
        annotator: annotator codes, shape (n_answers,).
        label: class codes, shape (n_answers,).
        truth: class code of each item, shape (n_items,).
        classes: class values by code.
        n_annotators: number of annotators.
        left_out: items with answers and no known truth.
    """

    item: Codes
    annotator: Codes
    label: Codes
    truth: Codes
    classes: tuple[Any, ...]
    n_annotators: int
    left_out: int = 0

    @classmethod
    def of(cls, answers: Sequence[tuple[Any, Any, Any]], truth: dict[Any, Any]) -> RecordedCrowd:
        """From rows of item, annotator and label; of several answers of one annotator to one item the last counts.

        Raises:
            DataError: no item has both an answer and a truth.
        """
        last = {(item, annotator): label for item, annotator, label in answers if label is not None}
        known = {item: label for item, label in truth.items() if label is not None}
        rows = [(item, annotator, label) for (item, annotator), label in last.items() if item in known]
        if not rows:
            raise DataError(
                "No item has both an answer and a truth",
                next_step="Check that both files name the items alike, in a column item",
            )
        items = _codes(item for item, _, _ in rows)
        people = _codes(annotator for _, annotator, _ in rows)
        classes = tuple(sorted({label for _, _, label in rows} | {known[i] for i in items}, key=str))
        code = {value: k for k, value in enumerate(classes)}
        table = np.array([(items[i], people[a], code[x]) for i, a, x in rows], dtype=np.int32)
        table = table[np.argsort(table[:, 0], kind="stable")]
        item, annotator, label = (np.ascontiguousarray(table[:, k]) for k in range(3))
        right = np.array([code[known[i]] for i in items], dtype=np.int32)
        left_out = len({item for item, _ in last} - set(known))
        return cls(item, annotator, label, right, classes, len(people), left_out)

    @cached_property
    def starts(self) -> Counts:
        """First row of each item, and the number of rows at the end; shape (n_items + 1,)."""
        sizes = np.bincount(self.item, minlength=self.truth.size)
        return np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))

    @property
    def n_items(self) -> int:
        """Items with a truth and at least one answer."""
        return self.truth.size

    def replay(self, rng: np.random.Generator) -> Replay:
        """The same answers, those of each item in a new random order, none asked for yet."""
        order = np.lexsort((rng.random(self.item.size), self.item))
        return Replay(self, self.annotator[order], self.label[order])


class Replay:
    """One run through a recorded crowd: who is asked answers as recorded; the rest has no answer.

    Attributes:
        crowd: what was recorded.
        annotator: annotator codes in this run's order, shape (n_answers,).
        label: class codes in this order.
        taken: answers asked for so far of each item, shape (n_items,): the first ones in this order.
    """

    def __init__(self, crowd: RecordedCrowd, annotator: Codes, label: Codes) -> None:
        self.crowd = crowd
        self.annotator = annotator
        self.label = label
        self.available = np.diff(crowd.starts)
        self.taken = np.zeros(crowd.n_items, np.int64)

    @property
    def per_item(self) -> float:
        """Mean answers an item so far."""
        return float(self.taken.mean())

    @property
    def open(self) -> NDArray[np.bool_]:
        """Items that have a further recorded answer, shape (n_items,)."""
        return np.asarray(self.taken < self.available)

    def ask(self, items: ArrayLike, answers: int = 1) -> None:
        """Take the next recorded answers of these distinct items, as far as there are any."""
        at = np.asarray(items)
        self.taken[at] = np.minimum(self.taken[at] + answers, self.available[at])

    def ask_rows(self, items: Counts, rows: Counts) -> None:
        """Take one particular recorded answer of each of these distinct items."""
        place = self.crowd.starts[items] + self.taken[items]
        for column in (self.annotator, self.label):
            column[place], column[rows] = column[rows], column[place]
        self.taken[items] += 1


def _codes(names: Any) -> dict[Any, int]:
    return {name: code for code, name in enumerate(dict.fromkeys(names))}
