"""What is said about annotators: against the others, random answering, bias, drift and fatigue (simulated people)."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from labelwright.coding import Coded
from labelwright.consensus import (
    AnchoredDawidSkene,
    class_bias,
    copying,
    drift,
    fatigue,
    gold_accuracy,
    haste,
    leave_one_out,
    random_answering,
)
from labelwright.consensus.copying import at_least
from labelwright.consensus.leave_one_out import against_others
from labelwright.model.errors import DataError, UsageError


def simulated(skills, *, n_items=200, K=3, seed=0):
    """Everybody answers every item; returns the table and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, n_items)
    rows = []
    for person, skill in skills.items():
        for i in range(n_items):
            if skill == "constant":
                label = 0
            elif skill == "random":
                label = rng.integers(0, K)
            else:
                label = truth[i] if rng.random() < skill else (truth[i] + rng.integers(1, K)) % K
            rows.append((i, person, int(label)))
    return pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row"), dict(enumerate(truth.tolist()))


@given(rows=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=40))
@settings(max_examples=200, deadline=None)
def test_against_others_equals_counting_by_hand(rows):
    """Protects the shortcut that finds the others' majority without recounting each item."""
    item, annotator, label = np.array(rows).T
    coded = Coded.from_codes(item, annotator, label, classes=4)
    found = against_others(coded)
    for row in range(coded.n_annotations):
        same = (coded.item == coded.item[row]) & (np.arange(coded.n_annotations) != row)
        counts = np.bincount(coded.label[same], minlength=4)
        unique = counts.max() > 0 and np.count_nonzero(counts == counts.max()) == 1
        assert found.usable[row] == unique
        if unique:
            assert found.others[row] == counts.argmax()
            assert found.equal[row] == (counts.argmax() == coded.label[row])


def test_leave_one_out_of_a_lone_annotator_is_undefined():
    """Protects from a number where there is nobody to compare with."""
    frame = pl.DataFrame({"item": [1, 2], "annotator": ["p", "p"], "label": ["x", "y"]})
    assert leave_one_out(frame).row(0) == ("p", None, None, None, 0)


def test_random_and_constant_answers_are_found():
    """Protects the tests for answering without looking, on simulated people of each kind."""
    skills = {"good": 0.9, "fair": 0.7, "also": 0.8, "more": 0.8, "dice": "random", "stuck": "constant"}
    frame, _ = simulated(skills)
    verdicts = dict(random_answering(frame).select("annotator", "verdict").iter_rows())
    assert verdicts == {
        "good": "looks", "fair": "looks", "also": "looks", "more": "looks", "dice": "random", "stuck": "constant",
    }  # fmt: skip


def test_honest_people_are_hardly_ever_accused():
    """Protects the stated rate: at most 5 % of tables of honest people (of like skill) accuse anybody."""
    accused = 0
    for seed in range(60):
        frame, _ = simulated(dict.fromkeys("abcdef", 0.75), n_items=40, seed=seed)
        accused += bool(random_answering(frame)["verdict"].is_in(["random", "constant"]).any())
    assert accused <= 6


def test_few_answers_are_no_verdict():
    """Protects people from a judgement on three answers."""
    frame, _ = simulated(dict.fromkeys("abc", 0.8), n_items=3)
    assert set(random_answering(frame)["verdict"]) <= {"too few", "looks"}


def test_class_bias_sees_who_prefers_a_class():
    """Protects the sign and the interval of a bias: one of four people turns half of class 1 into class 0."""
    frame, truth = simulated(dict.fromkeys("abcd", 0.95), K=2)
    rng = np.random.default_rng(1)
    turned = [
        0 if who == "d" and label == 1 and rng.random() < 0.5 else label
        for who, label in frame.select("annotator", "label").iter_rows()
    ]
    bias = class_bias(AnchoredDawidSkene().fit(frame.with_columns(pl.Series("label", turned))))
    zero = {row["annotator"]: row for row in bias.filter(pl.col("class") == 0).iter_rows(named=True)}
    assert zero["d"]["low"] > 0.1
    assert all(zero[who]["low"] <= 0.02 for who in "abc")
    total = bias.group_by("annotator").agg(pl.col("bias").sum())
    assert np.allclose(total["bias"], 0, atol=1e-9)
    assert sum(truth.values()) > 0


def test_gold_accuracy_counts_only_gold():
    """Protects the share right on gold, and null where no gold was answered."""
    frame = pl.DataFrame(
        {"item": ["a", "b", "a", "c"], "annotator": ["p", "p", "q", "r"], "label": ["x", "y", "y", "x"]}
    )
    rows = {row[0]: row[1:] for row in gold_accuracy(frame, {"a": "x", "b": "x"}).iter_rows()}
    assert rows["p"][0] == 0.5
    assert rows["q"][0] == 0
    assert rows["r"] == (None, None, None, 0)


def test_gold_given_twice_is_refused():
    """Protects from two truths for one item."""
    gold = pl.DataFrame({"item": ["a", "a"], "label": ["x", "y"]})
    frame = pl.DataFrame({"item": ["a"], "annotator": ["p"], "label": ["x"]})
    with pytest.raises(DataError, match="twice"):
        gold_accuracy(frame, gold)


def answers(rng, people, n=120):
    """Simulated right and wrong answers; ``people`` maps a name to the probability at each time."""
    rows = [(who, t, float(rng.random() < p(t)), t // 30) for who, p in people.items() for t in range(n)]
    return pl.DataFrame(rows, schema=["annotator", "time", "right", "session"], orient="row")


def test_drift_is_found_with_its_time():
    """Protects the detection: a simulated person falls from 90 % to 50 % in the middle."""
    rng = np.random.default_rng(0)
    people = {"steady": lambda _: 0.85, "fallen": lambda t: 0.9 if t < 60 else 0.5}
    found = {r["annotator"]: r for r in drift(answers(rng, people), rng=rng, permutations=999).iter_rows(named=True)}
    assert found["fallen"]["changed"]
    assert 40 <= found["fallen"]["since"] <= 80
    assert found["fallen"]["before"] > found["fallen"]["after"] + 0.2
    assert not found["steady"]["changed"]


def test_drift_keeps_its_false_alarm_rate():
    """Protects the stated rate: among tables of people who do not change at most 5 % raise an alarm."""
    rng = np.random.default_rng(1)
    alarms = sum(
        bool(
            drift(answers(rng, {"a": lambda _: 0.8, "b": lambda _: 0.6}, n=60), rng=rng, permutations=199)[
                "changed"
            ].any()
        )
        for _ in range(150)
    )
    assert alarms / 150 <= 0.05 + 3 * (0.05 * 0.95 / 150) ** 0.5


def test_fatigue_is_found_within_sessions():
    """Protects the detection: a simulated person tires in every session, another gets worse from day to day only."""
    rng = np.random.default_rng(2)
    people = {"tired": lambda t: 0.95 - 0.5 * (t % 30) / 30, "slower": lambda t: 0.95 - 0.4 * (t // 30) / 8}
    found = fatigue(answers(rng, people, n=240), rng=rng, permutations=999)
    verdict = dict(found.select("annotator", "changed").iter_rows())
    assert verdict == {"tired": True, "slower": False}
    assert found["slope"][0] < -0.2


def test_fatigue_keeps_its_false_alarm_rate():
    """Protects the stated rate when accuracy differs between sessions, not within."""
    rng = np.random.default_rng(3)
    people = {"a": lambda t: 0.9 - 0.2 * (t // 30)}
    alarms = sum(
        bool(fatigue(answers(rng, people, n=90), rng=rng, permutations=199)["changed"].any()) for _ in range(150)
    )
    assert alarms / 150 <= 0.05 + 3 * (0.05 * 0.95 / 150) ** 0.5


def test_too_few_answers_are_a_reason_not_a_number():
    """Protects people with few answers from a verdict on them."""
    rng = np.random.default_rng(4)
    row = drift(answers(rng, {"new": lambda _: 0.5}, n=5), rng=rng).row(0, named=True)
    assert row["p_value"] is None
    assert row["changed"] is None
    assert "Fewer than 10 answers" in row["reason"]


def test_impossible_levels_are_refused():
    """Protects the meaning of alpha."""
    rng = np.random.default_rng(5)
    with pytest.raises(UsageError, match="alpha"):
        drift(answers(rng, {"a": lambda _: 0.5}), rng=rng, alpha=2)
    with pytest.raises(DataError, match="between 0 and 1"):
        drift(pl.DataFrame({"annotator": ["a"], "time": [1], "right": [3.0]}), rng=rng)


def test_skill_intervals_cover_the_true_skill():
    """Protects the intervals of the skills: on simulated crowds with five answers an item they hold it in 95 % (± 4)."""
    covered = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth, skill = rng.integers(0, 3, 400), rng.uniform(0.55, 0.95, 12)
        item = np.repeat(np.arange(400), 5)
        annotator = np.concatenate([rng.choice(12, 5, replace=False) for _ in range(400)])
        right = rng.random(item.size) < skill[annotator]
        label = np.where(right, truth[item], (truth[item] + rng.integers(1, 3, item.size)) % 3)
        people = AnchoredDawidSkene().fit(Coded.from_codes(item, annotator, label)).annotators
        true = skill[people["annotator"].to_numpy()]
        covered.append(((people["low"].to_numpy() <= true) & (true <= people["high"].to_numpy())).mean())
    assert 0.91 <= np.mean(covered) <= 0.99


def timed(rng, people, n=150):
    """Simulated answers with seconds; ``people`` maps a name to the probability of a right answer at so many seconds."""
    rows = []
    for who, p in people.items():
        seconds = rng.lognormal(2, 0.7, n)
        rows += [(who, float(s), float(rng.random() < p(s))) for s in seconds]
    return pl.DataFrame(rows, schema=["annotator", "seconds", "right"], orient="row")


def test_haste_is_found_and_care_is_none():
    """Protects speed against accuracy: quick and wrong is haste; slow and wrong (hard items) is not; nor is steady."""
    rng = np.random.default_rng(6)
    people = {"hasty": lambda s: 0.45 if s < 5 else 0.9, "careful": lambda s: 0.9 if s < 12 else 0.6}
    found = haste(timed(rng, people | {"steady": lambda _: 0.8}), rng=rng, permutations=999)
    rows = {r["annotator"]: r for r in found.iter_rows(named=True)}
    assert {who: r["changed"] for who, r in rows.items()} == {"hasty": True, "careful": False, "steady": False}
    assert rows["hasty"]["quick"] < rows["hasty"]["slow"] - 0.2
    assert 3 < rows["hasty"]["below"] < 8


def test_haste_keeps_its_false_alarm_rate():
    """Protects the stated rate: among tables of people whose accuracy does not hang on time at most 5 % raise an alarm."""
    rng = np.random.default_rng(7)
    people = {"a": lambda _: 0.8, "b": lambda _: 0.6, "c": lambda _: 0.9}
    alarms = sum(bool(haste(timed(rng, people, n=60), rng=rng, permutations=199)["changed"].any()) for _ in range(120))
    assert alarms / 120 <= 0.05 + 3 * (0.05 * 0.95 / 120) ** 0.5


def team(rng, hard=0.2, copier=None, n_annotators=10, n_items=400, per_item=4):
    """Simulated people of skill .6 to .95; hard items tempt everybody into the same mistake; one may copy another."""
    K = 4
    truth = rng.integers(K, size=n_items)
    tempting = (truth + rng.integers(1, K, size=n_items)) % K
    is_hard, skill = rng.random(n_items) < hard, rng.uniform(0.6, 0.95, n_annotators)
    item = np.repeat(np.arange(n_items), per_item)
    who = np.concatenate([rng.choice(n_annotators, per_item, replace=False) for _ in range(n_items)])
    wrong = (truth[item] + rng.integers(1, K, size=item.size)) % K
    label = np.where(rng.random(item.size) < skill[who], truth[item], wrong)
    label = np.where(is_hard[item] & (rng.random(item.size) < 0.5), tempting[item], label)
    if copier is not None:
        source = dict(zip(item[who == copier[1]], label[who == copier[1]], strict=True))
        for row in np.flatnonzero(who == copier[0]):
            if item[row] in source and rng.random() < 0.9:
                label[row] = source[item[row]]
    return Coded.from_codes(item, who, label, n_annotators=n_annotators, classes=K)


def test_who_copies_a_colleague_is_found():
    """Protects the detection: of teams in which one copies nine answers of ten, hard items or not, the pair is named."""
    rng = np.random.default_rng(8)
    found = [copying(team(rng, hard, copier=(0, 1))).filter("copies") for hard in (0, 0.2, 0.2, 0.4)]
    assert sum((0, 1) in rows.select("a", "b").rows() for rows in found) >= 3
    row = found[1].row(0, named=True)
    assert row["matches"] > 2 * row["expected"]
    assert row["apart"] <= row["shared"]


def test_people_who_work_apart_are_hardly_ever_accused_of_copying():
    """Protects the stated rate: of honest teams with hard items at most 5 % have a pair accused."""
    rng = np.random.default_rng(9)
    honest = [
        copying(team(rng, hard, n_annotators=A, n_items=250))
        for A in (5, 10)
        for hard in (0.0, 0.2, 0.4)
        for _ in range(8)
    ]
    accused = np.mean([found["copies"].any() for found in honest])
    assert accused <= 0.05 + 2 * (0.05 * 0.95 / len(honest)) ** 0.5


def test_copying_needs_somebody_else_to_compare_with():
    """Protects two people alone from an accusation: being right together looks the same."""
    frame, _ = simulated(dict.fromkeys("ab", 0.9))
    assert copying(frame).height == 0
    with pytest.raises(UsageError, match="alpha"):
        copying(frame, alpha=0)


def test_chances_add_up_like_a_binomial():
    """Protects the tail of a sum of chances: equal ones are a binomial, many are close to it."""
    assert at_least(7, np.full(20, 0.2)) == pytest.approx(binom.sf(6, 20, 0.2))
    assert at_least(120, np.full(1000, 0.1)) == pytest.approx(binom.sf(119, 1000, 0.1), abs=0.005)
    assert at_least(0, np.full(3, 0.5)) == 1
