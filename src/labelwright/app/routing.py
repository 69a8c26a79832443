"""From the store to assignments: who may get an item, what it asks for, in which order it stands on the desks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from labelwright.app.context import Project
from labelwright.app.cost import priced_work
from labelwright.assignment.order import desk_order
from labelwright.assignment.routing import Candidate, Given, Routed, Rule, Wanted, route
from labelwright.model.errors import UsageError
from labelwright.model.money import RateUnit
from labelwright.model.project import Annotator, AnnotatorStatus, Assignment, AssignmentState, Item, Level, Purpose
from labelwright.planning.bill import usual_seconds

_GONE = AssignmentState.WITHDRAWN.value
_OPEN = frozenset({AssignmentState.PLANNED.value, AssignmentState.DELIVERED.value})
_LABELING = frozenset({Purpose.LABEL.value, Purpose.OVERLAP.value, Purpose.TEST.value})
#: What one answer is taken to cost of her time until hers are measured.
_SECONDS = 30.0


def active_team(project: Project) -> list[Annotator]:
    """Who gets work: active, with a desk.

    Raises:
        UsageError: nobody.
    """
    at_desk = {d.annotator for d in project.store.desks("work")}
    team = [a for a in project.store.annotators() if a.status is AnnotatorStatus.ACTIVE and a.id in at_desk]
    if not team:
        raise UsageError(
            "There is no active annotator",
            next_step="Add one: labelwright team add NAME --email ADDRESS, or resume one: labelwright team resume NAME",
        )
    return team


def candidates(
    project: Project,
    team: Sequence[Annotator],
    skill: Mapping[str, Mapping[str, float]] | None = None,
    seconds: Mapping[str, float] | None = None,
) -> list[Candidate]:
    """The team as routing sees it.

    Args:
        project: the labeling project.
        team: who may be asked.
        skill: class-wise probability of a right answer, by annotator.
        seconds: active seconds an answer takes, by annotator; without it as measured so far, where somebody is paid by
            the hour.
    """
    if seconds is None:
        by_hour = any(a.rate is not None and a.rate.per is RateUnit.HOUR for a in team)
        seconds = usual_seconds(priced_work(project)) if by_hour else {}
    waiting, given, labeled = _loads(project)
    most = project.settings.team.most_answers
    return [
        Candidate(
            a.id,
            a.level,
            frozenset({*a.skills, *a.languages}),
            _cost(a, seconds.get(a.id, _usual(seconds))),
            waiting[a.id],
            labeled[a.id],
            None if most is None else max(0, most - given[a.id]),
            (skill or {}).get(a.id, {}),
            a.level is Level.EXPERT and not project.settings.team.experts_label,
            a.weekly_hours,
        )
        for a in team
    ]


def _loads(project: Project) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Open assignments, all that were not withdrawn, and those of them that label, by annotator.

    Qualification and gold are nobody's first items: no expert labels them beside a novice.
    """
    waiting: Counter[str] = Counter()
    given: Counter[str] = Counter()
    labeled: Counter[str] = Counter()
    for (who, purpose, state), n in project.store.counts().items():
        if purpose == Purpose.TRIAL.value or state == _GONE:
            continue
        given[who] += n
        waiting[who] += n if state in _OPEN else 0
        labeled[who] += n if purpose in _LABELING else 0
    return waiting, given, labeled


def _usual(seconds: Mapping[str, float]) -> float:
    """What somebody new is taken to need: the middle of the others."""
    return median(seconds.values()) if seconds else _SECONDS


def _cost(annotator: Annotator, seconds: float) -> float | None:
    rate = annotator.rate
    if rate is None:
        return None
    return float(rate.amount) * (seconds / 3600 if rate.per is RateUnit.HOUR else 1.0)


def rule_of(project: Project) -> Rule:
    """How the settings say to choose."""
    team = project.settings.team
    return Rule(team.prefer, team.slack, team.novice_items)


def needs_of(project: Project, item: Item) -> tuple[frozenset[str], Level | None]:
    """Tags and the lowest level that an item asks for by its metadata. Several tags of one column by commas."""
    team = project.settings.team
    columns = [c for c in (team.skill_by, team.language_by) if c]
    words = (str(item.metadata.get(c) or "") for c in columns)
    tags = frozenset(t.strip().casefold() for text in words for t in text.split(",") if t.strip())
    level = str(item.metadata.get(team.level_by) or "").strip().casefold() if team.level_by else ""
    return tags, Level(level) if level in set(Level) else None


def wanted_of(project: Project, items: Iterable[Item], answers: Mapping[str, int], purpose: Purpose) -> list[Wanted]:
    """What is wanted for each item."""
    found = []
    for item in items:
        tags, level = needs_of(project, item)
        found.append(Wanted(item.id, answers[item.id], purpose, tags, level))
    return found


def deal(
    project: Project, wanted: Sequence[Wanted], team: Sequence[Candidate], rng: np.random.Generator
) -> tuple[Routed, list[Candidate]]:
    """Route, and the team with the loads that come of it."""
    routed = route(wanted, team, rule_of(project), rng)
    new = Counter(g.annotator for g in routed.given)
    after = [
        replace(
            c,
            waiting=c.waiting + new[c.id],
            answered=c.answered + new[c.id],
            room=None if c.room is None else c.room - new[c.id],
        )
        for c in team
    ]
    return routed, after


def in_order(
    project: Project,
    given: Sequence[Given],
    spread: Collection[str],
    number: int,
    offset: int,
    rng: np.random.Generator,
) -> list[Assignment]:
    """Assignments in an order drawn anew for each annotator; items of ``spread`` stand at even distances.

    Args:
        project: the labeling project.
        given: who gets what.
        spread: items that are spread over time.
        number: the round.
        offset: the first position.
        rng: source of randomness.
    """
    queues: dict[str, list[Given]] = defaultdict(list)
    for g in given:
        queues[g.annotator].append(g)
    return [
        Assignment(project.new_key(), g.item, who, g.purpose, number, offset + place)
        for who in sorted(queues)
        for place, g in enumerate(_ordered(queues[who], spread, rng))
    ]


def _ordered(queue: Sequence[Given], spread: Collection[str], rng: np.random.Generator) -> list[Given]:
    by_item = {g.item: g for g in queue}
    return [by_item[i] for i in desk_order(list(by_item), set(spread) & by_item.keys(), rng)]
