"""Who labels what in a round: test items first, then the batch, gold in between where nobody foresees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from labelwright.app.context import Project
from labelwright.app.gold import fair_gold
from labelwright.app.routing import active_team, candidates, deal, in_order, wanted_of
from labelwright.app.selection import latest_scores
from labelwright.app.skill import class_skill
from labelwright.assignment.gold import choose_gold
from labelwright.assignment.order import gold_places
from labelwright.assignment.routing import Candidate, Prefer, Wanted
from labelwright.model.project import Assignment, Item, Purpose


@dataclass(frozen=True, slots=True)
class Planned:
    """The assignments of a round, and items that got fewer answers than wanted, with the reason."""

    assignments: tuple[Assignment, ...]
    short: tuple[tuple[str, str], ...] = ()

    @property
    def note(self) -> str | None:
        """What the lead should know of it."""
        if not self.short:
            return None
        reasons = sorted({reason for _, reason in self.short})
        return f"{len(self.short)} items get fewer answers than wanted: {'; '.join(reasons)}"


def plan_round(
    project: Project, number: int, test: Sequence[Item], chosen: Sequence[Item], again: Sequence[Item] = ()
) -> Planned:
    """Deal the items of a round to the active team.

    Args:
        project: the labeling project.
        number: the round.
        test: items of the test set, labeled ``model.test_overlap`` times.
        chosen: the batch, labeled as often as the policy says.
        again: items that have labels and get one more answer, of somebody who did not have them.

    Raises:
        UsageError: there is no active annotator.
    """
    rng = project.rng(2, number)
    crowd = _crowd(project)
    tests = wanted_of(
        project, test, dict.fromkeys((i.id for i in test), project.settings.model.test_overlap), Purpose.TEST
    )
    first, crowd = deal(project, tests, crowd, rng)
    likely = _likely(project, number, chosen)
    batch = [
        replace(w, likely=likely.get(w.item, {}))
        for w in wanted_of(project, chosen, answers_wanted(project, chosen, rng), Purpose.LABEL)
    ]
    batch += _once_more(project, again)
    then, _ = deal(project, batch, crowd, rng)
    share = project.settings.team.spread
    spread = {i.id for i, u in zip(chosen, rng.random(len(chosen)).tolist(), strict=True) if u < share}
    assignments = in_order(project, first.given, (), number, 0, rng)
    assignments += in_order(project, then.given, spread, number, len(test), rng)
    return Planned(tuple(with_gold(project, assignments, rng)), first.short + then.short)


def _once_more(project: Project, items: Sequence[Item]) -> list[Wanted]:
    had: dict[str, set[str]] = defaultdict(set)
    for a in project.store.assignments(trial=False) if items else ():
        had[a.item].add(a.annotator)
    wanted = wanted_of(project, items, dict.fromkeys((i.id for i in items), 1), Purpose.OVERLAP)
    return [replace(w, taken=frozenset(had[w.item])) for w in wanted]


def _crowd(project: Project) -> list[Candidate]:
    """The team; with class-wise skill where the settings route by it."""
    team = active_team(project)
    skill = class_skill(project, team) if project.settings.team.prefer is Prefer.SKILL else None
    return candidates(project, team, skill)


def _likely(project: Project, number: int, chosen: Sequence[Item]) -> Mapping[str, Mapping[str, float]]:
    """What the newest model says of each item's classes, where the settings route by skill; empty without a model."""
    scores = latest_scores(project, number) if project.settings.team.prefer is Prefer.SKILL else None
    if scores is None or not scores.classes:
        return {}
    rows = project.pool.rows_of([i.id for i in chosen])
    names = {int(row): item.id for row, item in zip(rows, chosen, strict=True) if row >= 0}
    found, probabilities = scores.of(np.array(sorted(names), np.int64))
    return {
        names[row]: dict(zip(scores.classes, p, strict=True))
        for row, p in zip(found.tolist(), probabilities.tolist(), strict=True)
    }


def answers_wanted(project: Project, items: Sequence[Item], rng: np.random.Generator) -> dict[str, int]:
    """How many answers the policy wants for each item at first."""
    share, annotators = overlap_of(project)
    order = rng.permutation(len(items)).tolist()
    shared = {items[i].id for i in order[: round(share * len(items))]}
    return {i.id: annotators if i.id in shared else 1 for i in items}


def overlap_of(project: Project) -> tuple[float, int]:
    """Share of the items that go to several annotators at first, and to how many."""
    overlap = project.settings.overlap
    return (1.0 if overlap.policy == "fixed" else overlap.share), overlap.annotators


def with_gold(project: Project, assignments: Sequence[Assignment], rng: np.random.Generator) -> list[Assignment]:
    """The same with gold in between; positions are counted anew for each annotator from her first one on."""
    share = project.settings.gold.share
    gold = {g.item: g.exposures for g in fair_gold(project)} if share > 0 else {}
    if not gold:
        return list(assignments)
    seen = _seen(project.store.assignments(), assignments)
    queues: dict[str, list[Assignment]] = defaultdict(list)
    for a in assignments:
        queues[a.annotator].append(a)
    mixed: list[Assignment] = []
    for who in sorted(queues):
        queue = sorted(queues[who], key=lambda a: (a.round, a.position))
        mixed += _mix(project, queue, gold, seen[who], rng)
    return mixed


def _seen(*parts: Iterable[Assignment]) -> Mapping[str, set[str]]:
    seen: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        for a in part:
            seen[a.annotator].add(a.item)
    return seen


def _mix(
    project: Project, queue: list[Assignment], gold: dict[str, int], seen: set[str], rng: np.random.Generator
) -> list[Assignment]:
    """One desk; ``gold`` counts the new exposures on."""
    settings = project.settings.gold
    places = gold_places(len(queue), settings.share, rng)
    chosen = choose_gold(gold, seen, len(places), settings.most_exposures, rng)
    before = dict(zip(places, chosen, strict=False))
    start = queue[0].position
    mixed: list[Assignment] = []
    for index, a in enumerate(queue):
        if index in before:
            item = before[index]
            gold[item] += 1
            mixed.append(Assignment(project.new_key(), item, a.annotator, Purpose.GOLD, a.round, 0))
        mixed.append(a)
    return [replace(a, position=start + n) for n, a in enumerate(mixed)]
