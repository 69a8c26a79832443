"""Chooses what is labeled next: the pool, what a model says of it and a strategy, to rows of the pool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright import sampling
from labelwright.app.context import Project
from labelwright.model.errors import UsageError

_SCORED = {"entropy": sampling.entropy, "margin": sampling.margin, "least_confidence": sampling.least_confidence}


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of the pool that were chosen for labeling.

    Attributes:
        rows: pool rows, distinct: those of the strategy best first, then those drawn at random.
        strategy: the one that was used.
        at_random: how many of the rows, the last ones, were drawn at random from all that are free.
        note: why it is not the strategy that was asked for.
    """

    rows: NDArray[np.int64]
    strategy: str
    at_random: int
    note: str | None = None


def select(
    project: Project,
    number: int,
    wanted: int,
    *,
    apart: NDArray[np.int64],
    known: frozenset[str] = frozenset(),
) -> Selection:
    """The rows of a round's batch, never one that was drawn before.

    Args:
        project: the labeling project.
        number: of the round: chance depends on it and on the settings' seed only.
        wanted: items to choose; fewer where the pool is nearly used up.
        apart: rows that are taken for something else (the test set of this round).
        known: ids whose labels are known from elsewhere: never drawn for training.
    """
    free = _free_rows(project, apart, known)
    n = min(wanted, len(free))
    asked = project.settings.sampling.strategy
    rng = project.rng(1, number)
    if asked == "stratified":
        return Selection(free[_stratified(project, free, n, rng)], asked, n)
    if asked == "random":
        return Selection(free[sampling.random(len(free), n, rng)], asked, n)
    scores = project.shelf.scores(number - 1)
    if scores is None:
        return Selection(free[sampling.random(len(free), n, rng)], "random", n, f"no model yet for {asked}")
    at_random = round(n * project.settings.sampling.random_share)
    best = _uncertain(scores, free, asked, n - at_random, rng)
    rest = np.setdiff1d(free, best)
    drawn = rest[sampling.random(len(rest), n - len(best), rng)]
    return Selection(np.concatenate([best, drawn]), asked, len(drawn))


def draw_test_set(project: Project, known: frozenset[str], answers: int | None) -> NDArray[np.int64]:
    """The untouched test set: random, before anything else is drawn; the reference's own items when there is one.

    Args:
        project: the labeling project.
        known: ids whose labels are known from elsewhere.
        answers: that may still be asked for; None without a cap. The test set takes at most half of them.
    """
    candidates = _known_rows(project, known) if known else np.arange(len(project.pool))
    overlap = project.settings.model.test_overlap
    affordable = len(candidates) if answers is None else answers // (2 * overlap)
    room = len(candidates) if known else len(candidates) // 4  # a small pool must leave something to learn from
    n = min(project.settings.model.test_items, room, affordable)
    return candidates[sampling.random(len(candidates), n, project.rng(0))]


def _known_rows(project: Project, known: frozenset[str]) -> NDArray[np.int64]:
    rows = project.pool.rows_of(sorted(known))
    return np.sort(rows[rows >= 0])


def _free_rows(project: Project, apart: NDArray[np.int64], known: frozenset[str]) -> NDArray[np.int64]:
    taken = np.zeros(len(project.pool), dtype=bool)
    taken[project.store.drawn_rows()] = True
    taken[apart] = True
    if known:
        taken[_known_rows(project, known)] = True
    return np.flatnonzero(~taken)


def _stratified(project: Project, free: NDArray[np.int64], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    column = project.settings.sampling.stratify_by
    if column is None:
        raise UsageError(
            "Stratified sampling needs a column",
            next_step="Set sampling.stratify_by in labelwright.yaml to a "
            "metadata column, or sampling.strategy to random",
        )
    strata = project.pool.strata(column)
    return sampling.stratified([strata[i] for i in free.tolist()], n, rng)


def _uncertain(
    scores: tuple[NDArray[np.int64], NDArray[np.float64]],
    free: NDArray[np.int64],
    strategy: str,
    n: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    rows, probabilities = scores
    usable = np.isin(rows, free)
    rows, probabilities = rows[usable], probabilities[usable]
    return rows[_SCORED[strategy](probabilities, min(n, len(rows)), rng)]
