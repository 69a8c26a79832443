"""Sets of whole numbers as runs: pixels of a mask, frames of a video."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.matching.arrays import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Disjoint, sorted, non-touching half-open ranges [starts, ends), each of shape (n,)."""

    starts: Ints
    ends: Ints

    @property
    def count(self) -> int:
        """How many numbers they hold."""
        return int((self.ends - self.starts).sum())


def merged(starts: Ints, ends: Ints) -> Runs:
    """The union of ranges [starts, ends) in any order; empty ones are left out."""
    some = ends > starts
    order = np.argsort(starts[some], kind="stable")
    low, high = starts[some][order], ends[some][order]
    if len(low) == 0:
        return Runs(low, high)
    reach = np.maximum.accumulate(high)
    opens = np.concatenate([[True], low[1:] > reach[:-1]])
    closes = np.concatenate([opens[1:], [True]])
    return Runs(low[opens], reach[closes])


def shared(a: Runs, b: Runs) -> int:
    """How many numbers both hold."""
    if len(a.starts) == 0 or len(b.starts) == 0:
        return 0
    return int((_below(a, b.ends) - _below(a, b.starts)).sum())


def _below(runs: Runs, x: Ints) -> Ints:
    """How many numbers of ``runs`` are smaller than each x."""
    lengths = runs.ends - runs.starts
    before = np.concatenate([[0], np.cumsum(lengths)])
    at = np.searchsorted(runs.starts, x, side="right")
    inside = np.maximum(np.minimum(x, runs.ends[np.maximum(at - 1, 0)]) - runs.starts[np.maximum(at - 1, 0)], 0)
    return np.asarray(np.where(at > 0, before[np.maximum(at - 1, 0)] + inside, 0))


def runs_iou(a: Runs, b: Runs) -> float:
    """Numbers that both hold over numbers that either holds; two empty sets are alike."""
    both = shared(a, b)
    either = a.count + b.count - both
    return both / either if either else 1.0
