"""An item brought to an expert's review desk at once, so that one click opens it in Label Studio."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.app.console.deciding import set_state
from labelwright.app.context import Project
from labelwright.app.delivery import bring, ensure_desks
from labelwright.app.reviewing import ASKED, assign_reviews
from labelwright.model.consensus import ConsensusState
from labelwright.model.errors import CheckFailedError, NothingToDoError
from labelwright.model.people import ReviewRequest
from labelwright.model.project import Assignment, AssignmentState, Purpose
from labelwright.ports import Desks

_OPEN = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the item is reviewed, and by whom."""

    url: str
    annotator: str
    name: str


def open_review(project: Project, desks: Desks, item: str, by: str, owner: str, prefer: str | None = None) -> Opened:
    """The address of the item's review task; the item is sent to an expert where it was not yet.

    Args:
        project: the labeling project.
        desks: Label Studio.
        item: which.
        by: who asks, for the history.
        owner: who holds the lease of a delivery.
        prefer: the annotator who asks; her own task is opened if she has one.

    Raises:
        CheckFailedError: no expert may take it.
        NothingToDoError: it was reviewed already.
    """
    if not _reviews(project, item):
        now = project.clock.now()
        set_state(project, [item], ConsensusState.REVIEW, by, "opened in the console")
        project.store.request_review([ReviewRequest(item, ASKED, "opened in the console", now)])
        assign_reviews(project)
    found = _reviews(project, item)
    mine = next((a for a in found if a.annotator == prefer and a.state in _OPEN), None)
    chosen = mine or next((a for a in found if a.state in _OPEN), None)
    if chosen is None and found:
        raise NothingToDoError("Its review is done", next_step="Give the final word here, above what experts said")
    if chosen is None:
        step = "Make somebody an expert under People who has not answered this item"
        raise CheckFailedError("No expert of the team may take this item", next_step=step)
    names = {a.id: a.name for a in project.store.annotators()}
    return Opened(_address(project, desks, chosen, owner), chosen.annotator, names[chosen.annotator])


def _reviews(project: Project, item: str) -> list[Assignment]:
    found = project.store.assignments_of_items([item])
    return [a for a in found if a.purpose is Purpose.REVIEW and a.state is not AssignmentState.WITHDRAWN]


def _address(project: Project, desks: Desks, chosen: Assignment, owner: str) -> str:
    ensure_desks(project, desks)
    desk = next(d for d in project.store.desks("review") if d.annotator == chosen.annotator)
    return desks.url_of_task(desk.project, bring(project, desks, desk, chosen, owner))
