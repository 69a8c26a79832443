"""What a round asked for and nobody answered is not lost when the round ends."""

from __future__ import annotations

from collections import Counter

from labelwright.app.console.deciding import set_state
from labelwright.app.rounds import items_left, open_round
from labelwright.app.steering import cancel_round
from labelwright.app.team_status import pause
from labelwright.model.consensus import ConsensusState
from labelwright.model.project import AssignmentState
from support.people import crew

OPEN = {AssignmentState.PLANNED, AssignmentState.DELIVERED}


def ended(tmp_path, answered: int):
    """A round of all 30 items, of which so many are answered, and which is cancelled then."""
    team = crew(
        tmp_path, n=30, sampling={"strategy": "random", "batch": 30}, overlap={"share": 0.0}, model={"test_items": 0},
        gold={"share": 0.0},
    )  # fmt: skip
    team.join("ada")
    open_round(team.project)
    mine = team.project.store.assignments(annotator="ada")
    for assignment in mine[:answered]:
        team.answer(assignment, "Positive")
    cancel_round(team.project)
    return team, {a.item for a in mine[:answered]}


def still_open(team) -> list:
    return [a for a in team.project.store.assignments() if a.state in OPEN]


def test_items_that_nobody_answered_are_drawn_again_by_the_same_person_too(tmp_path):
    """A lead who ends a round early loses no item: the next one asks for those, each once, and for none that is done."""
    team, done = ended(tmp_path, 3)
    assert items_left(team.project, ()) == 27
    open_round(team.project)
    again = still_open(team)
    assert len(again) == 27
    assert not {a.item for a in again} & done
    assert max(Counter((a.item, a.annotator) for a in team.project.store.assignments()).values()) == 1
    assert {a.round for a in again} == {2}
    assert items_left(team.project, ()) == 0
    for assignment in again:
        team.answer(assignment, "Negative")
    assert {a.state for a in team.project.store.assignments()} == {AssignmentState.DONE}


def test_a_task_that_still_stands_on_the_desk_is_drawn_again_as_itself(tmp_path):
    """Between a round's end and the clearing of the desks its task is there: the new round finds it by its key."""
    team, _ = ended(tmp_path, 0)
    first = team.project.store.assignments()[0]
    team.project.store.record_delivery({first.key: 77})
    open_round(team.project)
    (found,) = team.project.store.assignments_of_keys([first.key]).values()
    assert (found.state, found.round, found.task) == (AssignmentState.PLANNED, 2, 77)


def test_what_the_lead_excluded_is_not_drawn_again(tmp_path):
    """Nor does an ended round bring it back."""
    team, _ = ended(tmp_path, 0)
    out = sorted(a.item for a in team.project.store.assignments())[:4]
    assert set_state(team.project, out, ConsensusState.EXCLUDED, "lead", None) == 4
    assert items_left(team.project, ()) == 26
    open_round(team.project)
    assert not {a.item for a in still_open(team)} & set(out)


def test_what_a_paused_annotator_had_alone_comes_back_with_the_next_round(tmp_path):
    """Nobody else was there to take it over: it is not forgotten."""
    team, _ = ended(tmp_path, 0)
    open_round(team.project)
    pause(team.project, team.person("ada"), "Holidays.")
    assert not still_open(team)
    team.join("ben")
    cancel_round(team.project)
    open_round(team.project)
    assert {a.annotator for a in still_open(team)} == {"ben"}
    assert len(still_open(team)) == 30
