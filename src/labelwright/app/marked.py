"""Answers that somebody marked as the truth (Label Studio's ground truth), as known labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from labelwright.model.project import Annotation

#: Item and the annotator whose answer is the known one.
Keys = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Marked:
    """What the marks say.

    Attributes:
        keys: item and annotator of every marked answer: it proves nothing about who gave it, nor about a consensus.
        labels: known labels by control, then by item; items whose marked answers contradict each other are left out.
        contradictions: items on which they do, for any control.
    """

    keys: Keys = frozenset()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    contradictions: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know."""
        if not self.keys:
            return ()
        n = len({item for item, _ in self.keys})
        have = "item has" if n == 1 else "items have"
        said = f"{n:,} {have} an answer marked as ground truth: it is taken as the known label"
        found = [f"{said}, and says nothing about whoever gave it."]
        if self.contradictions:
            found.append(
                f"On {self.contradictions:,} of them ground truths contradict each other: they count for nothing."
            )
        return tuple(found)


def marked_of(annotations: Iterable[Annotation], labels: Mapping[str, pl.DataFrame]) -> Marked:
    """The known labels among answers that count.

    Args:
        annotations: the answers that count.
        labels: columns item, annotator, label of each control.
    """
    keys = frozenset((a.item, a.annotator) for a in annotations if a.truth)
    if not keys:
        return Marked()
    known: dict[str, dict[str, str]] = {}
    apart: set[str] = set()
    for control, frame in labels.items():
        said: dict[str, set[str]] = {}
        for item, annotator, label in frame.iter_rows():
            if (item, annotator) in keys:
                said.setdefault(item, set()).add(f"{label:g}" if isinstance(label, float) else str(label))
        known[control] = {item: next(iter(found)) for item, found in said.items() if len(found) == 1}
        apart |= {item for item, found in said.items() if len(found) > 1}
    return Marked(keys, known, len(apart))
