"""Which labels may be certified, in which order they are accepted, and how many errors are to be expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.coding import encode
from labelwright.coding.coded import as_list
from labelwright.consensus.refit import Answers, dissent, refit
from labelwright.model.errors import DataError
from labelwright.review.ranking import fit_ranker

Floats = NDArray[np.float64]
# Draws of what is believed about the errors, over which a plan is judged.
_DRAWS = 96


@dataclass(frozen=True, eq=False)
class Order:
    """Candidates in the order in which they are accepted.

    Attributes:
        items: their ids.
        labels: their consensus labels.
        cumulative: errors expected among the first 1, 2, … of them, one row a draw; shape (draws, n).
        answers: answers that count, over all items.
        fitted: known labels that fitted the order; they certify nothing.
        accuracy: share of these whose consensus label was right; None without any.
    """

    items: tuple[str, ...]
    labels: tuple[str, ...]
    cumulative: Floats
    answers: int
    fitted: int
    accuracy: float | None


def order_candidates(
    table: pl.DataFrame,
    known: Mapping[str, str],
    rng: np.random.Generator,
    kept: Mapping[str, str] | None = None,
) -> Order:
    """Fit the consensus, learn from the known labels how far it can be trusted, and order the others by it.

    Args:
        table: columns item, annotator, label.
        known: labels that may fit the order; their items are no candidates.
        rng: source of randomness, for what is believed about the errors.
        kept: the labels that are to be certified, by item; an item whose label here is another is no candidate.

    Raises:
        DataError: there is no answer.
    """
    coded = encode(table)
    if not coded.n_annotations:
        raise DataError("There are no answers to certify", next_step="Collect some first: labelwright round open")
    answers = Answers(
        coded.starts, np.diff(coded.starts), coded.annotator, coded.label, coded.n_annotators, coded.n_classes
    )
    names, classes = as_list(coded.item_names), coded.class_list()
    code = {value: k for k, value in enumerate(classes)}
    held = np.array([code.get(known[n], -1) if n in known else -1 for n in names], np.int32)
    fit = refit(answers, known=held)
    posterior, against = fit.posterior, dissent(answers, fit)
    found = posterior.argmax(axis=1)
    label = [classes[k] for k in found.tolist()]
    seen = np.array([k for k, n in enumerate(names) if n in known], np.int64)
    right = np.array([label[k] == known[names[k]] for k in seen.tolist()], dtype=bool)
    ranker = fit_ranker(posterior[seen], against[seen], right)
    free = [
        k
        for k, n in enumerate(names)
        if n not in known and answers.taken[k] > 0 and (kept is None or kept.get(n) == label[k])
    ]
    at = np.array(free, np.int64)
    at = at[np.argsort(-ranker.chance(posterior[at], against[at]), kind="stable")] if at.size else at
    errors = 1 - ranker.draws(posterior[at], against[at], _DRAWS, rng)
    return Order(
        tuple(names[k] for k in at.tolist()),
        tuple(label[k] for k in at.tolist()),
        np.cumsum(errors, axis=1),
        coded.n_annotations,
        int(seen.size),
        float(right.mean()) if right.size else None,
    )
