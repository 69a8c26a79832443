"""Hard items, confused classes, a model as one more annotator, calibration."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.consensus import (
    AnchoredDawidSkene,
    MajorityVote,
    calibrate,
    calibration_error,
    confused_pairs,
    hard_items,
    select,
    with_model,
)
from labelwright.model.errors import DataError


def crowd(n_items=300, people=5, skill=0.7, K=3, seed=0):
    """A simulated crowd; returns the table and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, n_items)
    rows = [
        (i, f"p{a}", int(truth[i] if rng.random() < skill else (truth[i] + rng.integers(1, K)) % K))
        for i in range(n_items)
        for a in range(people)
    ]
    return pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row"), truth


def test_the_hardest_item_comes_first():
    """Protects the order and the two numbers it rests on."""
    frame = pl.DataFrame(
        {
            "item": ["easy"] * 3 + ["hard"] * 2 + ["alone"],
            "annotator": ["p", "q", "r", "p", "q", "p"],
            "label": ["x", "x", "x", "x", "y", "x"],
        }
    )
    rows = hard_items(MajorityVote().fit(frame)).to_dicts()
    assert rows[0]["item"] == "hard"
    assert rows[0]["entropy"] == pytest.approx(1)
    assert rows[0]["disagreement"] == pytest.approx(1)
    assert {row["item"]: row["disagreement"] for row in rows[1:]} == {"easy": 0, "alone": None}
    assert hard_items(MajorityVote().fit(frame), top=1).height == 1


def test_confused_pairs_name_direction_people_and_examples():
    """Protects the list of gaps: person q takes x for y, nobody the other way round."""
    rows = [(f"i{i}", p, "x" if i < 20 else "y" if i < 40 else "z") for i in range(60) for p in "pqrs"]
    rows = [(i, p, "y" if p == "q" and i in {"i1", "i2", "i3"} else label) for i, p, label in rows]
    frame = pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")
    pairs = confused_pairs(AnchoredDawidSkene().fit(frame)).to_dicts()
    first = pairs[0]
    assert (first["class_a"], first["class_b"]) == ("x", "y")
    assert first["a_as_b"] == pytest.approx(3, abs=0.1)
    assert first["b_as_a"] < 0.1
    assert first["by"][0]["annotator"] == "q"
    assert set(first["examples"]) == {"i1", "i2", "i3"}
    assert first["rate"] == pytest.approx(3 / 160, abs=0.002)


def test_nothing_confused_is_an_empty_frame():
    """Protects the reader from pairs that were never confused."""
    frame = pl.DataFrame({"item": ["a", "a"], "annotator": ["p", "q"], "label": ["x", "x"]})
    assert confused_pairs(MajorityVote().fit(frame)).height == 0


def probabilities(truth, skill, confidence, seed=1):
    """A simulated model: its top class is right with probability ``skill``, claimed with ``confidence``."""
    rng = np.random.default_rng(seed)
    top = np.where(rng.random(truth.size) < skill, truth, (truth + rng.integers(1, 3, truth.size)) % 3)
    p = np.full((truth.size, 3), (1 - confidence) / 2)
    p[np.arange(truth.size), top] = confidence
    return pl.DataFrame({"item": np.arange(truth.size), **{str(k): p[:, k] for k in range(3)}})


def test_a_good_model_helps():
    """Protects what it is for: an independent model that is right in 85 % lifts a weak crowd (simulated)."""
    frame, truth = crowd(skill=0.5, people=3)
    people = AnchoredDawidSkene().fit(frame)
    both = with_model(people, probabilities(truth, 0.85, 0.85))
    assert (both.label_codes == truth).mean() > (people.label_codes == truth).mean() + 0.1
    assert np.allclose(both.posterior.sum(axis=1), 1)
    assert both.settings["model_items"] == 300


def test_an_overconfident_useless_model_gets_no_say():
    """Protects people from a model that guesses and claims 99.9 %."""
    frame, truth = crowd(skill=0.7)
    people = AnchoredDawidSkene().fit(frame)
    both = with_model(people, probabilities(truth, 1 / 3, 0.999))
    assert both.settings["model_slope"] < 0.1
    assert (both.label_codes == truth).mean() > (people.label_codes == truth).mean() - 0.02


def test_model_input_that_cannot_be_right_is_refused():
    """Protects from probabilities that are none, and from calibrating on a handful of items."""
    frame, truth = crowd(30)
    people = MajorityVote().fit(frame)
    good = probabilities(truth, 0.8, 0.8)
    with pytest.raises(DataError, match="negative"):
        with_model(people, good.with_columns(pl.lit(-0.1).alias("0")))
    with pytest.raises(DataError, match="twice"):
        with_model(people, pl.concat([good, good]))
    with pytest.raises(DataError, match="too few"):
        with_model(people, good.head(5))
    with pytest.raises(DataError, match="missing"):
        with_model(people, good.drop("1"))


def test_calibration_keeps_labels_and_reports_its_error():
    """Protects the labels from the scaling, and the numbers that it reports."""
    frame, truth = crowd(skill=0.45, people=4)
    result = select(frame)
    gold = {i: int(truth[i]) for i in range(150)}
    found = calibrate(result, gold)
    assert found.n_gold == 150
    assert np.allclose(found.result.posterior.sum(axis=1), 1)
    top = np.take_along_axis(found.result.posterior, result.label_codes[:, None], axis=1)[:, 0]
    assert (top >= found.result.posterior.max(axis=1) - 1e-9).all()
    assert 0 <= found.error_after <= 1
    assert found.accuracy == pytest.approx((result.label_codes[:150] == truth[:150]).mean())


def test_calibration_needs_gold():
    """Protects from a curve through a handful of points."""
    frame, truth = crowd(40)
    with pytest.raises(DataError, match="too few"):
        calibrate(select(frame), {0: int(truth[0])})


def test_calibration_survives_gold_that_is_all_right():
    """Protects from an infinite slope."""
    frame, _ = crowd(40, skill=1.0)
    result = select(frame)
    found = calibrate(result, dict(zip(result.labels["item"], result.labels["label"], strict=True)))
    assert math.isfinite(found.slope)
    assert found.accuracy == 1


@given(right=st.lists(st.booleans(), min_size=1, max_size=60))
@settings(deadline=None)
def test_calibration_error_of_the_right_claim_in_one_bin_is_zero(right):
    """Protects the definition: claims equal to the share that is right leave no gap (one bin)."""
    share = np.full(len(right), np.mean(right))
    assert calibration_error(share, np.array(right, float), bins=1) == pytest.approx(0, abs=1e-12)
    assert 0 <= calibration_error(np.ones(len(right)), np.array(right, float)) <= 1


def test_hard_items_say_how_long_they_took_and_who_skipped_them():
    """Protects the other signs of a hard item: skips and time beside entropy and disagreement."""
    table = pl.DataFrame({"item": ["a", "a", "b"], "annotator": ["x", "y", "x"], "label": ["P", "N", "P"]})
    effort = pl.DataFrame(
        {
            "item": ["a", "a", "b", "b", "a"],
            "seconds": [2.0, 4.0, 9.0, None, 50.0],
            "skipped": [False, False, False, True, True],
        }
    )
    for frame in (effort, effort.to_pandas()):
        found = hard_items(MajorityVote().fit(table), effort=frame)
        assert found.select("item", "seconds", "skips").rows() == [("a", 3.0, 1), ("b", 9.0, 1)]
    assert "skips" not in hard_items(MajorityVote().fit(table)).columns
