"""One replay's answers: asked for one round after another, where they are expected to tell most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.consensus import DawidSkene
from labelwright.consensus.refit import Answers, Refit, refit
from labelwright.planning import Replay
from labelwright.review.information import information_of_best, information_of_pool, mean_channel

Counts = NDArray[np.int64]
Codes = NDArray[np.int32]
# Share of the items that get three answers before anything is decided, and of those asked about in one round.
_WARM_UP = 0.15
_ROUND = 0.15
# Nats: below, the model is too sure of itself to be asked; what is left of the budget goes to items with few answers.
_WORTHLESS = 1e-5


@dataclass(frozen=True, eq=False)
class Collected:
    """The answers of one replay and the fit to them."""

    replay: Replay
    fit: Refit


def answers_of(replay: Replay) -> Answers:
    """The answers taken so far, as the model reads them."""
    crowd = replay.crowd
    return Answers(crowd.starts, replay.taken, replay.annotator, replay.label, crowd.n_annotators, len(crowd.classes))


def coded_of(replay: Replay) -> Coded:
    """The answers taken so far, as the estimators of the library read them."""
    crowd = replay.crowd
    place = np.arange(crowd.item.size) - crowd.starts[crowd.item]
    rows = place < replay.taken[crowd.item]
    return Coded.from_codes(
        crowd.item[rows],
        replay.annotator[rows],
        replay.label[rows],
        n_items=crowd.n_items,
        n_annotators=crowd.n_annotators,
        classes=len(crowd.classes),
    )


def dawid_skene_labels(replay: Replay) -> Counts:
    """Labels by Dawid and Skene (1979): what adaptive overlap is measured against."""
    return DawidSkene().fit(coded_of(replay)).label_codes


def blended_labels(found: Collected) -> Counts:
    """Labels where three that fail in different ways agree best: the mean of their posteriors decides.

    The anchored model leans on the crowd, Dawid-Skene learns asymmetric classes best where there are many answers, and
    the vote shares hold where there are too few of them to learn anything about an annotator.
    """
    coded = coded_of(found.replay)
    votes = coded.counts / np.maximum(coded.counts.sum(axis=1, keepdims=True), 1)
    return np.asarray((found.fit.posterior + DawidSkene().fit(coded).posterior + votes).argmax(axis=1))


def collect_fixed(replay: Replay, answers: int) -> Collected:
    """The same number of answers for every item, as far as they were recorded."""
    replay.ask(np.arange(replay.crowd.n_items), answers)
    return Collected(replay, refit(answers_of(replay)))


def collect_adaptively(replay: Replay, budget: float, rng: np.random.Generator, *, routed: bool) -> Collected:
    """One answer for each item and three for a share of them; then, round by round, those that tell most.

    Args:
        replay: nothing asked for yet.
        budget: mean answers an item, at most.
        rng: source of randomness.
        routed: of an item's recorded annotators the one who tells most is asked, not the next at random.
    """
    n = replay.crowd.n_items
    replay.ask(np.arange(n))
    replay.ask(rng.permutation(n)[: round(_WARM_UP * n)], 2)
    return collect_more(Collected(replay, refit(answers_of(replay))), budget, routed=routed)


def collect_more(
    found: Collected, budget: float, *, routed: bool, known: Codes | None = None, most: float = np.inf
) -> Collected:
    """Go on, round by round, with the items of which an answer is expected to tell most.

    Args:
        found: the answers so far; its replay goes on.
        budget: mean answers an item, at most.
        routed: of an item's recorded annotators the one who tells most is asked, not the next at random.
        known: class of items that an expert has labeled, -1 for the others; nobody is asked about them any more.
        most: answers of one item, at most.
    """
    replay, fit = found.replay, found.fit
    free = np.ones(replay.taken.size, dtype=bool) if known is None else known < 0
    while (chosen := _round(replay, fit, budget, free & (replay.taken < most), routed=routed)) is not None:
        items, rows = chosen
        replay.ask(items) if rows is None else replay.ask_rows(items, rows)
        fit = refit(answers_of(replay), known=known, start=fit)
    return Collected(replay, fit)


def _round(
    replay: Replay, fit: Refit, budget: float, free: NDArray[np.bool_], *, routed: bool
) -> tuple[Counts, Counts | None] | None:
    """Which of the free items to ask about next, and which recorded answer of each; None when it is enough."""
    n, free = replay.crowd.n_items, free & replay.open
    left = int(budget * n - replay.taken.sum())
    if left <= 0 or not free.any():
        return None
    gain, rows = _gains(replay, fit, routed=routed)
    gain = np.where(free, np.maximum(gain, _WORTHLESS / (1 + replay.taken)), 0.0)
    size = max(1, min(round(_ROUND * n), left))
    best = np.argsort(-gain, kind="stable")[:size]
    best = best[gain[best] > 0]
    if not best.size:
        return None
    return best, rows[best] if rows is not None else None


def _gains(replay: Replay, fit: Refit, *, routed: bool) -> tuple[NDArray[np.float64], Counts | None]:
    crowd = replay.crowd
    if routed:
        rows = (crowd.starts[:-1] + replay.taken, crowd.starts[1:], replay.annotator)
        return information_of_best(fit.posterior, replay.open, rows, fit.channel, np.ones(crowd.n_annotators))
    usual = np.bincount(crowd.annotator, minlength=crowd.n_annotators).astype(np.float64)
    return information_of_pool(fit.posterior, replay.open, mean_channel(fit.channel, usual)), None
