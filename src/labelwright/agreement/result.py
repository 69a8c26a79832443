"""What a measure of agreement gives back: the number, its interval, the counts it rests on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from labelwright.model.measure import Measure


@dataclass(frozen=True, slots=True)
class Agreement(Measure):
    """One measured agreement.

    Attributes:
        n_dropped: answers that did not count because the same annotator answered the item again later.
        measure: the measure's name.
        interval: how the interval was made (``bootstrap``, ``bca``, ``analytic``), None without one.
        confidence: coverage of the interval.
        replicates: bootstrap replicates; None without.
        seed: seed of the replicates; None without.
        standard_error: standard error over items; None without an interval.
    """

    n_dropped: int = 0
    measure: str = ""
    interval: str | None = None
    confidence: float = 0.95
    replicates: int | None = None
    seed: int | None = None
    standard_error: float | None = None


@dataclass(frozen=True, slots=True)
class PairAgreement(Agreement):
    """The agreement of two annotators on the items that both answered (``n_items``).

    Attributes:
        a: name of one annotator.
        b: name of the other.
    """

    a: Any = None
    b: Any = None


@dataclass(frozen=True, slots=True)
class PairwiseAgreement(Agreement):
    """The mean over all pairs of annotators (Light 1971), and the pairs.

    Its own value and interval are those of the mean over the pairs for which the measure is defined.

    Attributes:
        pairs: every pair with a shared item, in the order of the annotators' names.
    """

    pairs: tuple[PairAgreement, ...] = ()

    @property
    def mean(self) -> Agreement:
        """The mean over the pairs, without them."""
        return Agreement(**shared_fields(self))

    def pair(self, a: Any, b: Any) -> PairAgreement | None:
        """The pair of these two annotators, in either order; None when they share no item."""
        return next((pair for pair in self.pairs if {pair.a, pair.b} == {a, b}), None)


@dataclass(frozen=True, slots=True)
class Part(Agreement):
    """The agreement within a part of the annotations, or of one class or annotator.

    Attributes:
        key: the class, annotator, slice or period.
    """

    key: Any = None


@dataclass(frozen=True, slots=True)
class Comparison(Agreement):
    """The difference of two agreements, after - before, with its interval.

    Attributes:
        before: the agreement before.
        after: the agreement after.
        n_shared: items that are in both; they were resampled together.
    """

    before: Agreement | None = None
    after: Agreement | None = None
    n_shared: int = 0


def as_part(found: Agreement, key: Any) -> Part:
    """The same numbers, named."""
    return Part(**shared_fields(found), key=key)


def shared_fields(found: Agreement) -> dict[str, Any]:
    """The fields that every result has."""
    return {field.name: getattr(found, field.name) for field in fields(Agreement)}
