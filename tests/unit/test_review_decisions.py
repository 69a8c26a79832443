"""Decisions after an answer, evidence that grows, gold that is wrong: pure, deterministic, with stated error rates."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.model.errors import UsageError
from labelwright.review import information
from labelwright.review.decision import Crowd, Question, Rule, Verb, decide
from labelwright.review.eprocess import certifies, log_evidence
from labelwright.review.gold_errors import expert_agreement, suspect_gold

RNG = np.random.default_rng


def coin(*skills):
    """Channels of one-coin annotators over two classes, shape (n, answer, truth)."""
    return np.array([[[s, 1 - s], [1 - s, s]] for s in skills])


def crowd(n, cost=None, free=None, queue=None):
    return Crowd(
        np.ones(n) if cost is None else np.array(cost, float),
        np.ones(n, bool) if free is None else np.array(free),
        np.zeros(n, int) if queue is None else np.array(queue),
    )


def question(p, *skills):
    return Question(np.array([p, 1 - p]), coin(*skills))


# ---------------------------------------------------------------- information


@given(st.floats(0.01, 0.99), st.floats(0.5, 0.99))
@settings(max_examples=80, deadline=None)
def test_information_is_the_expected_fall_of_entropy(p, skill):
    """The definition, computed the long way round."""

    def entropy(q):
        return -sum(x * math.log(x) for x in q if x > 0)

    right = p * skill + (1 - p) * (1 - skill)
    after = right * entropy([p * skill / right, (1 - p) * (1 - skill) / right])
    after += (1 - right) * entropy([p * (1 - skill) / (1 - right), (1 - p) * skill / (1 - right)])
    assert information(np.array([p, 1 - p]), coin(skill))[0] == pytest.approx(entropy([p, 1 - p]) - after, abs=1e-12)


def test_who_answers_at_random_tells_nothing():
    """And who is always right tells all there is."""
    found = information(np.array([0.5, 0.5]), coin(0.5, 1.0))
    assert found[0] == pytest.approx(0, abs=1e-12)
    assert found[1] == pytest.approx(math.log(2))


# ---------------------------------------------------------------- decisions


def test_a_sure_label_is_accepted():
    """Nothing more is spent on it."""
    assert decide([question(0.99, 0.9, 0.9)], crowd(2), [0], Rule(), RNG(0)).verb is Verb.ACCEPT


def test_the_one_who_tells_most_for_the_price_is_asked():
    """The better one, unless she costs more than she tells."""
    item = [question(0.6, 0.7, 0.9)]
    assert decide(item, crowd(2), [], Rule(), RNG(0)).annotator == 1
    assert decide(item, crowd(2, cost=[1, 8]), [], Rule(expert_cost=50), RNG(0)).annotator == 0


def test_class_wise_skill_decides_who_is_asked():
    """An item that is probably of class 0 or 1 goes to the one who tells these two apart."""
    apart, others = np.full((3, 3), 0.05), np.full((3, 3), 0.45)
    np.fill_diagonal(apart, 0.9)
    others[2, 2], others[2, :2], others[:2, 2] = 0.98, 0.1, 0.01
    channel = np.stack([others / others.sum(axis=0), apart / apart.sum(axis=0)])
    assert decide([Question(np.array([0.5, 0.5, 0.0]), channel)], crowd(2), [], Rule(), RNG(0)).annotator == 1


def test_equals_share_the_work():
    """Of two who tell the same the one with the shorter queue; with equal queues by the generator, the same each time."""
    item = [question(0.6, 0.9, 0.9)]
    assert decide(item, crowd(2, queue=[9, 1]), [], Rule(), RNG(0)).annotator == 1
    picks = {decide(item, crowd(2), [], Rule(), RNG(seed)).annotator for seed in range(20)}
    assert picks == {0, 1}
    assert decide(item, crowd(2), [], Rule(), RNG(3)) == decide(item, crowd(2), [], Rule(), RNG(3))


@pytest.mark.parametrize(
    ("asked", "team", "rule"),
    [
        ([0, 1], crowd(2), Rule()),
        ([0], crowd(2, free=[True, False]), Rule()),
        ([0], crowd(2), Rule(most_answers=1)),
        ([], crowd(2), Rule(expert_cost=0.5)),
    ],
)
def test_what_answers_cannot_settle_goes_to_the_expert(asked, team, rule):
    """Nobody left, a cap reached, or answers dearer than the expert."""
    assert decide([question(0.6, 0.7, 0.7)], team, asked, rule, RNG(0)).verb is Verb.EXPERT


@pytest.mark.parametrize("left", [0.0, 0.5, -30.0])
def test_a_budget_lowered_below_what_is_spent_stops_asking_and_loses_nothing(left):
    """No answer, no expert; sure labels are still accepted."""
    assert decide([question(0.6, 0.9)], crowd(1), [], Rule(budget_left=left), RNG(0)).verb is Verb.STOP
    assert decide([question(0.6, 0.6)], crowd(1), [0], Rule(budget_left=left), RNG(0)).verb is Verb.STOP
    assert decide([question(0.999, 0.9)], crowd(1), [], Rule(budget_left=left), RNG(0)).verb is Verb.ACCEPT


def test_an_item_with_several_questions_is_as_sure_as_all_of_them():
    """Multi-label and drawings: one doubtful box keeps the item open, and its information counts."""
    sure = Question.of_presence(0.999, np.array([0.9, 0.5]), np.array([0.05, 0.05]))
    doubtful = Question.of_presence(0.5, np.array([0.5, 0.9]), np.array([0.05, 0.05]))
    decision = decide([sure, doubtful], crowd(2), [], Rule(), RNG(0))
    assert (decision.verb, decision.annotator) == (Verb.ASK, 1)
    assert decide([sure, sure], crowd(2), [], Rule(), RNG(0)).verb is Verb.ACCEPT


def test_a_price_of_zero_is_refused():
    """Information per nothing is no number."""
    with pytest.raises(UsageError, match="above 0"):
        crowd(2, cost=[0, 1])


# ---------------------------------------------------------------- evidence


def _expected(population, errors, steps, target):
    """Largest mean of W over all paths of so many draws, by the exact law of the errors seen."""
    law, means = {0: 1.0}, []
    for t in range(steps):
        after = {}
        for seen, p in law.items():
            bad = (errors - seen) / (population - t)
            after[seen] = after.get(seen, 0.0) + p * (1 - bad)
            after[seen + 1] = after.get(seen + 1, 0.0) + p * bad
        law = {s: p for s, p in after.items() if p > 0}
        false = {s: p for s, p in law.items() if errors - s > math.floor((1 - target) * (population - t - 1) + 1e-9)}
        means.append(sum(p * math.exp(log_evidence(population, t + 1, s, target)) for s, p in false.items()))
    return max(means)


@pytest.mark.parametrize(("population", "target"), [(60, 0.9), (150, 0.95), (40, 0.8)])
def test_the_evidence_is_no_more_than_a_martingale_where_a_certificate_would_be_false(population, target):
    """Its mean never exceeds 1 under any number of errors: so it reaches 20 with a chance of at most 5 %."""
    for errors in range(int((1 - target) * population), int((1 - target) * population) + 12):
        assert _expected(population, errors, population - 1, target) <= 1 + 1e-9


def test_looking_after_every_item_makes_false_certificates_rare():
    """400 jobs with one error too many, looked at after each item."""
    false, rng = 0, RNG(4)
    for _ in range(400):
        wrong = rng.permutation(np.repeat([1, 0], [31, 269]))
        seen = 0
        for t, x in enumerate(wrong[:200].tolist(), start=1):
            seen += x
            if certifies(300, t, seen, 0.9):
                false += 31 - seen > math.floor(0.1 * (300 - t) + 1e-9)
                break
    assert false / 400 <= 0.05


def test_clean_labels_are_certified_early():
    """That is what it is for: without an error 45 items do at 90 %."""
    first = next(t for t in range(1, 200) if certifies(1000, t, 0, 0.9))
    assert first < 60
    assert log_evidence(50, 0, 0, 0.9) == 0.0
    with pytest.raises(UsageError, match="do not fit"):
        log_evidence(10, 11, 0, 0.9)


# ---------------------------------------------------------------- gold and experts


def answered(gold, wrong=(), seed=0, annotators=8, skill=0.9):
    rng = RNG(seed)
    rows = []
    for item, label in gold.items():
        truth = ("b" if label == "a" else "a") if item in wrong else label
        for k in range(annotators):
            said = truth if rng.random() < skill else ("b" if truth == "a" else "a")
            rows.append((item, f"w{k}", said))
    return rows


def test_gold_with_a_wrong_answer_is_found_by_everybodys_disagreement():
    """It is named with what the others say."""
    gold = {k: "ab"[k % 2] for k in range(40)}
    found = suspect_gold(answered(gold, wrong={7}), gold)
    assert [s.item for s in found] == [7]
    assert (found[0].label, found[0].others) == ("b", "a")


def test_right_gold_is_suspected_in_at_most_one_job_in_twenty():
    """The stated false-alarm rate, over 200 jobs of 40 gold items."""
    gold = {k: "ab"[k % 2] for k in range(40)}
    alarms = sum(bool(suspect_gold(answered(gold, seed=s), gold)) for s in range(200))
    assert alarms <= 16  # 5 % of 200 is 10


def test_two_experts_who_contradict_are_reported():
    """With the items, and how often, with its interval."""
    found = expert_agreement([("i", "x", "a"), ("i", "y", "b"), ("j", "x", "a"), ("j", "y", "a"), ("k", "x", "a")])
    assert (found.pairs, found.share) == (2, 0.5)
    assert found.contradictions[0].item == "i"
    assert found.low < 0.5 < found.high
    assert expert_agreement([("i", "x", "a")]).share is None
