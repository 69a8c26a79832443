"""Who answers without looking: at random, or always the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import bdtr

from labelwright.coding import Coded
from labelwright.consensus.leave_one_out import against_others
from labelwright.consensus.names import named
from labelwright.consensus.table import annotations_of
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Floats = NDArray[np.float64]
# An annotator whose answers are so often the same class is looked at for constant answering.
_SAME = 0.95


def random_answering(annotations: IntoDataFrame | Coded, *, alpha: float = 0.05) -> pl.DataFrame:
    """Test each annotator for answers that do not depend on the item.

    An annotator's answers are held against the majority of the others (ties left out). If he answered without looking,
    with his own habits, he would agree with them in the share Σ_k a_k b_k, where a_k is his share of class k and b_k
    that of the others' majorities on his items. Two exact binomial tests:
    ``p_random``: agreement as high as his or higher, if he answered without looking;
    ``p_honest``: agreement as low as his or lower, if he agreed as often as all annotators together.

    Verdict, in this order, with the level divided by the number of annotators where it accuses (Bonferroni), so that
    among honest annotators a false accusation occurs in at most a share ``alpha`` of tables:
    ``constant``: 95 % or more of his answers are one class and p_honest < alpha / annotators;
    ``random``: p_random >= alpha and p_honest < alpha / annotators;
    ``looks``: p_random < alpha; ``too few``: neither can be told.
    An annotator who agrees much less than chance ``looks`` at nothing either: he is ``random`` here; see his confusion.

    Args:
        annotations: DataFrame with columns item, annotator, label; or a `Coded`.
        alpha: level, 0 to 1.

    Returns:
        Columns annotator, verdict, agreement (with the others), chance, same (share of his most frequent class),
        p_random, p_honest, n (items compared); numbers are null without an item to compare.

    Raises:
        DataError: there is no annotation, or a column is missing.
        UsageError: alpha is not between 0 and 1.
    """
    if not 0 < alpha < 1:
        raise UsageError("alpha must lie between 0 and 1", where=f"alpha={alpha}")
    coded = annotations_of(annotations)
    seen = _Seen.over(coded)
    honest = seen.equal.sum() / max(float(seen.n.sum()), 1.0)
    p_random = np.where(seen.equal > 0, 1 - bdtr(np.maximum(seen.equal - 1, 0), seen.n, seen.chance), 1.0)
    p_honest = bdtr(seen.equal, seen.n, honest)
    accused = p_honest < alpha / max(seen.n.size, 1)
    verdict = np.select(
        [accused & (seen.same >= _SAME), accused & (p_random >= alpha), (p_random < alpha) & (seen.n > 0)],
        ["constant", "random", "looks"],
        "too few",
    )
    numbers = {"agreement": seen.equal / np.maximum(seen.n, 1), "chance": seen.chance, "same": seen.same}
    numbers |= {"p_random": p_random, "p_honest": p_honest}
    frame = pl.DataFrame([named("annotator", coded.annotator_names, seen.annotator), pl.Series("verdict", verdict)])
    frame = frame.with_columns(*(pl.Series(name, value) for name, value in numbers.items()), pl.Series("n", seen.n))
    return frame.with_columns(pl.when(pl.col("n") > 0).then(pl.col(name)).alias(name) for name in numbers)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Counts of each annotator that has answers, over the items that can be compared."""

    annotator: NDArray[np.int64]
    n: NDArray[np.int64]
    equal: NDArray[np.int64]
    chance: Floats
    same: Floats

    @classmethod
    def over(cls, coded: Coded) -> _Seen:
        rest = against_others(coded)
        A, K = coded.n_annotators, coded.n_classes
        use = rest.usable
        who = coded.annotator[use].astype(np.int64)
        own = np.bincount(who * K + coded.label[use], minlength=A * K).reshape(A, K)
        others = np.bincount(who * K + rest.others[use], minlength=A * K).reshape(A, K)
        n = own.sum(axis=1)
        chance = (own * others).sum(axis=1) / np.maximum(n.astype(np.float64) ** 2, 1)
        equal = np.bincount(coded.annotator, weights=rest.equal, minlength=A).astype(np.int64)
        busy = np.flatnonzero(np.bincount(coded.annotator, minlength=A) > 0)
        same = own.max(axis=1) / np.maximum(n, 1)
        return cls(busy, n[busy], equal[busy], chance[busy], same[busy])
