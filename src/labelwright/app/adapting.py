"""Adaptive overlap: after each answer accept, ask one more and whom, or send the item to an expert."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.app.answers import Reply
from labelwright.app.context import Project
from labelwright.app.cost import budget_of
from labelwright.app.routing import active_team, candidates, needs_of
from labelwright.assignment.routing import Candidate
from labelwright.model.consensus import FINAL, ItemConsensus
from labelwright.model.errors import UsageError
from labelwright.model.people import ReviewRequest
from labelwright.model.project import Assignment, AssignmentState, Item, Level, Purpose
from labelwright.model.schema import Kind
from labelwright.review.decision import Crowd, Decision, Question, Rule, Verb, decide, shared_noise

Floats = NDArray[np.float64]
_OPEN = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})
_LABELING = frozenset({Purpose.LABEL, Purpose.OVERLAP})
#: Answers' worth of belief in an annotator before anything is known, and in which share of right ones.
_WEIGHT, _PRIOR = 8.0, {Level.NOVICE: 0.7, Level.REGULAR: 0.8, Level.EXPERT: 0.9}


@dataclass(frozen=True, slots=True)
class Adapted:
    """What one pass decided: answers more, items for experts."""

    asked: int = 0
    experts: int = 0


def adapt(project: Project, replies: Sequence[Reply]) -> Adapted:
    """Decide every item that waits for nobody and is not settled.

    What was planned is seen the next time, so repeating it after a crash asks for nothing twice. For choices of one
    class; other kinds stay with the overlap that they were given.
    """
    if project.settings.overlap.policy != "adaptive" or project.control.kind is not Kind.CHOICE:
        return Adapted()
    if budget_of(project).used_up:
        return Adapted()
    try:
        team = candidates(project, active_team(project))
    except UsageError:
        return Adapted()
    had, rounds, waiting = _given(project)
    ready = {
        c.item: c
        for c in project.store.consensus(project.control.name)
        if c.state not in FINAL and c.item in rounds and c.item not in waiting and c.distribution
    }
    reviewed = {r.item for r in project.store.reviews()}
    items = project.store.items(i for i in ready if i not in reviewed)
    decisions = _decide(project, [(items[i], ready[i]) for i in sorted(items)], team, had, replies)
    return _apply(project, decisions, team, rounds)


def _given(project: Project) -> tuple[Mapping[str, set[str]], Mapping[str, int], set[str]]:
    """Who had each item, the round of those that are labeled, and those to which an answer is still to come."""
    had: dict[str, set[str]] = defaultdict(set)
    rounds: dict[str, int] = {}
    waiting: set[str] = set()
    for a in project.store.assignments(trial=False):
        had[a.item].add(a.annotator)
        if a.purpose in _LABELING:
            rounds.setdefault(a.item, a.round)
            if a.state in _OPEN:
                waiting.add(a.item)
    return had, rounds, waiting


def _decide(
    project: Project,
    ready: Sequence[tuple[Item, ItemConsensus]],
    team: Sequence[Candidate],
    had: Mapping[str, set[str]],
    replies: Sequence[Reply],
) -> dict[str, Decision]:
    overlap, classes = project.settings.overlap, project.control.classes
    rule = Rule(accept_at=overlap.accept_at, expert_cost=overlap.expert_price, most_answers=overlap.most)
    channel = channels(project, team, replies, classes)
    noise, rng = shared_noise(channel), project.rng(14, len(replies))
    prices = _prices(team)
    queue = np.array([c.waiting for c in team], np.int64)
    decided: dict[str, Decision] = {}
    for item, known in ready:
        p = np.array([known.distribution.get(c, 0.0) for c in classes])
        question = Question((p + 1e-6) / (p + 1e-6).sum(), channel, noise)
        asked = [k for k, c in enumerate(team) if c.id in had[item.id]]
        crowd = Crowd(prices, _free(project, item, team), queue)
        decision = decide([question], crowd, asked, rule, rng, float(max(len(had[item.id]), 1)))
        if decision.annotator is not None:
            queue[decision.annotator] += 1
        decided[item.id] = decision
    return decided


def _free(project: Project, item: Item, team: Sequence[Candidate]) -> NDArray[np.bool_]:
    """Who may answer it: tags, level, cap; experts are asked by review, not here."""
    tags, level = needs_of(project, item)
    rank = list(Level)
    fits = [
        tags <= c.tags
        and (level is None or rank.index(c.level) >= rank.index(level))
        and (c.room is None or c.room > 0)
        and (not c.reserved or level is Level.EXPERT)
        for c in team
    ]
    return np.array(fits)


def _prices(team: Sequence[Candidate]) -> Floats:
    """Prices beside the cheapest known one, which is 1; who has no rate costs as much as the middle."""
    known = [c.cost for c in team if c.cost]
    middle = float(np.median(known)) if known else 1.0
    costs = np.array([c.cost or middle for c in team])
    return np.asarray(costs / costs.min())


def channels(project: Project, team: Sequence[Candidate], replies: Sequence[Reply], classes: Sequence[str]) -> Floats:
    """P(answer | truth) of each annotator, shape (annotators, answer, truth), from answers beside settled labels.

    Counts by class are shrunk to her own share of right answers, and that to what her level promises.
    """
    index = {c: k for k, c in enumerate(classes)}
    settled = {
        c.item: index[c.label]
        for c in project.store.consensus(project.control.name)
        if c.label in index and (c.state in FINAL or c.votes > 1)
    }
    counts: dict[str, Counter[tuple[int, int]]] = defaultdict(Counter)
    for r in replies:
        if r.last and r.item in settled and r.label in index and r.purpose is not Purpose.REVIEW:
            counts[r.annotator][index[r.label], settled[r.item]] += 1
    return np.stack([_channel(counts[c.id], _PRIOR[c.level], len(classes)) for c in team])


def _channel(seen: Mapping[tuple[int, int], int], prior: float, K: int) -> Floats:
    n = sum(seen.values())
    right = sum(k for (a, b), k in seen.items() if a == b)
    skill = (right + _WEIGHT * prior) / (n + _WEIGHT)
    expected = np.full((K, K), (1 - skill) / max(K - 1, 1))
    np.fill_diagonal(expected, skill)
    counted = np.zeros((K, K))
    for (answer, truth), k in seen.items():
        counted[answer, truth] = k
    mixed = counted + _WEIGHT * expected
    return np.asarray(mixed / mixed.sum(axis=0, keepdims=True))


def _apply(
    project: Project, decisions: Mapping[str, Decision], team: Sequence[Candidate], rounds: Mapping[str, int]
) -> Adapted:
    now, start = project.clock.now(), sum(project.store.counts().values())
    ask = [(i, d.annotator) for i, d in decisions.items() if d.verb is Verb.ASK and d.annotator is not None]
    project.store.add_assignments(
        {},
        [
            Assignment(project.new_key(), item, team[who].id, Purpose.OVERLAP, rounds[item], start + n)
            for n, (item, who) in enumerate(ask)
        ],
    )
    experts = [(i, d.reason) for i, d in decisions.items() if d.verb is Verb.EXPERT]
    project.store.request_review([ReviewRequest(i, "contested", reason, now) for i, reason in experts])
    return Adapted(len(ask), len(experts))
