"""New items or one more answer to old ones: on a real store, with a team whose members cost differently."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from labelwright.adapters.learners.text import TextLearner
from labelwright.app.rounds import open_assignments, open_round
from labelwright.app.settling import settle
from labelwright.model.money import Rate, RateUnit
from labelwright.model.project import Purpose
from support.people import crew

CLASSES = ["Positive", "Negative", "Neutral"]


def running(tmp_path, **rates: int):
    """Two rounds' worth of items: thirty labeled by Ada, six of them also by Ben, who says otherwise."""
    team = crew(tmp_path, n=200, sampling={"strategy": "relabel", "batch": 20}, model={"test_items": 0})
    for name in ("ada", "ben", "cyd"):
        price = {"rate": Rate(Decimal(rates[name]), RateUnit.LABEL)} if rates else {}
        team.join(name, **price)
    for k in range(30):
        team.give("ada", f"s{k}")
        if k < 6:
            team.give("ben", f"s{k}", Purpose.OVERLAP)
    team.work("ada", lambda a: CLASSES[int(a.item[1:]) % 3])
    team.work("ben", lambda a: CLASSES[(int(a.item[1:]) + 1) % 3])
    settle(team.project)
    p = np.full((200, 3), [0.98, 0.01, 0.01])  # the model is sure of whatever is new, but for ten items
    p[100:110] = [0.6, 0.3, 0.1]
    p[:30] = np.array([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]])[np.arange(30) % 3]  # as Ada says
    team.project.scores.write(0, [(np.arange(200), p)], tuple(CLASSES))
    return team


def test_doubtful_labels_get_one_more_answer_of_somebody_new(tmp_path):
    """What two people answered differently comes again, to the third; the rest of the batch is new, a tenth random."""
    team = running(tmp_path)
    opened = open_round(team.project)
    mine = open_assignments(team.project, opened.number)
    again = [a for a in mine if int(a.item[1:]) < 30]
    assert {a.item for a in again} >= {f"s{k}" for k in range(6)}
    assert all(a.annotator == "cyd" for a in again if int(a.item[1:]) < 6)
    assert all(a.annotator != "ada" for a in again)
    assert opened.strategy == "relabel"
    assert "get one more answer" in (opened.note or "")
    assert len({a.item for a in mine}) == 20
    drawn = team.project.store.rounds()[-1].result["random_items"]
    assert len(drawn) == 2
    assert not {a.item for a in again} & set(drawn)


def test_a_dear_second_opinion_waits(tmp_path):
    """Whoever could still answer costs fifty times as much as a first answer: new items go first."""
    cheap, dear = (running(tmp_path, ada=1, ben=1, cyd=price) for price in (1, 50))
    counts = [
        sum(int(a.item[1:]) < 6 for a in open_assignments(t.project, open_round(t.project).number))
        for t in (cheap, dear)
    ]
    assert counts[0] == 6
    assert counts[1] == 0


def test_labels_are_doubted_out_of_sample(tmp_path):
    """With a model that can be trained, it is asked about what it did not learn; too few labels fall back, not over."""
    team = running(tmp_path)
    opened = open_round(team.project, new_learner=TextLearner)
    assert opened.strategy == "relabel"
    assert len({a.item for a in open_assignments(team.project, opened.number)}) == 20
