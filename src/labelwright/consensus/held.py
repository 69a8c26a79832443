"""Items whose label is known, held to it while the rest is inferred."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.consensus.gold import NO_GOLD, Gold, GoldCodes, gold_codes, one_hot
from labelwright.consensus.passes import FLOOR, Expectation, Passes, passes_over

Floats = NDArray[np.float64]


def held_codes(coded: Coded, gold: Gold | None) -> GoldCodes:
    """The known labels that an estimator can hold: of items with answers, in a class that somebody has chosen.

    Raises:
        DataError: it is neither a mapping nor a DataFrame with columns item and label, or names an item twice.
    """
    if gold is None:
        return NO_GOLD
    known = gold_codes(coded, gold)
    usable = known.label >= 0
    return GoldCodes(known.item[usable], known.label[usable])


def passes_with(coded: Coded, known: GoldCodes) -> Passes:
    """Passes over the annotations that hold the known items to their labels."""
    return HeldPasses(coded, known) if len(known) else passes_over(coded)


class HeldPasses:
    """Passes in which a known item counts as what it is.

    Its answers are counted once and for all under the true class; the others go through the ordinary passes. So gold
    teaches the channel of those who answered it, and through them every other item.
    """

    def __init__(self, coded: Coded, known: GoldCodes) -> None:
        self._known = known
        truth = np.full(coded.n_items, -1, np.int64)
        truth[known.item] = known.label
        of_row = truth[coded.item]
        self._free = passes_over(coded.select(of_row < 0))
        rows = of_row >= 0
        K = coded.n_classes
        cell = (coded.annotator[rows].astype(np.int64) * K + coded.label[rows]) * K + of_row[rows]
        self._counts = np.bincount(cell, minlength=coded.n_annotators * K * K).astype(np.float64).reshape(-1, K, K)
        self._classes = np.bincount(known.label, minlength=K).astype(np.float64)

    def start(self) -> Expectation:
        """Counts under the vote shares, and the known truth."""
        return self._with_known(self._free.start())

    def expect(self, channel: Floats, prior: Floats, *, keep: bool) -> Expectation:
        """Counts under a channel and a prior; known items have theirs."""
        found = self._with_known(self._free.expect(channel, prior, keep=keep))
        own = (self._counts * np.log(np.maximum(channel, FLOOR))).sum() + (self._classes * np.log(prior)).sum()
        posterior = None if found.posterior is None else one_hot(found.posterior, self._known)
        return replace(found, log_likelihood=found.log_likelihood + float(own), posterior=posterior)

    def _with_known(self, found: Expectation) -> Expectation:
        return replace(found, counts=found.counts + self._counts, class_counts=found.class_counts + self._classes)
