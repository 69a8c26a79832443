"""What a training set is made of, counted in one reading of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from labelwright.export.encoding import json_text
from labelwright.export.splits import SPLITS

#: A set is called balanced when its largest class has at most this many times the rows of its smallest.
BALANCED = 1.5


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a training set.

    Attributes:
        rows: by split.
        labels: rows by split and label (of drawings, regions by class); labels that are no text are written as JSON.
        annotations: how many rows rest on how many annotations.
        annotators: annotations behind the rows by pseudonym.
        guidelines: rows by the versions of the guidelines that their annotators read.
    """

    rows: Mapping[str, int]
    labels: Mapping[str, Mapping[str, int]]
    annotations: Mapping[int, int]
    annotators: Mapping[str, int]
    guidelines: Mapping[tuple[int, ...], int]

    @property
    def total(self) -> int:
        """Rows of all splits."""
        return sum(self.rows.values())

    def distribution(self, classes: tuple[str, ...]) -> dict[str, int]:
        """Rows by label over all splits: the schema's classes in its order (0 where there is none), then others."""
        found: Counter[str] = Counter()
        for labels in self.labels.values():
            found.update(labels)
        return {label: found[label] for label in (*classes, *sorted(set(found) - set(classes)))}

    def imbalance(self, classes: tuple[str, ...]) -> float | None:
        """Rows of the largest class for each row of the smallest, at least 1; None where a class has no row."""
        counts = tuple(self.distribution(classes).values())
        return max(counts) / min(counts) if counts and all(counts) else None


class Tally:
    """Counts rows, each looked at once, many together."""

    def __init__(self) -> None:
        self._labels: dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
        self._rows: Counter[str] = Counter()
        self._annotations: Counter[int] = Counter()
        self._annotators: Counter[str] = Counter()
        self._guidelines: Counter[tuple[int, ...]] = Counter()

    def add(self, columns: Any) -> None:
        """Count the next rows, turned into columns (see `turned`)."""
        self._rows.update(columns.split)
        self._annotations.update(columns.n_annotations)
        self._annotators.update(chain.from_iterable(columns.annotators))
        self._guidelines.update(columns.guidelines_versions)
        if set(map(type, columns.label)) == {str}:
            for (split, label), n in Counter(zip(columns.split, columns.label, strict=True)).items():
                self._labels[split][label] += n
        else:
            for split, label in zip(columns.split, columns.label, strict=True):
                self._labels[split].update(_counted(label))

    def summary(self) -> Summary:
        """The counts so far."""
        return Summary(
            rows={split: self._rows[split] for split in SPLITS},
            labels={split: dict(sorted(counts.items())) for split, counts in self._labels.items()},
            annotations=dict(sorted(self._annotations.items())),
            annotators=dict(sorted(self._annotators.items(), key=lambda pair: (-pair[1], pair[0]))),
            guidelines=dict(sorted(self._guidelines.items())),
        )


def _counted(label: Any) -> list[str]:
    """What a row counts for: its label; of drawings, the classes of all regions."""
    if isinstance(label, list) and all(isinstance(part, Mapping) for part in label) and label:
        return [name for region in label for name in region.get("labels", ())]
    return [label_text(label)]


def label_text(label: Any) -> str:
    """A label as the key of a count."""
    return label if isinstance(label, str) else json_text(label)
