"""Two models on the same test items: is the new one worse than the one in use?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from labelwright.model.errors import UsageError
from labelwright.model.measure import Measure


def accuracy_gain(
    new: Sequence[str | None],
    current: Sequence[str | None],
    truth: Sequence[str | None],
    *,
    confidence: float = 0.95,
) -> Measure:
    """Accuracy of the new model less that of the current one, paired by item.

    Only the items on which one is right and the other wrong tell them apart; the interval is Wald's after half a pair
    is added to each of the four cells: A. Agresti, Y. Min, Simple improved confidence intervals for comparing matched
    proportions, Statistics in Medicine 24 (2005), doi:10.1002/sim.1781.

    Args:
        new: predicted class of each item; None (no prediction) is wrong.
        current: the same of the other model.
        truth: labels; items without one (None) are left out.
        confidence: of the interval, between 0 and 1.

    Returns:
        The difference, -1 to 1; undefined, with the reason, where no item has a label.

    Raises:
        UsageError: the three are of different length.
    """
    if not len(new) == len(current) == len(truth):
        raise UsageError(f"{len(new)}, {len(current)} and {len(truth)} values do not go together", where="comparison")
    pairs = [(a == t, b == t) for a, b, t in zip(new, current, truth, strict=True) if t is not None]
    if not pairs:
        return Measure(None, reason="no test item has a label")
    n, gained, lost = len(pairs), sum(a and not b for a, b in pairs), sum(b and not a for a, b in pairs)
    low, high = paired_interval(gained, lost, n, confidence)
    return Measure((gained - lost) / n, low, high, n)


def paired_interval(gained: int, lost: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The interval of ``(gained - lost) / n`` after Agresti and Min (2005), cut at -1 and 1.

    Args:
        gained: pairs in which only the first is right.
        lost: pairs in which only the second is right.
        n: all pairs, at least 1.
        confidence: between 0 and 1.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    b, c, total = gained + 0.5, lost + 0.5, n + 2.0
    middle = (b - c) / total
    half = z * math.sqrt(b + c - (b - c) ** 2 / total) / total
    return max(middle - half, -1.0), min(middle + half, 1.0)
