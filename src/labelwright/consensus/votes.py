"""Weighted votes, counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.consensus.gold import NO_GOLD, GoldCodes, one_hot
from labelwright.consensus.skill import expected_right

Floats = NDArray[np.float64]
# Two classes whose shares differ by less are tied: rounding must not decide.
TIE = 1e-9


def cells(coded: Coded) -> NDArray[np.int64]:
    """Where each annotation counts in a flat (n_items, n_classes) table, shape (n_annotations,)."""
    return coded.item.astype(np.int64) * coded.n_classes + coded.label


def tally(coded: Coded, weight: Floats) -> Floats:
    """Sum of the annotations' weights by item and class, shape (n_items, n_classes)."""
    flat = np.bincount(cells(coded), weights=weight, minlength=coded.n_items * coded.n_classes)
    return flat.astype(np.float64, copy=False).reshape(coded.n_items, coded.n_classes)


def shares(coded: Coded, weights: Floats, known: GoldCodes = NO_GOLD) -> tuple[Floats, Floats]:
    """Share of the weighted votes of each class, and the expected right answers of each annotator.

    An item whose votes all weigh nothing is shared out evenly; a known item has its label alone.

    Returns:
        shares, shape (n_items, n_classes), and right answers, shape (n_annotators,).
    """
    votes = tally(coded, weights[coded.annotator])
    total = votes.sum(axis=1, keepdims=True)
    share = np.divide(votes, total, out=np.full_like(votes, 1 / coded.n_classes), where=total > 0)
    one_hot(share, known)
    best = share >= share.max(axis=1, keepdims=True) - TIE
    return share, expected_right(coded, best / best.sum(axis=1, keepdims=True))


def agreement_with_majority(coded: Coded, known: GoldCodes = NO_GOLD) -> Floats:
    """Share of each annotator's answers equal to the majority's, shape (n_annotators,); 0 for one without answers.

    An answer to an item with t tied classes counts 1 / t where it is among them; of known items the label counts.
    """
    _, right = shares(coded, np.ones(coded.n_annotators), known)
    answers = np.bincount(coded.annotator, minlength=coded.n_annotators)
    return np.asarray(right / np.maximum(answers, 1))
