"""What every strategy asks of its arguments, refused with a reason in one place."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.model.errors import UsageError

#: How far the probabilities of an item may add up to something else than 1 (float16 models are that coarse).
SUM_TOLERANCE = 2e-3

#: Rows looked at together: a block of them stays in the processor's cache.
BLOCK = 16_384


def check_count(n: int, size: int) -> None:
    """Refuse ``n`` that is no count, or more than the pool holds.

    Raises:
        UsageError: n is no whole number, negative, or above ``size``.
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise UsageError(f"n must be a whole number, not {n!r}", where="sampling")
    if n < 0:
        raise UsageError(f"n must not be negative, it is {n}", where="sampling")
    if n > size:
        raise UsageError(f"{n} items are wanted and the pool holds {size}", where="sampling", next_step="Ask for fewer")


def as_probabilities(probabilities: ArrayLike) -> NDArray[np.floating]:
    """Class probabilities as a float array, shape (items, classes), each row adding up to 1.

    Raises:
        UsageError: another shape, fewer than 2 classes, not finite, outside 0..1, or rows that do not add up to 1.
    """
    p = _as_matrix(probabilities, "probabilities", "(items, classes)")
    if p.shape[1] < 2:
        raise UsageError(f"probabilities need at least 2 classes, they have {p.shape[1]}", where="sampling")
    if not all(_are_probabilities(p[start : start + BLOCK]) for start in range(0, len(p), BLOCK)):
        _refuse_first(~np.isfinite(p).all(axis=1), "probabilities are not finite")
        _refuse_first((p < 0).any(axis=1), "probabilities are negative")
        _refuse_first(np.abs(row_sums(p) - 1) > SUM_TOLERANCE, "probabilities do not add up to 1")
    return p


def as_features(features: ArrayLike) -> NDArray[np.floating]:
    """Features as a float array, shape (items, dimensions).

    Raises:
        UsageError: another shape, no dimension, or values that are not finite.
    """
    x = _as_matrix(features, "features", "(items, dimensions)")
    if x.shape[1] < 1:
        raise UsageError("features have no dimension", where="sampling")
    if len(x):
        # A sum is finite unless a member is not (or the values overflow, which no distance would survive).
        _refuse_first(~np.isfinite(row_sums(x)), "features are not finite")
    return x


def check_same_length(probabilities: NDArray[np.floating], features: NDArray[np.floating]) -> None:
    """Refuse two arrays that do not speak of the same items.

    Raises:
        UsageError: their first dimensions differ.
    """
    if len(probabilities) != len(features):
        raise UsageError(
            f"probabilities are of {len(probabilities)} items, features of {len(features)}",
            where="sampling",
            next_step="Score and embed the same items in the same order",
        )


def row_sums(matrix: NDArray[np.floating]) -> NDArray[np.floating]:
    """Sums by row; several times faster than a reduction along a short axis, and on one thread."""
    sums: NDArray[np.floating] = np.einsum("ij->i", matrix)
    return sums


def _are_probabilities(block: NDArray[np.floating]) -> bool:
    """Every comparison with not-a-number is false, so that one bad value fails the block."""
    return bool(block.min() >= 0 and np.abs(row_sums(block) - 1).max() <= SUM_TOLERANCE)


def _as_matrix(values: ArrayLike, name: str, shape: str) -> NDArray[np.floating]:
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise UsageError(f"{name} are ragged, wanted is shape {shape}", where="sampling") from error
    if array.ndim != 2:
        raise UsageError(f"{name} have shape {array.shape}, wanted is {shape}", where="sampling")
    if array.dtype in (np.float32, np.float64):
        return array
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} are not numbers but {array.dtype}", where="sampling") from error


def _refuse_first(bad: ArrayLike, what: str) -> None:
    bad = np.asarray(bad, dtype=bool)
    if bad.any():
        raise UsageError(
            what, where=f"row {int(bad.argmax())} and {int(bad.sum()) - 1} more", next_step="Mend the scores"
        )
