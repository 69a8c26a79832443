"""Adaptive overlap on a real store: easy items stop early, hard ones get more answers or an expert."""

from __future__ import annotations

from collections import Counter

import numpy as np

from labelwright.app.adapting import adapt
from labelwright.app.answers import replies_of
from labelwright.app.oversight import oversee, settle_only
from labelwright.app.rounds import open_round
from labelwright.model.project import Level, Purpose
from support.people import crew

CLASSES = ["Positive", "Negative", "Neutral"]
TRUTH = {f"s{k}": CLASSES[k % 3] for k in range(120)}
HARD = {f"s{k}" for k in range(0, 120, 6)}


def running(tmp_path, **overlap):
    settings = {"policy": "adaptive", "share": 1.0, "annotators": 2, "accept_at": 0.9, "most": 4} | overlap
    team = crew(
        tmp_path, n=120, overlap=settings, sampling={"strategy": "random", "batch": 60}, watch={"auto_pause": False}
    )
    for name in ("ada", "ben", "cyd", "dan", "eli"):
        team.join(name)
    team.join("eva", Level.EXPERT)
    open_round(team.project)
    return team


def answers(rng):
    def answer(assignment):
        right = rng.random() < (0.5 if assignment.item in HARD else 0.97)
        return TRUTH[assignment.item] if right else CLASSES[rng.integers(3)]

    return answer


def test_easy_items_stop_early_and_hard_ones_get_more_or_an_expert(tmp_path):
    """Rounds of answers until nobody is asked any more: nobody twice, no item beyond the cap."""
    team, rng = running(tmp_path), np.random.default_rng(3)
    answer = answers(rng)
    for _ in range(8):
        for name in ("ada", "ben", "cyd", "dan", "eli", "eva"):
            team.work(name, answer)
        oversee(team.project)
        given = team.project.store.assignments()
        if all(a.state.value not in {"planned", "delivered"} for a in given):
            break
    else:
        raise AssertionError("it never ends")
    labeled = [a for a in given if a.purpose in {Purpose.LABEL, Purpose.OVERLAP}]
    pairs = [(a.item, a.annotator) for a in given]
    assert len(set(pairs)) == len(pairs)
    times = Counter(a.item for a in labeled)
    assert max(times.values()) <= 4
    hard = np.mean([times[i] for i in times if i in HARD])
    easy = np.mean([times[i] for i in times if i not in HARD])
    assert hard > easy
    reviewed = {r.item for r in team.project.store.reviews()}
    assert len(reviewed & HARD) / len(HARD & set(times)) > len(reviewed - HARD) / len(set(times) - HARD)


def test_deciding_again_asks_for_nothing_twice(tmp_path):
    """A worker that dies between decision and delivery finds what it planned, and adds nothing."""
    team = running(tmp_path, accept_at=0.99)
    answer = answers(np.random.default_rng(1))
    for name in ("ada", "ben", "cyd", "dan", "eli", "eva"):
        team.work(name, answer)
    settle_only(team.project)
    replies = replies_of(team.project)
    first = adapt(team.project, replies)
    assert first.asked > 0
    before = team.project.store.assignments()
    again = adapt(team.project, replies)
    assert again.asked == 0
    assert team.project.store.assignments() == before


def test_a_budget_that_is_used_up_asks_for_nothing(tmp_path):
    """What is known of the items is kept."""
    from dataclasses import replace

    from support.workspaces import configure

    team = running(tmp_path, accept_at=0.99)
    answer = answers(np.random.default_rng(1))
    for name in ("ada", "ben", "cyd", "dan", "eli", "eva"):
        team.work(name, answer)
    settle_only(team.project)
    poor = replace(team.project, settings=configure(team.place, "budget", answers=5).settings)
    assert adapt(poor, replies_of(poor)).asked == 0
