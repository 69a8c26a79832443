"""The optimal matching of two annotators and the groups of several."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.matching.compare import similarity
from labelwright.matching.drawings import Drawing, regions_of
from labelwright.matching.groups import grouped
from labelwright.matching.optimal import matched
from labelwright.model.values import Answer, Box, Choice, Entry, Relation, Segment, Span


def span(start, end, *labels):
    return Entry("label", "text", Span(start, end), labels)


def box(x, y, width, height, *labels):
    return Entry("label", "image", Box(x, y, width, height), labels)


span_lists = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 8), st.sampled_from(["A", "B"])).map(
        lambda t: span(t[0], t[0] + t[1], t[2]),
    ),
    max_size=4,
)
crowds = st.lists(span_lists, min_size=2, max_size=4)


def _drawn(lists, item="i", names="abcd"):
    return [Drawing(item, names[number], tuple(entries)) for number, entries in enumerate(lists)]


def _brute_force(one, two, at_least):
    """The greatest total similarity over all injective assignments, by trying them all."""
    if len(one) > len(two):
        one, two = two, one
    worth = [[s if (s := similarity(a.value, b.value)) >= at_least else 0.0 for b in two] for a in one]
    orders = itertools.permutations(range(len(two)), len(one))
    return max(sum(worth[i][j] for i, j in enumerate(order)) for order in orders)


@given(span_lists, span_lists, st.sampled_from([0.0, 0.3, 0.5, 0.8]))
@settings(max_examples=150, deadline=None)
def test_matching_is_optimal(one, two, at_least):
    """No other matching has a greater total similarity (brute force over all)."""
    pairs = matched(regions_of(_drawn([one, two])), at_least)
    assert pairs.similarity.sum() == pytest.approx(_brute_force(one, two, at_least))
    assert len(set(pairs.left.tolist())) == len(pairs.left)
    assert len(set(pairs.right.tolist())) == len(pairs.right)


def test_matching_is_not_greedy():
    """Taking the best pair first (0.6) would cost more than it brings."""
    one = [span(0, 10), span(4, 10)]
    two = [span(2, 10), span(6, 10)]
    pairs = matched(regions_of(_drawn([one, two])))
    total = pairs.similarity.sum()
    assert total == pytest.approx(8 / 10 + 4 / 6)


def test_equal_places_are_matched_by_class():
    """Two classes on the same words: each is matched with its like, whatever the order they were drawn in."""
    crowd = [[span(0, 4, "PER"), span(0, 4, "ORG")], [span(0, 4, "ORG"), span(0, 4, "PER")]]
    regions = regions_of(_drawn(crowd))
    pairs = matched(regions)
    assert len(pairs.left) == 2
    assert (regions.class_code[pairs.left] == regions.class_code[pairs.right]).all()


def test_items_are_kept_apart():
    """The same place in two items is not agreement."""
    drawings = [Drawing("i", "a", (span(0, 4),)), Drawing("j", "b", (span(0, 4),))]
    assert len(matched(regions_of(drawings)).left) == 0


def test_the_last_answer_counts_and_the_others_are_counted():
    """An annotator who answers an item again replaces the answer, and the table says how often that happened."""
    drawings = [Drawing("i", "a", (span(0, 4), span(5, 6))), Drawing("i", "a", (span(0, 4),))]
    regions = regions_of(drawings)
    assert (len(regions.entries), regions.dropped) == (1, 1)


def test_entries_without_a_place_are_left_out():
    """A choice beside the regions is none of them."""
    regions = regions_of([Drawing("i", "a", (Entry("sentiment", "text", Choice(("good",))), span(0, 4)))])
    assert len(regions.entries) == 1


def test_an_empty_drawing_is_an_answer():
    """Who drew nothing still saw the item."""
    regions = regions_of([Drawing("i", "a", (span(0, 4),)), Drawing("i", "b")])
    assert len(regions.cell_item) == 2


@given(crowds)
@settings(max_examples=150, deadline=None)
def test_an_annotator_stands_at_most_once_in_a_group(lists):
    """Every region is in exactly one group, and no group holds two of one annotator."""
    groups = grouped(regions_of(_drawn(lists)), 0.3)
    rows = groups.members()
    assert sorted(r for g in rows for r in g.tolist()) == list(range(sum(map(len, lists))))
    for group in rows:
        people = groups.regions.annotator[group].tolist()
        assert len(people) == len(set(people))


@given(crowds, st.permutations(["one", "two", "three", "four"]))
@settings(max_examples=75, deadline=None)
def test_groups_do_not_depend_on_names(lists, names):
    """Renaming the annotators, the item and the classes leaves the groups as they are."""
    renamed = [[Entry("label", "text", e.value, tuple("x" + c for c in e.labels)) for e in part] for part in lists]
    one = grouped(regions_of(_drawn(lists)))
    two = grouped(regions_of(_drawn(renamed, "j", names)))
    assert one.of.tolist() == two.of.tolist()


def test_three_boxes_of_one_thing_are_one_group():
    """Three near boxes and one far away are two groups."""
    crowd = [[box(0, 0, 10, 10)], [box(1, 0, 10, 10)], [box(0, 1, 10, 10), box(50, 50, 5, 5)]]
    groups = grouped(regions_of(_drawn(crowd)))
    assert groups.of.tolist() == [0, 0, 0, 1]
    assert groups.within_item().tolist() == [0, 1]


def test_a_chain_is_cut_where_the_mean_is_too_low():
    """A–B and B–C overlap, A–C do not: at .5 the third stays alone, for its mean is .436."""
    crowd = [[Entry("l", "a", Segment(0, 10))], [Entry("l", "a", Segment(2, 12))], [Entry("l", "a", Segment(5, 15))]]
    # IoU: A-B 8/12, B-C 7/13, A-C 5/15; mean of C to {A, B} = .436
    assert grouped(regions_of(_drawn(crowd)), 0.5).of.tolist() == [0, 0, 1]
    assert grouped(regions_of(_drawn(crowd)), 0.4).of.tolist() == [0, 0, 0]


def test_no_regions_no_groups():
    """Nobody drew anything: no groups, no failure."""
    groups = grouped(regions_of([Drawing("i", "a"), Drawing("i", "b")]))
    assert (groups.count, groups.members()) == (0, ())


def test_many_items_at_once_equal_one_at_a_time():
    """The batched table gives what item by item gives."""
    rng = np.random.default_rng(1)
    crowd = {
        f"i{n}": [[box(*rng.uniform(0, 60, 2), *rng.uniform(10, 40, 2)) for _ in range(3)] for _ in range(3)]
        for n in range(8)
    }
    together = grouped(regions_of([d for item, lists in crowd.items() for d in _drawn(lists, item)]), 0.2)
    apart = [grouped(regions_of(_drawn(lists, item)), 0.2) for item, lists in crowd.items()]
    offsets = np.cumsum([0, *(g.count for g in apart)])
    expected = np.concatenate([g.of + offset for g, offset in zip(apart, offsets, strict=False)])
    assert together.of.tolist() == expected.tolist()


def test_entries_about_one_region_are_one_region():
    """A box and its class, in two entries of one id, are one region with that class; without ids they stay two."""
    place = Box(0, 0, 10, 10)
    entries = (Entry("box", "i", place, (), "r"), Entry("label", "i", place, ("car",), "r"), Entry("box", "i", place))
    regions = regions_of([Drawing("i", "a", entries)])
    assert regions.classes == (("car",), ())


def test_a_drawing_of_an_answer():
    """Only the controls that are asked for, and the relations, are taken over."""
    link = Relation("r", "s", "right")
    answer = Answer((span(0, 4, "A"), Entry("other", "text", Choice(("x",))), link))
    drawing = Drawing.of("i", "a", answer, {"label"})
    assert drawing == Drawing("i", "a", (span(0, 4, "A"),), (link,))
    assert len(Drawing.of("i", "a", answer).entries) == 2
