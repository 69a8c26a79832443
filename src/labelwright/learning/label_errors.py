"""Labels that a model, trained on the other items, confidently contradicts.

Confident learning: C. G. Northcutt, L. Jiang, I. L. Chuang, Confident Learning: Estimating Uncertainty in Dataset
Labels, Journal of Artificial Intelligence Research 70 (2021), section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.model.errors import UsageError

#: A class with fewer items has no self-confidence to speak of: its items are not judged, nor is it suggested.
FEWEST_OF_A_CLASS = 5

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that is likely wrong.

    Attributes:
        row: place of the item in the input.
        given: its label.
        suggested: the class that the model is confident of.
        margin: probability of the given class less that of the likeliest other, -1 to 1; the lower, the surer.
    """

    row: int
    given: str
    suggested: str
    margin: float


@dataclass(frozen=True, eq=False, slots=True)
class LabelErrors:
    """What confident learning found.

    Attributes:
        suspects: the least margin first.
        thresholds: mean self-confidence by class; classes with too few items have none.
        joint: the confident joint by given and likely class, shape (classes, classes), in the order of ``classes``.
        classes: class names.
        expected: number of wrong labels that the joint, scaled to the number of items of each class, implies; None
            where nothing could be estimated.
        n_items: items that were judged.
        reason: why nothing could be judged; None where it could.
    """

    suspects: tuple[Suspect, ...]
    thresholds: dict[str, float]
    joint: Ints
    classes: tuple[str, ...]
    expected: float | None
    n_items: int
    reason: str | None = None


def label_errors(labels: Sequence[str], probabilities: ArrayLike, classes: Sequence[str]) -> LabelErrors:
    """Likely label errors from class probabilities of a model that has not seen the item.

    The threshold of class j is the mean probability of j over the items labeled j (self-confidence). An item labeled
    i counts as j in the confident joint when j is the likeliest of the classes that reach their threshold; an item
    that counts as another class than its own is a suspect. Suspects are ranked by normalized margin.

    Args:
        labels: one an item, each of ``classes``.
        probabilities: out of sample, shape (items, classes), in the order of ``classes``; items with a value that is
            not finite were not predicted, and are not judged.
        classes: class names, each once.

    Returns:
        The suspects; none, with the reason, where fewer than two classes have 5 items.

    Raises:
        UsageError: the shapes do not fit, a label is none of the classes, or a probability lies outside 0 to 1.
    """
    given, p = _checked(labels, probabilities, classes)
    known = np.isfinite(p).all(axis=1)
    sizes = np.bincount(given[known], minlength=len(classes))
    enough = sizes >= FEWEST_OF_A_CLASS
    none = np.zeros((len(classes), len(classes)), np.int64)
    if enough.sum() < 2:
        reason = f"fewer than two classes have {FEWEST_OF_A_CLASS} labeled items with a prediction"
        return LabelErrors((), {}, none, tuple(classes), None, 0, reason)
    threshold = np.array([p[known & (given == k), k].mean() if enough[k] else np.inf for k in range(len(classes))])
    rows = np.flatnonzero(known & enough[given])
    likely = _likely(p[rows], threshold)
    counted = likely >= 0
    np.add.at(none, (given[rows[counted]], likely[counted]), 1)
    wrong = counted & (likely != given[rows])
    return LabelErrors(
        suspects=_suspects(rows[wrong], likely[wrong], given, p, classes),
        thresholds={name: float(threshold[k]) for k, name in enumerate(classes) if enough[k]},
        joint=none,
        classes=tuple(classes),
        expected=_expected(none, sizes),
        n_items=int(rows.size),
    )


def _checked(labels: Sequence[str], probabilities: ArrayLike, classes: Sequence[str]) -> tuple[Ints, Floats]:
    p = np.asarray(probabilities, dtype=np.float64).reshape(len(labels), -1) if len(labels) else np.zeros((0, 0))
    code = {name: k for k, name in enumerate(classes)}
    if len(code) != len(classes):
        raise UsageError("A class is named twice", where="label errors")
    if len(labels) and p.shape != (len(labels), len(classes)):
        raise UsageError(f"Probabilities of shape {p.shape} do not go with {len(labels)} labels", where="label errors")
    unknown = sorted(set(labels) - set(code))
    if unknown:
        raise UsageError(f"{unknown[0]} is none of the classes", where="label errors")
    if ((p < 0) | (p > 1)).any():
        raise UsageError("A probability lies between 0 and 1", where="label errors")
    given = np.array([code[label] for label in labels], dtype=np.int64)
    return given, p if len(labels) else np.zeros((0, len(classes)))


def _likely(p: Floats, threshold: Floats) -> Ints:
    """The likeliest class among those that reach their threshold, -1 where none does."""
    confident = p >= threshold - 1e-12
    best = np.where(confident, p, -1.0).argmax(axis=1)
    return np.where(confident.any(axis=1), best, -1).astype(np.int64)


def _suspects(rows: Ints, likely: Ints, given: Ints, p: Floats, classes: Sequence[str]) -> tuple[Suspect, ...]:
    own = p[rows, given[rows]]
    others = p[rows].copy()
    others[np.arange(rows.size), given[rows]] = -1.0
    margin = own - others.max(axis=1, initial=-1.0)
    return tuple(
        Suspect(int(rows[k]), classes[given[rows[k]]], classes[likely[k]], float(margin[k]))
        for k in np.argsort(margin, kind="stable")
    )


def _expected(joint: Ints, sizes: Ints) -> float:
    """Off-diagonal mass of the joint after each row is scaled to the number of items with that label (equation 3)."""
    rows = joint.sum(axis=1)
    share = np.divide(rows - np.diag(joint), rows, out=np.zeros(rows.size), where=rows > 0)
    return float(share @ sizes)
