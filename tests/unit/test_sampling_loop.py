"""What turns with the loop: batch sizes, the fallback to chance, the strategies that look at labels and prices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright import sampling
from labelwright.model.errors import UsageError
from labelwright.model.measure import Measure
from labelwright.sampling.backpressure import Load, batch_size, starving_first
from labelwright.sampling.fallback import Trial, Verdict, strategy_to_use
from labelwright.sampling.relabel import Answers, label_quality


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


# ---------------------------------------------------------------- backpressure


@given(
    asked=st.integers(1, 500),
    waiting=st.integers(0, 5000),
    before=st.none() | st.integers(0, 5000),
    per_day=st.none() | st.floats(0, 1000),
    days=st.floats(0.1, 10),
    answers=st.floats(1, 5),
)
def test_a_batch_never_floods(asked, waiting, before, per_day, days, answers):
    """More work than the mark, or than twice what was asked for."""
    batch = batch_size(asked, Load(waiting, before, per_day), days=days, answers=answers)
    assert 0 <= batch.items <= 2 * asked
    if per_day and batch.items:
        assert waiting + batch.items * answers <= days * per_day + 1e-6


def test_a_growing_queue_shrinks_the_batch_and_an_idle_team_gets_more():
    """A loop that goes on asking for 100 whatever comes back."""
    steady = batch_size(100, Load(100, 100, 100), days=3)
    growing = batch_size(100, Load(160, 100, 100), days=3)
    assert (steady.items, growing.items) == (200, 50)
    assert growing.reason == "the queue grows: 160 answers wait, 1.6 days of work at 100 a day"
    assert batch_size(100, Load(400, 100, 100), days=3).items == 0
    assert batch_size(100, Load(0, 50, 1000), days=1).items == 200


def test_before_anybody_has_answered_the_batch_is_as_asked_for():
    """A first round that waits for a throughput which only it can bring."""
    assert batch_size(100, Load(0), days=2, answers=1.2).items == 100
    assert batch_size(100, Load(60), days=2, answers=1.2).items == 50
    assert batch_size(100, Load(500, per_day=0), days=2).items == 0


@pytest.mark.parametrize("wrong", [{"asked": 0}, {"days": 0}, {"answers": 0.5}, {"load": Load(-1)}])
def test_numbers_that_make_no_sense_are_refused(wrong):
    """A batch of minus ten."""
    values = {"asked": 10, "load": Load(0), "days": 1.0, "answers": 1.0} | wrong
    with pytest.raises(UsageError):
        batch_size(values["asked"], values["load"], days=values["days"], answers=values["answers"])


def test_the_desk_with_the_least_days_of_work_comes_first():
    """A fast annotator who sits before an empty desk while a slow one's is filled."""
    waiting = {"slow": 10, "fast": 30, "new": 20, "idle": 0}
    assert starving_first(waiting, {"slow": 5, "fast": 60, "idle": 2}) == ("idle", "fast", "slow", "new")


# ---------------------------------------------------------------- fallback

BELOW, ABOVE, UNSURE, NONE = (
    Measure(-0.05, -0.08, -0.02, 100),
    Measure(0.05, 0.01, 0.09, 100),
    Measure(-0.02, -0.06, 0.02, 100),
    Measure(None, reason="too few"),
)


def verdict(asked: str, *rounds: tuple[str, Measure]) -> Verdict:
    return strategy_to_use(asked, [Trial(k, name, gain) for k, (name, gain) in enumerate(rounds, 1)])


def test_two_rounds_below_chance_end_a_strategy_and_the_loop_says_so():
    """A strategy that loses to chance for weeks."""
    assert verdict("margin", ("margin", BELOW)) == Verdict("margin")
    found = verdict("margin", ("margin", BELOW), ("margin", BELOW))
    assert found.strategy == "hybrid"
    assert found.reason == (
        "hybrid in place of margin, which was below as many random labels for 2 rounds: "
        "-0.050 (-0.080 to -0.020) in round 2"
    )
    twice = verdict("margin", ("margin", BELOW), ("margin", BELOW), ("hybrid", BELOW), ("hybrid", BELOW))
    assert twice.strategy == "random"
    assert verdict("hybrid", ("hybrid", BELOW), ("hybrid", BELOW)).strategy == "random"


@pytest.mark.parametrize("between", [ABOVE, UNSURE, NONE])
def test_only_rounds_in_a_row_count(between: Measure):
    """A strategy given up for two bad rounds with a good one between them, or for what chance explains."""
    assert verdict("margin", ("margin", BELOW), ("margin", between), ("margin", BELOW)).strategy == "margin"


def test_rounds_of_other_strategies_do_not_count():
    """A strategy that is blamed for the first, random round, or for what was tried before it."""
    assert verdict("badge", ("margin", BELOW), ("margin", BELOW), ("random", BELOW)).strategy == "badge"
    assert verdict("random", ("random", BELOW), ("random", BELOW)) == Verdict("random")


# ---------------------------------------------------------------- strategies that look at more than one model


def test_members_who_share_their_doubt_do_not_disagree(rng):
    """Uncertainty taken for disagreement: a committee must tell them apart."""
    sure, unsure = [0.98, 0.02], [0.5, 0.5]
    members = np.array([[unsure, sure, sure], [unsure, sure, sure[::-1]]])
    assert sampling.committee(members, 3, rng).tolist()[0] == 2
    assert sampling.committee(members, 1, rng).tolist() == [2]


@pytest.mark.parametrize("members", [[[[0.5, 0.5]]], [[0.5, 0.5], [0.5, 0.5]], 3, [[[0.5, 0.5]], [[0.2, 0.3, 0.5]]]])
def test_what_is_no_committee_is_refused(rng, members):
    """One member, or members that speak of different things."""
    with pytest.raises(UsageError):
        sampling.committee(members, 1, rng)


def test_a_balanced_batch_fills_the_class_that_is_behind(rng):
    """A batch that makes the commonest class commoner still."""
    p = np.repeat([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]], [800, 150, 50], axis=0)
    chosen = sampling.class_balance(p, [40, 20, 0], 60, rng)
    found = np.array([40, 20, 0]) + np.bincount(p[chosen].argmax(axis=1), minlength=3)
    assert found.max() - found.min() <= 4


@pytest.mark.parametrize("counts", [[1, 2], [1, -1, 0], [1, math.nan, 0]])
def test_counts_that_do_not_go_with_the_classes_are_refused(rng, counts):
    """Counts of another schema."""
    with pytest.raises(UsageError):
        sampling.class_balance(np.full((5, 3), 1 / 3), counts, 2, rng)


def test_rare_items_come_before_the_common_ones_that_look_like_them(rng):
    """A search for a class of one in a hundred that brings the commonest."""
    p = rng.dirichlet([20, 2, 0.2], 5000)
    chosen = sampling.rare_class(p, [2], 100, rng)
    assert p[chosen, 2].min() >= np.sort(p[:, 2])[-100]
    both = sampling.rare_class(p, [1, 2], 200, rng)
    assert 50 < (p[both, 2] / p[:, 2].mean() > p[both, 1] / p[:, 1].mean()).sum() <= 200
    with pytest.raises(UsageError):
        sampling.rare_class(p, [3], 10, rng)


# ---------------------------------------------------------------- label new or label again


def crowd(rng, items: int = 300, classes: int = 3) -> tuple[np.ndarray, Answers, np.ndarray]:
    """Items, the first two thirds with one to three answers of 80 % accuracy, and a model that is right at 75 %."""
    truth = rng.integers(0, classes, items)
    guess = np.where(rng.random(items) < 0.75, truth, rng.integers(0, classes, items))
    p = np.full((items, classes), 0.1) + 0.7 * np.eye(classes)[guess]
    rows = np.repeat(np.arange(200), rng.integers(1, 4, 200))
    said = np.where(rng.random(len(rows)) < 0.8, truth[rows], rng.integers(0, classes, len(rows)))
    return p, Answers(rows, rng.integers(0, 4, len(rows)), said), truth


def test_disputed_items_come_before_new_ones_and_new_ones_before_settled_ones(rng):
    """An item with two answers against each other that is never asked about again."""
    p, answers, _ = crowd(rng)
    fresh = Answers(
        np.concatenate([answers.items, [200, 200, 201, 201, 201]]),
        np.concatenate([answers.annotators, [0, 1, 0, 1, 2]]),
        np.concatenate([answers.labels, [0, 1, 2, 2, 2]]),
    )
    p[200:203] = [[0.4, 0.35, 0.25], [0.1, 0.1, 0.8], [0.1, 0.1, 0.8]]
    quality = label_quality(p, fresh)
    assert quality[200] < quality[202] < quality[201]


def test_the_least_sure_labels_are_wrong_more_often(rng):
    """A score that says nothing about the labels it ranks."""
    p, answers, truth = crowd(rng)
    votes = np.zeros_like(p)
    np.add.at(votes, (answers.items, answers.labels), 1)
    wrong = (votes + p / 2).argmax(axis=1)[:200] != truth[:200]
    order = label_quality(p, answers)[:200].argsort()
    assert wrong[order[:70]].mean() > 2 * wrong[order[-70:]].mean()


def test_what_is_dear_must_be_more_doubtful(rng):
    """An expert's answer spent where a cheap one does."""
    p, answers, _ = crowd(rng)
    even = sampling.relabel(p, answers, 50, rng)
    dear = np.ones(300)
    dear[even] = 100
    assert not set(even.tolist()) & set(sampling.relabel(p, answers, 50, rng, prices=dear).tolist())
    with pytest.raises(UsageError):
        sampling.relabel(p, answers, 5, rng, prices=np.zeros(300))


def test_without_answers_it_is_least_confidence(rng):
    """The first round of a workspace: nothing to label again."""
    p = rng.dirichlet(np.ones(4), 200)
    none = np.empty(0, dtype=np.int64)
    found = sampling.relabel(p, Answers(none, none, none), 30, rng)
    assert found.tolist() == sampling.least_confidence(p, 30, rng).tolist()
