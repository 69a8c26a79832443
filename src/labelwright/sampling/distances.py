"""Squared Euclidean distances to chosen points, many at a time: a matrix product instead of passes over memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Rows whose distances are worked out at a time.
BLOCK = 8192


def single(features: NDArray[np.floating]) -> NDArray[np.float32]:
    """Features centred, in single precision, contiguous: distances stay, rounding shrinks and memory halves."""
    centred = features - features.mean(axis=0, keepdims=True) if len(features) else features
    return np.ascontiguousarray(centred, dtype=np.float32)


def squared_norms(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum of squares by row, shape (points,)."""
    return np.asarray(np.einsum("ij,ij->i", points, points))


def lower_to(
    nearest: NDArray[np.float32],
    points: NDArray[np.float32],
    norms: NDArray[np.float32],
    chosen: NDArray[np.int64],
) -> None:
    """Lower ``nearest`` in place to the squared distance to the nearest of the chosen points.

    Args:
        nearest: squared distance of each point to the nearest chosen so far, shape (points,).
        points: shape (points, dimensions).
        norms: their squared norms.
        chosen: row numbers of newly chosen points.
    """
    for start in range(0, len(points), BLOCK):
        rows = slice(start, start + BLOCK)
        products = points[rows] @ points[chosen].T
        products *= -2
        products += norms[chosen]
        np.minimum(nearest[rows], np.maximum(products.min(axis=1) + norms[rows], 0), out=nearest[rows])
