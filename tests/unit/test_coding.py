"""Names to codes: the one place where an annotation table becomes integers."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.coding import Coded, encode, match_items, pattern_rows
from labelwright.coding import many as many_module
from labelwright.coding import patterns as patterns_module
from labelwright.coding.few import few_codes
from labelwright.coding.many import MANY_ROWS, hashed_codes
from labelwright.coding.objects import object_codes
from labelwright.coding.patterns import _hashed, count_patterns
from labelwright.coding.rows import last_answers, order_by
from labelwright.model.errors import DataError

TABLE = pl.DataFrame(
    {
        "item": ["b", "a", "a", "b", "c", "a"],
        "annotator": ["y", "x", "y", "x", "x", "x"],
        "label": ["P", "N", "P", None, "N", "P"],
    }
)


def triples(coded):
    """The annotations by name, as a set."""
    items, annotators, classes = (list(names) for names in (coded.item_names, coded.annotator_names, coded.classes))
    rows = zip(coded.item, coded.annotator, coded.label, strict=True)
    return {(items[i], annotators[a], classes[c]) for i, a, c in rows}


def test_rows_are_sorted_by_item_and_the_last_answer_counts():
    """Codes stand by item; an earlier answer and a missing label are left out and counted."""
    coded = encode(TABLE)
    assert triples(coded) == {("b", "y", "P"), ("a", "y", "P"), ("a", "x", "P"), ("c", "x", "N")}
    assert (np.diff(coded.item) >= 0).all()
    assert (coded.n_dropped, coded.n_missing) == (1, 1)
    assert coded.counts.sum(axis=1).tolist() == np.diff(coded.starts).tolist() == [1, 2, 1]


@pytest.mark.parametrize("convert", [pl.DataFrame.to_pandas, pl.DataFrame.to_arrow, pl.DataFrame.lazy])
def test_every_library_gives_the_same(convert):
    """pandas, pyarrow and a lazy polars frame say what the polars frame says."""
    assert triples(encode(convert(TABLE))) == triples(encode(TABLE))


def test_annotators_and_classes_are_sorted():
    """Codes of annotators and classes follow their order, not that of the rows."""
    coded = encode(TABLE)
    assert coded.annotator_list() == ["x", "y"]
    assert coded.class_list() == ["N", "P"]


def test_a_categorical_column_keeps_its_order_and_unused_classes():
    """Enum (polars) and ordered categories (pandas) are the lead's own order of classes."""
    order = ["bad", "fine", "good"]
    table = pl.DataFrame({"item": [1, 1], "annotator": [1, 2], "label": ["good", "bad"]})
    enum = encode(table.with_columns(pl.col("label").cast(pl.Enum(order))))
    category = encode(table.to_pandas().assign(label=lambda t: pd.Categorical(t["label"], order)))
    for coded in (enum, category):
        assert coded.class_list() == order
        assert sorted(coded.label.tolist()) == [0, 2]


@pytest.mark.parametrize(
    "labels",
    [
        [3, 1, 2],
        [10**12, -5, 7],
        [0.5, float("nan"), 0.25],
        [True, False, True],
        [["a"], ["a", "b"], None],
        [[["a", "b"]], [["a"]], []],
    ],
    ids=["small integers", "far apart", "floats", "booleans", "lists", "lists of lists"],
)
def test_labels_of_every_kind(labels):
    """Numbers, truth values and lists are classes; NaN and null are missing."""
    table = pl.DataFrame({"item": [1, 2, 3], "annotator": [1, 1, 1], "label": labels}, strict=False)
    known = [
        tuple(map(tuple, v))
        if v and isinstance(v, list) and isinstance(v[0], list)
        else tuple(v)
        if isinstance(v, list)
        else v
        for v in labels
    ]
    known = [v for v in known if v is not None and v == v]  # noqa: PLR0124
    coded = encode(table)
    assert [coded.class_list()[c] for c in coded.label] == known
    assert coded.n_missing == len(labels) - len(known)


def test_sets_are_classes():
    """Sets in an object column are told apart by what they hold."""
    table = pd.DataFrame({"item": [1, 1, 2], "annotator": [0, 1, 1], "label": [{"a", "b"}, frozenset("ba"), {"a"}]})
    first, second, other = encode(table).label
    assert first == second != other


def test_what_cannot_be_coded_is_refused_with_its_place():
    """A missing column, a null item and something that is no table are errors that name it."""
    with pytest.raises(DataError, match="label is missing"):
        encode(TABLE.drop("label"))
    with pytest.raises(DataError, match="1 rows have no item"):
        encode(TABLE.with_columns(item=pl.Series(["a", None, "b", "c", "d", "e"])))
    with pytest.raises(DataError, match="list is no DataFrame"):
        encode([("a", "x", "P")])
    with pytest.raises(DataError, match="too high"):
        Coded.from_codes([0, 5], [0, 0], [0, 0], n_items=2)
    with pytest.raises(DataError, match="differ in length"):
        Coded.from_codes([0, 1], [0], [0])


def test_codes_as_they_are():
    """From integer codes: a negative label is missing, names default to the codes, unused ones stay."""
    coded = Coded.from_codes([2, 0, 2, 2], [0, 1, 1, 0], [1, -1, 0, 0], n_items=4, classes=3)
    assert (coded.n_items, coded.n_annotators, coded.n_classes, coded.n_annotations) == (4, 2, 3, 2)
    assert (coded.n_missing, coded.n_dropped) == (1, 1)
    assert coded.counts.tolist() == [[0, 0, 0], [0, 0, 0], [2, 0, 0], [0, 0, 0]]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 20), st.integers(0, 3)), max_size=120),
)
def test_the_last_answer_of_each_annotator_to_each_item(rows):
    """Sorting and dropping agree with a dictionary that is written row by row."""
    columns = [np.array([row[k] for row in rows], dtype=np.int32) for k in range(3)]
    item, annotator, label, n_dropped = last_answers(*columns, 21)
    expected = {(i, a): c for i, a, c in rows}
    assert dict(zip(zip(item.tolist(), annotator.tolist(), strict=True), label.tolist(), strict=True)) == expected
    assert n_dropped == len(rows) - len(expected)
    assert (np.diff(item) >= 0).all()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n_classes=st.integers(1, 60))
def test_patterns_are_the_distinct_rows_of_the_count_matrix(seed, n_classes):
    """Packed numbers and hashes find what a comparison of whole rows finds."""
    rng = np.random.default_rng(seed)
    item = np.sort(rng.integers(0, 30, 80)).astype(np.int32)
    label = rng.integers(0, n_classes, 80).astype(np.int32)
    matrix = np.zeros((30, n_classes), np.int64)
    np.add.at(matrix, (item, label), 1)
    counts, times = np.unique(matrix[matrix.any(axis=1)], axis=0, return_counts=True)
    for found in (count_patterns(item, label, n_classes), _hashed(item, label, n_classes)):
        np.testing.assert_array_equal(found.counts, counts)
        np.testing.assert_array_equal(found.times, times)


def test_free_text_as_class_is_refused_before_memory_runs_out():
    """Ten thousand different texts are no classes: the message says what to do instead."""
    n = 10_000
    coded = Coded.from_codes(np.repeat(np.arange(n), 2), np.tile([0, 1], n), np.arange(2 * n))
    with pytest.raises(DataError, match="too many to count"):
        _ = coded.patterns


@pytest.mark.parametrize("shuffled", [False, True])
def test_many_strings_are_coded_like_few(shuffled):
    """Beyond the threshold strings are told apart by hashes: same groups, in order of first appearance."""
    rng = np.random.default_rng(0)
    numbers = np.repeat(np.arange(MANY_ROWS // 2), 3)
    if shuffled:
        rng.shuffle(numbers)
    names = pl.Series("item", numbers).cast(pl.String)
    codes, first = hashed_codes(names)
    expected, uniques = pd.factorize(numbers)
    np.testing.assert_array_equal(codes, expected)
    np.testing.assert_array_equal(numbers[first], uniques)
    table = pl.DataFrame([names]).with_columns(annotator=pl.int_range(pl.len()) % 3, label=pl.lit(1))
    assert encode(table).item_names[:3].to_list() == [str(n) for n in uniques[:3]]


def test_without_names_the_counts_are_the_same():
    """Measures that only count save the names: patterns stay the same up to the order of classes."""
    named, anonymous = encode(TABLE), encode(TABLE, named=False)
    assert sorted(map(sorted, named.counts.tolist())) == sorted(map(sorted, anonymous.counts.tolist()))
    assert (anonymous.n_items, anonymous.n_classes, anonymous.n_dropped) == (3, 2, 1)


def test_items_of_two_tables_are_matched_by_name():
    """Items in both tables, only in the first and only in the second are told apart."""
    first, second = encode(TABLE), encode(TABLE.with_columns(item=pl.Series(["b", "z", "z", "b", "c", "z"])))
    matched = {
        (first.item_names[i] if i >= 0 else None, second.item_names[j] if j >= 0 else None)
        for i, j in match_items(first, second).tolist()
    }
    assert matched == {("b", "b"), ("a", None), ("c", "c"), (None, "z")}


def test_each_item_finds_its_pattern():
    """The row of the pattern table of an item holds its own counts."""
    coded = encode(TABLE)
    rows = pattern_rows(coded, len(coded.patterns.times))
    np.testing.assert_array_equal(coded.patterns.counts[rows], coded.counts)
    paired = coded.patterns.at_least(2)
    assert pattern_rows(coded, len(paired.times)).tolist() == [-1, 0, -1]


def test_patterns_survive_a_collision_of_hashes(monkeypatch):
    """When one of the two sums cannot tell patterns apart, the other one is noticed and all stays right."""
    rng = np.random.default_rng(0)
    item, label = np.repeat(np.arange(40), 3).astype(np.int32), rng.integers(0, 4, 120).astype(np.int32)
    expected = count_patterns(item, label, 4)
    words = patterns_module._words
    same = patterns_module._SEEDS[0]
    monkeypatch.setattr(
        patterns_module, "_words", lambda n, seed: np.ones(n, np.uint64) if seed == same else words(n, seed)
    )
    found = _hashed(item, label, 4)
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_array_equal(found.times, expected.times)
    rows = patterns_module.item_rows(expected, item, label, 40)
    matrix = np.zeros((40, 4), int)
    np.add.at(matrix, (item, label), 1)
    np.testing.assert_array_equal(expected.counts[rows], matrix)


def test_hashes_that_meet_by_chance_are_told_apart():
    """When the upper bits of two hashes are equal, or one of the two hashes is, the strings stay apart."""
    one = np.array([5, 5 + (1 << 60), 5, 6, 5 + (1 << 60), 5], np.uint64)
    two = np.array([1, 2, 1, 1, 2, 9], np.uint64)
    code, first = many_module._grouped(one, two)
    assert code.tolist() == [0, 1, 0, 2, 1, 3]
    assert first.tolist() == [0, 1, 3, 5]


@given(st.lists(st.sampled_from(["a", "b", "ü", "", "ab", "c"]), min_size=1, max_size=60), st.booleans())
def test_few_strings_are_coded_by_first_appearance(values, grouped):
    """Protects the short way for short tables: the same codes as a dictionary gives, grouped or not."""
    values = sorted(values) if grouped else values
    table = {}
    expected = [table.setdefault(v, len(table)) for v in values]
    ((_, codes, first),) = few_codes([pl.Series("item", values)])
    assert codes.tolist() == expected
    assert [values[k] for k in first] == list(table)


def shared(values, rows):
    """A pandas column whose equal rows are one object, as a reader of files makes it; and one with an object a row."""
    objects = np.array(values, dtype=object)[rows]
    return objects, np.array(["".join(list(v)) if isinstance(v, str) else v for v in objects], dtype=object)


@pytest.mark.parametrize("kind", ["grouped", "shuffled", "few"])
def test_long_columns_of_python_strings_are_coded_as_short_ones(kind):
    """Protects pandas' object columns: by identity or not, codes stand in the order of appearance."""
    rng = np.random.default_rng(5)
    n = MANY_ROWS + 5
    distinct = 7 if kind == "few" else n // 2
    rows = rng.integers(0, distinct, n)
    rows = np.sort(rows) if kind == "grouped" else rows
    names = [f"item-{k:06d}-äß" for k in range(distinct)]
    expected, found = pd.factorize(np.array(names, dtype=object)[rows])
    for column in shared(names, rows):
        codes, first = object_codes(column)
        assert np.array_equal(codes, expected)
        assert column[first].tolist() == found.tolist()


@pytest.mark.parametrize("strange", [None, float("nan"), pd.NA, 3, ("a", "b"), "\ud800", b"x"], ids=repr)
def test_long_columns_of_mixed_objects_are_coded_too(strange):
    """Protects what is no string: null is -1, everything else counts by equality."""
    values = np.array(["a", "b", "c"] * (MANY_ROWS // 3), dtype=object)
    values[[1, 70, 5000]] = strange if not isinstance(strange, tuple) else None
    if isinstance(strange, tuple):
        for k in (1, 70, 5000):
            values[k] = tuple(strange)
    expected, found = pd.factorize(values)
    codes, first = object_codes(values)
    assert np.array_equal(codes, expected)
    assert list(values[first]) == list(found)


def test_a_long_pandas_table_is_that_of_polars():
    """Protects the whole way: object columns, Arrow strings and polars say the same, dropped and missing counted."""
    n = MANY_ROWS + 100
    rng = np.random.default_rng(2)
    table = pl.DataFrame(
        {
            "item": [f"i{k // 3}" for k in range(n)],
            "annotator": [f"p{k}" for k in rng.integers(0, 9, n)],
            "label": [None if k == 5 else f"c{k}" for k in rng.integers(0, 12, n)],
        }
    )
    expected = encode(table)
    for frame in (table.to_pandas(), table.to_pandas().astype("string[pyarrow]"), table.to_arrow()):
        coded = encode(frame)
        assert np.array_equal(coded.counts, expected.counts)
        assert (coded.n_dropped, coded.n_missing) == (expected.n_dropped, expected.n_missing)
        assert list(coded.item_names) == list(expected.item_names)
        assert coded.annotator_list() == expected.annotator_list()


def test_objects_that_cannot_be_told_apart_are_refused_in_long_columns_too():
    """Protects from an answer to a question nobody can answer."""
    frame = pd.DataFrame({"item": range(MANY_ROWS), "annotator": "p", "label": [{} for _ in range(MANY_ROWS)]})
    with pytest.raises(DataError, match="label column holds values of type dict"):
        encode(frame)


@pytest.mark.parametrize(("rows", "top"), [(10, 3), (70_000, 0), (70_000, 12), (70_000, 200_000), (70_000, 10**9)])
def test_rows_come_in_the_stable_order_of_their_keys(rows, top):
    """Counted, packed or sorted: equal keys keep the order in which they stood, or the last answer would not count."""
    key = np.random.default_rng(rows + top).integers(0, top + 1, rows)
    assert (order_by(key) == np.argsort(key, kind="stable")).all()
