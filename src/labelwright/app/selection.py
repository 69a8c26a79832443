"""Chooses what is labeled next: the pool, what a model says of it and a strategy, to rows of the pool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright import sampling
from labelwright.app.context import Project
from labelwright.app.kinship import Distinct
from labelwright.app.reading import inputs_of
from labelwright.app.relabeling import doubtful
from labelwright.app.training import load_model
from labelwright.model.errors import UsageError
from labelwright.ports import Featuring, Learner, Reads
from labelwright.ports.scoring import ScoreTable
from labelwright.sampling.free_rows import FreeRows
from labelwright.sampling.hybrid import BREADTH

Rows = NDArray[np.int64]

#: Strategies that need a model's scores only, and the measure by which the table of scores ranks them.
_BY_SCORE = {"least_confidence": "confidence", "margin": "margin", "entropy": "entropy"}
_BY_FEATURES: dict[str, Callable[..., Rows]] = {"kmeans": sampling.kmeans, "k_center": sampling.k_center}
_BY_BOTH: dict[str, Callable[..., Rows]] = {
    "hybrid": sampling.hybrid,
    "badge": sampling.badge,
    "density": sampling.density,
}
#: Models of a committee at most.
_MEMBERS = 3
#: How often a batch is filled up for near-duplicates that were left out; a pool of copies must not take for ever.
_PASSES = 5
#: Items whose features are worked out at most: the most uncertain, or random ones where there is no model.
CANDIDATES = 20_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of the pool that were chosen for labeling.

    Attributes:
        rows: pool rows, distinct: those of the strategy best first, then those drawn at random.
        strategy: the one that was used.
        at_random: how many of the rows, the last ones, were drawn at random from all that are free.
        note: why it is not the strategy that was asked for, and what was left out.
        near_duplicates: rows that were left out because they nearly repeat one that goes out.
        again: ids of items that have labels and get one more answer, beside the rows.
    """

    rows: Rows
    strategy: str
    at_random: int
    note: str | None = None
    near_duplicates: int = 0
    again: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a strategy may use."""

    project: Project
    number: int
    free: FreeRows
    scores: ScoreTable | None
    rng: np.random.Generator
    at_random: int = 0  # at least, where the share alone would be fewer


def select(
    project: Project,
    number: int,
    wanted: int,
    *,
    apart: Rows,
    known: frozenset[str] = frozenset(),
    strategy: str | None = None,
    new_learner: Callable[[], Learner] | None = None,
) -> Selection:
    """The rows of a round's batch, never one that was drawn before.

    Args:
        project: the labeling project.
        number: of the round: chance depends on it and on the settings' seed only.
        wanted: items to choose; fewer where the pool is nearly used up.
        apart: rows that are taken for something else (the test set of this round).
        known: ids whose labels are known from elsewhere: never drawn for training.
        strategy: in place of the one that the settings name.
        new_learner: makes models, for strategies that look at labels out of sample.
    """
    free = FreeRows.of(len(project.pool), project.store.drawn_rows(), apart, _known_rows(project, known))
    asked = strategy or project.settings.sampling.strategy
    it = _Asked(project, number, free, latest_scores(project, number), project.rng(1, number))
    out = [*project.store.drawn_items(), *project.pool.items(apart.tolist())]
    distinct = Distinct(project, out)
    if asked == "relabel" and it.scores is not None:
        return _with_old_ones(it, wanted, distinct, new_learner)
    return _without_repeats(it, asked, wanted, distinct)


def _with_old_ones(it: _Asked, wanted: int, distinct: Distinct, new_learner: Callable[[], Learner] | None) -> Selection:
    """New items and items that have labels, chosen together: ActiveLab ranks new ones as least confidence does."""
    assert it.scores is not None  # noqa: S101 - the caller looked
    share = round(wanted * it.project.settings.sampling.random_share)
    _, p = it.scores.lowest("confidence", wanted, it.free.taken)
    try:
        again = doubtful(it.project, it.scores, p, wanted - share, new_learner)
    except UsageError as problem:
        found = _without_repeats(it, "least_confidence", wanted, distinct)
        return replace(found, note="; ".join(n for n in (f"not relabel: {problem.what}", found.note) if n))
    new = _without_repeats(replace(it, at_random=share), "least_confidence", wanted - len(again), distinct)
    told = f"{len(again)} items with labels get one more answer" if again else None
    note = "; ".join(n for n in (told, new.note) if n) or None
    return replace(new, strategy="relabel", again=tuple(again), note=note)


def _without_repeats(it: _Asked, asked: str, wanted: int, distinct: Distinct) -> Selection:
    """Choose, leave out what nearly repeats an item that goes out, and choose again for those."""
    found = _once(it, asked, min(wanted, len(it.free)))
    best, drawn = found.rows[: len(found.rows) - found.at_random], found.rows[len(found.rows) - found.at_random :]
    left_out = 0
    for again in range(_PASSES + 1):
        rows = np.concatenate([best, drawn])
        repeats = distinct.repeats(it.project.pool.items(rows.tolist()))
        left_out += int(repeats.sum())
        it = replace(it, free=it.free.without(rows))
        best, drawn = best[~repeats[: len(best)]], drawn[~repeats[len(best) :]]
        missing = min(len(rows), wanted) - len(best) - len(drawn)
        if not repeats.any() or again == _PASSES or not len(it.free):
            break
        more = _once(it, asked, min(missing, len(it.free)))
        edge = len(more.rows) - more.at_random
        best, drawn = np.concatenate([best, more.rows[:edge]]), np.concatenate([drawn, more.rows[edge:]])
    told = f"{left_out} near-duplicates were left out" if left_out else None
    note = "; ".join(n for n in (found.note, told) if n) or None
    return Selection(np.concatenate([best, drawn]), found.strategy, len(drawn), note, left_out)


def _once(it: _Asked, asked: str, n: int) -> Selection:
    """A batch, duplicates and all."""
    if asked == "stratified":
        return Selection(_stratified(it, n), asked, n)
    used, note = _possible(it, asked)
    if used == "random":
        return Selection(it.free.draw(n, it.rng), used, n, note)
    at_random = max(round(n * it.project.settings.sampling.random_share), min(it.at_random, n))
    best, used, note = _best(it, used, n - at_random, note)
    drawn = it.free.without(best).draw(n - len(best), it.rng)
    return Selection(np.concatenate([best, drawn]), used, len(drawn), note)


def latest_scores(project: Project, number: int) -> ScoreTable | None:
    """What the newest model before this round, or the user's own, says of the pool; None where there is none yet."""
    versions = range(number - 1, -1, -1)  # 0: predictions that the user gave for the first round
    return next((table for v in versions if (table := project.scores.table(v)) is not None), None)


def _possible(it: _Asked, asked: str) -> tuple[str, str | None]:
    if asked == "random" or asked in _BY_FEATURES or it.scores is not None:
        return asked, None
    return "random", f"no model yet for {asked}"


def _best(it: _Asked, strategy: str, n: int, note: str | None) -> tuple[Rows, str, str | None]:
    """The strategy's own rows; where items have no features, the most uncertain or random ones, and why."""
    if strategy in _BY_SCORE and it.scores is not None:
        return it.scores.lowest(_BY_SCORE[strategy], n, it.free.taken)[0], strategy, note
    try:
        by = _BY_CLASSES.get(strategy)
        return (by(it, n) if by else _by_features(it, strategy, n)), strategy, note
    except UsageError as problem:
        note = f"not {strategy}: {problem.what}"
    if it.scores is None:
        return np.empty(0, dtype=np.int64), "random", note
    return it.scores.lowest("margin", n, it.free.taken)[0], "margin", note


def _by_features(it: _Asked, strategy: str, n: int) -> Rows:
    """A strategy that looks at where items lie, among candidates that fit in memory."""
    if strategy in _BY_FEATURES:
        rows = np.sort(it.free.draw(min(max(CANDIDATES, n), len(it.free)), it.rng))
        return rows[_BY_FEATURES[strategy](_features(it, rows), min(n, len(rows)), it.rng)]
    if it.scores is None:
        raise UsageError("there are no scores")
    among = BREADTH * n if strategy == "hybrid" else max(CANDIDATES, n)
    rows, probabilities = it.scores.lowest("margin", among, it.free.taken)
    return rows[_BY_BOTH[strategy](probabilities, _features(it, rows), min(n, len(rows)), it.rng)]


def _by_committee(it: _Asked, n: int) -> Rows:
    """What the models of the last rounds do not agree upon, among what the newest is least sure of."""
    tables = [t for v in range(it.number - 1, -1, -1) if (t := it.project.scores.table(v)) is not None][:_MEMBERS]
    if it.scores is None or len(tables) < 2 or len({t.classes for t in tables}) > 1:
        raise UsageError("there are no two models of the same classes yet")
    rows = np.sort(it.scores.lowest("margin", max(CANDIDATES, n), it.free.taken)[0])
    members = [table.of(rows) for table in tables]
    if any(not np.array_equal(found, rows) for found, _ in members):
        raise UsageError("the models did not see the same items")
    return rows[sampling.committee([p for _, p in members], min(n, len(rows)), it.rng)]


def _by_balance(it: _Asked, n: int) -> Rows:
    table, counts = _counted(it)
    rows, p = table.likeliest(range(len(table.classes)), 2 * n, it.free.taken)
    return rows[sampling.class_balance(p, [counts[name] for name in table.classes], min(n, len(rows)), it.rng)]


def _by_rarity(it: _Asked, n: int) -> Rows:
    table, counts = _counted(it)
    wanted = it.project.settings.sampling.classes or (min(table.classes, key=lambda name: counts[name]),)
    columns = [k for k, name in enumerate(table.classes) if name in wanted]
    if len(columns) < len(set(wanted)):
        raise UsageError(f"the model has not learned all of {', '.join(wanted)} yet")
    rows, p = table.likeliest(columns, n, it.free.taken)
    return rows[sampling.rare_class(p, columns, min(n, len(rows)), it.rng)]


def _counted(it: _Asked) -> tuple[ScoreTable, Counter[str]]:
    """The scores, and the labels of each class so far."""
    if it.scores is None or not it.scores.classes:
        raise UsageError("the scores do not name their classes")
    kept = it.project.store.consensus(it.project.control.name)
    return it.scores, Counter(str(c.label) for c in kept if c.label is not None)


_BY_CLASSES: dict[str, Callable[[_Asked, int], Rows]] = {
    "committee": _by_committee,
    "class_balance": _by_balance,
    "rare_class": _by_rarity,
}


def _features(it: _Asked, rows: Rows) -> NDArray[np.floating]:
    """Where items lie: texts by what they share among themselves, others as the current model sees them."""
    project, items = it.project, it.project.pool.items(rows.tolist())
    model = load_model(project)
    if model is None or model.learner.reads is Reads.TEXT or not isinstance(model.learner, Featuring):
        return project.embedder.features(items)
    found = np.asarray(model.learner.features(inputs_of(project, model.learner.reads, items)))
    return np.nan_to_num(found)  # an item that cannot be read lies in the middle: it stands for nothing


def _stratified(it: _Asked, n: int) -> Rows:
    column = it.project.settings.sampling.stratify_by
    if column is None:
        raise UsageError(
            "Stratified sampling needs a column",
            next_step="Set sampling.stratify_by in labelwright.yaml to a "
            "metadata column, or sampling.strategy to random",
        )
    strata, free = it.project.pool.strata(column), it.free.all()
    return free[sampling.stratified([strata[i] for i in free.tolist()], n, it.rng)]


def draw_test_set(project: Project, known: frozenset[str], answers: int | None) -> Rows:
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


def _known_rows(project: Project, known: frozenset[str]) -> Rows:
    rows = project.pool.rows_of(sorted(known)) if known else np.empty(0, dtype=np.int64)
    return np.sort(rows[rows >= 0])
