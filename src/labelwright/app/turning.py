"""Turns one step of a round: done once, tried again while the outside fails, and said why wherever it stands still."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from labelwright.app.context import Project
from labelwright.model.errors import CheckFailedError, LabelwrightError, NothingToDoError, OutsideServiceError
from labelwright.model.loop import Step, StepRecord, StepState
from labelwright.model.project import RoundRecord, RoundState
from labelwright.ports import Desks, Learner, Progress

log = logging.getLogger(__name__)
#: After a failure the next try waits: twice as long each time, up to this.
LONGEST_WAIT = 300.0
#: Seconds between two looks at what a step waits for.
LOOK = 1.0
PAUSED = "paused"
STOPPED = "stopped"
#: A full or broken disk: room can be made while we wait.
_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS})


@dataclass(frozen=True, slots=True)
class NotYet:
    """What a step still waits for."""

    reason: str


@dataclass(frozen=True, slots=True)
class Tools:
    """What the steps work with.

    Attributes:
        connect: opens Label Studio; called by each step that needs it.
        new_learner: makes a model that has learned nothing yet.
        reference: reads labels that are known from elsewhere, by item id; only to measure by.
        progress: told how far long steps are.
        rest: waits so many seconds; raises when the process is to end.
        predictions: takes the user's own predictions for a round, where they choose in place of a model.
        batch: items to draw; None as the settings say.
        force: withdraw what has not been answered.
    """

    connect: Callable[[], Desks]
    new_learner: Callable[[], Learner]
    reference: Callable[[], Mapping[str, str]]
    progress: Progress
    rest: Callable[[float], None]
    predictions: Callable[[int], None] = lambda _: None
    batch: int | None = None
    force: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A project whose rounds are turned.

    Attributes:
        project: the labeling project.
        worker: a name that no other process has, and that this one has again after a restart.
        work: what each step does.
        tools: what the steps work with.
    """

    project: Project
    worker: str
    work: Mapping[Step, Work]
    tools: Tools

    def record(self, number: int, step: Step) -> StepRecord:
        """How far a step is; a step that was never begun is running with no tries."""
        found = [r for r in self.project.store.steps(number) if r.step is step]
        return found[0] if found else StepRecord(number, step, StepState.RUNNING, self.project.clock.now())


Work = Callable[[Turn, int], Mapping[str, Any] | NotYet]


def turn_step(turn: Turn, number: int, step: Step) -> bool:
    """Bring a step to its end, however long that takes; safe to repeat after a crash.

    Returns:
        Whether the round goes on: False when it was cancelled or closed otherwise, or when there was nothing to do.
    """
    while True:
        try:
            going_on = _look(turn, number, step)
        except Exception as problem:  # noqa: BLE001 - the store itself failed: nothing can be noted, only tried again
            log.warning("Round %d, %s: %s; trying again", number, step.value, problem)
            going_on = None
        if going_on is not None:
            return going_on
        turn.tools.rest(LOOK)


def _look(turn: Turn, number: int, step: Step) -> bool | None:
    """One look: True done, False the round is over, None not yet."""
    record = turn.record(number, step)
    if _over(turn.project, number):
        return False
    if record.finished:
        return True
    held = record.state is StepState.FAILED or turn.project.store.note(PAUSED) is not None
    if held or (record.retry_at is not None and turn.project.clock.now() < record.retry_at):
        return None
    return _try(turn, record)


def _over(project: Project, number: int) -> bool:
    found = _round(project, number)
    return found is not None and found.state is not RoundState.OPEN


def _round(project: Project, number: int) -> RoundRecord | None:
    return next((r for r in project.store.rounds() if r.number == number), None)


def _try(turn: Turn, before: StepRecord) -> bool | None:
    begun = before
    if before.state is not StepState.WAITING:
        begun = _write(turn, before, StepState.RUNNING, tries=before.tries + 1, retry_at=None)
    try:
        outcome = turn.work[before.step](turn, before.round)
    except NothingToDoError as problem:
        turn.project.store.put_note(STOPPED, problem.what)
        return False
    except Exception as problem:  # noqa: BLE001 - a user's model may raise anything; it is kept with the step
        _failed(turn, begun, problem)
        return None
    if isinstance(outcome, NotYet):
        _write(turn, begun, StepState.WAITING, reason=outcome.reason)
        return None
    _write(turn, begun, StepState.DONE, result=outcome, reason=outcome.get("reason"))
    return True


def _failed(turn: Turn, begun: StepRecord, problem: Exception) -> None:
    state, reason = verdict(problem)
    if state is StepState.RETRYING:
        seconds = min(2.0 ** (begun.tries - 1), LONGEST_WAIT)
        at = turn.project.clock.now() + timedelta(seconds=seconds)
        _write(turn, begun, state, retry_at=at, reason=f"{reason}; next try at {at:%H:%M:%S} UTC")
        return
    log.error("Round %d, %s failed", begun.round, begun.step.value, exc_info=problem)
    _write(turn, begun, state, reason=reason)


def verdict(problem: Exception) -> tuple[StepState, str]:
    """Whether to try again by itself, and what to say: the outside may be well again, a refusal stays one."""
    if isinstance(problem, OutsideServiceError):
        return StepState.RETRYING, str(problem)
    if is_disk(problem):
        return StepState.RETRYING, f"{problem}. Make room on the disk"
    if isinstance(problem, LabelwrightError):
        return StepState.FAILED, str(problem)
    return StepState.FAILED, f"{type(problem).__name__}: {problem}. Mend it, then: labelwright round retry"


def is_disk(problem: Exception) -> bool:
    """Whether the disk is full or broken; libraries that write by themselves say so in words only."""
    return (isinstance(problem, OSError) and problem.errno in _DISK) or "No space left on device" in str(problem)


def _write(turn: Turn, record: StepRecord, state: StepState, **changes: Any) -> StepRecord:
    """Keep the new state, unless nothing has changed: a step that waits for days is not written each second."""
    kept = {"reason": None, **changes}
    new = replace(record, state=state, worker=turn.worker, **kept)
    if new != record:
        new = replace(new, changed_at=turn.project.clock.now())
        turn.project.store.put_step(new)
    return new


def do_step(turn: Turn, number: int, step: Step) -> Mapping[str, Any]:
    """Do a step now, by hand: what goes wrong is raised, and what is done already is not done again.

    Raises:
        CheckFailedError: it is not time for it yet.
    """
    record = turn.record(number, step)
    if record.finished:
        return record.result
    outcome = turn.work[step](turn, number)
    if isinstance(outcome, NotYet):
        raise CheckFailedError(
            f"Round {number} {outcome.reason}",
            next_step="Wait for them (labelwright round status), or withdraw them: labelwright round close --force",
        )
    _write(turn, replace(record, tries=record.tries + 1), StepState.DONE, result=outcome, reason=outcome.get("reason"))
    return outcome
