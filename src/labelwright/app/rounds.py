"""Rounds in their first form: open (select, plan), status, close (settle, train, score)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.app.context import Project
from labelwright.app.delivery import waiting
from labelwright.app.pace import WAITING, next_batch
from labelwright.app.plan import Planned, overlap_of, plan_round
from labelwright.app.routing import active_team
from labelwright.app.selection import Selection, draw_test_set, select
from labelwright.app.shadow import RANDOM_ITEMS, fallback
from labelwright.model.errors import CheckFailedError, NothingToDoError
from labelwright.model.loop import Step, StepRecord
from labelwright.model.project import (
    Assignment,
    AssignmentState,
    Item,
    Purpose,
    RoundRecord,
    RoundState,
)
from labelwright.ports import Learner

_OPEN = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})


@dataclass(frozen=True, slots=True)
class Opened:
    """A round that was opened: what it asks for."""

    number: int
    strategy: str
    items: int
    test_items: int
    answers: int
    note: str | None = None


def open_round(
    project: Project,
    *,
    batch: int | None = None,
    known: frozenset[str] = frozenset(),
    new_learner: Callable[[], Learner] | None = None,
) -> Opened:
    """Draw the next batch (before the first one the test set) and plan who labels what.

    Args:
        project: the labeling project.
        batch: items to draw; the settings' batch without it.
        known: ids whose labels are known from elsewhere: never drawn for training.
        new_learner: makes models, for strategies that look at labels out of sample.

    Raises:
        CheckFailedError: a round is still open.
        NothingToDoError: the pool or the budget is exhausted.
        UsageError: there is no active annotator.
    """
    number = next_round(project)
    active_team(project)  # before anything is drawn
    budget = _Budget.of(project)
    test = draw_test_set(project, known, budget.answers) if number == 1 else np.empty(0, dtype=np.int64)
    budget = budget.less(len(test), 1.0, project.settings.model.test_overlap)
    share, overlap = overlap_of(project)
    pace = next_batch(project, project.settings.sampling.batch, 1 + share * (overlap - 1))
    wanted = budget.items(batch or pace.items, share, overlap)
    broken = _broken_model(project, number - 1)
    verdict = fallback(project)
    used = "random" if broken else verdict.strategy
    chosen = select(project, number, wanted, apart=test, known=known, strategy=used, new_learner=new_learner)
    if not len(chosen.rows) and not len(test) and not chosen.again:
        raise NothingToDoError(
            "There is nothing left to label", next_step="The pool is exhausted or the budget is used up; export the set"
        )
    items, planned = _plan(project, number, test, chosen)
    note = "; ".join(n for n in (broken or verdict.reason, chosen.note, planned.note) if n) or None
    at_random = set(chosen.rows[len(chosen.rows) - chosen.at_random :].tolist())
    said: dict[str, Any] = {
        "note": note,
        WAITING: sum(waiting(project).values()),
        "batch": None if batch else pace.reason,
        RANDOM_ITEMS: sorted(item for item, (_, row) in items.items() if row in at_random),
    }
    if chosen.near_duplicates:
        said["near_duplicates"] = chosen.near_duplicates
    record = RoundRecord(number, RoundState.OPEN, chosen.strategy, project.clock.now(), None, said)
    project.store.open_round(record, items, planned.assignments)
    return opened_round(project, number)


def _broken_model(project: Project, number: int) -> str | None:
    """Why the model of that round cannot be believed: then chance is better than an old opinion."""
    raised = any(s.result.get("raised") for s in project.store.steps(number))
    return f"the model of round {number} raised: drawn at random" if raised else None


# ---------------------------------------------------------------- budget


@dataclass(frozen=True, slots=True)
class _Budget:
    """Answers that may still be asked for; None is without a cap."""

    answers: int | None

    @classmethod
    def of(cls, project: Project) -> _Budget:
        cap = project.settings.budget.answers
        gone = (AssignmentState.WITHDRAWN.value,)
        spent = sum(
            n for (_, purpose, state), n in project.store.counts().items() if purpose != "trial" and state not in gone
        )
        return cls(None if cap is None else max(cap - spent, 0))

    def less(self, items: int, share: float, overlap: int) -> _Budget:
        return _Budget(None if self.answers is None else max(self.answers - _answers(items, share, overlap), 0))

    def items(self, wanted: int, share: float, overlap: int) -> int:
        """As many of the wanted items as the answers suffice for."""
        if self.answers is None:
            return wanted
        n = min(wanted, self.answers)
        while n and _answers(n, share, overlap) > self.answers:
            n -= 1
        return n


def answers_left(project: Project) -> int | None:
    """Answers that the budget still allows; None without a cap."""
    return _Budget.of(project).answers


def items_left(project: Project, known: Collection[str]) -> int:
    """Items of the pool that were never drawn, without those whose labels are known from elsewhere."""
    rows = project.pool.rows_of(sorted(known))
    return len(project.pool) - len({*project.store.drawn_rows(), *rows[rows >= 0].tolist()})


def _answers(items: int, share: float, overlap: int) -> int:
    shared = round(share * items)
    return items - shared + shared * overlap


# ---------------------------------------------------------------- plan


def _plan(
    project: Project, number: int, test: NDArray[np.int64], chosen: Selection
) -> tuple[dict[str, tuple[Item, int | None]], Planned]:
    rows = [*test.tolist(), *chosen.rows.tolist()]
    items = project.pool.items(rows)
    known = project.store.items(chosen.again)
    again = [known[i] for i in chosen.again]
    planned = plan_round(project, number, items[: len(test)], items[len(test) :], again)
    return {item.id: (item, row) for row, item in zip(rows, items, strict=True)}, planned


# ---------------------------------------------------------------- status and the open round


def next_round(project: Project) -> int:
    """The number of the round that may be opened now.

    Raises:
        CheckFailedError: a round is still open.
    """
    rounds = project.store.rounds()
    if rounds and rounds[-1].state is RoundState.OPEN:
        raise CheckFailedError(
            f"Round {rounds[-1].number} is still open", next_step="Close it first: labelwright round close"
        )
    return len(rounds) + 1


def opened_round(project: Project, number: int) -> Opened:
    """What a round asks for."""
    record = next(r for r in project.store.rounds() if r.number == number)
    mine = project.store.assignments(round_number=number, trial=False)
    test = {a.item for a in mine if a.purpose is Purpose.TEST}
    items = {a.item for a in mine if a.purpose in (Purpose.LABEL, Purpose.OVERLAP)} - test
    return Opened(number, record.strategy, len(items), len(test), len(mine), record.result.get("note"))


def open_assignments(project: Project, number: int) -> list[Assignment]:
    """Assignments of a round that still wait for an answer."""
    return [a for a in project.store.assignments(round_number=number, trial=False) if a.state in _OPEN]


def current_round(project: Project) -> RoundRecord:
    """The open round.

    Raises:
        NothingToDoError: no round is open.
    """
    rounds = project.store.rounds()
    if not rounds or rounds[-1].state is not RoundState.OPEN:
        raise NothingToDoError("No round is open", next_step="Open one: labelwright round open")
    return rounds[-1]


def round_status(project: Project) -> list[Mapping[str, Any]]:
    """One row a round: what was asked for, what has come back, what came of it, and where it stands."""
    steps: dict[int, list[StepRecord]] = {}
    for record in project.store.steps():
        steps.setdefault(record.round, []).append(record)
    rounds = project.store.rounds()
    rows: list[Mapping[str, Any]] = [_status(project, r, steps.get(r.number, [])) for r in rounds]
    begun = steps.get(len(rounds) + 1)  # a round that is being selected is none yet, but it may stand still
    return [*rows, _selecting(begun[0])] if begun else rows


def _status(project: Project, record: RoundRecord, steps: Sequence[StepRecord]) -> dict[str, Any]:
    states = Counter(a.state for a in project.store.assignments(round_number=record.number, trial=False))
    accuracy, random = record.result.get("accuracy") or {}, record.result.get("random_accuracy") or {}
    asked = sum(n for s, n in states.items() if s is not AssignmentState.WITHDRAWN)
    step, said = where(record, steps, waiting=any(states[s] for s in _OPEN))
    return {
        "round": record.number,
        "state": record.state.value,
        "step": step,
        "strategy": record.strategy,
        "asked": asked,
        "delivered": asked - states[AssignmentState.PLANNED],
        "labeled": states[AssignmentState.DONE],
        "skipped": states[AssignmentState.SKIPPED],
        "waiting": states[AssignmentState.PLANNED] + states[AssignmentState.DELIVERED],
        "labels": record.result.get("labels"),
        "accuracy": accuracy.get("value"),
        "low": accuracy.get("low"),
        "high": accuracy.get("high"),
        "random_accuracy": random.get("value"),
        "near_duplicates": record.result.get("near_duplicates", 0),
        "reason": said or record.result.get("reason") or accuracy.get("reason") or record.result.get("note"),
    }


def where(record: RoundRecord, steps: Sequence[StepRecord], *, waiting: bool) -> tuple[str, str | None]:
    """The step at which a round stands, and what is to be said of it."""
    if record.state is not RoundState.OPEN:
        return "done", None
    by_step = {s.step: s for s in steps}
    step = next((s for s in Step if s in by_step and not by_step[s].finished), None)
    if step is None:  # between two steps, or opened by hand
        done = max((list(Step).index(s) for s in by_step), default=1)
        step = list(Step)[min(max(done + 1, 2), len(Step) - 1)]
    if step is Step.WAIT and not waiting:
        step = Step.SETTLE
    return step.value, by_step[step].reason if step in by_step else None


def _selecting(step: StepRecord) -> dict[str, Any]:
    nothing = dict.fromkeys(("strategy", "labels", "accuracy", "low", "high", "random_accuracy"))
    counts = dict.fromkeys(("asked", "delivered", "labeled", "skipped", "waiting", "near_duplicates"), 0)
    return {"round": step.round, "state": "open", "step": step.step.value, **nothing, **counts, "reason": step.reason}
