"""What the loop should be doing now: the round to turn, or why none; and which workers are dead."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from labelwright.app.context import Project
from labelwright.app.triggers import opens_at
from labelwright.app.turning import PAUSED, STOPPED
from labelwright.model.errors import NothingToDoError
from labelwright.model.project import AnnotatorStatus, RoundState


@dataclass(frozen=True, slots=True)
class Outlook:
    """The round that is to be turned now, or why there is none and when there will be one."""

    round: int | None
    reason: str | None = None
    at: datetime | None = None


def outlook(project: Project, now: datetime) -> Outlook:
    """What the loop is to do now."""
    loop, store = project.settings.loop, project.store
    if loop.mode == "manual":
        return Outlook(None, "loop.mode is manual")
    rounds = store.rounds()
    if rounds and rounds[-1].state is RoundState.OPEN:
        return Outlook(rounds[-1].number)
    held = _held(project)
    if held is not None:
        return Outlook(None, held)
    at = opens_at(loop, rounds[-1].opened_at if rounds else None)
    number = len(rounds) + 1
    if at is not None and now < at and not store.steps(number):
        return Outlook(None, f"the next round opens at {at:%Y-%m-%d %H:%M:%S %Z}", at)
    return Outlook(number)


def _held(project: Project) -> str | None:
    """What keeps the next round from being opened."""
    notes = ((name, project.store.note(name)) for name in (STOPPED, PAUSED))
    return next((f"{name}: {said}" for name, said in notes if said is not None), _missing_annotators(project))


def _missing_annotators(project: Project) -> str | None:
    """The first round waits for the team: what one person was given alone nobody else would be asked."""
    settings = project.settings
    wanted = settings.loop.annotators or (settings.overlap.annotators if settings.overlap.share > 0 else 1)
    at_desks = {d.annotator for d in project.store.desks("work")}
    here = sum(a.id in at_desks for a in project.store.annotators() if a.status is AnnotatorStatus.ACTIVE)
    return None if here >= wanted else f"waits for annotators: {here} of {wanted} have a desk"


def dead_workers(seen: Mapping[str, datetime], now: datetime, lease_seconds: float) -> list[str]:
    """Workers that have not been heard of for longer than a lease."""
    return sorted(name for name, at in seen.items() if now - at > timedelta(seconds=lease_seconds))


def whose_turn(number: int, alive: Collection[str]) -> str | None:
    """The worker that begins a round: they take turns, so that several share the work."""
    names = sorted(alive)
    return names[number % len(names)] if names else None


def pause(project: Project, why: str) -> None:
    """Nothing is drawn, settled or trained any more; what is on the desks stays, and answers come in."""
    project.store.put_note(PAUSED, why)


def resume(project: Project) -> str:
    """Go on after a pause, or after a rule that stopped the loop; what held it.

    Raises:
        NothingToDoError: nothing held it.
    """
    held = {name: said for name in (PAUSED, STOPPED) if (said := project.store.note(name)) is not None}
    if not held:
        raise NothingToDoError("The loop is neither paused nor stopped")
    for name in held:
        project.store.put_note(name, None)
    return "; ".join(f"{name}: {said}" for name, said in held.items())


def loop_status(project: Project) -> dict[str, Any]:
    """How the loop is, for `round status --json`."""
    now = project.clock.now()
    seen = outlook(project, now)
    workers = project.store.workers()
    dead = dead_workers(workers, now, project.settings.loop.lease_seconds)
    return {
        "mode": project.settings.loop.mode,
        "paused": project.store.note(PAUSED) is not None,
        "stopped": project.store.note(STOPPED),
        "next_at": seen.at.isoformat() if seen.at else None,
        "reason": seen.reason,
        "workers": [{"name": n, "seen_at": at.isoformat(), "alive": n not in dead} for n, at in workers.items()],
    }
