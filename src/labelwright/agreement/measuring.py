"""From a statistic to a result: the steps that all coefficients share."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.agreement.interval import Bounds, Sampling, interval_of
from labelwright.agreement.result import Agreement
from labelwright.agreement.statistic import Statistic


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
