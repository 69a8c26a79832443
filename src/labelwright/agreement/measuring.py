"""From a statistic to a result: the steps that all coefficients share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement import reasons
from labelwright.agreement.interval import Bounds, Sampling, interval_of
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Statistic
from labelwright.coding import Coded, Patterns


@dataclass(frozen=True, slots=True)
class Basis:
    """What a measure rests on.

    Attributes:
        measure: the measure's name.
        n_items: items that count.
        n_annotations: annotations that count.
        n_dropped: repeated answers that do not.
    """

    measure: str
    n_items: int
    n_annotations: int
    n_dropped: int

    def undefined(self, reason: str) -> Agreement:
        """No value, and why."""
        return Agreement(None, None, None, self.n_items, self.n_annotations, reason, self.n_dropped, self.measure)

    def defined(self, value: float, bounds: Bounds, sampling: Sampling) -> Agreement:
        """The value with its interval."""
        resampled = sampling.interval in ("bootstrap", "bca")
        return Agreement(
            value,
            bounds.low,
            bounds.high,
            self.n_items,
            self.n_annotations,
            bounds.reason,
            self.n_dropped,
            self.measure,
            sampling.interval if bounds.low is not None else None,
            sampling.confidence,
            sampling.replicates if resampled else None,
            sampling.seed if resampled else None,
            bounds.standard_error,
        )

    def measured(self, statistic: Statistic, sampling: Sampling, *, undefined: str) -> Agreement:
        """The result of a statistic, with the reason ``undefined`` when it has no value."""
        value = statistic.value()
        if value is None:
            return self.undefined(undefined)
        return self.defined(value, interval_of(statistic, value, sampling), sampling)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A measure of one table, ready to be computed on all items or on a sample of them.

    Attributes:
        basis: the counts it rests on.
        statistic: the measure as a function of the items; None when it does not apply.
        undefined: why it does not apply, or why it may have no value.
        rows: row of the statistic's features of each item (-1: none), shape (n_items,); None when the rows are those
            of `Coded.patterns`, or of its patterns with two annotations.
    """

    basis: Basis
    statistic: Statistic | None
    undefined: str
    rows: NDArray[np.int64] | None = None

    def result(self, sampling: Sampling) -> Agreement:
        """The measure on all items, with the interval that is wanted."""
        if self.statistic is None:
            return self.basis.undefined(self.undefined)
        return self.basis.measured(self.statistic, sampling, undefined=self.undefined)


def basis_of(measure: str, coded: Coded, patterns: Patterns) -> Basis:
    """The counts that a measure over these patterns rests on."""
    return Basis(measure, int(patterns.times.sum()), int(patterns.times @ patterns.sizes), coded.n_dropped)


def no_overlap(measure: str, coded: Coded) -> Prepared:
    """A measure of a table in which no item has two annotations."""
    reason = reasons.NO_OVERLAP if coded.n_annotations else reasons.NOTHING
    return Prepared(Basis(measure, 0, 0, coded.n_dropped), None, reason)
