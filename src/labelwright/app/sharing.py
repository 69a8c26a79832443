"""Who becomes active while a round is open gets her part of what waits in the others' queues."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from labelwright.app.context import Project
from labelwright.app.routing import active_team, candidates, needs_of, rule_of
from labelwright.assignment.routing import Candidate, Wanted, paces, route
from labelwright.model.errors import UsageError
from labelwright.model.project import Assignment, AssignmentState, Item, Level, Purpose, RoundState

_SHARED = frozenset({Purpose.LABEL, Purpose.OVERLAP})
_WAITING = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})


@dataclass(frozen=True, slots=True)
class _Round:
    """What is asked for in the open round, and whom each item was ever given to."""

    asked: Sequence[Assignment]
    had: Mapping[str, Collection[str]]


def share_queues(project: Project, returned: str | None = None) -> int:
    """Give work to those who may label and have nothing of the open round; how many assignments changed hands.

    Somebody who has just qualified, was added, or came back would wait for the next round else. She gets what is not
    on a desk yet, from the end of the longest queues, until hers is as long as the hours that she gives. Whoever has
    had her part gets no second one, so that a repeated call changes nothing.

    Args:
        project: the labeling project.
        returned: who has just become active, whatever she has finished of the round before; she must have nothing left.
    """
    rounds = project.store.rounds()
    if not rounds or rounds[-1].state is not RoundState.OPEN:
        return 0
    dealt = project.store.assignments(round_number=rounds[-1].number, trial=False)
    asked = [a for a in dealt if a.purpose in _SHARED and a.state is not AssignmentState.WITHDRAWN]
    busy = {a.annotator for a in asked if a.annotator != returned or a.state in _WAITING}
    try:
        people = active_team(project)
    except UsageError:
        return 0
    if not asked or busy >= {a.id for a in people}:  # as nearly always: nothing dear was read
        return 0
    team = [c for c in candidates(project, people) if not c.reserved]
    had: dict[str, set[str]] = defaultdict(set)
    for a in project.store.assignments(trial=False):
        had[a.item].add(a.annotator)
    for who in (c for c in team if c.id not in busy):
        # One at a time: what she got is hers when the next one is served by the following call.
        if given := _give(project, who, team, _Round(asked, had)):
            return given
    return 0


def _give(project: Project, who: Candidate, team: Sequence[Candidate], open_round: _Round) -> int:
    waiting = [a for a in open_round.asked if a.state in _WAITING]
    pace = paces(team)
    part = round(len(waiting) * pace[who.id] / sum(pace.values()))
    experts = [replace(c, reserved=True) for c in _experts(project) if c.id != who.id]
    if who.level is Level.NOVICE:  # she begins beside an expert: what one labels is not taken from there
        waiting = [a for a in waiting if a.annotator not in {c.id for c in experts}]
    taken = _from_the_longest(project, who, part, waiting, open_round)
    items = project.store.items(a.item for a in taken)
    wanted = [_wanted(project, items[a.item], a, open_round) for a in taken]
    routed = route(wanted, [who, *experts], rule_of(project), project.rng(17, sum(map(ord, who.id))))
    by_item = {a.item: a for a in taken}
    hers, beside = {}, []
    for g in routed.given:
        old = by_item[g.item]
        new = replace(
            old, key=project.new_key(), annotator=g.annotator, state=AssignmentState.PLANNED, task=None, attempt=0
        )
        if g.annotator == who.id:
            hers[old.key] = new
        else:  # an expert beside somebody new
            beside.append(replace(new, purpose=Purpose.OVERLAP))
    project.store.add_assignments({}, beside)
    return project.store.hand_over(hers)


def _from_the_longest(
    project: Project, who: Candidate, part: int, waiting: Sequence[Assignment], open_round: _Round
) -> list[Assignment]:
    """What she may take, one after another from the queue that is the longest then; the last of each first."""
    length = Counter(a.annotator for a in waiting)
    free = [a for a in waiting if a.state is AssignmentState.PLANNED and who.id not in open_round.had[a.item]]
    items = project.store.items(a.item for a in free)
    queues: dict[str, list[Assignment]] = defaultdict(list)
    for a in sorted(free, key=lambda a: a.position):
        needs, level = needs_of(project, items[a.item])
        if needs <= who.tags and (level is None or list(Level).index(who.level) >= list(Level).index(level)):
            queues[a.annotator].append(a)
    taken: dict[str, Assignment] = {}
    room = part if who.room is None else min(part, who.room)
    while len(taken) < room and any(queues.values()):
        longest = max((name for name, queue in queues.items() if queue), key=lambda name: (length[name], name))
        a = queues[longest].pop()
        if a.item not in taken:
            taken[a.item] = a
            length[longest] -= 1
    return list(taken.values())


def _experts(project: Project) -> list[Candidate]:
    return [c for c in candidates(project, active_team(project)) if c.level is Level.EXPERT]


def _wanted(project: Project, item: Item, assignment: Assignment, open_round: _Round) -> Wanted:
    needs, level = needs_of(project, item)
    return Wanted(item.id, 1, assignment.purpose, needs, level, frozenset(open_round.had[item.id]))
