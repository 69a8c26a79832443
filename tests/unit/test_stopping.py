"""When it is enough: each rule alone, its interval, and what has to be there before it speaks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labelwright.learning.accuracy import accuracy
from labelwright.learning.stopping import Measured, Rule, enough, gain_per_100


def measured(number, answers, hits, n=200):
    """A round whose model gets the first ``hits`` of ``n`` test items right."""
    right = frozenset(f"t{i}" for i in range(hits))
    wrong = frozenset(f"t{i}" for i in range(hits, n))
    return Measured(number, answers, accuracy(["a"] * n, ["a"] * hits + ["b"] * (n - hits)), right, wrong)


def test_the_gain_is_that_of_the_paired_items_per_100_answers():
    """20 of 200 items more right for 50 answers: 0.1 accuracy, so 0.2 per 100; the interval is scaled alike."""
    found = gain_per_100([measured(1, 100, 120), measured(2, 150, 140)])
    assert found.value == 0.2
    assert found.n_items == 200
    assert found.low < found.value < found.high
    # Agresti and Min (2005) by hand: 20 against 0 discordant pairs of 200, half a pair added to each cell.
    b, c, n = 20.5, 0.5, 202.0
    half = 1.959964 * np.sqrt(b + c - (b - c) ** 2 / n) / n
    assert np.allclose([found.low, found.high], [2 * ((b - c) / n - half), 2 * ((b - c) / n + half)], atol=1e-6)


def test_the_gain_is_undefined_with_its_reason_where_nothing_can_be_compared():
    """Undefined is never 0."""
    same = measured(1, 100, 120)
    assert "fewer than 2 rounds" in gain_per_100([same]).reason
    assert gain_per_100([same, measured(2, 100, 130)]).reason == "there are no new answers"
    other = Measured(2, 200, same.accuracy, frozenset({"x"}), frozenset({"y"}))
    assert gain_per_100([same, other]).reason == "the rounds share no test items"
    assert gain_per_100([same, other]).value is None


def test_the_target_must_be_met_by_the_lower_end():
    """An accuracy that only happens to lie above the target does not end a project."""
    rounds = [measured(1, 100, 170)]  # 0.85, from 0.79 on
    assert enough(rounds, accuracy=0.8) is None
    found = enough(rounds, accuracy=0.79)
    assert found.rule is Rule.ACCURACY
    assert "0.850" in found.reason


def test_too_small_a_gain_ends_it_only_when_the_upper_end_says_so():
    """A wide interval is no proof that labels are useless; nor are fewer rounds than the window."""
    rounds = [measured(1, 0, 120, 1000), measured(2, 1000, 121, 1000), measured(3, 2000, 121, 1000)]
    assert enough(rounds, gain=0.01, window=2).rule is Rule.GAIN
    assert enough(rounds, gain=0.01, window=3) is None
    unsure = [measured(1, 0, 120), measured(2, 20, 121)]
    assert enough(unsure, gain=0.01, window=1) is None


def test_what_is_used_up_ends_it_and_says_what():
    """Budget, pool, rounds."""
    one = [measured(1, 10, 100)]
    assert enough(one, answers_left=0).rule is Rule.BUDGET
    assert enough(one, answers_left=5, items_left=0).rule is Rule.POOL
    assert enough(one, most_rounds=1).rule is Rule.ROUNDS
    assert enough(one, most_rounds=2, answers_left=1, items_left=1) is None
    assert enough([]) is None


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 5000))
def test_a_gain_lies_in_its_interval_whatever_the_counts(before, after, answers):
    """And going back to fewer right items is a loss, never a gain."""
    found = gain_per_100([measured(1, 10, before), measured(2, 10 + answers, after)])
    assert found.low <= found.high
    assert np.sign(found.value) == np.sign(after - before)
