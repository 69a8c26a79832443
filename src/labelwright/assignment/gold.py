"""Gold: which items an annotator gets (never one that she knows, the least worn first), and which are suspected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


def choose_gold(
    exposures: Mapping[str, int], seen: Collection[str], n: int, most: int, rng: np.random.Generator
) -> list[str]:
    """At most ``n`` gold items for one annotator, in random order.

    Rotation: those that fewest people have seen come first, ties at random, so that the whole set wears evenly.

    Args:
        exposures: people who have seen each active gold item.
        seen: items that this annotator had in any form.
        n: how many are wanted.
        most: exposures at which an item is worn and not given any more.
        rng: source of randomness.
    """
    fresh = sorted(item for item, k in exposures.items() if item not in seen and k < most)
    draws = rng.random(len(fresh)).tolist()
    ranked = sorted(zip(fresh, draws, strict=True), key=lambda pair: (exposures[pair[0]], pair[1]))
    chosen = [item for item, _ in ranked[:n]]
    return [chosen[i] for i in rng.permutation(len(chosen)).tolist()]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A gold item whose label may be wrong: what the answers say in its place, and how unlikely that is by chance."""

    item: str
    label: str
    instead: str
    against: int
    n: int
    p_value: float


def suspects(
    answers: Sequence[tuple[str, str, str]], gold: Mapping[str, str], alpha: float = 0.01, fewest: int = 3
) -> list[Suspect]:
    """Gold items on which nearly everybody says the same other thing.

    For each item: if its label were right, each annotator would be wrong on it as often as on the other gold items
    (shrunk to all annotators' rate with the weight of ten answers). The number of wrong answers is then Poisson
    binomial; an item is suspected where so many or more have a probability of at most ``alpha`` over the number of
    items (Bonferroni), and more than half of all answers to it are one and the same other label. Hard items are missed
    by many, too, but not in unison.

    Args:
        answers: item, annotator, label; answers to items that are no gold are not read.
        gold: label by item.
        alpha: chance that any right label is suspected, where errors are independent.
        fewest: answers below which an item is not judged.
    """
    wrong: dict[str, dict[str, bool]] = defaultdict(dict)
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for item, who, label in answers:
        if item in gold:
            wrong[who][item] = label != gold[item]
            said[item][label] += 1
    n_all = sum(map(len, wrong.values()))
    rate = (sum(sum(w.values()) for w in wrong.values()) + 1) / (n_all + 2)
    found = []
    for item in sorted(said):
        votes = said[item]
        n = votes.total()
        against = n - votes[gold[item]]
        instead, most = max(((x, k) for x, k in votes.items() if x != gold[item]), key=lambda p: p[1], default=("", 0))
        if n < fewest or most * 2 <= n:
            continue
        chances = [_error_elsewhere(w, item, rate) for w in wrong.values() if item in w]
        p = _at_least(against, chances)
        if p <= alpha / max(len(said), 1):
            found.append(Suspect(item, gold[item], instead, against, n, p))
    return found


def _error_elsewhere(wrong: Mapping[str, bool], item: str, rate: float, weight: float = 10.0) -> float:
    others = [bad for i, bad in wrong.items() if i != item]
    return (sum(others) + weight * rate) / (len(others) + weight)


def _at_least(k: int, chances: Sequence[float]) -> float:
    """P[sum of independent Bernoullis ≥ k], by convolution."""
    law = [1.0]
    for p in chances:
        law = np.convolve(law, [1 - p, p]).tolist()
    return float(sum(law[k:]))
