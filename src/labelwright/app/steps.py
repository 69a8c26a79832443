"""What each step of a round does. Every one is safe to repeat: it looks at what is there before it acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labelwright.app.closing import CLOSING
from labelwright.app.context import Project
from labelwright.app.delivery import Delivered, deliver
from labelwright.app.pace import hungriest_first
from labelwright.app.rounds import open_round, opened_round
from labelwright.app.turning import LOOK, Turn, Work
from labelwright.model.desk import DeskRecord
from labelwright.model.errors import CheckFailedError, OutsideServiceError
from labelwright.model.loop import Step, holder
from labelwright.ports import Desks

#: Looks at a desk that another worker is filling, before the step is tried again later.
_PATIENCE = 60


def select(turn: Turn, number: int) -> Mapping[str, Any]:
    """Draw the batch and plan who labels what; a round that is there already was opened by an earlier try."""
    project = turn.project
    if not _is_there(project, number):
        refuse_changed_pool(project)
        turn.tools.predictions(number)
        try:
            known = frozenset(turn.tools.reference())
            open_round(project, batch=turn.tools.batch, known=known, new_learner=turn.tools.new_learner)
        except CheckFailedError:
            if not _is_there(project, number):  # else somebody opened it in the same moment
                raise
    opened = opened_round(project, number)
    return {
        "strategy": opened.strategy,
        "items": opened.items,
        "test_items": opened.test_items,
        "answers": opened.answers,
        "note": opened.note,
    }


def _is_there(project: Project, number: int) -> bool:
    return any(r.number == number for r in project.store.rounds())


def refuse_changed_pool(project: Project) -> None:
    """Nothing is drawn from files that are not those of the index.

    Raises:
        CheckFailedError: a file of the pool is not as it was imported.
    """
    changed = project.pool.changed()
    if changed:
        raise CheckFailedError(
            "The pool has changed since it was imported",
            where=", ".join(changed),
            next_step="Put the file back as it was, then labelwright round retry; or make a new workspace for new "
            "data. What has been drawn is safe",
        )


def fill_desks(turn: Turn, number: int) -> Mapping[str, Any]:  # noqa: ARG001 - every step is called alike
    """Fill every desk; what is planned beyond its mark goes out as answers come in."""
    project, desks, progress = turn.project, turn.tools.connect(), turn.tools.progress
    records = project.store.desks("work")
    progress.start("Filling the desks", len(records))
    delivered = 0
    for record in hungriest_first(project, records):
        delivered += _in_turn(turn, desks, record).delivered
        progress.step()
    progress.done()
    return {"delivered": delivered}


def _in_turn(turn: Turn, desks: Desks, record: DeskRecord) -> Delivered:
    """Another worker may be at the desk: wait for it, for its look may be older than the round."""
    for _ in range(_PATIENCE):
        done = deliver(turn.project, desks, record, holder(turn.worker))
        if done is not None:
            return done
        turn.tools.rest(LOOK)
    raise OutsideServiceError("Another worker has been filling a desk for a minute", where=record.url)


#: The work of each step, in the order of the steps.
STEPS: Mapping[Step, Work] = {Step.SELECT: select, Step.DELIVER: fill_desks, **CLOSING}
