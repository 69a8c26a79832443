"""The array types that similarities speak in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

#: Rows of two equally long index arrays into the places it was made for, to similarities from 0 to 1.
Compare: TypeAlias = Callable[[Ints, Ints], Floats]


def ratio(overlap: Floats, union: Floats, same: Flags) -> Floats:
    """Intersection over union, elementwise.

    Args:
        overlap: shared measure (length, area, frames), shape (n,).
        union: measure of both together, shape (n,).
        same: whether the two places are equal; decides where the union is empty (two equal instants).

    Returns:
        Values in [0, 1], shape (n,); exactly 1 where ``same``.
    """
    safe = np.where(union > 0, union, 1.0)
    return np.where(same, 1.0, np.clip(np.where(union > 0, overlap, 0.0) / safe, 0.0, 1.0))
