"""Who gets what: tags, level, class-wise skill, cost and caps decide who may; queues decide who does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

import numpy as np

from labelwright.model.project import Level, Purpose

#: No queue counts as longer than so many times its items.
_LEAST_PACE = 0.01
_RANK = {Level.NOVICE: 0, Level.REGULAR: 1, Level.EXPERT: 2}


class Prefer(StrEnum):
    """Who is asked first among those whose queues are about equally long."""

    BALANCE = "balance"  # the queue that is done first, whoever it is
    SKILL = "skill"  # who is most likely right on this item
    COST = "cost"  # who costs least


@dataclass(frozen=True, slots=True)
class Candidate:
    """An annotator, as routing sees her.

    Attributes:
        tags: skills and languages, in lower case.
        cost: of one answer, in any one currency; None where it is not known (then she counts as the dearest).
        waiting: items in her queue.
        answered: items that she was given to label so far, those in the queue too; gold and qualification left out.
        room: answers that she may still be asked for; None without a cap.
        skill: probability that she is right, by class, 0 to 1.
        hours: that she gives in a week; None counts as the middle of the team. Half the hours, half the queue.
        reserved: an expert who gets reviews, what asks for her level, and what somebody new labels beside her, only.
    """

    id: str
    level: Level = Level.REGULAR
    tags: frozenset[str] = frozenset()
    cost: float | None = None
    waiting: int = 0
    answered: int = 0
    room: int | None = None
    skill: Mapping[str, float] = field(default_factory=dict)
    reserved: bool = False
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Answers that are wanted for one item.

    Attributes:
        answers: how many.
        needs: tags that an annotator must have, in lower case.
        level: the lowest level that may answer; None for any.
        taken: who has the item, had it, or must not get it.
        likely: probability of each class, as far as anybody knows: weighs class-wise skill.
    """

    item: str
    answers: int = 1
    purpose: Purpose = Purpose.LABEL
    needs: frozenset[str] = frozenset()
    level: Level | None = None
    taken: frozenset[str] = frozenset()
    likely: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """How to choose.

    Attributes:
        prefer: see `Prefer`.
        slack: items by which a preferred queue may be longer than the shortest one that could take the item.
        novice_items: a novice's first items are labeled by an expert, too.
    """

    prefer: Prefer = Prefer.BALANCE
    slack: int = 5
    novice_items: int = 0


@dataclass(frozen=True, slots=True)
class Given:
    """One item given to one annotator."""

    item: str
    annotator: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Routed:
    """Who gets what, and which items got fewer answers than wanted, with the reason."""

    given: tuple[Given, ...]
    short: tuple[tuple[str, str], ...] = ()


def route(wanted: Sequence[Wanted], team: Sequence[Candidate], rule: Rule, rng: np.random.Generator) -> Routed:
    """Give every item to as many annotators as are wanted. Nobody gets an item that she has or had.

    Items are dealt in random order; among those who may take one, the shortest queue comes first (ties at random), or
    within ``rule.slack`` of it the one whom the rule prefers. Queues are measured by the hours that people give. A
    novice who is still at her first ``rule.novice_items`` items shares each of them with an expert, as far as one may
    take it.

    Args:
        wanted: items, each at most once.
        team: who may be asked.
        rule: how to choose.
        rng: source of randomness.
    """
    desks = _Desks(team, rule, rng)
    given: list[Given] = []
    short: list[tuple[str, str]] = []
    for index in rng.permutation(len(wanted)).tolist():
        want = wanted[index]
        chosen = desks.choose(want)
        given += [Given(want.item, who, _purpose(want)) for who in chosen]
        if len(chosen) < want.answers:
            short.append((want.item, desks.reason(want)))
        beside = desks.beside_novice(want, chosen)
        given += [Given(want.item, who, Purpose.OVERLAP) for who in beside]
    return Routed(tuple(given), tuple(short))


def _purpose(want: Wanted) -> Purpose:
    return Purpose.OVERLAP if want.answers > 1 and want.purpose is Purpose.LABEL else want.purpose


class _Desks:
    """The queues while items are dealt."""

    def __init__(self, team: Sequence[Candidate], rule: Rule, rng: np.random.Generator) -> None:
        self._team = {c.id: c for c in team}
        self._rule = rule
        self._rng = rng
        self._new = dict.fromkeys(self._team, 0)
        self._pace = paces(team)

    def choose(self, want: Wanted) -> list[str]:
        chosen: list[str] = []
        while len(chosen) < want.answers:
            best = self._best([c for c in self._asked(want) if c.id not in chosen], want)
            if best is None:
                break
            chosen.append(best)
            self._new[best] += 1
        return chosen

    def beside_novice(self, want: Wanted, chosen: Sequence[str]) -> list[str]:
        """An expert who labels the item, too, where somebody new does."""
        if not any(self._is_new(self._team[who]) for who in chosen):
            return []
        if any(self._team[who].level is Level.EXPERT for who in {*chosen, *want.taken} & self._team.keys()):
            return []
        experts = [c for c in self._able(want) if c.level is Level.EXPERT and c.id not in chosen]
        best = self._best(experts, want)
        if best is None:
            return []
        self._new[best] += 1
        return [best]

    def reason(self, want: Wanted) -> str:
        """Why nobody more may take it."""
        tagged = [c for c in self._team.values() if want.needs <= c.tags]
        if not tagged:
            return f"nobody active has the tags {', '.join(sorted(want.needs))}"
        if not any(_high_enough(c, want) for c in tagged):
            return f"nobody active is {want.level.value if want.level else 'of any level'}"
        if not any(_high_enough(c, want) and self._has_room(c) for c in tagged):
            return "everybody who may take it has reached the cap"
        if not any(_is_for(c, want) for c in tagged):
            return "only experts may take it, and they review (team.experts_label)"
        return "everybody who may take it has had it"

    def _asked(self, want: Wanted) -> list[Candidate]:
        return [c for c in self._able(want) if _is_for(c, want)]

    def _able(self, want: Wanted) -> list[Candidate]:
        return [
            c
            for c in self._team.values()
            if c.id not in want.taken and want.needs <= c.tags and _high_enough(c, want) and self._has_room(c)
        ]

    def _has_room(self, c: Candidate) -> bool:
        return c.room is None or self._new[c.id] < c.room

    def _is_new(self, c: Candidate) -> bool:
        return c.level is Level.NOVICE and c.answered + self._new[c.id] <= self._rule.novice_items

    def _queue(self, c: Candidate) -> float:
        """How long her queue would be with one item more, in items of somebody with the team's usual hours."""
        return (c.waiting + self._new[c.id] + 1) / self._pace[c.id]

    def _best(self, able: Sequence[Candidate], want: Wanted) -> str | None:
        if not able:
            return None
        shortest = min(map(self._queue, able))
        near = [c for c in able if self._queue(c) <= shortest + self._slack()]
        draws = self._rng.random(len(near)).tolist()
        keyed = [(self._key(c, want), draw, c.id) for c, draw in zip(near, draws, strict=True)]
        return min(keyed)[2]

    def _slack(self) -> int:
        return 0 if self._rule.prefer is Prefer.BALANCE else self._rule.slack

    def _key(self, c: Candidate, want: Wanted) -> tuple[float, float]:
        """Smaller is asked first; equal ones by the length of their queues."""
        if self._rule.prefer is Prefer.SKILL:
            return -expected_skill(c, want.likely), self._queue(c)
        if self._rule.prefer is Prefer.COST:
            return (float("inf") if c.cost is None else c.cost), self._queue(c)
        return 0.0, self._queue(c)


def paces(team: Sequence[Candidate]) -> dict[str, float]:
    """Everybody's weekly hours beside the middle of those who said theirs, which counts as 1."""
    usual = median([c.hours for c in team if c.hours] or [1.0])
    return {c.id: 1.0 if c.hours is None else max(c.hours / usual, _LEAST_PACE) for c in team}


def expected_skill(candidate: Candidate, likely: Mapping[str, float]) -> float:
    """Probability that she is right on an item whose classes are as likely as that; 0.5 where nothing is known."""
    skill = candidate.skill
    if not skill:
        return 0.5
    mean = sum(skill.values()) / len(skill)
    total = sum(likely.values())
    if total <= 0:
        return mean
    return sum(p * skill.get(label, mean) for label, p in likely.items()) / total


def _is_for(c: Candidate, want: Wanted) -> bool:
    """Who is reserved is spared ordinary work."""
    return not c.reserved or want.purpose is Purpose.REVIEW or want.level is Level.EXPERT


def _high_enough(c: Candidate, want: Wanted) -> bool:
    return want.level is None or _RANK[c.level] >= _RANK[want.level]
