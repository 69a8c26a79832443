"""A new item or one more answer to an old one, chosen together (ActiveLab: Goh and Mueller, 2023, arXiv:2301.11856).

Every item gets a score: how sure its label is. The model, each answer and an uninformed voice are weighed by what
they are worth; an unlabeled item has the model and the uninformed voice only. The least sure come first, be they new
or labeled. Here the doubt that is left is divided by what an answer costs, so that a cheap answer to a fairly
doubtful item may go before a dear one to a very doubtful one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.model.errors import UsageError
from labelwright.sampling.ranking import lowest
from labelwright.sampling.requests import as_probabilities, check_count


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers that were given, one an entry of three arrays of equal length.

    Attributes:
        items: row of the item.
        annotators: number of the annotator, from 0.
        labels: class.
    """

    items: NDArray[np.int64]
    annotators: NDArray[np.int64]
    labels: NDArray[np.int64]


def relabel(
    probabilities: ArrayLike,
    answers: Answers,
    n: int,
    rng: np.random.Generator,  # noqa: ARG001
    *,
    prices: ArrayLike | None = None,
) -> NDArray[np.int64]:
    """The ``n`` items on which one more answer is worth most for its price, labeled ones among them.

    Args:
        probabilities: class probabilities of the model, out of sample, shape (items, classes).
        answers: what annotators said so far.
        n: how many items are wanted.
        rng: not used (ties go by row number); every strategy takes one.
        prices: what one more answer to each item costs, above 0, shape (items,); None for all alike.

    Returns:
        Row numbers, the most worthwhile first, shape (n,).

    Raises:
        UsageError: n cannot be had, answers to items or classes that are not there, prices that are none, or no
            probabilities.
    """
    p = as_probabilities(probabilities)
    check_count(n, len(p))
    cost = _prices(prices, len(p))
    return lowest(-(1 - label_quality(p, answers)) / cost, n)


def label_quality(p: NDArray[np.floating], answers: Answers) -> NDArray[np.float64]:
    """How sure each item's label is, shape (items,), 0..1: ActiveLab's score, higher for surer."""
    _check(p, answers)
    items, classes = p.shape
    votes = np.zeros((items, classes))
    np.add.at(votes, (answers.items, answers.labels), 1.0)
    labeled = votes.sum(axis=1) > 0
    consensus = np.where(labeled, (votes + p / 2).argmax(axis=1), p.argmax(axis=1))
    trust, model_weight, weights = _worth(p, answers, votes, consensus)
    right = answers.labels == consensus[answers.items]
    said = np.where(right, trust, (1 - trust) / (classes - 1)) * weights[answers.annotators]
    mean = float(weights.mean()) if len(weights) else model_weight
    above = model_weight * p[np.arange(items), consensus] + mean / classes
    above += np.bincount(answers.items, said, items)
    below = model_weight + mean + np.bincount(answers.items, weights[answers.annotators], items)
    return np.asarray(above / below, dtype=np.float64)


def _worth(
    p: NDArray[np.floating], answers: Answers, votes: NDArray[np.float64], consensus: NDArray[np.int64]
) -> tuple[float, float, NDArray[np.float64]]:
    """What an answer, the model and each annotator are worth.

    An answer is trusted as often as answers agree with the consensus where there are several. Weights are what error
    is less than that of always saying the commonest class, as in the paper, and never below a hundredth.
    """
    several = votes.sum(axis=1) > 1
    shared = several[answers.items]
    agree = answers.labels == consensus[answers.items]
    # One answer counts for and one against, so that few shared items leave the trust near the middle.
    trust = (float(agree[shared].sum()) + 1) / (int(shared.sum()) + 2)
    trust = max(trust, 1 / p.shape[1])
    labeled = votes.sum(axis=1) > 0
    common = np.bincount(consensus[labeled], minlength=p.shape[1]).max(initial=0) / max(int(labeled.sum()), 1)
    base = max(1 - float(common), 0.01)
    who = int(answers.annotators.max(initial=-1)) + 1
    of_shared = np.bincount(answers.annotators[shared], minlength=who)
    right = np.bincount(answers.annotators[shared], agree[shared], minlength=who)
    accuracy = (right + trust) / (of_shared + 1)
    model = float((p.argmax(axis=1) == consensus)[several].mean()) if several.any() else trust
    return trust, max(1 - (1 - model) / base, 0.01), np.maximum(1 - (1 - accuracy) / base, 0.01)


def _check(p: NDArray[np.floating], answers: Answers) -> None:
    if not len(answers.items) == len(answers.annotators) == len(answers.labels):
        raise UsageError("Answers need an item, an annotator and a label each", where="sampling.relabel")
    bounds = ((answers.items, len(p), "items"), (answers.labels, p.shape[1], "classes"))
    for values, end, name in bounds:
        if len(values) and (values.min() < 0 or values.max() >= end):
            raise UsageError(f"Answers name {name} that are not there", where="sampling.relabel")
    if len(answers.annotators) and answers.annotators.min() < 0:
        raise UsageError("Annotators are numbered from 0", where="sampling.relabel")


def _prices(prices: ArrayLike | None, size: int) -> NDArray[np.float64]:
    if prices is None:
        return np.ones(size)
    cost = np.asarray(prices, dtype=np.float64)
    if cost.shape != (size,) or not np.isfinite(cost).all() or (cost <= 0).any():
        raise UsageError(f"prices must be {size} numbers above 0", where="sampling.relabel")
    return cost
