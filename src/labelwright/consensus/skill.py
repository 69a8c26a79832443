"""Share of right answers and its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.coding import Coded

Floats = NDArray[np.float64]
# 97.5 % point of the standard normal distribution.
_Z = 1.959963984540054


def wilson(right: Floats, count: NDArray[np.integer[Any]] | Floats) -> tuple[Floats, Floats, Floats]:
    """Share of right answers with its 95 % score interval (E. B. Wilson, JASA 22, 1927).

    Args:
        right: how many were right; may be an expectation, and so a fraction. Shape (k,).
        count: of how many, above 0; may be an effective number, and so a fraction. Shape (k,).

    Returns:
        share, low and high, each of shape (k,), within 0 to 1.
    """
    n = np.asarray(count, np.float64)
    share = right / n
    spread = 1 + _Z**2 / n
    centre = (share + _Z**2 / (2 * n)) / spread
    half = _Z * np.sqrt(np.clip(share * (1 - share), 0, None) / n + _Z**2 / (4 * n * n)) / spread
    return share, np.clip(centre - half, 0, share), np.clip(centre + half, share, 1)


def expected_right(coded: Coded, posterior: Floats) -> Floats:
    """Expected number of right answers of each annotator, shape (n_annotators,)."""
    right = posterior[coded.item, coded.label]
    return np.bincount(coded.annotator, weights=right, minlength=coded.n_annotators).astype(np.float64, copy=False)
