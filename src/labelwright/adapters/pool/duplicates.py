"""Which rows say what an earlier row said already: 128 bits a row are kept, not the texts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: Two hashes of 64 bits: two different texts among 100 million meet with a chance below 1e-22.
_SEEDS = (0x1A6E1, 0x7716871)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row that repeats an earlier one, both by their ordinal among the good rows."""

    row: int
    first: int
    same_content: bool


@dataclass(slots=True)
class Seen:
    """Hashes of ids and contents of all good rows, in their order."""

    _contents: list[NDArray[np.uint64]] = field(default_factory=list)
    _ids: list[NDArray[np.uint64]] = field(default_factory=list)

    def add(self, contents: pl.Series, ids: pl.Series | None) -> None:
        """More rows; ``ids`` is None where ids are hashes of the contents."""
        self._contents.append(_hashes(contents))
        if ids is not None:
            self._ids.append(_hashes(ids))

    def repeats(self) -> list[Repeat]:
        """Rows to leave out, in order. A row whose content came before, or whose id did with another content."""
        contents = _frame(self._contents)
        if not self._ids:
            return [Repeat(row, first, same_content=True) for row, first in _later(contents)]
        hashes = contents["a"]
        by_id = [Repeat(row, first, hashes[row] == hashes[first]) for row, first in _later(_frame(self._ids))]
        # A row that is out already cannot be the one that stays for its content.
        left = contents.filter(
            ~pl.col("ordinal").is_in(pl.Series([repeat.row for repeat in by_id], dtype=pl.Int64).implode())
        )
        by_content = [Repeat(row, first, same_content=True) for row, first in _later(left)]
        return sorted(by_id + by_content, key=lambda repeat: repeat.row)


def _hashes(texts: pl.Series) -> NDArray[np.uint64]:
    return np.column_stack([texts.hash(seed).to_numpy() for seed in _SEEDS])


def _frame(hashes: list[NDArray[np.uint64]]) -> pl.DataFrame:
    both = np.concatenate(hashes) if hashes else np.empty((0, 2), dtype=np.uint64)
    ordinal = np.arange(len(both), dtype=np.int64)
    return pl.DataFrame({"a": both[:, 0], "b": both[:, 1], "ordinal": ordinal})


def _later(frame: pl.DataFrame) -> list[tuple[int, int]]:
    """(later, first) ordinals of rows with the same hashes."""
    frame = frame.filter(_not_alone(frame["a"].to_numpy()))  # mostly nothing: what follows costs memory by the row
    first = frame.select(pl.struct("a", "b").is_first_distinct()).to_series()
    later = frame.filter(~first)
    firsts = frame.filter(first).join(later, on=["a", "b"], how="semi")
    pairs = later.join(firsts, on=["a", "b"], suffix="_first").sort("ordinal")
    return list(pairs.select("ordinal", "ordinal_first").iter_rows())


def _not_alone(hashes: NDArray[np.uint64]) -> pl.Series:
    """Whether another row has the same hash."""
    order = np.argsort(hashes)
    same = np.diff(hashes[order]) == 0
    alone = np.ones(len(hashes), dtype=bool)
    alone[order[1:][same]] = False
    alone[order[:-1][same]] = False
    return pl.Series(~alone)
