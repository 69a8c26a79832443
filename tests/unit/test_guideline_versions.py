"""Versions of the guidelines: what a change touches, asking again, its effect, and gaps for the author."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from labelwright.app.answers import replies_of
from labelwright.app.guideline_gaps import gaps, with_texts
from labelwright.app.guideline_versions import affected, diff, effect, reask
from labelwright.assignment.intake import Context
from labelwright.model.errors import UsageError
from labelwright.model.project import Purpose
from support.people import START, crew

CLASSES = ["Positive", "Negative", "Neutral"]
TRUTH = {f"s{k}": CLASSES[k % 3] for k in range(120)}


def test_an_answer_was_given_under_what_its_desk_showed_then():
    """Also when it is taken in late, and when a clock is behind."""
    hours = [START + timedelta(hours=h) for h in range(4)]
    context = Context({}, {}, lambda _: (), None, 9, ((hours[1], 1), (hours[2], 2)))
    assert [context.given_under(h) for h in hours] == [1, 1, 2, 2]
    assert Context({}, {}, lambda _: (), None, 9).given_under(hours[0]) == 9


def changed(team):
    """Neutral is explained anew."""
    text = team.project.guidelines.replace("an example of Neutral", "no feeling at all")
    return replace(team.project, guidelines=text)


def test_a_change_touches_only_answers_of_its_classes_and_a_sample_is_asked_again(tmp_path):
    """The people who gave them, once; the effect is measured on exactly those."""
    team = crew(tmp_path, n=120)
    for name in ("ada", "ben"):
        team.join(name)
        for k in range(60):
            team.say(name, f"s{k}", TRUTH[f"s{k}"] if name == "ada" or k % 2 else "Neutral")
    assert effect(replies_of(team.project))["value"] is None
    after = changed(team)
    assert "no feeling at all" in diff(after, 1, after.versions()[1])
    touched = affected(after, replies_of(after), ["Neutral"], 2)
    assert {r.label for r in touched.replies} == {"Neutral"}
    assert reask(after, touched, 30) == 30
    again = [a for a in after.store.assignments() if a.purpose is Purpose.REASK]
    assert len(again) == 30
    assert {m.kind for m in after.store.messages("ben")} == {"guidelines"}
    team.project = after
    for a in again:
        team.answer(a, TRUTH[a.item])
    assert reask(after, touched, 10**6) == len(touched.replies) - 30
    found = effect(replies_of(after))
    assert found["items"] > 0
    assert found["after"]["value"] - found["before"]["value"] == pytest.approx(found["value"])
    assert found["low"] <= found["value"] <= found["high"]
    assert found["value"] > 0
    assert affected(after, replies_of(after), ["Neutral"], 1).replies == ()


def test_a_version_that_is_not_there_is_refused(tmp_path):
    """With the newest one as the next step."""
    team = crew(tmp_path)
    with pytest.raises(UsageError, match="newest is 1"):
        diff(team.project, 1, 7)


def test_a_gap_is_a_pair_that_several_people_confuse_beyond_chance(tmp_path):
    """Two people take Neutral for Positive; one person's own habit is no gap."""
    team = crew(tmp_path, n=120)
    rng = np.random.default_rng(2)
    for name in ("ada", "ben", "cyd", "dan", "eva"):
        team.join(name)
        for k in range(90):
            label = TRUTH[f"s{k}"]
            if name in {"ada", "ben"} and label == "Neutral" and rng.random() < 0.45:
                label = "Positive"
            if name == "cyd" and label == "Negative" and rng.random() < 0.1:
                label = "Neutral"
            team.say(name, f"s{k}", label)
    found = gaps(team.project)
    assert [{g["class_a"], g["class_b"]} for g in found] == [{"Neutral", "Positive"}]
    assert found[0]["annotators"] >= 2
    (told,) = with_texts(team.project, replies_of(team.project), found)
    assert told["texts"][0]["text"].startswith("sentence number")
    assert set(told["texts"][0]["said"]) >= {"Neutral", "Positive"}


def test_what_one_person_confuses_is_no_gap_though_another_does_it_once(tmp_path):
    """A habit of one is hers: she hears of it in her own report."""
    team = crew(tmp_path, n=120)
    for name in ("ada", "ben", "cyd"):
        team.join(name)
        for k in range(90):
            label = TRUTH[f"s{k}"]
            habit = label == "Neutral" and (name == "ada" or (name == "ben" and k < 6))
            team.say(name, f"s{k}", "Positive" if habit and k % 2 else label)
    assert gaps(team.project) == []
