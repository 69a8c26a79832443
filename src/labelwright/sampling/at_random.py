"""Simple random sampling: the honest baseline, and what test sets are drawn by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import UsageError
from labelwright.sampling.requests import check_count


def random(size: int, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``n`` distinct rows out of ``size``, every subset and order equally likely.

    Args:
        size: how many rows there are.
        n: how many are wanted, 0..size.
        rng: where chance comes from.

    Returns:
        Row numbers, shape (n,).

    Raises:
        UsageError: n cannot be had.
    """
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 0:
        raise UsageError(f"size must be a count of rows, not {size!r}", where="sampling.random")
    check_count(n, int(size))
    return rng.choice(size, size=n, replace=False).astype(np.int64)
