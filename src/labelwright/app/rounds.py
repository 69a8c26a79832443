"""Rounds in their first form: open (select, plan), status, close (settle, train, score)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.app.context import Project
from labelwright.app.plan import Planned, overlap_of, plan_round
from labelwright.app.routing import active_team
from labelwright.app.selection import draw_test_set, select
from labelwright.model.errors import CheckFailedError, NothingToDoError
from labelwright.model.project import (
    Assignment,
    AssignmentState,
    Item,
    RoundRecord,
    RoundState,
)

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


def open_round(project: Project, *, batch: int | None = None, known: frozenset[str] = frozenset()) -> Opened:
    """Draw the next batch (before the first one the test set) and plan who labels what.

    Args:
        project: the labeling project.
        batch: items to draw; the settings' batch without it.
        known: ids whose labels are known from elsewhere: never drawn for training.

    Raises:
        CheckFailedError: a round is still open.
        NothingToDoError: the pool or the budget is exhausted.
        UsageError: there is no active annotator.
    """
    rounds = project.store.rounds()
    if rounds and rounds[-1].state is RoundState.OPEN:
        raise CheckFailedError(
            f"Round {rounds[-1].number} is still open", next_step="Close it first: labelwright round close"
        )
    number = len(rounds) + 1
    active_team(project)  # before anything is drawn
    budget = _Budget.of(project)
    test = draw_test_set(project, known, budget.answers) if number == 1 else np.empty(0, dtype=np.int64)
    budget = budget.less(len(test), 1.0, project.settings.model.test_overlap)
    share, overlap = overlap_of(project)
    wanted = budget.items(batch or project.settings.sampling.batch, share, overlap)
    chosen = select(project, number, wanted, apart=test, known=known)
    if not len(chosen.rows) and not len(test):
        raise NothingToDoError(
            "There is nothing left to label", next_step="The pool is exhausted or the budget is used up; export the set"
        )
    items, planned = _plan(project, number, test, chosen.rows)
    note = "; ".join(n for n in (chosen.note, planned.note) if n) or None
    record = RoundRecord(number, RoundState.OPEN, chosen.strategy, project.clock.now(), None, {"note": note})
    project.store.open_round(record, items, planned.assignments)
    return Opened(number, chosen.strategy, len(chosen.rows), len(test), len(planned.assignments), note)


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


def _answers(items: int, share: float, overlap: int) -> int:
    shared = round(share * items)
    return items - shared + shared * overlap


# ---------------------------------------------------------------- plan


def _plan(
    project: Project, number: int, test: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[dict[str, tuple[Item, int | None]], Planned]:
    rows = [*test.tolist(), *chosen.tolist()]
    items = project.pool.items(rows)
    planned = plan_round(project, number, items[: len(test)], items[len(test) :])
    return {item.id: (item, row) for row, item in zip(rows, items, strict=True)}, planned


# ---------------------------------------------------------------- status and the open round


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
    """One row a round: what was asked for, what has come back, what came of it."""
    return [_status(project, r) for r in project.store.rounds()]


def _status(project: Project, record: RoundRecord) -> dict[str, Any]:
    states = Counter(a.state for a in project.store.assignments(round_number=record.number, trial=False))
    accuracy = record.result.get("accuracy") or {}
    asked = sum(n for s, n in states.items() if s is not AssignmentState.WITHDRAWN)
    done = states[AssignmentState.DONE] + states[AssignmentState.SKIPPED]
    return {
        "round": record.number,
        "state": record.state.value,
        "step": "done" if record.state is RoundState.CLOSED else "label" if done < asked else "settle",
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
        "random_accuracy": None,
        "reason": record.result.get("reason") or accuracy.get("reason") or record.result.get("note"),
    }
