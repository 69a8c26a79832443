"""Distances between classes: how wrong it is to choose one for the other.

Each gives the squared difference that Krippendorff's alpha sums (delta² in the papers), shape (classes, classes),
zero on the diagonal, symmetric.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias

import numpy as np

from labelwright.agreement.statistic import Floats
from labelwright.model.errors import DataError, UsageError

Path: TypeAlias = tuple[Hashable, ...]


# Most classes whose distances are held in one table (8 bytes each pair).
MOST_CLASSES = 4096


def check_size(n_classes: int) -> None:
    """Refuse a table of distances that is too large to hold.

    Raises:
        DataError: there are too many classes.
    """
    if n_classes > MOST_CLASSES:
        raise DataError(
            f"{n_classes} different answers are too many for a table of distances (at most {MOST_CLASSES})",
            next_step="For numbers use the interval level; for texts a text distance",
        )


def interval(values: Floats) -> Floats:
    """(c - k)²."""
    return np.asarray((values[:, None] - values[None, :]) ** 2)


def ratio(values: Floats) -> Floats:
    """((c - k) / (c + k))²; 0 between zeros.

    Raises:
        DataError: a value is negative.
    """
    if (values < 0).any():
        raise DataError("The ratio level needs values of at least 0", where=f"lowest {values.min()}")
    total = values[:, None] + values[None, :]
    return np.asarray(((values[:, None] - values[None, :]) / np.where(total == 0, 1, total)) ** 2)


def circular(values: Floats, period: float) -> Floats:
    """sin²(pi (c - k) / period): equal after a full turn, 1 at half a turn.

    Raises:
        UsageError: the period is not positive.
    """
    if not period > 0:
        raise UsageError("The circular level needs a positive period", where=f"period={period}")
    return np.asarray(np.sin(np.pi * (values[:, None] - values[None, :]) / period) ** 2)


def numbers(classes: Sequence[Any], level: str) -> Floats:
    """Class values as numbers.

    Raises:
        DataError: a class is no number.
    """
    try:
        values = np.array([float(value) for value in classes])
    except (TypeError, ValueError) as error:
        raise DataError(f"The {level} level needs numbers", where=f"class {_first_no_number(classes)!r}") from error
    if not np.isfinite(values).all():
        raise DataError(f"The {level} level needs finite numbers")
    return values


def _first_no_number(classes: Sequence[Any]) -> Any:
    for value in classes:
        try:
            float(value)
        except (TypeError, ValueError):
            return value
    return None


def jaccard(classes: Sequence[frozenset[Any]]) -> Floats:
    """1 - |A and B| / |A or B| (Jaccard 1912); two empty sets are equal."""
    return _between(classes, _jaccard)


def masi(classes: Sequence[frozenset[Any]]) -> Floats:
    """1 - Jaccard × monotonicity (Passonneau 2006, MASI).

    The monotonicity is 1 for equal sets, 2/3 when one holds the other, 1/3 when they overlap, 0 when disjoint.
    """
    return _between(classes, _masi)


def paths(classes: Sequence[frozenset[Path]]) -> Floats:
    """How far apart classes of a tree are: 1 - 2 × shared depth / (depth + depth) (Wu and Palmer 1994).

    For several paths in one answer each path counts with its best match on the other side, and the two directions
    are averaged. Two empty answers are equal; an empty and a filled one are at distance 1.
    """
    return _between(classes, _between_trees)


def _between(classes: Sequence[Any], distance: Any) -> Floats:
    n = len(classes)
    table = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            table[i, j] = table[j, i] = distance(classes[i], classes[j])
    return table


def _jaccard(a: frozenset[Any], b: frozenset[Any]) -> float:
    return 1 - len(a & b) / len(a | b) if a or b else 0.0


def _masi(a: frozenset[Any], b: frozenset[Any]) -> float:
    if a == b:
        return 0.0
    shared = len(a & b)
    monotone = 2 / 3 if a <= b or b <= a else 1 / 3
    return 1 - shared / len(a | b) * monotone


def _between_trees(a: frozenset[Path], b: frozenset[Path]) -> float:
    if not a or not b:
        return float(a != b)
    forth = sum(min(_between_paths(x, y) for y in b) for x in a) / len(a)
    back = sum(min(_between_paths(x, y) for x in a) for y in b) / len(b)
    return (forth + back) / 2


def _between_paths(a: Path, b: Path) -> float:
    depth = len(a) + len(b)
    shared = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        shared += 1
    return 1 - 2 * shared / depth if depth else 0.0
