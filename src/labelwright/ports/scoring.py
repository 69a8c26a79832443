"""What a model said of the whole pool, and where its items lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from labelwright.model.project import Item

#: A stretch of the pool: row numbers, shape (rows,), and class probabilities, shape (rows, classes).
ScoredRows = tuple[NDArray[np.int64], NDArray[np.floating]]


class ScoreTable(Protocol):
    """Class probabilities of every row of the pool, in files: read in a stream, never held whole."""

    def __len__(self) -> int:
        """How many rows are scored."""
        ...

    def lowest(self, by: str, n: int, apart: NDArray[np.int64]) -> ScoredRows:
        """The ``n`` rows of the least ``margin`` or ``confidence`` or the most ``entropy``, best first.

        Equal ones go by row number. Rows in ``apart`` (sorted) are left out; fewer than ``n`` where no more are left.
        """
        ...

    def of(self, rows: NDArray[np.int64]) -> ScoredRows:
        """The probabilities of those rows, in the order of the row numbers; rows without a score are left out."""
        ...


class ScoreTables(Protocol):
    """Score tables by model version: the number of the round whose model it is."""

    def write(self, version: int, scored: Iterable[ScoredRows]) -> None:
        """Keep what a model says of the pool, as it comes. A table that is not complete is never seen."""
        ...

    def table(self, version: int) -> ScoreTable | None:
        """What was kept for that version, or None."""
        ...


class Embedder(Protocol):
    """Says where items lie, so that a batch can be diverse."""

    def features(self, items: Sequence[Item]) -> NDArray[np.floating]:
        """Positions of items, shape (items, dimensions): the nearer, the more alike.

        Raises:
            UsageError: it cannot read such items; says why.
        """
        ...
