"""Speed against accuracy: are an annotator's quick answers worse than the slow ones?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.consensus.permuting import by_annotator, check, judged, p_value

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Floats = NDArray[np.float64]
# Answers in the quick third and in the slow third at least.
_SIDE = 8


def haste(
    answers: IntoDataFrame, *, rng: np.random.Generator, alpha: float = 0.05, permutations: int = 1999
) -> pl.DataFrame:
    """Accuracy of an annotator's quickest third of answers below that of the slowest third.

    The statistic is the mean of ``right`` among the slowest third less that among the quickest third, one-sided
    (quick answers are worse). Its distribution where time and accuracy have nothing to do with each other comes from
    permutations of the annotator's answers. Where hard items take longer the difference is negative: that is care,
    and is never called haste. Times are compared within one annotator only, by rank, so that a coffee break counts
    no more than any slow answer.

    False alarms: as in `drift`: with alpha = 0.05 the probability that at least one annotator of the table whose
    accuracy does not hang on time is called hasty is at most 5 %.

    Args:
        answers: DataFrame with columns annotator, seconds and right (0 to 1), one answer a row.
        rng: for the permutations.
        alpha: probability of any false alarm in the table, 0 to 1.
        permutations: for each annotator.

    Returns:
        Columns annotator, n, quick and slow (mean of right in the quickest and the slowest third), below (seconds up
        to which an answer is among the quickest third), statistic, p_value, p_adjusted, changed (hasty), reason (why it
        was not tested).

    Raises:
        DataError: a column is missing, or right is not between 0 and 1.
        UsageError: alpha or permutations are out of range.
    """
    check(alpha, permutations)
    rows = [_hasty(*group, rng, permutations) for group in by_annotator(answers, ("seconds", "right"))]
    return judged(rows, alpha, ("quick", "slow", "below"))


def _hasty(annotator: Any, part: pl.DataFrame, rng: np.random.Generator, permutations: int) -> dict[str, Any]:
    """One annotator's answers, which come in the order of seconds."""
    x = part["right"].to_numpy()
    third = x.size // 3
    base = {"annotator": annotator, "n": x.size}
    if third < _SIDE:
        return {**base, "reason": f"Fewer than {3 * _SIDE} answers with a time"}
    if float(x.min()) == float(x.max()):
        return {**base, "reason": "All answers are equally right"}

    def difference(rows: Floats) -> Floats:
        return np.asarray(rows[:, -third:].mean(axis=1) - rows[:, :third].mean(axis=1))

    score = float(difference(x[None, :])[0])
    p = p_value(score, lambda k: difference(rng.permuted(np.tile(x, (k, 1)), axis=1)), permutations)
    found = {"quick": float(x[:third].mean()), "slow": float(x[-third:].mean()), "below": part["seconds"][third - 1]}
    return {**base, **found, "statistic": score, "p_value": p}
