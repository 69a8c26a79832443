"""The n lowest scores, best first; equal scores go by row number, so that a choice never hangs on chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from labelwright.sampling.requests import BLOCK


def lowest(scores: NDArray[np.floating], n: int) -> NDArray[np.int64]:
    """Row numbers of the ``n`` lowest scores, lowest first, ties by row number. Shape (n,)."""
    if n == 0:
        return np.empty(0, dtype=np.int64)
    worst = np.partition(scores, n - 1)[n - 1]
    better = np.flatnonzero(scores < worst)
    equal = np.flatnonzero(scores == worst)[: n - len(better)]
    rows = np.concatenate([better, equal]).astype(np.int64)
    best_first: NDArray[np.int64] = rows[np.lexsort((rows, scores[rows]))]
    return best_first


def by_block(
    matrix: NDArray[np.floating],
    score: Callable[[NDArray[np.floating]], NDArray[np.floating]],
) -> NDArray[np.floating]:
    """``score`` applied to blocks of rows, each handed over with classes first, shape (classes, rows)."""
    out = np.empty(len(matrix), dtype=matrix.dtype)
    for start in range(0, len(matrix), BLOCK):
        block = np.ascontiguousarray(matrix[start : start + BLOCK].T)
        out[start : start + block.shape[1]] = score(block)
    return out
