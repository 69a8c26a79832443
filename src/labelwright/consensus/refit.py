"""The anchored Dawid-Skene over answers that are still coming in: compiled, started from the last fit, truth-aware.

The same model as `AnchoredDawidSkene`. What is new: it works on the answers taken so far without copying them, goes on
from the channel of the last fit, and holds items whose label an expert has given to that label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.consensus.anchored_dawid_skene import anchor_skill

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Counts = NDArray[np.int64]

# Skill assumed where no item has two answers.
_ASSUMED = 0.7
# Answers of the anchor for each answer of the crowd.
_WEIGHT = 0.2


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers by item, of which the first ``taken`` are known.

    Attributes:
        starts: first row of each item, and the number of rows at the end; shape (n_items + 1,).
        taken: known answers of each item, shape (n_items,).
        annotator: annotator codes, shape (n_rows,).
        label: class codes, shape (n_rows,).
        n_annotators: number of annotators.
        n_classes: number of classes, K.
    """

    starts: Counts
    taken: Counts
    annotator: Codes
    label: Codes
    n_annotators: int
    n_classes: int


@dataclass(frozen=True, eq=False)
class Refit:
    """A fit, as arrays.

    Attributes:
        posterior: probability of each class, shape (n_items, K). An item without an answer has the class prior.
        channel: P(answer | truth), shape (n_annotators, answer, truth).
        prior: class prior, shape (K,).
        skill: the anchor g, chance to 1.
        iterations: how many were made.
    """

    posterior: Floats
    channel: Floats
    prior: Floats
    skill: float
    iterations: int


def refit(
    answers: Answers,
    *,
    known: Codes | None = None,
    start: Refit | None = None,
    tol: float = 1e-4,
    iterations: int = 200,
) -> Refit:
    """Fit the anchored, shrunk Dawid-Skene model to the answers taken so far.

    The anchor's agreement is that of the first two answers of each item: who is asked a third time is chosen by what
    the first two said, and would bias it.

    Args:
        answers: the answers and how many of each item are taken.
        known: class of items whose label is given, -1 for the others; shape (n_items,).
        start: the last fit; its channel is where this one begins.
        tol: converged when the log-likelihood of an answer changes by less.
        iterations: at most so many.
    """
    from labelwright.consensus import compiled_anchor as compiled  # noqa: PLC0415 - numba takes half a second to load

    K, n_items = answers.n_classes, answers.taken.size
    held = np.full(n_items, -1, np.int32) if known is None else known
    agreement = compiled.first_pair_agreement(answers.starts, answers.taken, answers.label)
    skill = anchor_skill(agreement, K) if agreement >= 0 else _ASSUMED
    channel = np.zeros((0, K, K)) if start is None else start.channel
    prior = np.full(K, 1 / K) if start is None else start.prior
    table = (answers.starts, answers.taken, answers.annotator, answers.label)
    channel, prior, posterior, done = compiled.fit(
        table, held, answers.n_annotators, channel, prior, (skill, _WEIGHT, tol), iterations
    )
    return Refit(posterior, channel, prior, skill, int(done))


def dissent(answers: Answers, fit: Refit) -> Floats:
    """Evidence in the answers that contradict each item's most probable class, in nats; shape (n_items,).

    Of an answer y against the class c it is log P(y | truth y) - log P(y | truth c) by the annotator's channel, where
    that is above 0. Two items with the same posterior are not equally sure: one on which a skilled annotator was
    outvoted is a hard one, and its answers are worth less than the model believes.

    Args:
        answers: those that were fitted.
        fit: the fit to them.
    """
    from labelwright.consensus import compiled_anchor as compiled  # noqa: PLC0415

    table = (answers.starts, answers.taken, answers.annotator, answers.label)
    return np.asarray(compiled.dissent(table, fit.channel, fit.posterior))
