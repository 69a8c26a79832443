"""Rows, splits and checks of a training set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.app.kept import KeptLabel
from labelwright.export.building import Filters, build_records, pseudonyms_of
from labelwright.export.checks import check_records, find_problems, shown
from labelwright.export.encoding import json_bytes, json_lines
from labelwright.export.splits import SPLITS, SplitRule, group_of, place_of
from labelwright.model.errors import CheckFailedError, UsageError
from labelwright.model.project import Annotation, AnnotationSet, AnnotationState, Annotator, Item
from labelwright.model.schema import Control, Kind, Schema
from labelwright.model.values import Answer, Choice, Entry

CONTROL = Control("sentiment", "Choices", Kind.CHOICE, ("text",), ("Positive", "Negative", "Neutral"))
SCHEMA = Schema("<View/>", (CONTROL,), (), ("text",))
DEFAULT = SplitRule()
START = datetime(2026, 1, 1, tzinfo=UTC)


def answered(number, item, annotator, label, **changes):
    entry = Entry("sentiment", "text", Choice((label,)))
    at = START + timedelta(minutes=number)
    made = Annotation(
        str(number),
        item,
        annotator,
        Answer((entry,)),
        created_at=at,
        updated_at=at,
        guidelines_version=1,
        schema_version=1,
    )
    return replace(made, **changes)


def annotation_set(items, annotations):
    people = {a.annotator: Annotator(a.annotator, a.annotator, f"{a.annotator}@example.org") for a in annotations}
    return AnnotationSet(SCHEMA, {i.id: i for i in items}, tuple(annotations), people)


def agreed(label, posterior=1.0, *, contested=False):
    return SimpleNamespace(label=label, posterior=posterior, contested=contested)


def texts(n, **changes):
    return [Item(f"i{k}", {"text": f"text {k}"}, group=f"i{k}", **changes) for k in range(n)]


def test_a_row_carries_its_label_and_where_it_comes_from():
    """From a row one can walk back to annotations, people and versions."""
    items = texts(1, metadata={"source": "web"}, existing="Negative")
    annotations = [answered(7, "i0", "zoe", "Positive"), answered(9, "i0", "al", "Positive", guidelines_version=2)]
    records = build_records(
        annotation_set(items, annotations), {"i0": agreed("Positive")}, CONTROL, SplitRule(), aggregator="MajorityVote"
    )
    (row,) = records
    assert (row.label, row.posterior, row.existing, row.metadata) == ("Positive", 1.0, "Negative", {"source": "web"})
    assert (row.n_annotations, row.annotators) == (2, ("annotator-1", "annotator-2"))
    assert row.annotation_ids == ("7", "9")
    assert row.guidelines_versions == (1, 2)
    assert row.inferred_by == "MajorityVote"


def test_items_without_a_label_are_left_out_and_counted():
    """Nothing disappears silently: each item is a row or is counted under its reason."""
    items = texts(4)
    annotations = [
        answered(1, "i0", "a", "Positive"),
        answered(2, "i1", "a", "Positive"),
        answered(3, "i1", "b", "Neutral"),
    ]
    annotations += [
        answered(4, "i2", "a", "Positive", state=AnnotationState.SKIPPED),
        answered(5, "i3", "a", "Neutral"),
    ]
    labels = {"i0": agreed("Positive"), "i1": agreed("Neutral", 0.5, contested=True), "gone": agreed("Neutral")}
    found = build_records(annotation_set(items, annotations), labels, CONTROL, SplitRule(), aggregator="m")
    assert [r.id for r in found] == ["i0"]
    assert found.left_out == {
        "contested: the answers do not settle it": 1,
        "no valid annotation": 1,
        "annotated, but no consensus was inferred": 1,
        "labeled, but the item is not among the data": 1,
    }
    kept = build_records(
        annotation_set(items, annotations), labels, CONTROL, SplitRule(), aggregator="m", keep_contested=True
    )
    assert [(r.id, r.contested) for r in sorted(kept, key=lambda r: r.id)] == [("i0", False), ("i1", True)]


def test_of_several_answers_of_one_annotator_the_last_counts():
    """A label never rests on the same person twice."""
    annotations = [
        answered(1, "i0", "a", "Positive"),
        answered(3, "i0", "a", "Neutral"),
        answered(2, "i0", "b", "Neutral"),
    ]
    for order in (annotations, annotations[::-1]):
        (row,) = build_records(
            annotation_set(texts(1), order), {"i0": agreed("Neutral")}, CONTROL, SplitRule(), aggregator="m"
        )
        assert row.annotation_ids == ("2", "3")


def test_pseudonyms_stay_when_somebody_joins():
    """A newcomer whose name sorts first does not rename the others."""
    before = [answered(1, "i0", "mia", "Positive"), answered(2, "i0", "noa", "Positive")]
    after = [answered(3, "i0", "abe", "Positive"), *before]
    old, new = pseudonyms_of(annotation_set([], before)), pseudonyms_of(annotation_set([], after))
    assert old == {"mia": "annotator-1", "noa": "annotator-2"}
    assert new == {**old, "abe": "annotator-3"}


@given(st.lists(st.text(min_size=1), unique=True, max_size=50), st.integers(0, 2**64 - 1))
def test_an_item_never_changes_split_when_the_data_grows(ids, seed):
    """The split depends on the group alone, not on what else there is."""
    rule = SplitRule(seed=seed)
    labels = {i: agreed("Positive") for i in ids}
    items = [Item(i, {"text": i}) for i in ids]

    def splits(some):
        found = build_records(annotation_set(some, []), labels, CONTROL, rule, aggregator="m")
        return {r.id: r.split for r in found}

    whole, part = splits(items), splits(items[::2])
    assert part.items() <= whole.items()
    assert all(0 <= place_of(i, seed) <= 1 for i in ids)


def test_items_of_a_group_share_their_split():
    """Sentences of one document never stand on both sides of the evaluation."""
    items = [Item(f"i{k}", {"text": str(k)}, group=f"doc{k % 7}") for k in range(70)]
    labels = {i.id: agreed("Positive") for i in items}
    found = build_records(annotation_set(items, []), labels, CONTROL, SplitRule(), aggregator="m")
    assert {len({r.split for r in found if r.group == f"doc{g}"}) for g in range(7)} == {1}


def test_the_shares_are_kept():
    """Of 20,000 groups each split gets its share within half a per cent (4 sigma is 0.0085 at most for 0.1)."""
    rule = SplitRule()
    drawn = [rule.split_of(Item(f"i{k}", {})) for k in range(20_000)]
    assert [drawn.count(s) / 20_000 for s in SPLITS] == pytest.approx([0.8, 0.1, 0.1], abs=0.0115)


def test_the_untouched_test_set_is_forced_into_test():
    """A group that the annotators labeled as test set is never trained on."""
    rule = SplitRule(1.0, 0.0, 0.0, forced={"doc": "test"})
    assert rule.split_of(Item("x", {}, group="doc")) == "test"
    assert rule.split_of(Item("y", {}, group="other")) == "train"


def test_equal_texts_are_one_group_where_no_group_was_given():
    """Two customers who wrote "great!" do not leak between training and test."""
    assert group_of(Item("a", {"text": "Great  product!"}, group="a")) == group_of(
        Item("b", {"text": "great product!"})
    )
    assert group_of(Item("a", {"text": "one"}, group="a")) != group_of(Item("b", {"text": "two"}, group="b"))
    assert group_of(Item("a", {"text": "one"}, group="doc")) == "doc"
    assert group_of(Item("a", {"pages": 3})) == "a"


@pytest.mark.parametrize(
    "wrong", [{"train": 0.9}, {"train": 1.2, "validation": -0.2, "test": 0}, {"seed": -1}, {"forced": {"g": "dev"}}]
)
def test_an_unusable_split_rule_is_refused(wrong):
    """A rule that cannot be followed is a mistake of the user's, named before anything is written."""
    with pytest.raises(UsageError):
        SplitRule(**wrong)


def rows(*items, labels, annotations=(), rule=DEFAULT):
    return list(build_records(annotation_set(items, annotations), labels, CONTROL, rule, aggregator="m"))


def test_corrupt_rows_are_refused_by_name():
    """Unknown class, label without annotation, leak between splits: nothing is written and each row is named."""
    texts_of = {"a": "Caf\u00e9  GOOD", "b": "cafe\u0301 good\n", "c": "x"}
    items = [Item(name, {"text": text}, group=f"given {name}") for name, text in texts_of.items()]
    labels = {"a": agreed("Positive"), "b": agreed("Positive"), "c": agreed("Meh")}
    annotations = [answered(1, "a", "p", "Positive"), answered(2, "b", "p", "Positive")]
    found = rows(
        *items, labels=labels, annotations=annotations, rule=SplitRule(forced={"given a": "train", "given b": "test"})
    )
    problems = list(find_problems([*found, found[0]], CONTROL.classes, SCHEMA.data_fields))
    assert {(p.item, p.reason) for p in problems} == {
        ("b", "the same text in two splits"),
        ("c", "unknown class"),
        ("c", "a label without annotations"),
        ("a", "duplicate id"),
        ("a", "the same text in two splits"),
    }
    with pytest.raises(CheckFailedError, match="'b': the same text in two splits"):
        check_records(problems, "OUT")


def test_half_a_surrogate_pair_is_a_corrupt_row():
    """What UTF-8 cannot hold is refused rather than replaced."""
    annotations = [answered(1, "a", "p", "Positive")]
    found = rows(Item("a", {"text": "\ud800"}), labels={"a": agreed("Positive")}, annotations=annotations)
    assert [p.reason for p in find_problems(found, CONTROL.classes, ("text",))] == ["not valid Unicode"]


def test_only_the_first_twenty_rows_are_named_in_the_message():
    """A message with a million rows helps nobody."""
    found = rows(*texts(25), labels={f"i{k}": agreed("Positive") for k in range(25)})
    problems = list(find_problems(found, CONTROL.classes, ("text",)))
    assert len(problems) == 25
    with pytest.raises(CheckFailedError, match=r"25 rows are corrupt.*and 5 more"):
        check_records(problems, "OUT")


@given(st.text())
def test_normalization_changes_nothing_more_when_applied_again(text):
    """Equal items are found equal whatever their white space; normalizing is idempotent for ASCII and beyond."""
    assert shown({"t": f"  {text}\t"}, ("t",)) == shown({"t": text}, ("t",))


def test_only_what_is_certified_or_an_experts_word_becomes_a_row():
    """The rest is named with its reason; the manifest says that the filter was on."""
    item = Item("i", {"text": "x"})
    filters = Filters(only_certified=True)
    plain = KeptLabel("yes", 0.9, contested=False)
    assert filters.why_not(item, replace(plain, certified=True)) is None
    assert filters.why_not(item, replace(plain, adjudicator="eva")) is None
    assert filters.why_not(item, plain) == "neither certified nor decided by an expert"
    assert filters.stated()["only_certified"]
    assert Filters().why_not(item, plain) is None


def test_leaks_and_twins_are_found_however_far_apart_they_stand():
    """Rows are looked at many at a time: the same text, or id, a thousand rows later is still named, in order."""
    n = 3000
    items = [Item(f"i{k:04d}", {"text": f"text {k % 2900}"}, group=f"own {k}") for k in range(n)]
    labels = {i.id: agreed("Positive") for i in items}
    annotations = [answered(k, item.id, "p", "Positive") for k, item in enumerate(items)]
    forced = {f"own {k}": "train" if k < 2900 else "test" for k in range(n)}
    found = rows(*items, labels=labels, annotations=annotations, rule=SplitRule(forced=forced))
    problems = find_problems([*found, found[7]], CONTROL.classes, ("text",))
    leaks = [p for p in problems if p.reason == "the same text in two splits"]
    assert [p.item for p in leaks] == [*(f"i{k:04d}" for k in range(2900, n)), "i0007"]
    assert leaks[0].detail == "here test, in train as 'i0000'"
    assert [(p.item, p.reason) for p in problems if p.reason == "duplicate id"] == [("i0007", "duplicate id")]


def test_items_that_show_no_text_do_not_leak():
    """Pictures without a word are not all the same text."""
    items = [Item(f"i{k}", {"text": "", "image": k}, group=f"own {k}") for k in range(4)]
    labels = {i.id: agreed("Positive") for i in items}
    annotations = [answered(k, i.id, "p", "Positive") for k, i in enumerate(items)]
    forced = {f"own {k}": SPLITS[k % 3] for k in range(4)}
    found = rows(*items, labels=labels, annotations=annotations, rule=SplitRule(forced=forced))
    assert find_problems(found, CONTROL.classes, ("text", "image")) == []


def test_columns_are_the_rows_turned():
    """Each column holds of each row what belongs to it, and rows are made of the same, in steps that stay small."""
    items = [Item(f"i{k:04d}", {"text": f"text {k}"}, {"n": k}, existing="Neutral") for k in range(2500)]
    labels = {i.id: agreed("Positive", 0.5 + k / 6000) for k, i in enumerate(items)}
    annotations = [answered(k, i.id, f"p{k % 3}", "Positive") for k, i in enumerate(items)]
    annotations += [answered(9000 + k, f"i{k:04d}", "zoe", "Neutral", guidelines_version=2) for k in range(50)]
    records = build_records(annotation_set(items, annotations), labels, CONTROL, DEFAULT, aggregator="m")
    seen = []
    for split in SPLITS:
        parts = list(records.columns(split))
        assert max(len(part.id) for part in parts) <= 1024
        assert {s for part in parts for s in part.split} == {split}
        ids = [i for part in parts for i in part.id]
        assert ids == sorted(ids) == [row.id for row in records.of(split)]
        for row in records.of(split):
            k = int(row.id[1:])
            assert (row.data["text"], row.metadata["n"], row.posterior) == (f"text {k}", k, 0.5 + k / 6000)
            assert (row.annotators[0], row.annotation_ids[0]) == (f"annotator-{k % 3 + 1}", str(k))
            assert row.split == DEFAULT.split_for(row.group) == split
        seen += ids
    assert sorted(seen) == [i.id for i in items]
    assert sum(len(row.annotation_ids) == 2 for row in records) == 50


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()) | st.sampled_from(["a\u2028b", "a\x85b", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.lists(st.dictionaries(st.text(max_size=5), _VALUES, max_size=4), max_size=5))
def test_many_lines_are_written_as_each_would_be(rows_of_json):
    """A line stays one line for every reader, half a surrogate pair keeps its escape, and no value is refused."""
    lines = json_lines(rows_of_json)
    assert lines == b"".join(json_bytes(row) + b"\n" for row in rows_of_json)
    assert len(lines.decode().splitlines()) == len(rows_of_json)
