"""The consensus on structures: fused places by hand, inference on simulated annotators, invariants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.consensus.structures import Drawing, fused, structure_consensus
from labelwright.consensus.structures.existence import Marks, infer_existence
from labelwright.consensus.structures.weighing import median, medians
from labelwright.matching.brush import encode, painted, pixel_runs
from labelwright.matching.compare import similarity
from labelwright.matching.track import path_of
from labelwright.model.errors import UsageError
from labelwright.model.values import (
    Box,
    Ellipse,
    Entry,
    FrameRanges,
    ImageSize,
    KeyFrame,
    KeyPoint,
    Polygon,
    Segment,
    Span,
    Track,
)

WIDE = ImageSize(200, 100)


def box(x, y, width=10.0, height=10.0, *labels):
    return Entry("b", "i", Box(x, y, width, height), labels or ("car",))


def drawn(item="i", **people):
    return [Drawing(item, name, tuple(entries)) for name, entries in people.items()]


# --- places


def test_weighted_medians_by_hand():
    """The middle is where half the weight lies on either side; two halves give both of their edges."""
    assert median([1, 2, 10], [1, 1, 1]) == 2
    assert median([1, 2, 10], [1, 1, 3]) == 10
    assert medians([1, 2], [1, 1]) == (1, 2)
    assert medians([1, 2, 5], [2, 1, 1]) == (1, 2)
    assert median([1, 2], [1, 1]) == 1.5


def test_span_boundaries_are_offsets_that_somebody_chose():
    """Three spans: the middle boundary of each end; two: the wider, and the text is cut from the one that covers it."""
    assert fused([Span(0, 10), Span(2, 12), Span(4, 20)]) == Span(2, 12)
    assert fused([Span(3, 7, "York"), Span(0, 7, "in York")]) == Span(0, 7, "in York")


def test_a_fused_span_of_a_document_keeps_the_anchors_of_its_ends():
    """The start's anchor comes from who starts there, the end's from who ends there."""
    one = Span(0, 4, anchors=("/p[1]", "/p[1]"), from_document=True)
    two = Span(2, 8, anchors=("/p[2]", "/p[3]"), from_document=True)
    assert fused([one, two]) == Span(0, 8, None, ("/p[1]", "/p[3]"), from_document=True)


def test_weights_move_the_fused_place():
    """A trusted annotator outweighs two others."""
    assert fused([Span(0, 10), Span(2, 12), Span(4, 20)], [5, 1, 1]) == Span(0, 10)


def test_segment_and_frames():
    """Times meet half way; frames are kept where at least half of the weight has them."""
    assert fused([Segment(0, 4), Segment(1, 5)]) == Segment(0.5, 4.5)
    assert fused([FrameRanges(((1, 6),)), FrameRanges(((3, 8),)), FrameRanges(((5, 20),))]) == FrameRanges(((3, 8),))


def test_upright_boxes():
    """Each edge by its median: one box that is too wide does not pull the others."""
    assert fused([Box(0, 0, 10, 10), Box(1, 1, 10, 10), Box(2, 2, 80, 10)]) == Box(1, 1, 10, 10)


def test_rotated_boxes_that_are_the_same_figure():
    """A box, the same turned by 90 with its sides swapped, and the same turned by 180 fuse to that box."""
    one = Box(50, 50, 10, 20, 30, WIDE)
    from labelwright.matching.box import corners, frame_of

    ring = corners(np.array([frame_of(one)]), np.array([30.0]), np.array([[2.0, 1.0]]))[0]
    width, height = 20.0, 20.0  # pixels
    half = Box(ring[2, 0] / 2, ring[2, 1], width / 2, height, 210, WIDE)
    quarter = Box(ring[1, 0] / 2, ring[1, 1], height / 2, width, 120, WIDE)
    result = fused([one, half, quarter])
    assert similarity(result, one) == pytest.approx(1.0)


def test_rotated_boxes_meet_between_their_angles():
    """Angles 350 and 10 meet at 0, not at 180."""
    result = fused([Box(50, 50, 20, 5, 350, WIDE), Box(50, 50, 20, 5, 10, WIDE)])
    assert result.rotation % 360 == pytest.approx(0.0, abs=1e-9)


def test_ellipses_and_key_points():
    """Centre, radii and coordinates by their medians."""
    assert fused([Ellipse(10, 10, 4, 2), Ellipse(12, 10, 4, 4)]) == Ellipse(11, 10, 4, 3)
    assert fused([KeyPoint(0, 0), KeyPoint(1, 2), KeyPoint(50, 50)]) == KeyPoint(1, 2)


def test_masks_by_majority_of_pixels():
    """A pixel that two of three painted is painted."""
    size = ImageSize(4, 1)
    masks = [
        encode(pixel_runs(np.array([row], dtype=bool)), size) for row in ([1, 1, 0, 0], [0, 1, 1, 0], [0, 1, 1, 1])
    ]
    runs = painted(fused(masks))
    assert (runs.starts.tolist(), runs.ends.tolist()) == ([1], [3])


def test_polygons_of_equal_corners_meet_in_the_middle():
    """Two squares begun at other corners and drawn the other way round meet half way."""
    one = Polygon(((0, 0), (10, 0), (10, 10), (0, 10)))
    two = Polygon(((12, 10), (12, 0), (2, 0), (2, 10)))
    assert similarity(fused([one, two]), Polygon(((1, 0), (11, 0), (11, 10), (1, 10)))) == pytest.approx(1.0)


def test_a_mean_outline_that_fits_poorly_is_not_taken():
    """The fused outline fits the members at least as well as the best member fits the others."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        shapes = [Polygon(tuple(map(tuple, rng.uniform(0, 100, (n, 2)).tolist()))) for n in (3, 5, 8)]
        best = max(sum(similarity(s, other) for other in shapes if other is not s) / 2 for s in shapes)
        result = fused(shapes)
        rest = [s for s in shapes if s is not result]
        assert sum(similarity(result, s) for s in rest) / len(rest) >= best - 1e-9


def test_a_polygon_without_area_does_not_count_beside_others():
    """A slip of the hand with one corner leaves the others' outline as it is."""
    square = Polygon(((0, 0), (10, 0), (10, 10), (0, 10)))
    assert fused([Polygon(((1, 1),)), square]) == square
    assert fused([Polygon(()), Polygon(((1, 1),))]) == Polygon(())


def test_tracks_are_seen_where_half_sees_them():
    """Frames 1–10 and 5–14 by two, 5–10 by the third: the fused track runs from 5 to 10 with the middle box."""

    def track(first, last, x):
        return Track((KeyFrame(first, None, Box(x, 0, 10, 10), True), KeyFrame(last, None, Box(x, 0, 10, 10), False)))

    result = path_of(fused([track(1, 10, 0), track(5, 14, 1), track(5, 10, 2)]))
    assert result.frames.tolist() == list(range(5, 11))
    assert set(result.boxes[:, 0].tolist()) == {1.0}


small = ImageSize(6, 5)
percent = st.integers(0, 40).map(float)
extent = st.integers(1, 30).map(float)
sets = {
    "spans": st.tuples(st.integers(0, 20), st.integers(1, 9)).map(lambda t: Span(t[0], sum(t))),
    "segments": st.tuples(percent, extent).map(lambda t: Segment(t[0], sum(t))),
    "boxes": st.builds(Box, percent, percent, extent, extent, st.sampled_from([0.0, 30.0, 200.0]), st.just(WIDE)),
    "ellipses": st.builds(Ellipse, percent, percent, extent, extent, st.just(0.0), st.just(WIDE)),
    "points": st.builds(KeyPoint, percent, percent, st.just(1.0), st.just(WIDE)),
    "frames": st.tuples(st.integers(1, 20), st.integers(0, 9)).map(lambda t: FrameRanges(((t[0], sum(t)),))),
    "masks": st.lists(st.booleans(), min_size=30, max_size=30).map(
        lambda cells: encode(pixel_runs(np.array(cells).reshape(5, 6)), small),
    ),
}


@pytest.mark.parametrize("kind", sets)
def test_fusing_does_not_depend_on_order(kind):
    """Whoever comes first, the fused place is the same; of equal places it is that place."""

    @given(st.lists(sets[kind], min_size=2, max_size=4), st.randoms(use_true_random=False))
    @settings(max_examples=30, deadline=None)
    def check(places, random):
        turned = places.copy()
        random.shuffle(turned)
        if kind != "boxes":  # a rotated box is told from the angle of the first of equally weighted ones
            assert fused(places) == fused(turned)
        assert fused([places[0]] * 3) == places[0]
        assert type(fused(places)) is type(places[0])

    check()


def test_fusing_refuses_what_it_cannot():
    """Nothing, two kinds, or a weight of 0."""
    for places, weights in (([], None), ([Span(0, 1), Segment(0, 1)], None), ([Span(0, 1)], [0.0])):
        with pytest.raises(UsageError):
            fused(places, weights)


# --- what exists


def _simulated(rng, n_items, detection, false_alarms, things, shared=0.0):
    """Marks of simulated annotators: each finds a thing with its probability; some false alarms are shared."""
    cells = [(i, j) for i in range(n_items) for j in range(len(detection))]
    groups, members, truth = [], [], []
    for item in range(n_items):
        for _ in range(rng.poisson(things)):
            found = [j for j, p in enumerate(detection) if rng.random() < p]
            if found:
                members += [(len(groups), j) for j in found]
                groups.append(item)
                truth.append(True)
        for j, rate in enumerate(false_alarms):
            for _ in range(rng.poisson(rate)):
                too = [k for k in range(len(detection)) if k == j or rng.random() < shared]
                members += [(len(groups), k) for k in too]
                groups.append(item)
                truth.append(False)
    cell, member = np.array(cells), np.array(members)
    marks = Marks(cell[:, 0], cell[:, 1], np.array(groups), member[:, 0], member[:, 1], n_items, len(detection))
    return marks, np.array(truth)


def test_rates_of_simulated_annotators_are_found():
    """Simulation: detection within .05, false alarms within .1, and what everybody missed is counted in."""
    detection, false_alarms = [0.9, 0.8, 0.7, 0.6], [0.1, 0.3, 0.2, 1.0]
    marks, truth = _simulated(np.random.default_rng(1), 600, detection, false_alarms, 4.0)
    result = infer_existence(marks)
    assert result.converged
    assert result.rates.detection == pytest.approx(detection, abs=0.05)
    assert result.rates.false_alarms == pytest.approx(false_alarms, abs=0.1)
    assert result.rates.things == pytest.approx(4.0, abs=0.2)
    better = ((result.probability > 0.5) == truth).mean()
    majority = ((marks.sizes * 2 > marks.answers[marks.group_item]) == truth).mean()
    assert better > majority


def test_probabilities_of_simulated_groups_mean_what_they_say():
    """Simulation of the model: of the groups given a probability near p, about p exist (to .1 where there are 100)."""
    marks, truth = _simulated(np.random.default_rng(2), 1500, [0.9, 0.75, 0.6], [0.1, 0.4, 0.8], 3.0, shared=0.05)
    probability = infer_existence(marks).probability
    for low in np.arange(0, 1, 0.2):
        inside = (probability >= low) & (probability < low + 0.2)
        if inside.sum() >= 100:
            assert truth[inside].mean() == pytest.approx(probability[inside].mean(), abs=0.1)


def test_a_careful_annotator_alone_counts_more_than_a_careless_one():
    """The same count of marks, one of four, means something else from each: no threshold on counts can say that."""
    detection, false_alarms = [0.95, 0.9, 0.9, 0.6], [0.02, 0.1, 0.1, 2.0]
    marks, _ = _simulated(np.random.default_rng(3), 300, detection, false_alarms, 4.0)
    probability = infer_existence(marks).probability
    alone = marks.sizes[marks.member_group] == 1
    by = [probability[marks.member_group[alone & (marks.member_annotator == j)]].mean() for j in (0, 3)]
    assert by[0] > 5 * by[1]


def test_without_false_alarms_things_are_counted_as_by_capture_and_recapture():
    """Simulation: three who miss half each and make nothing up: nearly everything drawn exists."""
    marks, _ = _simulated(np.random.default_rng(4), 800, [0.5, 0.5, 0.5], [0.0, 0.0, 0.0], 4.0)
    result = infer_existence(marks)
    assert result.probability.mean() > 0.9
    assert result.rates.things == pytest.approx(4.0, abs=0.4)


# --- all of it


def test_who_drew_nothing_counts_against_what_others_drew():
    """A box that one of four drew is less likely to exist than the same box with nobody else asked."""
    background = [d for n in range(30) for d in drawn(f"b{n}", **{p: [box(0, 0)] for p in "pqrs"})]
    background += [
        d for n in range(10) for d in drawn(f"f{n}", p=[box(0, 0), box(50, 50)], q=[box(0, 0)], r=[box(0, 0)])
    ]
    asked = structure_consensus([*background, *drawn("x", p=[box(0, 0)], q=[], r=[], s=[])]).by_item["x"][0]
    alone = structure_consensus([*background, *drawn("x", p=[box(0, 0)])]).by_item["x"][0]
    assert asked.probability < 0.5 < alone.probability
    assert (asked.n_answers, alone.n_answers) == (4, 1)


def test_a_single_item_is_judged_with_reserve():
    """From one item nobody is known: one of one is likely, one of two and one of three unlikely but not impossible."""

    def probability(drew, answered):
        crowd = drawn(**{f"a{n}": [box(0, 0)] if n < drew else [] for n in range(answered)})
        return structure_consensus(crowd).regions[0].probability

    assert probability(3, 3) > probability(2, 3) > 0.9
    assert 0.7 < probability(1, 1) < 0.95
    assert 0.1 < probability(1, 2) < 0.5
    assert 0.01 < probability(1, 3) < probability(1, 2)


def test_a_group_has_a_class_a_place_and_its_members():
    """Three boxes on one thing: the class of two, the middle place, and who drew what."""
    crowd = drawn(a=[box(0, 0)], b=[box(1, 0)], c=[box(2, 0, 10, 10, "bus")])
    (region,) = structure_consensus(crowd).regions
    assert region.labels == ("car",)
    assert region.posterior[("car",)] > 0.5 > region.posterior[("bus",)]
    assert sum(region.posterior.values()) == pytest.approx(1.0, abs=1e-3)
    assert region.value == Box(1, 0, 10, 10)
    assert [(m.annotator, m.entry) for m in region.members] == [(d.annotator, d.entries[0]) for d in crowd]


def test_a_region_can_be_written_as_a_line_of_an_answer():
    """What export and pre-labels need: control, target, place, classes, and an id of its own within the item."""
    regions = structure_consensus(drawn(a=[box(0, 0), box(50, 50)], b=[box(2, 0)])).regions
    lines = [r.as_entry() for r in regions]
    assert lines[0] == Entry("b", "i", Box(1, 0, 10, 10), ("car",), "consensus-0")
    assert len({line.region for line in lines}) == 2


def test_the_class_leans_on_who_is_usually_right():
    """One reliable annotator outvotes one who usually names the wrong class."""
    items = []
    for n in range(40):
        truth = "car" if n % 2 else "bus"
        wrong = "bus" if n % 2 else "car"
        said = {"good": truth, "fair": truth, "bad": wrong if n % 4 else truth}
        items += drawn(f"i{n}", **{who: [box(0, 0, 10, 10, label)] for who, label in said.items()})
    result = structure_consensus([*items, *drawn("x", good=[box(0, 0, 10, 10, "bus")], bad=[box(0, 0)])])
    assert result.by_item["x"][0].labels == ("bus",)
    accuracy = {a.annotator: a.accuracy for a in result.annotators}
    assert accuracy["good"] > 0.9 > accuracy["bad"]


def test_equal_boxes_of_two_classes_are_two_things():
    """Two classes on the same words by everybody are two groups, each sure of its class."""
    entries = [Entry("l", "t", Span(0, 4), ("PER",)), Entry("l", "t", Span(0, 4), ("ORG",))]
    result = structure_consensus(drawn(a=entries, b=entries, c=entries))
    assert sorted(r.labels for r in result.regions) == [("ORG",), ("PER",)]
    assert all(len(r.members) == 3 for r in result.regions)


def test_nothing_drawn_has_a_reason():
    """No regions: no rates are claimed, and the reader is told why."""
    for crowd in ([], drawn(a=[], b=[])):
        result = structure_consensus(crowd)
        assert (result.regions, result.annotators, result.things) == ((), (), None)
        assert result.reason
        assert result.frame.height == 0


def test_few_answers_are_said_to_be_few():
    """With two answers an item the probabilities rest on the prior, and the result says so."""
    assert "three answers" in structure_consensus(drawn(a=[box(0, 0)], b=[box(0, 0)])).reason
    assert structure_consensus(drawn(a=[box(0, 0)], b=[box(0, 0)], c=[box(0, 0)])).reason is None


def test_regions_without_classes():
    """A control without classes gives regions without classes and no accuracy."""
    plain = [Entry("b", "i", Box(0, 0, 10, 10))]
    result = structure_consensus(drawn(a=plain, b=plain, c=plain))
    assert result.regions[0].labels == ()
    assert {a.accuracy for a in result.annotators} == {None}


def test_thresholds_and_weights_out_of_range_are_refused():
    """A threshold of 0 would group everything, a weight of 0 would leave a group without a place."""
    with pytest.raises(UsageError):
        structure_consensus(drawn(a=[box(0, 0)]), at_least=0.0)
    with pytest.raises(UsageError):
        structure_consensus(drawn(a=[box(0, 0)], b=[box(1, 0)]), weights={"a": 0.0})


def test_the_frame_has_a_line_for_each_region():
    """The table carries what a script needs."""
    frame = structure_consensus(drawn(a=[box(0, 0), box(50, 50)], b=[box(0, 0)], c=[])).frame
    assert frame.columns[:3] == ["item", "group", "probability"]
    assert frame["n_members"].to_list() == [2, 1]
    assert frame["labels"].to_list() == [["car"], ["car"]]


spot = st.tuples(st.integers(0, 3), st.sampled_from(["car", "bus"])).map(lambda t: box(20 * t[0], 0, 15, 15, t[1]))
crowds = st.lists(st.lists(spot, max_size=3), min_size=1, max_size=4)


@given(st.lists(crowds, min_size=1, max_size=3), st.permutations(["k", "l", "m", "n"]))
@settings(max_examples=60, deadline=None)
def test_renaming_changes_nothing(items, names):
    """Annotators and items under other names get the same groups, probabilities and places."""
    one = structure_consensus(
        [Drawing(f"i{n}", "abcd"[w], tuple(e)) for n, c in enumerate(items) for w, e in enumerate(c)]
    )
    two = structure_consensus(
        [Drawing(f"x{n}", names[w], tuple(e)) for n, c in enumerate(items) for w, e in enumerate(c)]
    )
    assert [r.value for r in one.regions] == [r.value for r in two.regions]
    assert [r.probability for r in one.regions] == pytest.approx([r.probability for r in two.regions])
    assert all(0 <= r.probability <= 1 for r in one.regions)
    assert [r.labels for r in one.regions] == [r.labels for r in two.regions]
