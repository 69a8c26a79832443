"""The watch over people and gold: bounds that hold at every look, and what follows from them on a real store."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.app.answers import replies_of
from labelwright.app.gold import GoldRow, add_gold, gold_list
from labelwright.app.onboarding import read_guidelines
from labelwright.app.oversight import oversee
from labelwright.app.rounds import open_round
from labelwright.app.team_status import resume
from labelwright.app.watching import doubt_gold, findings, retire_worn, tell_of_copying
from labelwright.assignment.standing import fewest_right, gold_bound, looked_at, pass_bound, too_fast
from labelwright.consensus import random_answering
from labelwright.model.people import GoldSource
from labelwright.model.project import AnnotatorStatus, Level, Purpose
from labelwright.review.gold_errors import suspect_gold
from support.people import crew

CLASSES = ["Positive", "Negative", "Neutral"]
TRUTH = {f"s{k}": CLASSES[k % 3] for k in range(400)}


def ever_accused(chances, rng, mark=0.6, alpha=0.05):
    rights = rng.random(len(chances)) < chances
    return next((n for n in range(1, len(chances) + 1) if gold_bound(rights[:n], mark, alpha).below), None)


def test_somebody_at_the_mark_is_ever_accused_in_no_more_than_the_stated_share():
    """Looking after each of 120 answers keeps the false alarm: 5 % over 400 people, with binomial tolerance."""
    rng = np.random.default_rng(5)
    accused = sum(ever_accused(np.full(120, 0.6), rng) is not None for _ in range(400))
    assert accused <= 32  # P[Binomial(400, .05) > 32] < .005


def test_somebody_far_below_the_mark_is_found_soon_and_so_is_who_turns_careless():
    """A bound that never speaks protects nobody: at a third right, half are found within 30 gold answers."""
    rng = np.random.default_rng(6)
    found = [ever_accused(np.full(150, 0.33), rng) or 151 for _ in range(100)]
    assert np.median(found) <= 30
    turned = [ever_accused(np.r_[np.full(40, 0.9), np.full(110, 0.33)], rng) or 151 for _ in range(100)]
    assert np.median(turned) <= 40 + 40


@given(st.lists(st.booleans(), max_size=60), st.floats(0.1, 0.9))
def test_more_right_answers_are_never_worse(rights, mark):
    """The evidence after one more answer is smaller when it is right than when it is wrong; a bet is fair at the mark."""
    right, wrong = (gold_bound([*rights, x], mark, 0.05).evidence for x in (True, False))
    now = gold_bound(rights, mark, 0.05).evidence
    assert right <= wrong
    assert mark * right + (1 - mark) * wrong == pytest.approx(now, rel=1e-6)


def test_the_pass_mark_is_a_bound_and_not_a_bare_percentage():
    """Nine of ten is not yet 80 % with confidence .9; 27 of 30 is not either, 29 of 30 is."""
    assert not pass_bound(9, 10, 0.8, 0.9).passed
    assert not pass_bound(26, 30, 0.8, 0.9).passed
    assert pass_bound(29, 30, 0.8, 0.9).passed
    assert fewest_right(20, 0.7, 0.8) == 17
    assert fewest_right(3, 0.9, 0.9) is None


def test_somebody_below_the_mark_passes_in_at_most_the_rest_of_cases():
    """At exactly the mark, 20 items at confidence .8 let through at most 20 %."""
    rng = np.random.default_rng(7)
    passed = sum(pass_bound(int(rng.binomial(20, 0.7)), 20, 0.7, 0.8).passed for _ in range(4000))
    assert passed / 4000 <= 0.2


@pytest.mark.parametrize(
    ("n", "look"),
    [(19, None), (20, (0, 20, 1 / 2)), (39, (0, 20, 1 / 2)), (40, (20, 40, 1 / 6)), (160, (80, 160, 1 / 20))],
)
def test_looks_are_planned_and_share_the_false_alarm(n, look):
    """A test for a fixed number of answers is only made at planned numbers."""
    found = looked_at(n)
    assert found == (look if look is None else pytest.approx(look))


def test_speed_is_judged_by_the_median_of_the_last_answers():
    """One long pause or a few quick ones decide nothing."""
    assert too_fast([1.0] * 30, 10.0, 0.2) == 1.0
    assert too_fast([1.0] * 19, 10.0, 0.2) is None
    assert too_fast([1.0] * 30, None, 0.2) is None
    assert too_fast([9.0] * 12 + [0.5] * 9, 10.0, 0.2) is None


def test_gold_that_everybody_contradicts_in_unison_is_suspected_and_a_hard_item_is_not():
    """The wrong one is found; the one on which people are wrong in different ways is left."""
    gold = {f"g{k}": "a" for k in range(20)}
    answers = [(i, f"p{p}", "a") for i in gold for p in range(5) if i not in {"g0", "g1"}]
    answers += [("g0", f"p{p}", "b") for p in range(5)]
    answers += [("g1", f"p{p}", "abcde"[p]) for p in range(5)]
    (found,) = suspect_gold(answers, gold, alpha=0.01)
    assert (found.item, found.label, found.others, found.agree, found.answers) == ("g0", "a", "b", 0, 5)


def test_right_gold_is_suspected_in_no_more_than_the_stated_share():
    """1 % at most over tables of 30 honest items, six annotators who err on one in five, three classes."""
    rng = np.random.default_rng(8)
    gold = {f"g{k}": "a" for k in range(30)}
    false = 0
    for _ in range(200):
        said = [(i, f"p{p}", "a" if rng.random() < 0.8 else "bc"[rng.integers(2)]) for i in gold for p in range(6)]
        false += bool(suspect_gold(said, gold, alpha=0.01))
    assert false <= 7  # P[Binomial(200, .01) > 7] < .001


def careless(team, name, until):
    """Right until so many answers, then the same button every time, quickly."""
    count = {"n": 0}

    def answer(assignment):
        count["n"] += 1
        return TRUTH[assignment.item] if count["n"] <= until else "Neutral"

    return answer


def busy(tmp_path, **sections):
    team = crew(
        tmp_path,
        n=400,
        sampling={"strategy": "random", "batch": 150},
        overlap={"policy": "fixed", "annotators": 3},
        gold={"share": 0.3},
        **sections,
    )
    for name in ("ada", "ben", "cyd", "dan"):
        team.join(name)
    team.gold({f"s{k}": TRUTH[f"s{k}"] for k in range(40)})
    open_round(team.project)
    return team


def test_who_turns_careless_is_paused_with_a_reason_and_her_work_goes_to_others(tmp_path):
    """Found by gold while she works; her colleagues are left in peace, her finished answers stay."""
    team = busy(tmp_path, watch={"pass_mark": 0.75})
    for name in ("ada", "ben", "cyd"):
        team.work(name, lambda a: TRUTH[a.item], most=110)
    before = {a.item for a in team.project.store.assignments() if a.state.value in {"planned", "delivered"}}
    team.work("dan", careless(team, "dan", 20), most=120)
    done = oversee(team.project)
    assert done.paused == ("dan",)
    dan = team.person("dan")
    assert dan.status is AnnotatorStatus.PAUSED
    assert dan.reason
    (change,) = team.project.store.status_changes()
    assert (change.by, change.annotator) == ("labelwright", "dan")
    assert {m.to for m in team.project.store.messages()} >= {"dan", "lead"}
    waiting = [a for a in team.project.store.assignments() if a.state.value in {"planned", "delivered"}]
    assert "dan" not in {a.annotator for a in waiting}
    assert {a.item for a in waiting} <= before
    assert oversee(team.project).paused == ()
    said = " ".join(m.text for m in team.project.store.messages("dan"))
    assert not any(g["item"] in said.split() for g in gold_list(team.project)), "active gold is never named"
    resume(team.project, dan, "We talked about it.")
    assert oversee(team.project).paused == (), "what was before the pause does not count against her again"


def test_honest_people_are_left_alone(tmp_path):
    """Two in ten wrong, at their own pace: nobody is paused."""
    team = busy(tmp_path)
    rng = np.random.default_rng(3)
    for name, pace in (("ada", 4.0), ("ben", 9.0), ("cyd", 2.5), ("dan", 6.0)):
        team.work(name, lambda a: TRUTH[a.item] if rng.random() < 0.8 else "Neutral", seconds=pace)
    assert findings(team.project, replies_of(team.project)) == []


def test_answers_at_random_are_found_without_any_gold(tmp_path):
    """She passed once; now her answers do not depend on the item."""
    team = crew(
        tmp_path, n=200, sampling={"strategy": "random", "batch": 80}, overlap={"policy": "fixed", "annotators": 4}
    )
    for name in ("ada", "ben", "eva", "cyd"):
        team.join(name)
    open_round(team.project)
    rng = np.random.default_rng(4)
    for name in ("ada", "ben", "eva"):
        team.work(name, lambda a: TRUTH[a.item])
    team.work("cyd", lambda _: ["Positive", "Negative", "Neutral"][rng.integers(3)])
    assert [(f.annotator, f.kind) for f in findings(team.project, replies_of(team.project))] == [("cyd", "random")]


def test_who_answers_at_random_after_passing_is_paused_and_told_how_often_that_is_a_mistake(tmp_path):
    """She qualifies with care and guesses from then on; her answers tell, without any gold on the desks."""
    team = crew(
        tmp_path, n=200, sampling={"strategy": "random", "batch": 60}, overlap={"policy": "fixed", "annotators": 4},
        gold={"share": 0.0}, qualification={"items": 6, "pass_mark": 0.5, "confidence": 0.8},
    )  # fmt: skip
    for name in ("ada", "ben", "eva"):
        team.join(name)
    team.join("cyd", status=AnnotatorStatus.ONBOARDING)
    team.gold({f"s{k}": TRUTH[f"s{k}"] for k in range(12)})
    read_guidelines(team.project, team.person("cyd"))
    team.work("cyd", lambda a: TRUTH[a.item])
    assert oversee(team.project).paused == ()
    assert team.person("cyd").status is AnnotatorStatus.ACTIVE
    open_round(team.project)
    rng = np.random.default_rng(4)
    for name in ("ada", "ben", "eva"):
        team.work(name, lambda a: TRUTH[a.item])
    team.work("cyd", lambda _: CLASSES[rng.integers(3)])
    assert oversee(team.project).paused == ("cyd",)
    assert "by mistake in at most 2% of cases" in (team.person("cyd").reason or "")


def test_a_novices_first_items_have_an_expert_beside_her_though_she_qualified_on_many(tmp_path):
    """Qualification and gold are not her first items: nobody labels those beside her."""
    team = crew(
        tmp_path, sampling={"strategy": "random", "batch": 20}, overlap={"share": 0.0}, gold={"share": 0.0},
        team={"novice_items": 4, "experts_label": False}, qualification={"items": 6, "pass_mark": 0.5},
    )  # fmt: skip
    team.join("eva", Level.EXPERT)
    team.join("nora", Level.NOVICE, status=AnnotatorStatus.ONBOARDING)
    team.gold({f"s{k}": TRUTH[f"s{k}"] for k in range(12)})
    read_guidelines(team.project, team.person("nora"))
    team.work("nora", lambda a: TRUTH[a.item])
    oversee(team.project)
    open_round(team.project)
    given = team.project.store.assignments(round_number=1)
    assert len({a.item for a in given if a.annotator == "eva"} & {a.item for a in given if a.annotator == "nora"}) == 4


def test_who_looks_is_called_random_in_no_more_than_the_stated_share_over_all_looks():
    """Block by block as answers come in, over 40 honest teams of six: at most 5 % of them accuse anybody, with tolerance."""
    rng, accused = np.random.default_rng(12), 0
    for _ in range(40):
        truth = rng.integers(3, size=80)
        right = rng.random((6, 80)) < 0.75
        said = np.where(right, truth, (truth + rng.integers(1, 3, size=(6, 80))) % 3)
        ever = False
        for n in (20, 40, 80):
            start, end, part = looked_at(n)
            rows = [(i, f"p{p}", CLASSES[said[p, i]]) for i in range(start, end) for p in range(6)]
            frame = pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")
            ever |= bool(random_answering(frame, alpha=0.05 * part)["verdict"].is_in(["random", "constant"]).any())
        accused += ever
    assert accused <= 6  # P[Binomial(40, .05) > 6] < .005


def test_impossible_speed_is_found(tmp_path):
    """A fifth of the others' time for item after item, though the answers are right."""
    team = busy(tmp_path)
    for name in ("ada", "ben", "cyd"):
        team.work(name, lambda a: TRUTH[a.item], seconds=10.0, most=30)
    team.work("dan", lambda a: TRUTH[a.item], seconds=0.4, most=30)
    assert [(f.annotator, f.kind) for f in findings(team.project, replies_of(team.project))] == [("dan", "speed")]


def test_wrong_gold_is_taken_out_before_anybody_is_judged_by_it(tmp_path):
    """The lead is told what everybody says; her word puts it back."""
    team = busy(tmp_path)
    wrong = "s0"
    add_gold(team.project, [GoldRow(2, wrong, "Neutral")], GoldSource.LEAD)
    for name in ("ada", "ben", "cyd", "dan"):
        for k in range(20):
            team.say(name, f"s{k}", TRUTH[f"s{k}"], Purpose.GOLD) if f"s{k}" not in {
                a.item for a in team.project.store.assignments(annotator=name)
            } else None
        team.work(name, lambda a: TRUTH[a.item])
    assert doubt_gold(team.project, replies_of(team.project)) == 1
    assert next(g for g in gold_list(team.project) if g["item"] == wrong)["state"] == "suspected"
    (said,) = [m for m in team.project.store.messages("lead") if m.kind == "gold"]
    assert "Positive" in said.text
    assert doubt_gold(team.project, replies_of(team.project)) == 0
    add_gold(team.project, [GoldRow(2, wrong, "Positive")], GoldSource.LEAD)
    assert next(g for g in gold_list(team.project) if g["item"] == wrong)["state"] == "active"


def test_worn_gold_is_retired(tmp_path):
    """An item that as many people have seen as allowed is asked no more."""
    team = crew(tmp_path, gold={"most_exposures": 2})
    team.gold({"s1": "Positive", "s2": "Negative"})
    for name in ("ada", "ben"):
        team.join(name)
        team.say(name, "s1", "Positive", Purpose.GOLD)
    assert retire_worn(team.project) == 1
    assert [g["state"] for g in gold_list(team.project)] == ["retired", "active"]


def test_two_who_share_their_mistakes_are_told_to_the_lead_and_nobody_is_paused(tmp_path):
    """Answers copied from a colleague are found among eight people; those who work apart are not named."""
    names = ["ann", "bob", "cyd", "dan", "eve", "fay", "gus", "hal"]
    team = crew(
        tmp_path, n=200, sampling={"strategy": "random", "batch": 160}, overlap={"policy": "fixed", "annotators": 8}
    )
    for name in names:
        team.join(name)
    open_round(team.project)
    rng = np.random.default_rng(11)
    said = {n: {i: t if rng.random() < 0.7 else CLASSES[rng.integers(3)] for i, t in TRUTH.items()} for n in names}
    said["hal"] = {i: label if rng.random() < 0.9 else TRUTH[i] for i, label in said["ann"].items()}
    for name in names:
        team.work(name, lambda a, name=name: said[name][a.item])
    replies = replies_of(team.project)
    assert tell_of_copying(team.project, replies) == 1
    assert tell_of_copying(team.project, replies) == 1  # the same message, not another one
    (told,) = [m for m in team.project.store.messages() if m.kind == "copying"]
    assert "Ann and Hal" in told.text
    assert "accused in at most 2% of jobs" in told.text
    assert all(team.person(n).status is AnnotatorStatus.ACTIVE for n in names)
