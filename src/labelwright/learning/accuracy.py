"""How often a model is right, with the interval that the number of test items allows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from labelwright.model.errors import UsageError
from labelwright.model.measure import Measure


def accuracy(
    predicted: Sequence[str | None],
    truth: Sequence[str | None],
    *,
    n_annotations: int = 0,
    confidence: float = 0.95,
) -> Measure:
    """Share of items whose predicted class is the true one, with its Wilson interval (Wilson, 1927).

    Args:
        predicted: class of each test item; None (no prediction) is wrong.
        truth: its label; items without one (None) are left out.
        n_annotations: annotations that the labels rest on.
        confidence: of the interval, between 0 and 1.

    Returns:
        The measure; undefined, with the reason, where no item has a label.

    Raises:
        UsageError: the two are of different length.
    """
    if len(predicted) != len(truth):
        raise UsageError(f"{len(predicted)} predictions do not go with {len(truth)} labels", where="accuracy")
    hits = [guess == label for guess, label in zip(predicted, truth, strict=True) if label is not None]
    if not hits:
        return Measure(None, n_annotations=n_annotations, reason="no test item has a label")
    low, high = wilson(sum(hits), len(hits), confidence)
    return Measure(sum(hits) / len(hits), low, high, len(hits), n_annotations)


def recall_by_class(
    predicted: Sequence[str | None],
    truth: Sequence[str | None],
    classes: Sequence[str] = (),
) -> Mapping[str, Measure]:
    """Accuracy among the items of each true class, by class name; a class without test items is undefined.

    Args:
        predicted: class of each test item.
        truth: its label, None where there is none.
        classes: classes to report beside those that occur.

    Raises:
        UsageError: the two are of different length.
    """
    if len(predicted) != len(truth):
        raise UsageError(f"{len(predicted)} predictions do not go with {len(truth)} labels", where="recall")
    names = sorted({*classes, *(label for label in truth if label is not None)})
    return {name: accuracy(predicted, [label if label == name else None for label in truth]) for name in names}


def predicted_classes(probabilities: ArrayLike, classes: Sequence[str]) -> tuple[str, ...]:
    """The likeliest class of each item, the first of those that are equally likely.

    Args:
        probabilities: shape (items, classes).
        classes: names in the order of the columns.

    Raises:
        UsageError: another shape.
    """
    p = np.asarray(probabilities)
    if p.ndim != 2 or p.shape[1] != len(classes):
        raise UsageError(f"Probabilities of shape {p.shape} do not go with {len(classes)} classes", where="predictions")
    return tuple(classes[at] for at in p.argmax(axis=1).tolist()) if len(p) else ()


def wilson(hits: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share.

    Args:
        hits: 0..n.
        n: at least 1.
        confidence: between 0 and 1.

    Returns:
        Lower and upper end, 0..1, around ``hits / n``.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, penalty = hits / n, z * z / n
    middle = (share + penalty / 2) / (1 + penalty)
    half = z / (1 + penalty) * math.sqrt(share * (1 - share) / n + penalty / (4 * n))
    # At 0 and n the ends are 0 and 1 exactly; rounding must not say otherwise.
    return (0.0 if hits == 0 else max(middle - half, 0.0)), (1.0 if hits == n else min(middle + half, 1.0))
