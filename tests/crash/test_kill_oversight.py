"""kill -9 at every moment between an answer and what follows from it: nothing is done twice, nothing is left out."""

from __future__ import annotations

from collections import Counter

import pytest

from labelwright.app.oversight import oversee
from labelwright.app.rounds import open_round
from labelwright.model.project import AnnotatorStatus, Level, Purpose
from support.crashing import oversee_one
from support.people import crew
from support.victims import kill_at_every_moment

#: A process of its own for every death: left out of the fast tests.
pytestmark = pytest.mark.server
CLASSES = ["Positive", "Negative", "Neutral"]
TRUTH = {f"s{k}": CLASSES[k % 3] for k in range(60)}


def test_a_worker_that_dies_while_it_decides_is_made_good_by_the_next(tmp_path):
    """A contested item goes to one expert, a careless annotator is paused once, her work is handed over once."""
    team = crew(
        tmp_path,
        n=60,
        overlap={"policy": "adaptive", "share": 1.0, "annotators": 2, "most": 2},
        sampling={"strategy": "random", "batch": 30},
        gold={"share": 0.0},
        watch={"pass_mark": 0.75},
    )
    for name in ("ada", "ben", "cyd"):
        team.join(name)
    team.join("eva", Level.EXPERT)
    team.gold({f"s{k}": TRUTH[f"s{k}"] for k in range(20)})
    open_round(team.project)
    team.work("ada", lambda a: TRUTH[a.item])
    team.work("ben", lambda _: "Neutral")
    for k in range(20):
        team.say("cyd", f"s{k}", "Neutral" if TRUTH[f"s{k}"] != "Neutral" else "Positive", Purpose.GOLD)
    deaths = kill_at_every_moment(team.place.root, oversee_one)
    assert deaths > 20
    store = team.project.store
    assert team.person("cyd").status is AnnotatorStatus.PAUSED
    assert len(store.status_changes("cyd")) == 1
    assert len(store.messages("cyd")) == 1
    given = store.assignments()
    assert max(Counter((a.item, a.annotator) for a in given).values()) == 1
    reviews = [a.item for a in given if a.purpose is Purpose.REVIEW and a.state.value != "withdrawn"]
    assert len(reviews) == len(set(reviews))
    assert {r.item for r in store.reviews(waiting=True)} >= set(reviews)
    assert not [a for a in given if a.annotator == "cyd" and a.state.value in {"planned", "delivered"}]
    before = (store.assignments(), store.messages(), store.consensus())
    oversee(team.project)
    assert (store.assignments(), store.messages(), store.consensus()) == before
