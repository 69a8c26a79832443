"""An annotator against the others only: his own vote never counts for him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.consensus.names import named
from labelwright.consensus.skill import wilson
from labelwright.consensus.table import annotations_of

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AgainstOthers:
    """Each annotation beside the majority of the other annotators of its item.

    Attributes:
        usable: whether the others have one majority class (another answer, and no tie); shape (n_annotations,).
        others: that class; meaningless where not usable.
        equal: whether the annotation is that class.
    """

    usable: NDArray[np.bool_]
    others: NDArray[np.int64]
    equal: NDArray[np.bool_]


def against_others(coded: Coded) -> AgainstOthers:
    """Compare each annotation with the majority of the rest of its item."""
    counts = coded.counts
    order = np.partition(counts, -2, axis=1) if coded.n_classes > 1 else np.pad(counts, ((0, 0), (1, 0)))
    top, second = order[:, -1], order[:, -2]
    best = counts.argmax(axis=1)
    item, label = coded.item, coded.label
    mine = counts[item, label]
    # Without my vote the best class may lose its lead: to the runner-up (a tie), or, if I was in a tie, win alone.
    is_best = (mine == top[item]) & (top[item] > second[item])
    tied_with_one = (mine == top[item]) & (top[item] == second[item])
    sole_other = tied_with_one & (np.count_nonzero(counts == top[:, None], axis=1)[item] == 2)
    usable = np.where(is_best, mine - 1 > second[item], (top[item] > second[item]) | sole_other)
    others = best[item].astype(np.int64)
    rows = np.flatnonzero(sole_other)
    if rows.size:
        rest = counts[item[rows]].copy()
        rest[np.arange(rows.size), label[rows]] -= 1
        others[rows] = rest.argmax(axis=1)
    return AgainstOthers(usable, others, usable & (others == label))


def leave_one_out(annotations: IntoDataFrame | Coded) -> pl.DataFrame:
    """Agreement of each annotator with the majority of the others.

    Items where the others are tied, or where nobody else has answered, count for nobody.

    Args:
        annotations: DataFrame with columns item, annotator, label; or a `Coded`.

    Returns:
        Columns annotator, agreement (0 to 1), low and high (95 % Wilson interval), n (items compared). Annotators
        without any item to compare have null.

    Raises:
        DataError: there is no annotation, or a column is missing.
    """
    coded = annotations_of(annotations)
    rest = against_others(coded)
    n = np.bincount(coded.annotator, weights=rest.usable, minlength=coded.n_annotators).astype(np.int64)
    equal = np.bincount(coded.annotator, weights=rest.equal, minlength=coded.n_annotators)
    return shares_frame(coded, np.asarray(equal, np.float64), n, "agreement")


def shares_frame(coded: Coded, equal: Floats, n: NDArray[np.int64], column: str) -> pl.DataFrame:
    """Columns annotator, a share with its interval, n; null where n is 0. Annotators without answers are left out."""
    busy = np.flatnonzero(np.bincount(coded.annotator, minlength=coded.n_annotators) > 0)
    n, equal = n[busy], equal[busy]
    values = dict(zip((column, "low", "high"), wilson(equal, np.maximum(n, 1)), strict=True))
    frame = pl.DataFrame([named("annotator", coded.annotator_names, busy)]).with_columns(
        pl.Series(name, value) for name, value in values.items()
    )
    frame = frame.with_columns(pl.Series("n", n))
    return frame.with_columns(pl.when(pl.col("n") > 0).then(pl.col(name)).alias(name) for name in values)
