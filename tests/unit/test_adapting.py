"""Adaptive overlap on a real store: easy items stop early, hard ones get more answers or an expert."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

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
    assert len(reviewed & HARD) / len(HARD & set(times)) >= len(reviewed - HARD) / len(set(times) - HARD)


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


def marked(item, rng, hard):
    """Each class there or not; on hard items annotators guess."""
    k = int(item[1:])
    there = [c for j, c in enumerate(CLASSES) if (k + j) % 2 == 0]
    if rng.random() < (0.7 if hard else 0.02):
        there = [c for c in CLASSES if rng.random() < 0.5]
    chosen = there or [CLASSES[0]]
    return [{"from_name": "labels", "to_name": "text", "type": "choices", "value": {"choices": chosen}}]


def rated(item, rng, hard):
    """Stars around the truth: hard items are all over the scale."""
    stars = int(rng.integers(1, 6)) if hard else int(np.clip(1 + int(item[1:]) % 5 + (rng.random() < 0.1), 1, 5))
    return [{"from_name": "rating", "to_name": "text", "type": "rating", "value": {"rating": stars}}]


def drawn(item, rng, hard):
    """The first word with its class; on hard items of any class."""
    name = CLASSES[rng.integers(3)] if hard else CLASSES[int(item[1:]) % 3]
    value = {"start": 0, "end": 8, "text": "sentence", "labels": [name]}
    return [
        {"id": f"r{rng.integers(10**9)}", "from_name": "label", "to_name": "text", "type": "labels", "value": value}
    ]


@pytest.mark.parametrize(("template", "say"), [("text-multilabel", marked), ("rating", rated), ("ner", drawn)])
def test_sets_ratings_and_drawings_get_as_many_answers_as_they_need(tmp_path, template, say):
    """Whatever is asked: easy items stop early, hard ones get more answers or an expert, nobody is asked twice."""
    settings = {"policy": "adaptive", "share": 1.0, "annotators": 2, "accept_at": 0.8, "most": 4}
    sampling = {"strategy": "random", "batch": 48}
    team = crew(tmp_path, 120, template, overlap=settings, sampling=sampling, watch={"auto_pause": False})
    names = ("ada", "ben", "cyd", "dan", "eli")
    for name in names:
        team.join(name)
    team.join("eva", Level.EXPERT)
    open_round(team.project)
    rng, hard = np.random.default_rng(7), {f"s{k}" for k in range(0, 120, 3)}
    for _ in range(3):
        for name in names:
            team.work(name, lambda a: say(a.item, rng, a.item in hard))
        for a in team.project.store.assignments(annotator="eva"):
            if a.purpose is not Purpose.REVIEW and a.state.value in {"planned", "delivered"}:
                team.answer(a, say(a.item, rng, a.item in hard))
        oversee(team.project)
    given = team.project.store.assignments()
    assert len({(a.item, a.annotator) for a in given}) == len(given)
    times = Counter(a.item for a in given if a.purpose in {Purpose.LABEL, Purpose.OVERLAP})
    assert max(times.values()) <= 4
    few, many = ([n for i, n in times.items() if (i in hard) is kind] for kind in (False, True))
    assert np.mean(many) > np.mean(few) + 0.1
    assert np.mean(few) < 2.5


def test_who_is_asked_once_more_comes_before_the_expert(tmp_path):
    """Two who contradict each other: a third answers first; only what she does not settle goes to the expert."""
    team = running(tmp_path)
    for name in ("ada", "ben", "cyd", "dan", "eli", "eva"):
        team.work(name, lambda a: CLASSES[len(a.annotator + a.item) % 2] if a.annotator < "c" else TRUTH[a.item])
    oversee(team.project)
    open_now = {
        a.item
        for a in team.project.store.assignments()
        if a.state.value in {"planned", "delivered"} and a.purpose is Purpose.OVERLAP
    }
    assert open_now
    assert not open_now & {r.item for r in team.project.store.reviews()}


def test_rounds_are_dealt_by_class_wise_skill(tmp_path):
    """With prefer: skill, who knows a class gets the items that the model takes for it."""
    team = crew(tmp_path, 120, team={"prefer": "skill", "slack": 100}, sampling={"strategy": "random", "batch": 60},
                overlap={"share": 0.0})  # fmt: skip
    for name in ("ada", "ben"):
        team.join(name)
    for k in range(36):
        for name, knows in (("ada", "Positive"), ("ben", "Negative"), ("ada", None)):
            said = TRUTH[f"s{k}"] if TRUTH[f"s{k}"] in {knows, "Neutral"} else "Neutral"
            if knows is not None:
                team.say(name, f"s{k}", said)
    team.gold({f"s{k}": TRUTH[f"s{k}"] for k in range(36)})
    settle_only(team.project)
    rows = team.project.pool.rows_of([f"s{k}" for k in range(120)])
    sure = np.array([[0.9 if c == TRUTH[f"s{k}"] else 0.05 for c in CLASSES] for k in range(120)])
    order = np.argsort(rows)
    team.project.scores.write(0, [(rows[order], sure[order])], CLASSES)
    open_round(team.project)
    given = [
        a
        for a in team.project.store.assignments(round_number=1)
        if a.purpose is Purpose.LABEL and a.state.value == "planned"
    ]
    for name, knows in (("ada", "Positive"), ("ben", "Negative")):
        own = [a for a in given if TRUTH[a.item] == knows]
        assert own
        assert {a.annotator for a in own} == {name}
