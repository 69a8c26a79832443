"""Adaptive overlap: after each answer accept, ask one more and whom, or send the item to an expert."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labelwright.app.answers import Reply
from labelwright.app.context import Project
from labelwright.app.cost import budget_of
from labelwright.app.questions import Ask, questions_of
from labelwright.app.routing import active_team, candidates, needs_of
from labelwright.assignment.routing import Candidate
from labelwright.model.consensus import FINAL, ConsensusState, ItemConsensus
from labelwright.model.errors import UsageError
from labelwright.model.people import ReviewRequest
from labelwright.model.project import Assignment, AssignmentState, Item, Level, Purpose
from labelwright.review.decision import Crowd, Decision, Rule, Verb, decide

Floats = NDArray[np.float64]
_OPEN = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})
_LABELING = frozenset({Purpose.LABEL, Purpose.OVERLAP})


@dataclass(frozen=True, slots=True)
class Adapted:
    """What one pass decided: answers more, items for experts."""

    asked: int = 0
    experts: int = 0


def adapt(project: Project, replies: Sequence[Reply]) -> Adapted:
    """Decide every item that waits for nobody and is not settled.

    What was planned is seen the next time, so repeating it after a crash asks for nothing twice. For classes, sets of
    classes, ratings and what is drawn (`questions_of`); texts and rankings stay with the overlap that they were given.
    """
    if project.settings.overlap.policy != "adaptive":
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
        if c.state not in FINAL and c.item in rounds and c.item not in waiting and c.votes
    }
    reviewed = {r.item for r in project.store.reviews()}
    items = project.store.items(i for i in ready if i not in reviewed)
    ask = questions_of(project, team, replies) if items else None
    if ask is None:
        return Adapted()
    decisions = _decide(project, [(items[i], ready[i]) for i in sorted(items)], team, had, ask)
    return _apply(project, decisions, team, (rounds, ready))


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
    ask: Ask,
) -> dict[str, Decision]:
    overlap = project.settings.overlap
    rule = Rule(accept_at=overlap.accept_at, expert_cost=overlap.expert_price, most_answers=overlap.most)
    rng = project.rng(14, sum(len(who) for who in had.values()))
    prices = _prices(team)
    queue = np.array([c.waiting for c in team], np.int64)
    decided: dict[str, Decision] = {}
    for item, known in ready:
        asked = [k for k, c in enumerate(team) if c.id in had[item.id]]
        crowd = Crowd(prices, _free(project, item, team), queue)
        decision = decide(ask(known), crowd, asked, rule, rng, float(max(len(had[item.id]), 1)))
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


def _apply(
    project: Project,
    decisions: Mapping[str, Decision],
    team: Sequence[Candidate],
    known: tuple[Mapping[str, int], Mapping[str, ItemConsensus]],
) -> Adapted:
    rounds, ready = known
    now, start = project.clock.now(), sum(project.store.counts().values())
    ask = [(i, d.annotator) for i, d in decisions.items() if d.verb is Verb.ASK and d.annotator is not None]
    project.store.add_assignments(
        {},
        [
            Assignment(project.new_key(), item, team[who].id, Purpose.OVERLAP, rounds[item], start + n)
            for n, (item, who) in enumerate(ask)
        ],
    )
    # An item that waits for one more answer is open, not contested: no expert is asked about it now.
    opened = [replace(ready[i], state=ConsensusState.OPEN, updated_at=now) for i, _ in ask]
    project.store.put_consensus(opened, unless=FINAL)
    experts = [(i, d.reason) for i, d in decisions.items() if d.verb is Verb.EXPERT]
    project.store.request_review([ReviewRequest(i, "contested", reason, now) for i, reason in experts])
    return Adapted(len(ask), len(experts))
