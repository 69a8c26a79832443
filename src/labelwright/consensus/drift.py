"""Does an annotator change: once over time (drift), or within his sessions (fatigue)?

Both are permutation tests: under "no change" every order of an annotator's answers is as probable, so the p-value is
exact whatever the distribution, and the false-alarm rate is what it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.consensus.permuting import by_annotator, check, judged, p_value

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Floats = NDArray[np.float64]
# A change is looked for where at least so many answers, and this share of them, lie on each side.
_SIDE = 5
_SIDE_SHARE = 0.1


def drift(
    answers: IntoDataFrame, *, rng: np.random.Generator, alpha: float = 0.05, permutations: int = 1999
) -> pl.DataFrame:
    """One change of an annotator's accuracy at an unknown time.

    The statistic is the largest standardized difference between the means before and after a split, over all splits
    with at least 5 answers and a tenth of all on each side (a CUSUM; E. S. Page, Biometrika 41, 1954). Its
    distribution without change comes from permutations of the annotator's answers.

    False alarms: with alpha = 0.05 the probability that at least one annotator of the table who has not changed is
    called changed is at most 5 % (p-values exact under permutation, adjusted by Holm 1979).

    Args:
        answers: DataFrame with columns annotator, time (anything that sorts) and right (0 to 1: right or wrong against
            gold, or the posterior of the answer given), one answer a row.
        rng: for the permutations.
        alpha: probability of any false alarm in the table, 0 to 1.
        permutations: for each annotator.

    Returns:
        Columns annotator, n, before and after (mean of right on each side of the best split), since (time of the first
        answer after it), statistic, p_value, p_adjusted, changed, reason (why it was not tested).

    Raises:
        DataError: a column is missing, or right is not between 0 and 1.
        UsageError: alpha or permutations are out of range.
    """
    check(alpha, permutations)
    rows = [_drifted(*group, rng, permutations) for group in by_annotator(answers, ("time", "right"))]
    return judged(rows, alpha, ("before", "after", "since"))


def fatigue(
    answers: IntoDataFrame, *, rng: np.random.Generator, alpha: float = 0.05, permutations: int = 1999
) -> pl.DataFrame:
    """A decline of an annotator's accuracy within his sessions.

    The statistic is the sum over his answers of (place in the session, centred, from −½ to ½) × right, one-sided
    (decline); its distribution without fatigue comes from permutations within each session, so differences between
    sessions (other items, another day) do not count.

    False alarms: as in `drift`.

    Args:
        answers: DataFrame with columns annotator, session, time (anything that sorts) and right (0 to 1).
        rng: for the permutations.
        alpha: probability of any false alarm in the table, 0 to 1.
        permutations: for each annotator.

    Returns:
        Columns annotator, n, slope (change of accuracy from the start to the end of a session, −1 to 1 by least
        squares), statistic, p_value, p_adjusted, changed, reason (why it was not tested).

    Raises:
        DataError: a column is missing, or right is not between 0 and 1.
        UsageError: alpha or permutations are out of range.
    """
    check(alpha, permutations)
    groups = by_annotator(answers, ("time", "right", "session"))
    return judged([_tired(*group, rng, permutations) for group in groups], alpha, ("slope",))


def _drifted(annotator: Any, part: pl.DataFrame, rng: np.random.Generator, permutations: int) -> dict[str, Any]:
    x = part["right"].to_numpy()
    side = max(_SIDE, int(np.ceil(_SIDE_SHARE * x.size)))
    base = {"annotator": annotator, "n": x.size}
    if x.size < 2 * side:
        return {**base, "reason": f"Fewer than {2 * side} answers"}
    if float(x.min()) == float(x.max()):
        return {**base, "reason": "All answers are equally right"}
    splits = np.arange(side, x.size - side + 1)
    score, best = _largest(x[None, :], splits)
    p = p_value(float(score[0]), lambda k: _largest(rng.permuted(np.tile(x, (k, 1)), axis=1), splits)[0], permutations)
    at = int(splits[best[0]])
    found = {"before": float(x[:at].mean()), "after": float(x[at:].mean()), "since": part["time"][at]}
    return {**base, **found, "statistic": float(score[0]), "p_value": p}


def _largest(x: Floats, splits: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """Largest standardized difference of the means of each row, and at which split."""
    n = x.shape[1]
    centred = x - x.mean(axis=1, keepdims=True)
    sums = np.cumsum(centred, axis=1)[:, splits - 1]
    spread = np.sqrt(splits * (n - splits) / n) * centred.std(axis=1, keepdims=True)
    score = np.abs(sums) / spread
    return np.asarray(score.max(axis=1)), score.argmax(axis=1)


def _tired(annotator: Any, part: pl.DataFrame, rng: np.random.Generator, permutations: int) -> dict[str, Any]:
    base = {"annotator": annotator, "n": part.height}
    sessions = [group["right"].to_numpy() for _, group in part.group_by("session", maintain_order=True)]
    sessions = [x for x in sessions if x.size > 1 and float(x.min()) < float(x.max())]
    if sum(x.size for x in sessions) < 2 * _SIDE:
        return {**base, "reason": f"Fewer than {2 * _SIDE} answers in sessions with both right and wrong ones"}
    places = [np.linspace(-0.5, 0.5, x.size) for x in sessions]
    score = -float(sum(place @ x for place, x in zip(places, sessions, strict=True)))

    def shuffled(k: int) -> Floats:
        parts = (rng.permuted(np.tile(x, (k, 1)), axis=1) @ place for place, x in zip(places, sessions, strict=True))
        return np.asarray(-np.sum(np.stack(list(parts)), axis=0))

    slope = -score / float(sum(place @ place for place in places))
    p = p_value(score, shuffled, permutations)
    return {**base, "slope": slope, "statistic": score, "p_value": p}
