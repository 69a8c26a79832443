"""Rounds that turn by themselves: `labelwright up` on a real Label Studio, annotators who answer, no hand."""

from __future__ import annotations

import pytest

from labelwright.adapters.processes import wait_until
from labelwright.app.keeping import loop_status
from labelwright.app.rounds import round_status
from support import workspaces
from support.command import told

pytestmark = pytest.mark.server


@pytest.fixture
def turning(tmp_path, label_studio):
    """Makes a workspace whose rounds turn by themselves, up to three of them, with Ada and Bob at work."""
    made = []

    def make(**loop):
        stop = {"stop": {"rounds": 3}}
        place = workspaces.turning(tmp_path / "ws", label_studio, stop | loop, strategy="margin", random_share=0.25)
        made.append(place)
        place.server.start(None, place.stamp())
        workspaces.join(place, "Ada", "Bob")
        return place

    yield make
    for place in made:
        place.server.stop()


def answer(place):
    for name in ("ada", "bob"):
        workspaces.answer_all(place, name, label="Positive" if name == "ada" else "Negative")


def rounds(place):
    return told("round", "status", "--workspace", place.root)["rounds"]


def test_rounds_turn_by_themselves_until_a_rule_stops_them(turning):
    """After `up` and `team add` nobody types a command: rounds open, are labeled, learned from, and end by the rule."""
    place = turning()
    project = place.project()
    assert wait_until(
        lambda: answer(place) or len([r for r in project.store.rounds() if r.closed_at]) == 3, timeout=120
    )
    assert wait_until(lambda: loop_status(project)["stopped"] is not None, timeout=10)
    rows = rounds(place)
    assert [r["round"] for r in rows] == [1, 2, 3]
    assert {r["state"] for r in rows} == {"closed"}
    assert rows[-1]["reason"] == "stopped: 3 rounds are turned, as loop.stop.rounds asks"
    assert all(r["delivered"] == r["labeled"] > 0 for r in rows)
    assert round_status(project)[1]["strategy"] == "margin"


@pytest.mark.parametrize("rule", [{"new_labels": 3}, {"queue_below": 8}])
def test_a_round_closes_before_it_is_whole_and_its_other_tasks_stay(turning, rule):
    """New labels enough, or desks that would run dry: the next round opens, and what is left of this one counts later."""
    place = turning(**rule)
    project = place.project()
    closed = lambda: [r for r in project.store.rounds() if r.closed_at]  # noqa: E731
    given = 0

    def one_more() -> bool:
        nonlocal given
        given += workspaces.answer_all(place, "ada", most=1)
        return bool(closed())

    assert wait_until(one_more, timeout=120, interval=1.0)
    first = rounds(place)[0]
    assert first["labeled"] < first["delivered"], "it was not whole"
    assert wait_until(lambda: answer(place) or rounds(place)[0]["labeled"] == first["delivered"], timeout=60)
    assert given < first["delivered"]
