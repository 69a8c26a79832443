"""Rows of a pool that may still be drawn, told by those that may not: memory grows with what is taken, not the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.sampling.at_random import random


@dataclass(frozen=True, slots=True, eq=False)
class FreeRows:
    """Rows 0..size-1 but for the taken ones.

    Attributes:
        size: rows of the pool.
        taken: rows that may not be drawn, ascending, each once.
    """

    size: int
    taken: NDArray[np.int64]

    @classmethod
    def of(cls, size: int, *taken: ArrayLike) -> FreeRows:
        """All rows but those named."""
        named = [np.asarray(rows, dtype=np.int64) for rows in taken]
        return cls(size, np.unique(np.concatenate(named)) if named else np.empty(0, dtype=np.int64))

    def __len__(self) -> int:
        return self.size - len(self.taken)

    def rows(self, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
        """The free rows of those ordinals (0 is the first free row), in that order."""
        # Free rows before each taken one; an ordinal moves up by every taken row with no more free rows before it.
        before = self.taken - np.arange(len(self.taken))
        return ordinals + np.searchsorted(before, ordinals, side="right")

    def all(self) -> NDArray[np.int64]:
        """Every free row, ascending."""
        return self.rows(np.arange(len(self), dtype=np.int64))

    def draw(self, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """``n`` free rows, every subset and order equally likely.

        Raises:
            UsageError: n cannot be had.
        """
        return self.rows(random(len(self), n, rng))

    def without(self, rows: ArrayLike) -> FreeRows:
        """Fewer free rows."""
        return FreeRows.of(self.size, self.taken, rows)
