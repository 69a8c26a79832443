"""What the two consensus methods for free text share: words, alignment, similarity, the frozen result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.consensus.names import named
from labelwright.consensus.skill import wilson
from labelwright.model.errors import DataError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TextResult:
    """One text for each item.

    Attributes:
        coded: the annotations it rests on.
        method: name of the estimator.
        text: of each item; None without an answer.
        support: mean similarity of the item's answers to the text, 0 to 1, shape (n_items,).
        contested: another choice was as good, shape (n_items,).
        similarity: of each annotation to its item's text, 0 to 1, shape (n_annotations,).
    """

    coded: Coded
    method: str
    text: tuple[str | None, ...]
    support: Floats
    contested: NDArray[np.bool_]
    similarity: Floats
    reason: str | None = None

    @property
    def n_dropped(self) -> int:
        """Answers that did not count, because the same annotator answered the same item again later."""
        return self.coded.n_dropped

    @cached_property
    def texts(self) -> pl.DataFrame:
        """Columns item, text, support, contested, n (answers)."""
        n = np.diff(self.coded.starts)
        seen = np.flatnonzero(n > 0)
        return pl.DataFrame(
            [
                named("item", self.coded.item_names, seen),
                pl.Series("text", [self.text[code] for code in seen.tolist()], dtype=pl.String),
                pl.Series("support", self.support[seen]),
                pl.Series("contested", self.contested[seen]),
                pl.Series("n", n[seen]),
            ]
        )

    @cached_property
    def annotators(self) -> pl.DataFrame:
        """Columns annotator, skill (mean similarity to the consensus, 0 to 1), low, high (95 % Wilson interval), n."""
        n = np.bincount(self.coded.annotator, minlength=self.coded.n_annotators)
        total = np.bincount(self.coded.annotator, weights=self.similarity, minlength=n.size).astype(np.float64)
        busy = np.flatnonzero(n > 0)
        skill, low, high = wilson(total[busy], n[busy])
        columns = {"skill": skill, "low": low, "high": high, "n": n[busy]}
        return pl.DataFrame([named("annotator", self.coded.annotator_names, busy)]).with_columns(
            pl.Series(name, values) for name, values in columns.items()
        )


def texts_of(coded: Coded) -> list[str]:
    """The distinct texts, by class code.

    Raises:
        DataError: a label is no text.
    """
    texts = coded.class_list()
    strange: Any = next((text for text in texts if not isinstance(text, str)), None)
    if strange is not None:
        raise DataError(f"A transcript is of type {type(strange).__name__}", where=repr(strange)[:80])
    return texts


def by_item(coded: Coded) -> list[tuple[int, slice]]:
    """Item codes that have answers, and the rows of these."""
    spans = pairwise(coded.starts.tolist())
    return [(code, slice(first, last)) for code, (first, last) in enumerate(spans) if last > first]


def similarity(a: Sequence[str], b: Sequence[str]) -> float:
    """1 − edit distance / length of the longer, 0 to 1 (Levenshtein 1966); two empty ones are equal."""
    longest = max(len(a), len(b))
    return 1.0 if not longest else 1 - edit_distance(a, b) / longest


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Fewest insertions, deletions and substitutions of words."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        corner, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (x != y))
    return row[-1]


def finished(coded: Coded, method: str, chosen: dict[int, tuple[str, bool]]) -> TextResult:
    """The frozen result of the texts chosen: item code to text and whether another was as good."""
    texts = [text.split() for text in texts_of(coded)]
    alike = np.zeros(coded.n_annotations)
    support = np.zeros(coded.n_items)
    contested = np.zeros(coded.n_items, np.bool_)
    for code, rows in by_item(coded):
        text, contested[code] = chosen[code]
        words = text.split()
        counted = Counter(coded.label[rows].tolist())
        against = {label: similarity(texts[label], words) for label in counted}
        alike[rows] = [against[label] for label in coded.label[rows].tolist()]
        support[code] = alike[rows].mean()
    full = tuple(chosen[code][0] if code in chosen else None for code in range(coded.n_items))
    return TextResult(coded, method, full, support, contested, alike)
