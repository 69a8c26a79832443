"""Two agreements compared: before and after a change of the guidelines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement.alpha import krippendorff_alpha, prepare_alpha
from labelwright.agreement.breakdown import MeasureFunction
from labelwright.agreement.fleiss import prepare_fleiss
from labelwright.agreement.gwet import prepare_ac1, prepare_ac2, prepare_brennan_prediger
from labelwright.agreement.interval import TOO_FEW, Bounds, Interval, Sampling, normal, quantiles, replicate, skewness
from labelwright.agreement.measuring import Basis, Prepared
from labelwright.agreement.percent import prepare_percent
from labelwright.agreement.result import Agreement, Comparison, shared_fields
from labelwright.agreement.sets import prepare_paths, prepare_sets
from labelwright.agreement.statistic import Floats, Statistic
from labelwright.coding import Coded, encode, match_items, pattern_rows
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

PREPARERS: dict[str, Callable[..., Prepared]] = {
    "alpha_paths": prepare_paths,
    "alpha_sets": prepare_sets,
    "brennan_prediger": prepare_brennan_prediger,
    "fleiss_kappa": prepare_fleiss,
    "gwet_ac1": prepare_ac1,
    "gwet_ac2": prepare_ac2,
    "krippendorff_alpha": prepare_alpha,
    "percent_agreement": prepare_percent,
}


def compare(
    before: IntoDataFrame | Coded,
    after: IntoDataFrame | Coded,
    measure: MeasureFunction = krippendorff_alpha,
    interval: Interval = "bootstrap",
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    **options: Any,
) -> Comparison:
    """The difference of an agreement between two tables, after - before, with its interval.

    Items are the sample. An item that is in both tables is resampled together, so that its difficulty cancels out;
    other items are independent.

    Args:
        before: DataFrame with columns item, annotator, label, or `Coded`.
        after: the same after the change.
        measure: a measure of this package that rests on the counts of each item: percent agreement, Fleiss' kappa,
            Krippendorff's alpha (also of sets and paths), Gwet's AC1 and AC2, Brennan and Prediger.
        interval: ``bootstrap``, ``bca`` or ``analytic`` (delta method).
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.
        **options: passed to the measure (level, weights, distance, period).

    Returns:
        The difference; its counts are those of both together. Undefined when one of the two is.

    Raises:
        UsageError: the measure cannot be compared in this way.
    """
    prepare = PREPARERS.get(measure.__name__)
    if prepare is None:
        raise UsageError(f"{measure.__name__} cannot be compared", next_step=f"Use one of {', '.join(PREPARERS)}")
    sampling = Sampling(interval, replicates, seed, confidence)
    tables = encode(before), encode(after)
    first, second = (prepare(table, **options) for table in tables)
    old, new = first.result(sampling), second.result(sampling)
    if first.statistic is None or second.statistic is None or old.value is None or new.value is None:
        reason = "before: " + old.reason if old.value is None and old.reason else f"after: {new.reason}"
        return _comparison(_basis(old, new, 0).undefined(reason), old, new, 0)
    joint = _joint(tables, (first, second))
    found = _basis(old, new, joint.n_shared).defined(
        new.value - old.value, joint.bounds(new.value - old.value, sampling), sampling
    )
    return _comparison(found, old, new, joint.n_shared)


def _basis(old: Agreement, new: Agreement, n_shared: int) -> Basis:
    return Basis(
        f"difference of {old.measure}",
        old.n_items + new.n_items - n_shared,
        old.n_annotations + new.n_annotations,
        old.n_dropped + new.n_dropped,
    )


def _comparison(found: Agreement, old: Agreement, new: Agreement, n_shared: int) -> Comparison:
    return Comparison(**shared_fields(found), before=old, after=new, n_shared=n_shared)


@dataclass(frozen=True, eq=False)
class Joint:
    """Both measures as functions of the same items.

    Attributes:
        before: features of each kind of item before (zeros where it does not count).
        after: the same after.
        n_shared: items that count before and after.
    """

    before: Statistic
    after: Statistic
    n_shared: int

    @property
    def times(self) -> NDArray[np.int64]:
        """How many items are of each kind."""
        return self.before.times

    def bounds(self, value: float, sampling: Sampling) -> Bounds:
        """The interval of the difference."""
        n = int(self.times.sum())
        if n < 2:
            return Bounds(reason=TOO_FEW)
        if sampling.interval == "analytic":
            moved = self.after.influence() - self.before.influence()
            moved = moved - np.average(moved, weights=self.times)
            error = np.sqrt(n / (n - 1) * float(self.times @ moved**2))
            return normal(value, float(error), sampling.confidence, highest=2.0)
        values = replicate(self, sampling.replicates, sampling.seed)
        pull = skewness(self.without_one(), self.times) if sampling.interval == "bca" else None
        return quantiles(values, value, pull, sampling)

    def at(self, weights: NDArray[Any]) -> Floats:
        """Differences when each kind of item occurs ``weights`` times."""
        return np.asarray(self.after.at(weights) - self.before.at(weights))

    def without_one(self) -> Floats:
        """Differences with one item of each kind left out."""
        return np.asarray(self.after.without_one() - self.before.without_one())


def _joint(tables: tuple[Coded, Coded], measures: tuple[Prepared, Prepared]) -> Joint:
    """Match the items of two tables by name."""
    before, after = (np.append(_rows(table, part), -1) for table, part in zip(tables, measures, strict=True))
    found = match_items(*tables)
    both = np.column_stack((before[found[:, 0]], after[found[:, 1]]))
    kinds, times = np.unique(both[(both >= 0).any(axis=1)], axis=0, return_counts=True)
    first, second = (
        Statistic(_features(part)[kinds[:, side]], times.astype(np.int64), part.finish)
        for side, part in enumerate(part.statistic for part in measures if part.statistic is not None)
    )
    return Joint(first, second, int(times[(kinds >= 0).all(axis=1)].sum()))


def _rows(table: Coded, part: Prepared) -> NDArray[np.int64]:
    """The row of features of each item; -1 where it does not count."""
    if part.rows is not None:
        return part.rows
    return pattern_rows(table, 0 if part.statistic is None else len(part.statistic.times))


def _features(statistic: Statistic) -> Floats:
    """The features with a row of zeros at the end, for items that do not count."""
    return np.vstack((statistic.features, np.zeros((1, statistic.features.shape[1]))))
