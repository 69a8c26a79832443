"""Training sets, accuracy and the learning curve."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from labelwright import learning
from labelwright.learning import CurvePoint
from labelwright.model.errors import UsageError
from labelwright.model.measure import Measure

CONSENSUS = pl.DataFrame(
    {
        "item": ["d", "b", "a", "c", "e", "f"],
        "label": ["x", "y", "x", "y", None, "x"],
        "posterior": [0.9, 0.6, 1.0, 0.5, None, None],
        "contested": [False, False, False, True, False, False],
    },
)


def test_sure_labels_count_more_and_contested_ones_not_at_all():
    """A coin toss that is trained on as if it were a label."""
    made = learning.training_set(CONSENSUS, held_out=["d"])
    assert made.items == ("a", "b", "f")
    assert made.labels == ("x", "y", "x")
    assert made.weights.tolist() == [1.0, 0.6, 1.0]
    assert (made.contested, made.held_out, made.unlabeled) == (1, 1, 1)
    assert made.class_counts == {"x": 2, "y": 1}
    assert len(made) == 3


def test_a_test_item_is_counted_as_held_out_even_when_it_is_contested():
    """Test items that leak into training through another reason's door."""
    made = learning.training_set(CONSENSUS, held_out=list("abcdef"))
    assert (len(made), made.held_out, made.contested) == (0, 6, 0)


def test_pandas_frames_and_labels_without_posterior_are_taken():
    """A consensus of the user's own, without any probabilities."""
    made = learning.training_set(pd.DataFrame({"item": [2, 10], "label": [1, 0]}))
    assert (made.items, made.labels, made.weights.tolist()) == (("10", "2"), ("0", "1"), [1.0, 1.0])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.DataFrame({"item": ["a"]}), "no column label"),
        (pl.DataFrame({"item": ["a", "a"], "label": ["x", "y"]}), "more than one consensus"),
        (pl.DataFrame({"item": ["a"], "label": ["x"], "posterior": [1.5]}), "between 0 and 1"),
        (pl.DataFrame({"item": ["a"], "label": ["x"], "posterior": [float("nan")]}), "between 0 and 1"),
    ],
)
def test_a_consensus_that_is_none_is_refused(frame: pl.DataFrame, message: str):
    """A model trained on two labels for one item, or on weights out of range."""
    with pytest.raises(UsageError, match=message):
        learning.training_set(frame)


def test_accuracy_counts_missing_predictions_as_wrong_and_leaves_unlabeled_items_out():
    """An accuracy made better by not answering."""
    got = learning.accuracy(["x", None, "y", "x"], ["x", "y", "y", None], n_annotations=9)
    assert (got.value, got.n_items, got.n_annotations) == (2 / 3, 3, 9)


def test_accuracy_without_labels_is_undefined():
    """Accuracy 0 where nothing was measured."""
    got = learning.accuracy(["x"], [None])
    assert (got.value, got.low, got.high, got.reason) == (None, None, None, "no test item has a label")


def test_predictions_and_labels_must_go_together():
    """Predictions of other items."""
    with pytest.raises(UsageError):
        learning.accuracy(["x"], [])
    with pytest.raises(UsageError):
        learning.recall_by_class(["x"], [])


@given(st.integers(1, 2000), st.floats(0, 1), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_interval_is_wilsons(n: int, share: float, confidence: float):
    """A normal interval under Wilson's name: compared with scipy."""
    hits = round(share * n)
    expected = binomtest(hits, n).proportion_ci(confidence, method="wilson")
    assert learning.wilson(hits, n, confidence) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_interval_from_the_paper_of_newcombe():
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81 of 263 is .2553 to .3662, 0 of 20 is 0 to .1611."""
    assert learning.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert learning.wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


def test_recall_by_class_says_where_nothing_was_measured():
    """A class without a test item shown as 0."""
    got = learning.recall_by_class(["x", "x", "y"], ["x", "y", "y"], ["z"])
    assert {name: measure.value for name, measure in got.items()} == {"x": 1.0, "y": 0.5, "z": None}
    assert got["z"].reason


def test_the_likeliest_class_is_predicted():
    """Classes read in another order than the columns."""
    assert learning.predicted_classes([[0.1, 0.9], [0.5, 0.5]], ["b", "a"]) == ("a", "b")
    assert learning.predicted_classes(np.empty((0, 2)), ["a", "b"]) == ()
    with pytest.raises(UsageError):
        learning.predicted_classes([[1.0]], ["a", "b"])


def point(number: int, labels: int, value: float | None) -> CurvePoint:
    return CurvePoint(number, labels, Measure(value, reason=None if value is not None else "none"))


def test_the_curve_is_in_order_and_its_gain_is_per_100_labels():
    """A curve drawn in the order in which rounds were read."""
    curve = learning.learning_curve([point(2, 240, 0.6), point(1, 120, 0.54), point(3, 300, None)])
    assert [p.round for p in curve] == [1, 2, 3]
    assert learning.gain_per_100(curve).value == pytest.approx(0.05)
    assert curve[2].as_dict() == {
        "round": 3,
        "labels": 300,
        "accuracy": None,
        "low": None,
        "high": None,
        "random_accuracy": None,
        "reason": "none",
    }


def test_a_gain_that_was_not_measured_is_undefined():
    """Gain 0 after one round, or after a round without labels."""
    assert learning.gain_per_100((point(1, 120, 0.5),)).value is None
    assert learning.gain_per_100((point(1, 120, 0.5), point(2, 120, 0.6))).value is None


@pytest.mark.parametrize("points", [[point(1, 10, 0.5), point(1, 20, 0.6)], [point(1, 20, 0.5), point(2, 10, 0.6)]])
def test_a_curve_that_contradicts_itself_is_refused(points: list[CurvePoint]):
    """Rounds of two projects on one curve."""
    with pytest.raises(UsageError):
        learning.learning_curve(points)
