"""What a lead or an expert decides about single items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from labelwright.app.context import Project
from labelwright.app.delivery import waiting
from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.errors import CheckFailedError
from labelwright.model.project import AnnotatorStatus, Assignment, AssignmentState, Purpose


def set_state(project: Project, items: Sequence[str], state: ConsensusState, by: str, reason: str | None) -> int:
    """Send items to the expert, exclude them, or take them in again; an adjudicated one stays so unless excluded."""
    kept = _kept(project, items)
    final = state is not ConsensusState.EXCLUDED
    changed = [
        replace(c, state=state, by=by[:80], reason=reason, updated_at=project.clock.now())
        for c in kept.values()
        if c.state is not state and not (final and c.state is ConsensusState.ADJUDICATED)
    ]
    if changed:
        project.store.put_consensus(changed)
    return len(changed)


def ask_one_more(project: Project, items: Sequence[str]) -> int:
    """One more answer to each item, by the active annotator with the shortest queue who has not seen it.

    Raises:
        CheckFailedError: everybody has seen all of them.
    """
    seen: dict[str, set[str]] = {}
    position = 0
    for a in project.store.assignments_of_items(items):
        seen.setdefault(a.item, set()).add(a.annotator)
        position = max(position, a.position + 1)
    desks = {d.annotator for d in project.store.desks("work")}
    load = {a.id: 0 for a in project.store.annotators() if a.status is AnnotatorStatus.ACTIVE and a.id in desks}
    load |= {who: n for who, n in waiting(project).items() if who in load}
    last = max((r.number for r in project.store.rounds()), default=0)
    new: list[Assignment] = []
    for item in items:
        free = [who for who in load if who not in seen.get(item, set())]
        if not free:
            continue
        who = min(free, key=lambda w: (load[w], w))
        load[who] += 1
        new.append(
            Assignment(
                project.new_key(), item, who, Purpose.OVERLAP, last, position + len(new), AssignmentState.PLANNED
            )
        )
    if not new:
        raise CheckFailedError(
            "Everybody in the team has these items already", next_step="Send them to the expert, or add an annotator"
        )
    project.store.add_assignments({}, new)
    return len(new)


def _kept(project: Project, items: Sequence[str]) -> dict[str, ItemConsensus]:
    control = project.control.name
    found = {c.item: c for c in project.store.consensus(control, items)}
    return {i: found.get(i) or ItemConsensus(i, control, ConsensusState.OPEN) for i in items}
