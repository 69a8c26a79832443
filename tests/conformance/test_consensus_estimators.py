"""Checks that every estimator of a consensus passes."""

import dataclasses

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.coding import Coded, encode
from labelwright.consensus import CANDIDATES, DawidSkene, OneCoin
from labelwright.model.errors import DataError, UsageError

PUBLISHED = (DawidSkene(credit=0, tol=1e-6), OneCoin(credit=0, estimate_prior=True))
ALL = pytest.mark.parametrize("estimator", [*CANDIDATES, *PUBLISHED], ids=lambda e: f"{type(e).__name__}")
ITERATIVE = pytest.mark.parametrize("estimator", CANDIDATES[:5], ids=lambda e: type(e).__name__)


def simulated(seed=0, n_items=60, n_annotators=7, K=3, each=4):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K, n_items)
    skill = rng.uniform(0.5, 0.95, n_annotators)
    rows = []
    for i in range(n_items):
        for a in rng.choice(n_annotators, each, replace=False):
            right = rng.random() < skill[a]
            label = truth[i] if right else (truth[i] + rng.integers(1, K)) % K
            rows.append((f"item{i}", f"person{a}", f"class{label}"))
    return pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")


@ALL
def test_posteriors_sum_to_one_and_labels_are_their_best(estimator):
    """Protects the meaning of a posterior and of the label shown."""
    result = estimator.fit(simulated())
    assert np.allclose(result.posterior.sum(axis=1), 1)
    assert (result.posterior >= 0).all()
    assert np.allclose(result.labels["posterior"], result.posterior.max(axis=1))
    assert result.labels.columns == ["item", "label", "posterior", "contested"]


@ALL
def test_skills_lie_within_their_intervals(estimator):
    """Protects the shape of what is said about annotators."""
    people = estimator.fit(simulated()).annotators
    assert people.columns[:5] == ["annotator", "skill", "low", "high", "n"]
    assert people.select((pl.col("low") <= pl.col("skill")) & (pl.col("skill") <= pl.col("high"))).to_series().all()
    assert people["n"].sum() == 240


@ALL
def test_a_result_is_frozen(estimator):
    """Protects results from being changed after the fact."""
    result = estimator.fit(simulated())
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.method = "other"
    with pytest.raises(ValueError, match="read-only"):
        result.posterior[0, 0] = 1


@ALL
def test_the_same_input_gives_the_same_result(estimator):
    """Protects from hidden randomness."""
    a, b = estimator.fit(simulated()), estimator.fit(simulated())
    assert np.array_equal(a.posterior, b.posterior)
    assert a.iterations == b.iterations


@ALL
def test_any_dataframe_gives_the_same_result(estimator):
    """Protects pandas, polars, pyarrow and coded input from differing."""
    frame = simulated()
    expected = estimator.fit(frame)
    pandas = pd.DataFrame({name: frame[name].to_list() for name in frame.columns})
    for other in (pandas, frame.to_arrow(), encode(frame)):
        result = estimator.fit(other)
        assert result.labels["item"].to_list() == expected.labels["item"].to_list()
        assert np.array_equal(result.posterior, expected.posterior)


@ALL
def test_the_input_is_not_changed(estimator):
    """Protects the caller's table."""
    frame = simulated()
    before = frame.clone()
    estimator.fit(frame)
    assert frame.equals(before)


@ALL
@given(seed=st.integers(0, 50), shuffle=st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_names_and_row_order_do_not_matter(estimator, seed, shuffle):
    """Protects from results that hang on how items, annotators or classes are called, or in which order rows come."""
    frame = simulated(seed, n_items=25)
    classes = ["class0", "class1", "class2"]
    renamed = dict(zip(classes, shuffle.sample(classes, 3), strict=True))
    order = list(range(frame.height))
    shuffle.shuffle(order)
    other = frame[order].with_columns(
        ("x" + pl.col("item").str.reverse()).alias("item"),
        pl.col("annotator").str.reverse().alias("annotator"),
        pl.col("label").replace(renamed).alias("label"),
    )
    expected = estimator.fit(frame).posteriors.with_columns(("x" + pl.col("item").str.reverse()).alias("item"))
    found = estimator.fit(other).posteriors
    joined = expected.join(found, on="item", suffix="_other")
    assert joined.height == 25
    for name in classes:
        other_name = renamed[name] + "_other" if renamed[name] in expected.columns else renamed[name]
        assert np.allclose(joined[name], joined[other_name], atol=1e-6)


@ALL
def test_no_annotation_is_refused(estimator):
    """Protects from a consensus of nothing."""
    with pytest.raises(DataError, match="no annotations"):
        estimator.fit(simulated().clear())


@ALL
def test_one_item(estimator):
    """Protects the smallest table with a disagreement."""
    frame = pl.DataFrame({"item": ["a"] * 3, "annotator": ["p", "q", "r"], "label": ["x", "x", "y"]})
    assert estimator.fit(frame).labels["label"].to_list() == ["x"]


@ALL
def test_one_annotator(estimator):
    """Protects a table in which nothing can be compared: the only answer is the label."""
    frame = pl.DataFrame({"item": ["a", "b", "c"], "annotator": ["p"] * 3, "label": ["x", "y", "x"]})
    result = estimator.fit(frame)
    assert result.labels["label"].to_list() == ["x", "y", "x"]
    assert np.isfinite(result.posterior).all()


@ALL
def test_one_class(estimator):
    """Protects a table in which everybody always gives the same answer."""
    frame = pl.DataFrame({"item": ["a", "a", "b"], "annotator": ["p", "q", "p"], "label": ["x"] * 3})
    result = estimator.fit(frame)
    assert result.labels["label"].to_list() == ["x", "x"]
    assert result.labels["posterior"].to_list() == pytest.approx([1, 1])


@ALL
def test_everybody_agrees(estimator):
    """Protects the clearest case there is."""
    frame = pl.DataFrame(
        [(f"i{i}", f"p{p}", "xyz"[i % 3]) for i in range(30) for p in range(4)],
        schema=["item", "annotator", "label"],
        orient="row",
    )
    labels = estimator.fit(frame).labels
    assert labels["label"].to_list() == ["xyz"[i % 3] for i in range(30)]
    assert not labels["contested"].any()


@ALL
def test_items_and_annotators_without_answers_are_left_out(estimator):
    """Protects from labels for items that nobody has seen."""
    coded = Coded.from_codes([0, 0, 2], [0, 1, 3], [0, 0, 1], n_items=4, n_annotators=5, classes=2)
    result = estimator.fit(coded)
    assert result.labels["item"].to_list() == [0, 2]
    assert result.posteriors["item"].to_list() == [0, 2]
    assert result.annotators["annotator"].to_list() == [0, 1, 3]


@ALL
def test_dropped_answers_are_reported(estimator):
    """Protects the rule that the last answer counts."""
    frame = simulated()
    twice = pl.concat([frame, frame.head(5)])
    assert estimator.fit(twice).n_dropped == 5


@ITERATIVE
def test_a_cap_is_kept_and_reported(estimator):
    """Protects the reader from a fit that was cut short in silence."""
    capped = dataclasses.replace(estimator, iterations=1, tol=0.0).fit(simulated())
    assert (capped.iterations, capped.converged) == (1, False)
    assert "Stopped at 1" in capped.reason
    free = estimator.fit(simulated())
    assert free.converged
    assert free.reason is None


@ITERATIVE
def test_impossible_settings_are_refused(estimator):
    """Protects from a loop that cannot run."""
    with pytest.raises(UsageError, match="iterations"):
        dataclasses.replace(estimator, iterations=0).fit(simulated())


@ITERATIVE
def test_more_iterations_never_lose_likelihood(estimator):
    """Protects the direction of the climb (with priors the likelihood may fall by a hair)."""
    values = [dataclasses.replace(estimator, iterations=n, tol=0.0).fit(simulated()).log_likelihood for n in (1, 5, 50)]
    assert values[2] >= values[0] - 0.5


@ALL
def test_confusion_is_a_distribution_where_there_is_one(estimator):
    """Protects the frame of confusions."""
    confusion = estimator.fit(simulated()).confusion
    if confusion is not None:
        total = confusion.group_by("annotator", "truth").agg(pl.col("probability").sum())["probability"]
        assert total.len() == 21
        assert np.allclose(total, 1, atol=1e-6)
