"""Agreement by class, pair, annotator, slice and time; comparisons; remedies."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from labelwright import agreement as ag
from labelwright.model.errors import UsageError


def crowd(seed=0, items=200, skill=(0.9, 0.9, 0.9, 0.3), classes=3, confuse=()):
    """Annotators of given skill; ``confuse`` names two classes that everybody mixes up half of the time."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(items):
        truth = int(rng.integers(classes))
        for a, s in enumerate(skill):
            label = truth if rng.random() < s else int(rng.integers(classes))
            if label in confuse and rng.random() < 0.5:
                label = confuse[1 - confuse.index(label)]
            rows.append((f"i{i}", f"a{a}", f"c{label}"))
    return pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")


def test_each_class_against_the_rest():
    """Classes that are mixed up have the lowest agreement of their own."""
    parts = {part.key: part.value for part in ag.by_class(crowd(skill=(0.95,) * 4, confuse=(0, 1)))}
    assert parts["c2"] > 0.8 > max(parts["c0"], parts["c1"])


def test_a_class_that_nobody_chose_is_undefined():
    """A class of the schema without answers has a reason instead of a number."""
    table = crowd(classes=2).with_columns(pl.col("label").cast(pl.Enum(["c0", "c1", "never"])))
    never = ag.by_class(table)[-1]
    assert (never.key, never.value) == ("never", None)
    assert never.reason


def test_pairs_of_other_measures_rest_on_shared_items():
    """By pair, percent agreement is the share of shared items on which the two agree."""
    table = crowd()
    wide = table.pivot(on="annotator", index="item", values="label")
    for pair in ag.by_pair(table, ag.percent_agreement):
        assert pair.value == pytest.approx((wide[pair.a] == wide[pair.b]).mean())
        assert pair.n_items == 200
    assert [p.value for p in ag.by_pair(table)] == [p.value for p in ag.cohen_kappa(table).pairs]


def test_each_annotator_against_the_others():
    """With two annotators both have Cohen's kappa and percent agreement; with more the bad one stands out."""
    two = crowd(skill=(0.8, 0.7))
    for part in ag.by_annotator(two):
        assert part.value == pytest.approx(ag.cohen_kappa(two).value, abs=1e-12)
    for part in ag.by_annotator(two, "percent"):
        assert part.value == pytest.approx(ag.percent_agreement(two).value, abs=1e-12)
    parts = ag.by_annotator(crowd(), interval="bca")
    assert min(parts, key=lambda part: part.value).key == "a3"
    assert parts[3].high < min(part.low for part in parts[:3])


def test_an_annotator_alone_is_undefined():
    """Somebody who shares no item has a reason instead of a number."""
    alone = pl.DataFrame({"item": ["x"], "annotator": ["zz"], "label": ["c0"]})
    last = ag.by_annotator(pl.concat([crowd(), alone]))[-1]
    assert (last.key, last.value, last.n_items) == ("zz", None, 0)
    assert "shares no item" in last.reason


def test_slices_by_item_and_by_column():
    """A mapping, a frame and a column of the table give the same parts as tables cut by hand."""
    table = crowd().with_columns(
        source=pl.when(pl.col("item").str.ends_with("1")).then(pl.lit("web")).otherwise(pl.lit("app"))
    )
    expected = {name: ag.krippendorff_alpha(part).value for (name,), part in table.group_by("source")}
    frame = table.select("item", slice="source").unique()
    for slices in ("source", dict(frame.iter_rows()), frame):
        parts = ag.by_slice(table, slices)
        assert [part.key for part in parts] == ["app", "web"]
        assert {part.key: part.value for part in parts} == pytest.approx(expected)


def test_items_without_a_slice_are_left_out():
    """Only items that have a value count."""
    assert [(part.key, part.n_items) for part in ag.by_slice(crowd(), {"i1": "A", "i2": "A"})] == [("A", 2)]


def test_slices_of_codes_need_a_mapping():
    """Codes have no other columns: asking for one says so."""
    with pytest.raises(UsageError, match="no other columns"):
        ag.by_slice(ag.alpha.encode(crowd()), "source")


@pytest.mark.parametrize("convert", [lambda t: t, pl.DataFrame.to_pandas, pl.DataFrame.to_arrow])
def test_periods_follow_the_last_answer_to_an_item(convert):
    """Items fall into periods of equal size by their latest annotation; agreement falls where people got worse."""
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    good, bad = crowd(skill=(0.95,) * 3), crowd(seed=1, skill=(0.4,) * 3).with_columns(pl.col("item") + "late")
    table = pl.concat([good, bad])
    hours = pl.col("item").rank("dense").cast(pl.Int64) + pl.when(pl.col("item").str.ends_with("late")).then(
        1000
    ).otherwise(0)
    table = table.with_columns(time=start + pl.duration(hours=1) * hours)
    parts = ag.over_time(convert(table), periods=4)
    assert [part.n_items for part in parts] == [100] * 4
    assert min(parts[0].value, parts[1].value) > 0.7
    assert max(parts[2].value, parts[3].value) < 0.3
    assert all(first <= last for first, last in (part.key for part in parts))


def test_equal_times_stay_together():
    """Items of one time are never torn apart, so there may be fewer periods than asked for."""
    table = crowd(items=20).with_columns(time=pl.lit(5))
    assert [part.n_items for part in ag.over_time(table, periods=4)] == [20]


@pytest.mark.parametrize("interval", ["bootstrap", "bca", "analytic"])
def test_a_comparison_of_the_same_table_is_nothing(interval):
    """Before and after the same: the difference is 0 with an interval of length 0, because items are paired."""
    found = ag.compare(crowd(), crowd(), interval=interval)
    assert (found.value, found.low, found.high) == (0, 0, 0)
    assert (found.n_items, found.n_shared) == (200, 200)


@pytest.mark.parametrize("measure", [ag.krippendorff_alpha, ag.fleiss_kappa, ag.gwet_ac1, ag.percent_agreement])
def test_a_better_guideline_shows(measure):
    """A clear rise lies above 0 with its whole interval; unshared items are independent samples."""
    before, after = crowd(skill=(0.6,) * 4), crowd(seed=1, skill=(0.9,) * 4).with_columns(item="n" + pl.col("item"))
    found = ag.compare(before, after, measure)
    assert found.low > 0
    assert found.value == pytest.approx(measure(after).value - measure(before).value)
    assert (found.n_items, found.n_shared) == (400, 0)
    independent = np.hypot(*(measure(t, interval="bootstrap").standard_error for t in (before, after)))
    assert found.standard_error == pytest.approx(independent, rel=0.15)


def test_pairing_narrows_the_interval():
    """The same items before and after: their difficulty cancels out."""
    before = crowd(seed=5, skill=(0.7,) * 4)
    after = before.with_columns(
        label=pl.when(pl.col("item").str.ends_with("3")).then(pl.lit("c0")).otherwise(pl.col("label"))
    )
    paired = ag.compare(before, after)
    unpaired = ag.compare(before, after.with_columns(item="n" + pl.col("item")))
    assert paired.high - paired.low < 0.8 * (unpaired.high - unpaired.low)


def test_an_undefined_side_makes_the_difference_undefined():
    """The reason says which side it was."""
    one_class = crowd().with_columns(label=pl.lit("c0"))
    found = ag.compare(one_class, crowd())
    assert found.value is None
    assert found.reason.startswith("before: ")
    with pytest.raises(UsageError, match="cannot be compared"):
        ag.compare(crowd(), crowd(), ag.icc)


def test_remedies_name_the_confused_classes_and_whoever_stands_apart():
    """The confused pair comes first and merging it helps; the random annotator stands apart."""
    found = ag.merge_remedies(crowd(skill=(0.95, 0.95, 0.95, 0.95, 0.2), confuse=(0, 1)), interval="bootstrap")
    first = found.pairs[0]
    assert {first.a, first.b} == {"c0", "c1"}
    assert first.gain > 0.1
    assert first.merged.low > found.agreement.value
    assert sum(pair.share for pair in found.pairs) == pytest.approx(1)
    assert [standing.annotator for standing in found.annotators if standing.apart] == ["a4"]
    assert found.annotators[0].annotator == "a4"


def test_remedies_of_nothing():
    """No annotations, no remedies, and no error."""
    found = ag.merge_remedies(crowd().clear())
    assert (found.agreement.value, found.pairs, found.annotators) == (None, (), ())


@pytest.mark.parametrize(
    ("kappa", "word"),
    [
        (-0.1, "poor"), (0.0, "slight"), (0.2, "slight"), (0.21, "fair"), (0.4, "fair"), (0.6, "moderate"),
        (0.61, "substantial"), (0.8, "substantial"), (0.81, "almost perfect"), (1.0, "almost perfect"),
    ],
)  # fmt: skip
def test_words_are_named_by_their_author(kappa, word):
    """The scale of Landis and Koch, with their names."""
    assert str(ag.verbal_scale(kappa)) == f"{word} (Landis & Koch 1977)"
    assert ag.verbal_scale(None) is None
