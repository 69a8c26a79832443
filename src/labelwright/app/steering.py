"""What a lead does to a round by hand: skip a step, try it again, cancel the round."""

from __future__ import annotations

from dataclasses import replace

from labelwright.app.context import Project
from labelwright.app.rounds import current_round, open_assignments
from labelwright.model.errors import CheckFailedError, NothingToDoError, UsageError
from labelwright.model.loop import Step, StepRecord, StepState
from labelwright.model.project import RoundState

_ORDER = tuple(Step)


def current_step(project: Project) -> StepRecord:
    """The step at which the open round, or the one that is being selected, stands.

    Raises:
        NothingToDoError: there is none.
    """
    rounds = project.store.rounds()
    is_open = bool(rounds) and rounds[-1].state is RoundState.OPEN
    number = rounds[-1].number if is_open else len(rounds) + 1
    known = {r.step: r for r in project.store.steps(number)}
    if not known and not is_open:
        raise NothingToDoError("No round is open", next_step="Open one: labelwright round open")
    fresh = StepRecord(number, Step.WAIT, StepState.RUNNING, project.clock.now())
    begun = known or {Step.SELECT: replace(fresh, step=Step.SELECT, state=StepState.DONE)}
    step = next((s for s in _ORDER if s not in begun or not begun[s].finished), Step.NEXT)
    return known.get(step, replace(fresh, step=step))


def skip_step(project: Project, name: str | None = None) -> StepRecord:
    """Leave a step of the open round out, the current one without a name; what came of it before stays.

    Raises:
        UsageError: there is no such step, or the round cannot do without it.
        CheckFailedError: the step is done already.
        NothingToDoError: no round is open.
    """
    current = current_step(project)
    step = _named(name) if name else current.step
    if step in (Step.SELECT, Step.NEXT):
        raise UsageError(
            f"A round cannot do without {step.value}",
            next_step="labelwright round cancel ends the round, labelwright round pause holds the loop",
        )
    record = next((r for r in project.store.steps(current.round) if r.step is step), replace(current, step=step))
    skipped = replace(
        record, state=StepState.SKIPPED, changed_at=project.clock.now(), retry_at=None, reason="skipped by hand"
    )
    if not project.store.put_step(skipped):
        raise CheckFailedError(
            f"Round {current.round} is past {step.value} already", next_step="See labelwright round status"
        )
    return skipped


def retry_step(project: Project) -> StepRecord:
    """Try the step that failed, or that waits for its next try, again at once.

    Raises:
        NothingToDoError: nothing has failed.
    """
    current = current_step(project)
    if current.state not in (StepState.FAILED, StepState.RETRYING):
        raise NothingToDoError(
            f"Nothing has failed: round {current.round} is at {current.step.value}",
            next_step="See labelwright round status",
        )
    again = replace(
        current, state=StepState.RUNNING, changed_at=project.clock.now(), tries=0, retry_at=None, reason=None
    )
    project.store.put_step(again)
    return again


def cancel_round(project: Project) -> tuple[int, int]:
    """End the open round without learning from it: its number, and how many open assignments are withdrawn.

    Answers that were given stay and count.

    Raises:
        NothingToDoError: no round is open.
    """
    number = current_round(project).number
    waiting = open_assignments(project, number)
    project.store.withdraw(a.key for a in waiting)
    result = {"reason": f"cancelled by hand; {len(waiting)} open assignments were withdrawn"}
    project.store.close_round(number, project.clock.now(), result, RoundState.CANCELLED)
    return number, len(waiting)


def _named(name: str) -> Step:
    try:
        return Step(name)
    except ValueError:
        raise UsageError(
            f"There is no step {name}", next_step="Use one of: " + ", ".join(s.value for s in Step)
        ) from None
