"""What the dissent tells beside the posterior: labels that could be accepted, with an order that knows all truths.

    python benchmarks/run.py dissent

Of each replay's labels the chance of being right is fitted to the truth of four fifths of the items, by turns, without
and with the dissent; of the two orders the one set and audit that accept the most, for known errors
(`bench_foreseen.accepted`). Beside it the weight of ln(1 + dissent), fitted to all truths. A simulation: recorded
answers in random order, an expert is taken to be right.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from bench_economics import PRICE, SETS, load
from bench_foreseen import accepted

from labelwright.app.simulation.collecting import answers_of, collect_adaptively
from labelwright.app.simulation.run import answers_worth
from labelwright.coding.logistic import fit_logistic
from labelwright.consensus.refit import dissent
from labelwright.review.ranking import _design

REPLAYS, LARGE, FOLDS = 10, 4, 5
MOST_GOLD = 1600
#: Column of the dissent among those of the order.
DISSENT = 3
Floats = np.ndarray[Any, np.dtype[np.float64]]


def weights(columns: Floats, right: Floats, deviation: Floats) -> Floats:
    return fit_logistic(columns, right, np.zeros(columns.shape[1]), deviation)[0]


def order_by_others(columns: Floats, right: Floats, rng: np.random.Generator) -> np.ndarray:
    """The surest first: each fifth of the items by what the other four taught."""
    spread = columns.std(axis=0)
    columns = np.where(spread > 0, (columns - columns.mean(axis=0)) / np.maximum(spread, 1e-9), 0.0)
    columns[:, 0] = 1.0
    fold = rng.permutation(len(right)) % FOLDS
    found = np.zeros(len(right))
    for k in range(FOLDS):
        w = weights(columns[fold != k], right[fold != k], np.full(columns.shape[1], 2.0))
        found[fold == k] = columns[fold == k] @ w
    return np.argsort(-found, kind="stable")


def cell(name: str, target: float) -> dict[str, Any]:
    crowd = load(name)
    most = min(MOST_GOLD, crowd.n_items // 3)
    without, with_it, weight = [], [], []
    for number in range(REPLAYS if crowd.n_items < 2000 else LARGE):
        rng = np.random.default_rng([2, number])
        found = collect_adaptively(crowd.replay(rng), answers_worth(PRICE, target), rng, routed=True)
        right = (found.fit.posterior.argmax(axis=1) == crowd.truth).astype(np.float64)
        columns = _design(found.fit.posterior, dissent(answers_of(found.replay), found.fit))
        for kept, shares in ((np.arange(columns.shape[1]) != DISSENT, without), (slice(None), with_it)):
            order = order_by_others(columns[:, kept], right, np.random.default_rng(number))
            shares.append(accepted(right[order] == 0, most, target) / crowd.n_items)
        classes = (columns.shape[1] - DISSENT - 1) // 2
        loose = np.concatenate((np.full(DISSENT + 1, 3.0), np.full(classes, 0.4), np.full(classes, 0.1)))
        weight.append(weights(columns, right, loose)[DISSENT])
    row = {
        "set": name,
        "target": target,
        "replays": len(weight),
        "accepted_without": float(np.mean(without)),
        "accepted_with": float(np.mean(with_it)),
        "weight": float(np.mean(weight)),
    }
    print(f"   {row}", flush=True)
    return row


def main() -> dict[str, Any]:
    """Every crowd and target."""
    return {
        "note": "A simulation: recorded answers in random order; an expert is taken to be right; all truths are known.",
        "cells": [cell(name, target) for name in SETS for target in (0.9, 0.95)],
    }
