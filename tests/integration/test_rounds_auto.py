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
def place(tmp_path, label_studio):
    made = workspaces.make(
        tmp_path / "ws",
        label_studio,
        model={"kind": "text", "test_items": 4},
        sampling={"strategy": "margin", "batch": 4, "random_share": 0.25},
        loop={"mode": "auto", "stop": {"rounds": 3}},
    )
    yield made
    made.server.stop()


def answer(place):
    for name in ("ada", "bob"):
        workspaces.answer_all(place, name, label="Positive" if name == "ada" else "Negative")


def rounds(place):
    return told("round", "status", "--workspace", place.root)["rounds"]


def test_rounds_turn_by_themselves_until_a_rule_stops_them(place):
    """After `up` and `team add` nobody types a command: rounds open, are labeled, learned from, and end by the rule."""
    place.server.start(None, place.stamp())
    workspaces.join(place, "Ada", "Bob")
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
