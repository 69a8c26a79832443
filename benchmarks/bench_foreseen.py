"""What the audit alone costs: the best set and the best length of its audit, chosen by who knows every error.

    python benchmarks/run.py foreseen

The same answers, order of labels and pilots as in `bench_economics.py`; of each replay the one set and plan
that accept the most, on average over the orders of audit. Whoever chooses one set cannot do better with this
order and this test: a cost below it is not reached by choosing better. A simulation, as there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from bench_economics import COSTS, PRICE, load

from labelwright.app.simulation.certifying import Wish, collect_candidates
from labelwright.app.simulation.run import answers_worth
from labelwright.review.audit import chances, plan_for

REPLAYS, LARGE = 24, 4
SHARES = np.arange(0.1, 1.001, 0.05)
LENGTHS = (20, 30, 45, 60, 80, 110, 150, 200, 300, 400, 600, 800, 1200, 1600)


def accepted(wrong: np.ndarray, most: int, target: float) -> float:
    """Labels accepted unseen on average, with the set and the audit that are best for these errors."""
    errors, best = np.cumsum(wrong), 0.0
    for size in np.unique(np.round(SHARES * wrong.size).astype(np.int64)).tolist():
        if size < 15 or errors[size - 1] > (1 - target) * size:
            continue
        for length in [n for n in LENGTHS if n < min(size, most)] + [min(most, size - 1)]:
            plan = plan_for(size, length, target)
            chance = chances(plan, errors[size - 1 : size])[0]
            best = max(best, float((chance * (size - np.array(plan.looks))).sum()))
    return best


def cell(name: str, target: float) -> dict[str, Any]:
    """Mean cost of an item over the replays."""
    crowd, costs = load(name), []
    most = min(max(LENGTHS), crowd.n_items // 3)
    for number in range(REPLAYS if crowd.n_items < 2000 else LARGE):
        replay = crowd.replay(np.random.default_rng([2, number]))
        wish = Wish(target, PRICE, most, answers_worth(PRICE, target))
        _, candidates = collect_candidates(replay, wish, np.random.default_rng([3, number, most]))
        share = accepted(candidates.wrong, most - candidates.pilot, target) / crowd.n_items
        costs.append(replay.per_item + PRICE * (1 - share))
    before, frontier = COSTS[name, target]
    row = {
        "set": name,
        "target": target,
        "gold": most,
        "cost": float(np.mean(costs)),
        "standard_error": float(np.std(costs, ddof=1) / np.sqrt(len(costs))),
        "wanted": (before + frontier) / 2,
    }
    print(f"   {row}", flush=True)
    return row


def main() -> dict[str, Any]:
    """Every crowd and target of which half of the distance to the frontier is wanted."""
    return {
        "note": "A simulation: recorded answers in random order; an expert is taken to be right; errors are known.",
        "cells": [cell(name, target) for name, target in COSTS],
    }
