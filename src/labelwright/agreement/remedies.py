"""What to do about a low agreement: the classes that are confused, what merging would bring, who stands apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from labelwright.agreement.alpha import prepare_alpha
from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.measuring import Prepared
from labelwright.agreement.others import by_annotator
from labelwright.agreement.result import Agreement, Part
from labelwright.coding import Coded, Patterns, encode

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame


@dataclass(frozen=True, slots=True)
class ClassPair:
    """Two classes that are chosen for the same items.

    Attributes:
        a: one class.
        b: the other.
        n_items: items for which both were chosen.
        share: their part of all disagreement, from 0 to 1.
        merged: the agreement if the two were one class.
        gain: how much higher that is; None when one of the two is undefined.
    """

    a: Any
    b: Any
    n_items: int
    share: float
    merged: Agreement
    gain: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one annotator stands to the others.

    Attributes:
        annotator: the name.
        others: kappa against the others.
        without: the agreement of the rest.
        gain: how much higher that is; None when one of the two is undefined.
        apart: the agreement rises without this annotator, whose kappa against the others lies, with its whole
            interval, below the median of all annotators.
    """

    annotator: Any
    others: Part
    without: Agreement
    gain: float | None
    apart: bool


@dataclass(frozen=True, slots=True)
class Remedies:
    """What a low agreement comes from.

    Attributes:
        agreement: the agreement as it is (Krippendorff's alpha, nominal).
        pairs: pairs of classes, the largest part of the disagreement first.
        annotators: everybody, those whose leaving brings most first.
    """

    agreement: Agreement
    pairs: tuple[ClassPair, ...]
    annotators: tuple[Standing, ...]


def merge_remedies(
    annotations: IntoDataFrame | Coded,
    *,
    interval: Interval | None = None,
    most: int = 10,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Remedies:
    """Where a low agreement comes from, by Krippendorff's nominal alpha.

    Merging classes raises agreement for the trivial reason, too, that fewer classes are easier; it is for the lead to
    say whether the distinction is needed.

    Args:
        annotations: DataFrame with columns item, annotator, label, or `Coded`.
        interval: interval of the agreements: ``bootstrap``, ``bca``, ``analytic`` or None.
        most: how many pairs of classes.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the intervals.
    """
    coded = encode(annotations)
    sampling = Sampling(interval, replicates, seed, confidence)
    whole = prepare_alpha(coded).result(sampling)
    return Remedies(whole, _class_pairs(coded, whole, sampling, most), _standings(coded, whole, sampling))


def _class_pairs(coded: Coded, whole: Agreement, sampling: Sampling, most: int) -> tuple[ClassPair, ...]:
    patterns = coded.patterns.at_least(2)
    low, high = np.triu_indices(coded.n_classes, 1)
    if not patterns.times.size or not low.size:
        return ()
    together = confusion(patterns)[low, high]
    first = np.argsort(-together, kind="stable")[:most]
    names, everything = coded.class_list(), together.sum()
    return tuple(
        _class_pair(coded, int(low[i]), int(high[i]), names, float(together[i] / everything), whole, sampling)
        for i in first
        if together[i] > 0
    )


def confusion(patterns: Patterns) -> NDArray[np.float64]:
    """How often two classes meet on an item: Krippendorff's coincidences; shape (classes, classes)."""
    counts = patterns.counts.astype(np.float64)
    weight = patterns.times / np.maximum(1, patterns.sizes - 1)
    met = counts.T @ (weight[:, None] * counts)
    return np.asarray(met - np.diag(weight @ counts))


def _class_pair(
    coded: Coded, a: int, b: int, names: list[Any], share: float, whole: Agreement, sampling: Sampling
) -> ClassPair:
    patterns = coded.patterns
    both = (patterns.counts[:, a] > 0) & (patterns.counts[:, b] > 0)
    merged = _merged(coded, a, b).result(sampling)
    return ClassPair(names[a], names[b], int(patterns.times[both].sum()), share, merged, _gain(whole, merged))


def _merged(coded: Coded, a: int, b: int) -> Prepared:
    """Alpha as if class b were class a."""
    label = np.where(coded.label == b, np.int32(a), coded.label)
    return prepare_alpha(replace(coded, label=label))


def _gain(whole: Agreement, other: Agreement) -> float | None:
    return None if whole.value is None or other.value is None else other.value - whole.value


def _standings(coded: Coded, whole: Agreement, sampling: Sampling) -> tuple[Standing, ...]:
    certain = Sampling("analytic", confidence=sampling.confidence)
    kappas = by_annotator(coded, interval="analytic", confidence=certain.confidence)
    known = [part.value for part in kappas if part.value is not None]
    middle = float(np.median(known)) if known else 0.0
    found = [_standing(coded, code, part, middle, whole, sampling) for code, part in enumerate(kappas)]
    return tuple(sorted(found, key=lambda standing: -(standing.gain if standing.gain is not None else -np.inf)))


def _standing(coded: Coded, code: int, others: Part, middle: float, whole: Agreement, sampling: Sampling) -> Standing:
    rows = coded.annotator != code
    without = prepare_alpha(coded.select(rows)).result(sampling)
    gain = _gain(whole, without)
    apart = gain is not None and gain > 0 and others.high is not None and others.high < middle
    return Standing(others.key, others, without, gain, apart)
