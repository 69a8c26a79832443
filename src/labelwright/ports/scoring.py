"""What a model said of the whole pool, and where its items lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from labelwright.model.project import Item
from labelwright.ports.running import Progress

if TYPE_CHECKING:  # a command that needs no model does without numpy
    import numpy as np
    from numpy.typing import NDArray

#: A stretch of the pool: row numbers, shape (rows,), and class probabilities, shape (rows, classes).
ScoredRows: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.floating]]"


class ScoreTable(Protocol):
    """Class probabilities of every row of the pool, in files: read in a stream, never held whole."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the probabilities' columns; empty where they are not known."""
        ...

    def __len__(self) -> int:
        """How many rows are scored."""
        ...

    def likeliest(self, columns: Sequence[int], n: int, apart: NDArray[np.int64]) -> ScoredRows:
        """The ``n`` rows likeliest of each of those classes, in the order of the row numbers, each once."""
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

    def begin(self, version: int) -> None:
        """A new table; what is put into it is not seen before `finish`."""
        ...

    def put(self, version: int, scored: ScoredRows) -> None:
        """A part of a table that was begun, by any process; the same first row again replaces it."""
        ...

    def finish(self, version: int, classes: Sequence[str] = ()) -> None:
        """Every part is there: from now on it is the table of that version. An empty one is none."""
        ...

    def write(self, version: int, scored: Iterable[ScoredRows], classes: Sequence[str] = ()) -> None:
        """Begin, put as it comes, finish."""
        ...

    def table(self, version: int) -> ScoreTable | None:
        """What was kept for that version, or None."""
        ...


#: Given a project, what works on the rows from one to before another, and says of how many there is a result.
Prepare = Callable[[Any], Callable[[int, int], int]]


class PoolEngine(Protocol):
    """Works on the whole pool in stretches, here or on a cluster."""

    def each(self, project: Any, prepare: Prepare, progress: Progress) -> int:
        """The work on every stretch, in processes that may be elsewhere; the sum of what it gave.

        Both ``prepare`` and what it holds must be fit to be sent to another process.
        """
        ...


class Embedder(Protocol):
    """Says where items lie, so that a batch can be diverse."""

    def features(self, items: Sequence[Item]) -> NDArray[np.floating]:
        """Positions of items, shape (items, dimensions): the nearer, the more alike.

        Raises:
            UsageError: it cannot read such items; says why.
        """
        ...
