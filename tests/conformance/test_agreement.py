"""What every measure of agreement promises, whatever it computes."""

import dataclasses
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright import agreement as ag
from labelwright.coding import Coded
from labelwright.model.errors import UsageError

MEASURES = {
    "percent_agreement": ag.percent_agreement,
    "cohen_kappa": ag.cohen_kappa,
    "cohen_kappa_linear": lambda table, **o: ag.cohen_kappa(table, "linear", **o),
    "cohen_kappa_quadratic": lambda table, **o: ag.cohen_kappa(table, "quadratic", **o),
    "scott_pi": ag.scott_pi,
    "fleiss_kappa": ag.fleiss_kappa,
    "alpha_nominal": ag.krippendorff_alpha,
    "alpha_ordinal": lambda table, **o: ag.krippendorff_alpha(table, "ordinal", **o),
    "alpha_interval": lambda table, **o: ag.krippendorff_alpha(table, "interval", **o),
    "alpha_ratio": lambda table, **o: ag.krippendorff_alpha(table, "ratio", **o),
    "alpha_circular": lambda table, **o: ag.krippendorff_alpha(table, "circular", **o),
    "gwet_ac1": ag.gwet_ac1,
    "gwet_ac2": ag.gwet_ac2,
    "brennan_prediger": ag.brennan_prediger,
    "icc_1": lambda table, **o: ag.icc(table, "ICC(1,1)", **o),
    "icc_2": ag.icc,
    "icc_3": lambda table, **o: ag.icc(table, "ICC(3,k)", **o),
    "kendall_w": ag.kendall_w,
    "alpha_sets": ag.alpha_sets,
    "alpha_sets_masi": lambda table, **o: ag.alpha_sets(table, "masi", **o),
    "alpha_paths": ag.alpha_paths,
}
NOMINAL = [
    "percent_agreement",
    "cohen_kappa",
    "scott_pi",
    "fleiss_kappa",
    "alpha_nominal",
    "gwet_ac1",
    "brennan_prediger",
]
INTERVALS = {
    name: ("bootstrap", "bca") if name == "kendall_w" else ("bootstrap", "bca", "analytic") for name in MEASURES
}

every_measure = pytest.mark.parametrize("name", MEASURES)
seeds = st.integers(0, 2**32 - 1)


def table(rows):
    return pl.DataFrame(rows, schema={"item": pl.String, "annotator": pl.String, "label": pl.Int64}, orient="row")


def crowd(seed=0, items=25, annotators=4, classes=4):
    """Everybody answers everything, right two times of three."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, classes + 1, items)
    return table(
        [
            (f"i{i}", f"a{a}", int(truth[i]) if rng.random() < 0.66 else int(rng.integers(1, classes + 1)))
            for i in range(items)
            for a in range(annotators)
        ]
    )


def numbers(found):
    """All that an agreement says in numbers."""
    return (found.value, found.low, found.high, found.n_items, found.n_annotations, found.n_dropped, found.reason)


def same(one, other):
    return numbers(one)[3:] == numbers(other)[3:] and numbers(one)[:3] == pytest.approx(numbers(other)[:3], abs=1e-9)


@every_measure
def test_the_result_says_what_it_rests_on(name):
    """Every result is frozen, with value, bounds in order around it, and the counts of the complete table."""
    found = MEASURES[name](crowd(), interval="bootstrap", seed=3)
    assert found.low <= found.value <= found.high <= 1
    assert (found.n_items, found.n_annotations, found.n_dropped, found.reason) == (25, 100, 0, None)
    assert (found.replicates, found.seed, found.confidence, found.interval) == (1000, 3, 0.95, "bootstrap")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.value = 1.0


@every_measure
def test_every_interval_holds_the_value(name):
    """Each kind of interval lies around the value, and a higher confidence makes it wider."""
    for interval in INTERVALS[name]:
        found = MEASURES[name](crowd(), interval=interval)
        wider = MEASURES[name](crowd(), interval=interval, confidence=0.999)
        assert wider.low < found.low < found.value < found.high <= wider.high, interval


@every_measure
def test_the_same_seed_gives_the_same_interval(name):
    """Bootstrap intervals repeat with their seed, whatever the order of the rows."""
    one = MEASURES[name](crowd(), interval="bootstrap", seed=5)
    other = MEASURES[name](crowd(), interval="bootstrap", seed=5)
    assert numbers(one) == numbers(other)


@every_measure
@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("i1", "a1", 1)],
        [("i1", "a1", 1), ("i2", "a2", 2)],
        [("i1", "a1", None), ("i1", "a2", None)],
        [("i1", "a1", 1), ("i1", "a2", 1)],
        [("i1", "a1", 1), ("i1", "a2", 2)],
        [("i1", "a1", 1), ("i1", "a2", 1), ("i2", "a1", 1), ("i2", "a2", 1)],
    ],
    ids=["empty", "one answer", "no overlap", "all missing", "one item, agreed", "one item, disagreed", "one class"],
)
def test_undefined_has_a_reason(name, rows):
    """A value is a finite number, or None with a reason; the same holds for its interval."""
    for interval in (None, *INTERVALS[name]):
        found = MEASURES[name](table(rows), interval=interval)
        if found.value is None:
            assert found.reason
            assert found.low is None
            assert found.high is None
        else:
            assert math.isfinite(found.value)
            assert interval is None or (found.low is not None) or found.reason


@every_measure
def test_pandas_polars_and_pyarrow_give_the_same(name):
    """The library that holds the table does not matter, and neither do codes instead of names."""
    frame = crowd(1)
    expected = MEASURES[name](frame)
    for other in (
        frame.to_pandas(),
        frame.to_arrow(),
        frame.lazy(),
        frame.with_columns(pl.col("item").cast(pl.Categorical)),
    ):
        assert same(MEASURES[name](other), expected)
    codes = [frame[c].rank("dense").cast(pl.Int64).to_numpy() - 1 for c in ("item", "annotator", "label")]
    assert same(MEASURES[name](Coded.from_codes(*codes, classes=np.arange(1, 5))), expected)


@every_measure
def test_input_is_not_changed(name):
    """Neither a table nor arrays of codes are written to."""
    frame = crowd(2).to_pandas()
    before = frame.copy(deep=True)
    MEASURES[name](frame, interval="bootstrap", replicates=50)
    pd.testing.assert_frame_equal(frame, before)
    arrays = [np.array(part) for part in ([1, 0, 0, 1], [0, 1, 0, 1], [0, 1, 2, 1])]
    copies = [part.copy() for part in arrays]
    MEASURES[name](Coded.from_codes(*arrays))
    for part, copy in zip(arrays, copies, strict=True):
        assert part.flags.writeable
        np.testing.assert_array_equal(part, copy)


@every_measure
def test_the_last_of_several_answers_counts(name):
    """An annotator's earlier answers to the same item are dropped and counted; a null replaces nothing."""
    frame = crowd(3)
    earlier = frame.head(7).with_columns(label=pl.lit(4, dtype=pl.Int64))
    null = frame.head(3).with_columns(label=pl.lit(None, dtype=pl.Int64))
    found = MEASURES[name](pl.concat([earlier, frame, null]))
    expected = MEASURES[name](frame)
    assert found.n_dropped == 7
    assert found.value == pytest.approx(expected.value, abs=1e-12)
    assert found.n_annotations == expected.n_annotations


@every_measure
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_row_order_does_not_matter(name, seed):
    """Shuffled rows give the same result."""
    frame = crowd(seed, items=8)
    assert same(MEASURES[name](frame.sample(fraction=1, shuffle=True, seed=seed)), MEASURES[name](frame))


@every_measure
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_names_of_items_and_annotators_do_not_matter(name, seed):
    """Renaming items and annotators changes nothing."""
    frame = crowd(seed, items=8)
    renamed = frame.with_columns(
        pl.col("item").str.reverse() + "é", annotator=pl.col("annotator").hash(seed).cast(pl.String)
    )
    assert same(MEASURES[name](renamed), MEASURES[name](frame))


@pytest.mark.parametrize("name", NOMINAL)
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_names_of_classes_do_not_matter_to_nominal_measures(name, seed):
    """Renaming and reordering classes changes nothing where classes have no order."""
    frame = crowd(seed, items=8)
    renamed = frame.with_columns(label=pl.lit("class ") + (pl.col("label") * 7 % 5).cast(pl.String))
    assert same(MEASURES[name](renamed), MEASURES[name](frame))


@every_measure
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_copies_agree_perfectly(name, seed):
    """Two annotators of whom one copies the other agree with a value of 1, or it is undefined."""
    one = crowd(seed, items=8, annotators=1)
    both = pl.concat([one, one.with_columns(annotator=pl.lit("copy"))])
    found = MEASURES[name](both)
    assert found.value == pytest.approx(1.0, abs=1e-9) if one["label"].n_unique() > 1 else found.value in (None, 1.0)


@pytest.mark.parametrize("name", ["percent_agreement", "cohen_kappa"])
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_a_copying_annotator_never_lowers_agreement_of_two(name, seed):
    """When a third annotator copies the first, agreement of the three is at least that of the two."""
    two = crowd(seed, items=10, annotators=2)
    copied = two.filter(pl.col("annotator") == "a0").with_columns(annotator=pl.lit("a9"))
    before, after = MEASURES[name](two), MEASURES[name](pl.concat([two, copied]))
    assert before.value is None or after.value is None or after.value >= before.value - 1e-9


@every_measure
def test_an_unknown_interval_is_refused(name):
    """A misspelt interval is an error with the next step, not a silent default."""
    with pytest.raises(UsageError, match="interval"):
        MEASURES[name](crowd(), interval="bootstap")
