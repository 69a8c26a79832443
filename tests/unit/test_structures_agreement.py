"""Agreement on structures: cases computed by hand and invariants."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.agreement import krippendorff_alpha
from labelwright.agreement.structures import (
    Drawing,
    chrf,
    coded_answers,
    edit_similarity,
    exact_match,
    footrule_similarity,
    iou_match,
    kendall_tau,
    mean_iou,
    partial_match,
    region_answers,
    unitizing_alpha,
    word_error_rate,
)
from labelwright.agreement.structures.edits import edit_distance
from labelwright.agreement.structures.texts import chrf_score
from labelwright.model.errors import UsageError
from labelwright.model.values import (
    Box,
    Choice,
    Entry,
    FrameRanges,
    Number,
    Paths,
    Preference,
    Ranking,
    Segment,
    Span,
    Text,
)


def span(start, end, *labels, region=None):
    return Entry("label", "text", Span(start, end), labels, region)


def drawn(item="i", **people):
    return [Drawing(item, name, tuple(entries)) for name, entries in people.items()]


def written(*texts, item="i"):
    return [Drawing(item, f"a{n}", (Entry("t", "x", Text((t,))),)) for n, t in enumerate(texts)]


def ranked(*orders):
    return [
        Drawing("i", f"a{n}", (Entry("r", "x", Ranking((("rank", tuple(order)),))),)) for n, order in enumerate(orders)
    ]


SEMEVAL = drawn(
    a=[span(0, 10, "PER"), span(20, 30, "ORG"), span(40, 50, "LOC"), span(60, 70, "PER")],
    b=[span(0, 10, "PER"), span(20, 28, "ORG"), span(40, 50, "ORG")],
)


def test_f1_at_three_criteria_by_hand():
    """Of 4 and 3 regions 1 is equal, 2 overlap in class; at IoU .9 the one cut at 8 of 10 is none."""
    assert exact_match(SEMEVAL).value == pytest.approx(2 * 1 / 7)
    assert partial_match(SEMEVAL).value == pytest.approx(2 * 2 / 7)
    assert iou_match(SEMEVAL, 0.8).value == pytest.approx(2 * 2 / 7)
    assert iou_match(SEMEVAL, 0.9).value == pytest.approx(2 * 1 / 7)


def test_precision_and_recall_of_a_pair():
    """With a held right, b found 2 of a's 4 (recall) and 2 of b's 3 are right (precision)."""
    pair = partial_match(SEMEVAL).pairs[0]
    assert (pair.a, pair.b) == ("a", "b")
    assert pair.recall.value == pytest.approx(2 / 4)
    assert pair.precision.value == pytest.approx(2 / 3)


def test_f1_by_class():
    """Each class has its own F1 and count; a class that only one annotator used has 0, not nothing."""
    classes = {c.label: (c.value, c.n_regions) for c in partial_match(SEMEVAL).classes}
    assert classes == {"PER": (pytest.approx(2 / 3), 3), "ORG": (pytest.approx(2 / 3), 3), "LOC": (0.0, 1)}


def test_a_region_with_two_classes_counts_once_for_each():
    """{PER, ORG} against {PER} is a match of PER and a miss of ORG."""
    result = exact_match(drawn(a=[span(0, 4, "PER", "ORG")], b=[span(0, 4, "PER")]))
    assert result.value == pytest.approx(2 / 3)
    assert {c.label: c.value for c in result.classes} == {"ORG": 0.0, "PER": 1.0}


def test_who_drew_nothing_disagrees_with_who_drew():
    """An empty answer is an answer: F1 is 0, and undefined only when nobody drew anything."""
    assert exact_match(drawn(a=[span(0, 4, "X")], b=[])).value == 0.0
    nothing = exact_match(drawn(a=[], b=[]))
    assert nothing.value is None
    assert "nobody drew" in nothing.reason


def test_one_annotator_is_no_agreement():
    """One answer an item: undefined, with the reason."""
    for measure in (exact_match, mean_iou, unitizing_alpha):
        result = measure(drawn(a=[span(0, 4, "X")]))
        assert result.value is None
        assert "two annotators" in result.reason


def test_no_annotations_at_all():
    """An empty table gives a reason, not a failure."""
    for measure in (exact_match, mean_iou, unitizing_alpha, edit_similarity, word_error_rate, chrf, kendall_tau):
        result = measure([])
        assert (result.value, result.n_items, result.n_annotations) == (None, 0, 0)
        assert result.reason


def test_mean_iou_is_of_the_matched_only():
    """10/10, 8/10 and 10/10 (class differs) are matched; a's fourth is not."""
    assert mean_iou(SEMEVAL).value == pytest.approx((1 + 0.8 + 1) / 3)
    assert mean_iou(SEMEVAL, 0.9).value == pytest.approx(1.0)


def test_counts_and_dropped_answers():
    """The result says what it rests on, and how many repeated answers it dropped."""
    again = [Drawing("i", "a", (span(0, 1, "X"),)), *SEMEVAL, Drawing("alone", "a", ())]
    result = partial_match(again)
    assert (result.n_items, result.n_annotations, result.n_regions, result.n_dropped) == (1, 2, 7, 1)


def test_annotator_against_the_others():
    """The one who draws elsewhere stands out."""
    crowd = drawn(a=[span(0, 4, "X")], b=[span(0, 4, "X")], c=[span(8, 9, "X")])
    values = {p.annotator: p.value for p in exact_match(crowd).annotators}
    assert values == {"a": pytest.approx(0.5), "b": pytest.approx(0.5), "c": 0.0}


@pytest.mark.parametrize("interval", ["bootstrap", "bca", "analytic"])
def test_intervals_over_items_hold_the_value(interval):
    """Items differ, so that the interval has a width, and it holds the value."""
    crowd = [
        d
        for n in range(30)
        for d in drawn(f"i{n}", a=[span(0, 10, "X"), span(20, 30, "X")], b=[span(0, 10, "X")] if n % 3 else [])
    ]
    result = iou_match(crowd, 0.5, interval)
    assert result.low < result.value < result.high
    assert result.pairs[0].precision.low is not None
    assert unitizing_alpha(crowd, interval=interval).low < unitizing_alpha(crowd).value


def test_a_bootstrap_can_be_repeated():
    """The same seed gives the same interval."""
    crowd = [d for n in range(9) for d in drawn(f"i{n}", a=[span(0, 9 - n, "X")], b=[span(0, 5, "X")])]
    one, two = (mean_iou(crowd, interval="bootstrap", seed=3) for _ in range(2))
    assert (one.low, one.high) == (two.low, two.high)


def test_intervals_of_many_unlike_items_equal_those_of_few():
    """Drawing items and drawing how often each pattern occurs are one bootstrap: the intervals agree to .01."""
    import numpy as np

    from labelwright.agreement.interval import Sampling, bootstrap
    from labelwright.agreement.measuring import Basis
    from labelwright.agreement.statistic import Statistic
    from labelwright.agreement.structures.resampling import measured

    rng = np.random.default_rng(1)
    features = np.stack([rng.random(800), np.ones(800)], axis=1)

    def mean(sums):
        return sums[:, 0] / sums[:, 1]

    for kind in ("bootstrap", "bca"):
        sampling = Sampling(kind, 4000, 5)
        result = measured(Basis("mean", 800, 1600, 0), features, mean, (sampling, "undefined"))
        expected = bootstrap(Statistic(features, np.ones(800, dtype=np.int64), mean), sampling)
        assert (result.low, result.high) == (
            pytest.approx(expected.low, abs=0.01),
            pytest.approx(expected.high, abs=0.01),
        )


def test_a_threshold_out_of_its_range_is_refused():
    """IoU ≥ 0 would call everything a match."""
    with pytest.raises(UsageError, match="threshold"):
        iou_match(SEMEVAL, 0.0)


units = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 8), st.sampled_from("XY")).map(
        lambda t: span(t[0], t[0] + t[1], t[2]),
    ),
    max_size=4,
)


@given(st.lists(st.tuples(units, units), min_size=1, max_size=3), st.booleans())
@settings(max_examples=40, deadline=None)
def test_symmetry_and_order_of_criteria(items, turn):
    """Whoever comes first F1 is the same; a stricter criterion never finds more; names do not matter."""
    crowd = [d for n, (a, b) in enumerate(items) for d in drawn(f"i{n}", a=a, b=b)]
    turned = [Drawing("x" + d.item, "z" if d.annotator == "a" else "y", d.entries) for d in reversed(crowd)]
    exact, half, partial = exact_match(crowd), iou_match(crowd, 0.5), partial_match(crowd)
    if exact.value is None:
        assert half.value is None
        return
    assert 0 <= exact.value <= half.value <= partial.value <= 1
    for one, two in ((exact, exact_match(turned)), (half, iou_match(turned, 0.5)), (partial, partial_match(turned))):
        assert one.value == pytest.approx(two.value)


@given(units)
@settings(max_examples=50, deadline=None)
def test_a_copy_agrees_fully(entries):
    """An annotator who copies another agrees with them exactly."""
    crowd = drawn(a=entries, b=entries)
    result = exact_match(crowd)
    assert result.value == (1.0 if entries else None)
    assert mean_iou(crowd).value == (1.0 if entries else None)


def test_boxes_and_segments_take_the_same_measures():
    """The measures do not depend on the kind of place."""
    boxes = drawn(a=[Entry("b", "i", Box(0, 0, 10, 10), ("car",))], b=[Entry("b", "i", Box(5, 0, 10, 10), ("car",))])
    assert iou_match(boxes, 1 / 3).value == 1.0
    assert iou_match(boxes, 0.4).value == 0.0
    times = drawn(a=[Entry("b", "i", Segment(0, 2), ("x",))], b=[Entry("b", "i", Segment(1, 3), ("x",))])
    assert mean_iou(times).value == pytest.approx(1 / 3)


def test_unitizing_keeps_channels_and_nodes_apart():
    """Units on two channels lie on two continua: each is against the other's gap there."""
    crowd = drawn(
        a=[Entry("s", "x", Segment(0, 4, 0), ("X",))],
        b=[Entry("s", "x", Segment(0, 4, 1), ("X",))],
    )
    assert unitizing_alpha(crowd).value < 0


def test_unitizing_of_frame_ranges_is_inclusive():
    """Frames 1 to 4 are four elements: equal to a span of four."""
    frames = drawn(
        a=[Entry("t", "v", FrameRanges(((1, 4),)), ("X",))],
        b=[Entry("t", "v", FrameRanges(((3, 6),)), ("X",))],
    )
    spans = drawn(a=[span(1, 5, "X")], b=[span(3, 7, "X")])
    assert unitizing_alpha(frames).value == pytest.approx(unitizing_alpha(spans).value)


def test_unitizing_of_overlapping_units_of_one_annotator():
    """Nested units of two classes are a stretch with both: a copy agrees fully, and each class has its alpha."""
    entries = [span(0, 10, "X"), span(2, 5, "Y")]
    result = unitizing_alpha(drawn(a=entries, b=entries), {"i": 20})
    assert result.value == pytest.approx(1.0)
    assert {c.label: c.value for c in result.classes} == {"X": pytest.approx(1.0), "Y": pytest.approx(1.0)}


@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
@settings(max_examples=200, deadline=None)
def test_edit_distance_against_the_table(one, two):
    """The bit-parallel distance equals the textbook's table (Wagner and Fischer 1974)."""
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(two, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    assert edit_distance(one, two) == row[-1]


def test_edit_similarity_by_hand():
    """Kitten to sitting: 3 edits over 7 letters."""
    assert edit_similarity(written("kitten", "sitting")).value == pytest.approx(4 / 7)


def test_equivalent_spellings_agree():
    """A letter with a combining accent and the composed letter look alike and agree; so do two empty texts."""
    assert edit_similarity(written("cafe\u0301 ", "caf\u00e9")).value == 1.0
    assert edit_similarity(written("", "")).value == 1.0


def test_word_error_rate_by_hand():
    """One word of three replaced, one added: 2 edits against 3 and 4 words."""
    assert word_error_rate(written("the cat sat", "the dog sat down")).value == pytest.approx(2 * 2 / 7)
    assert word_error_rate(written("", "")).value is None


def test_chrf_by_hand():
    """Ab against abc: unigrams 2/2 and 2/3, bigrams 1/1 and 1/2; F2 of 1 and 7/12."""
    recall = (2 / 3 + 1 / 2) / 2
    assert chrf_score("ab", "abc") == pytest.approx(5 * recall / (4 + recall))
    assert chrf_score("a b c", "abc") == 1.0
    assert chrf(written("abc", "xyz")).value == 0.0
    assert chrf(written("", "x")).value == 0.0


@pytest.mark.parametrize(
    ("answer", "reference", "expected"),
    [
        ("the cat sat", "the dog sat down", 0.1741921149767462),
        ("ab", "abc", 0.6363636363636362),
        ("hello world", "hallo welt", 0.2813018281894188),
        ("abcdefghij", "abcdefghix", 0.8590608465608466),
    ],
)
def test_chrf_equals_that_of_sacrebleu(answer, reference, expected):
    """The peer's values (sacreBLEU 2.6.0, CHRF(word_order=0), sentence score / 100), to 1e-9."""
    assert chrf_score(answer, reference) == pytest.approx(expected, abs=1e-9)


@given(st.text(max_size=12), st.text(max_size=12))
@settings(max_examples=100, deadline=None)
def test_text_measures_are_bounded_and_symmetric(one, two):
    """Similarities lie from 0 to 1 and do not depend on who is named first."""
    for measure in (edit_similarity, chrf):
        forth, back = measure(written(one, two)), measure(written(two, one))
        assert 0.0 <= forth.value <= 1.0
        assert forth.value == pytest.approx(back.value)


def test_kendall_tau_by_hand():
    """One neighbouring swap of four: 5 pairs agree, 1 does not; reversed is -1."""
    assert kendall_tau(ranked("abcd", "bacd")).value == pytest.approx(4 / 6)
    assert kendall_tau(ranked("abcd", "dcba")).value == -1.0


def test_footrule_by_hand():
    """Swapping two neighbours of four moves two things by one: 1 - 2/8; reversed is 0."""
    assert footrule_similarity(ranked("abcd", "bacd")).value == pytest.approx(1 - 2 / 8)
    assert footrule_similarity(ranked("abcd", "dcba")).value == 0.0


def test_rankings_are_compared_on_what_both_ranked():
    """Things that only one ranked do not count; one thing in common is no order."""
    assert kendall_tau(ranked("axb", "aby")).value == 1.0
    assert kendall_tau(ranked("ab", "bc")).value is None


def test_buckets_are_not_an_order():
    """Sorting into buckets is refused with the next step, and coded as one label a thing."""
    sorted_things = [
        Drawing("i", f"a{n}", (Entry("r", "x", Ranking((("good", ("p",)), ("bad", rest)))),))
        for n, rest in enumerate([("q",), ("q", "r")])
    ]
    with pytest.raises(UsageError, match="coded_answers"):
        kendall_tau(sorted_things)
    assert [(r.item, r.label) for r in coded_answers(sorted_things)][:2] == [("i#p", "good"), ("i#q", "bad")]


def test_coded_answers_of_each_kind():
    """Each kind of value becomes the label that the measures for coding expect."""
    values = [Choice(("b", "a")), Number(3.0), Preference("left"), Paths((("x", "y"),)), Text(("free",))]
    drawings = [Drawing("i", f"a{n}", (Entry("c", "x", v),)) for n, v in enumerate(values)]
    assert [r.label for r in coded_answers(drawings)] == ["b", 3.0, "left", (("x", "y"),)]
    assert coded_answers(drawings[:1], "set")[0].label == ("a", "b")


def _with_sentiment(*regions):
    """Spans and, for each, a choice asked per region."""
    entries = []
    for number, (start, end, answer) in enumerate(regions):
        entries.append(span(start, end, "ORG", region=f"r{number}"))
        if answer:
            entries.append(Entry("sentiment", "text", Choice((answer,)), region=f"r{number}"))
    return entries


def test_answers_per_region_are_compared_on_matched_regions():
    """Region ids differ between annotators; what they said is compared where they drew the same thing."""
    crowd = drawn(
        a=_with_sentiment((0, 10, "good"), (20, 30, "bad"), (50, 60, "good")),
        b=_with_sentiment((21, 30, "bad"), (0, 9, "bad"), (80, 90, "bad")),
    )
    rows = coded_answers(region_answers(crowd, "sentiment"))
    table = {(r.item, r.annotator): r.label for r in rows}
    assert table == {
        ("i#0", "a"): "good",
        ("i#0", "b"): "bad",
        ("i#1", "a"): "bad",
        ("i#1", "b"): "bad",
        ("i#2", "a"): "good",
        ("i#3", "b"): "bad",
    }


def test_answers_per_region_feed_the_measures_for_coding():
    """Alpha over described regions: full agreement of two classes is 1."""
    import polars as pl

    crowd = drawn(
        a=_with_sentiment((0, 10, "good"), (20, 30, "bad")),
        b=_with_sentiment((0, 9, "good"), (20, 30, "bad"), (40, 50, None)),
    )
    rows = coded_answers(region_answers(crowd, "sentiment"))
    frame = pl.DataFrame([{"item": r.item, "annotator": r.annotator, "label": r.label} for r in rows])
    assert krippendorff_alpha(frame).value == pytest.approx(1.0)


def test_texts_per_region_are_compared_on_matched_regions():
    """Transcriptions of boxes (OCR) are compared box by box."""

    def answer(*regions):
        return [
            entry
            for number, (x, text) in enumerate(regions)
            for entry in (
                Entry("box", "i", Box(x, 0, 10, 10), ("line",), f"r{number}"),
                Entry("text", "i", Text((text,)), region=f"r{number}"),
            )
        ]

    crowd = drawn(a=answer((0, "one"), (50, "two")), b=answer((51, "two"), (0, "one")))
    assert edit_similarity(region_answers(crowd, "text")).value == 1.0


def test_a_place_repeated_by_its_descriptions_is_one_region():
    """Label Studio repeats the box in every entry about it: still one region."""
    one = [
        Entry("box", "i", Box(0, 0, 10, 10), (), "r"),
        Entry("label", "i", Box(0, 0, 10, 10), ("x",), "r"),
        Entry("s", "i", Choice(("yes",)), region="r"),
    ]
    rows = region_answers(drawn(a=one, b=one), "s")
    assert [(d.item, d.annotator) for d in rows] == [("i#0", "a"), ("i#0", "b")]
