"""Intervals over items: that they cover, that bootstrap and closed form agree, that undefined replicates are told."""

import numpy as np
import polars as pl
import pytest

from labelwright import agreement as ag
from labelwright.agreement.interval import Sampling, quantiles, resampled
from labelwright.agreement.light import mean_interval
from labelwright.agreement.pairs import pair_tables
from labelwright.coding import Coded
from labelwright.model.errors import DataError, UsageError


def crowd(rng, items, annotators=3, classes=3, skill=0.7):
    """Integer codes of a crowd in which everybody answers everything."""
    truth = rng.integers(classes, size=(items, 1))
    label = np.where(rng.random((items, annotators)) < skill, truth, rng.integers(classes, size=(items, annotators)))
    item, annotator = np.indices(label.shape)
    return Coded.from_codes(item.ravel(), annotator.ravel(), label.ravel(), classes=classes)


MEASURES = [ag.percent_agreement, ag.cohen_kappa, ag.fleiss_kappa, ag.krippendorff_alpha, ag.gwet_ac1]


@pytest.mark.parametrize("measure", MEASURES)
def test_closed_form_and_bootstrap_agree(measure):
    """On many items the standard errors of both differ by a few percent only."""
    coded = crowd(np.random.default_rng(0), 600)
    closed = measure(coded, interval="analytic").standard_error
    resampled = measure(coded, interval="bootstrap", replicates=3000).standard_error
    assert closed == pytest.approx(resampled, rel=0.06)


@pytest.mark.parametrize("interval", ["bootstrap", "bca", "analytic"])
def test_intervals_cover(interval):
    """Of 200 simulated crowds about 95 % of the intervals hold the alpha of the whole population."""
    rng = np.random.default_rng(1)
    truth = ag.krippendorff_alpha(crowd(rng, 200_000)).value
    found = [ag.krippendorff_alpha(crowd(rng, 120), interval=interval, replicates=400) for _ in range(200)]
    share = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.90 <= share <= 0.99


def test_the_bootstrap_over_patterns_is_the_bootstrap_over_items():
    """Resampling distinct patterns gives the spread that resampling items one by one gives."""
    coded = crowd(np.random.default_rng(2), 150)
    rng, values = np.random.default_rng(3), []
    for _ in range(600):
        chosen = rng.integers(150, size=150)
        label = coded.label.reshape(150, 3)[chosen]
        item, annotator = np.indices(label.shape)
        values.append(ag.krippendorff_alpha(Coded.from_codes(item.ravel(), annotator.ravel(), label.ravel())).value)
    found = ag.krippendorff_alpha(coded, interval="bootstrap", replicates=4000)
    assert found.standard_error == pytest.approx(np.std(values), rel=0.1)
    assert (found.low, found.high) == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=0.02)


def test_mean_over_pairs_falls_back_to_the_closed_form_when_too_large(monkeypatch):
    """Beyond a bound the mean of many pairs takes the normal interval, close to the bootstrap."""
    coded = crowd(np.random.default_rng(4), 300)
    resampled = ag.cohen_kappa(coded, interval="bootstrap").mean
    monkeypatch.setattr("labelwright.agreement.light._MOST_ADDITIONS", 0)
    closed = ag.cohen_kappa(coded, interval="bootstrap").mean
    assert (closed.low, closed.high) == pytest.approx((resampled.low, resampled.high), abs=0.02)


def test_undefined_replicates_are_told():
    """When too many replicates are undefined there is no interval, and the reason says how many."""
    values = np.array([0.5] * 90 + [np.nan] * 10)
    bounds = quantiles(values, 0.5, None, Sampling("bootstrap"))
    assert bounds.low is None
    assert "undefined in 10 of 100" in bounds.reason


def test_an_interval_that_is_undefined_keeps_the_value():
    """One item with agreement between two classes: a value may stand without an interval."""
    found = ag.percent_agreement(pl.DataFrame({"item": [1, 1], "annotator": [1, 2], "label": [1, 1]}), interval="bca")
    assert (found.value, found.low) == (1.0, None)
    assert "fewer than two items" in found.reason


@pytest.mark.parametrize("options", [{"replicates": 0}, {"confidence": 1.0}, {"confidence": 0}, {"interval": "exact"}])
def test_senseless_options_are_refused(options):
    """No replicates, a certainty of 1 or an unknown interval are errors."""
    with pytest.raises(UsageError):
        ag.krippendorff_alpha(crowd(np.random.default_rng(0), 5), **{"interval": "bootstrap", **options})


@pytest.mark.parametrize("sizes", [[3] * 40, [2, 5, 1, 4] * 10, [2] + [1] * 30])
def test_pair_tables_count_every_meeting(sizes):
    """The fast tables hold what a loop over items and pairs counts, for equal and unequal numbers of answers."""
    rng = np.random.default_rng(0)
    item = np.repeat(np.arange(len(sizes)), sizes)
    annotator = np.concatenate([rng.permutation(6)[:size] for size in sizes])
    label = rng.integers(0, 3, item.size)
    coded = Coded.from_codes(item, annotator, label, n_annotators=6, classes=3)
    expected = np.zeros((6, 6, 3, 3), int)
    for i in range(item.size):
        for j in range(item.size):
            if item[i] == item[j] and annotator[i] < annotator[j]:
                expected[annotator[i], annotator[j], label[i], label[j]] += 1
    found = pair_tables(coded)
    tables = np.zeros_like(expected)
    tables[found.a, found.b] = found.tables
    np.testing.assert_array_equal(tables, expected)


def test_sparse_pair_tables_are_the_same(monkeypatch):
    """With many annotators and classes the tables are found without one large array, and are the same."""
    coded = crowd(np.random.default_rng(0), 50, annotators=5)
    dense = pair_tables(coded)
    monkeypatch.setattr("labelwright.agreement.pairs._DENSE_CELLS", 0)
    sparse = pair_tables(coded)
    for part in ("a", "b", "tables"):
        np.testing.assert_array_equal(getattr(sparse, part), getattr(dense, part))
    assert mean_interval(coded, sparse, lambda cells: cells.sum(axis=1), 1.0, Sampling()).low is None


def test_many_numbers_take_no_table_of_distances(monkeypatch):
    """Sums of squares give the alpha and the intervals that the table of squared differences gives."""
    rng = np.random.default_rng(0)
    truth = rng.normal(50, 20, size=(80, 1))
    table = pl.DataFrame(
        {
            "item": np.repeat(np.arange(80), 3),
            "annotator": np.tile(np.arange(3), 80),
            "label": (truth + rng.normal(0, 8, size=(80, 3))).round(1).ravel(),
        }
    ).filter(pl.int_range(pl.len()) % 7 > 0)
    for interval in ("bca", "analytic"):
        sums = ag.krippendorff_alpha(table, "interval", interval)
        difference = ag.compare(
            table, table.with_columns((pl.col("label") / 10).round() * 10), level="interval", interval=interval
        )
        with monkeypatch.context() as patch:
            patch.setattr("labelwright.agreement.alpha._MANY_CLASSES", 10_000)
            distances = ag.krippendorff_alpha(table, "interval", interval)
        assert sums.value == pytest.approx(distances.value, abs=1e-12)
        assert (sums.low, sums.high) == pytest.approx((distances.low, distances.high), abs=0.02)
        assert difference.n_shared == sums.n_items
        assert difference.low < difference.value < difference.high


def test_many_equal_numbers_are_undefined():
    """Rounding does not turn equal values into an agreement."""
    rng = np.random.default_rng(0)
    alone = pl.DataFrame({"item": np.arange(100), "annotator": 0, "label": rng.normal(size=100)})
    pairs = pl.DataFrame({"item": [500, 500, 501, 501], "annotator": [0, 1, 0, 1], "label": [0.1] * 4}, strict=False)
    found = ag.krippendorff_alpha(pl.concat([alone, pairs], how="vertical_relaxed"), "interval")
    assert found.value is None
    assert "only one class" in found.reason


def test_too_many_answers_for_a_table_are_refused():
    """Thousands of different answers with a distance between each two are refused with what to do instead."""
    n = 5000
    coded = Coded.from_codes(np.repeat(np.arange(n), 2), np.tile([0, 1], n), np.arange(2 * n))
    with pytest.raises(DataError, match="too many"):
        ag.krippendorff_alpha(coded, "ratio")


def test_drawing_kinds_and_drawing_items_is_the_same(monkeypatch):
    """The multinomial over kinds and the draw item by item have the same mean and spread."""
    times = np.array([1, 5, 30, 4])
    found = []
    for items_of_a_kind in (0, 10**9):
        monkeypatch.setattr("labelwright.agreement.interval._ITEMS_OF_A_KIND", items_of_a_kind)
        drawn = resampled(times, 20_000, np.random.default_rng(0))
        assert (drawn.sum(axis=1) == 40).all()
        found.append((drawn.mean(axis=0), drawn.std(axis=0)))
    expected = np.sqrt(times * (1 - times / 40))
    for mean, spread in found:
        assert mean == pytest.approx(times, rel=0.03)
        assert spread == pytest.approx(expected, rel=0.03)
