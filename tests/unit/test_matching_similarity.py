"""Similarities of places: cases computed by hand, invariants, and checks against independent methods."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.matching.brush import decode_rle, encode, painted, pixel_runs
from labelwright.matching.compare import similarity
from labelwright.matching.keypoint import TOLERANCE
from labelwright.matching.slabs import polygon_areas
from labelwright.matching.track import path_of
from labelwright.model.errors import DataError
from labelwright.model.values import (
    Box,
    Ellipse,
    FrameRanges,
    ImageSize,
    KeyFrame,
    KeyPoint,
    Mask,
    Polygon,
    Segment,
    Span,
    Track,
)

WIDE = ImageSize(200, 100)
percent = st.floats(0, 100, allow_nan=False).map(lambda x: round(x, 3))
extent = st.floats(0.5, 60, allow_nan=False).map(lambda x: round(x, 3))
degrees = st.floats(0, 360, allow_nan=False).map(lambda x: round(x, 2))
sizes = st.sampled_from([None, WIDE, ImageSize(640, 480)])

boxes = st.builds(Box, percent, percent, extent, extent, st.one_of(st.just(0.0), degrees), st.just(WIDE))
spans = st.tuples(st.integers(0, 50), st.integers(1, 30)).map(lambda t: Span(t[0], t[0] + t[1]))
segments = st.tuples(percent, extent, st.sampled_from([None, 0, 1])).map(lambda t: Segment(t[0], t[0] + t[1], t[2]))
polygons = st.lists(st.tuples(percent, percent), min_size=3, max_size=7).map(lambda p: Polygon(tuple(p)))
ellipses = st.builds(Ellipse, percent, percent, extent, extent, degrees, st.just(WIDE))
keypoints = st.builds(KeyPoint, percent, percent, st.just(1.0), st.just(WIDE))
timelines = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9)), min_size=1, max_size=4).map(
    lambda rows: FrameRanges(tuple((a, a + n) for a, n in rows)),
)
small = ImageSize(7, 5)
masks = st.lists(st.booleans(), min_size=35, max_size=35).map(
    lambda cells: encode(pixel_runs(np.array(cells).reshape(5, 7)), small),
)
keyframes = st.builds(KeyFrame, st.integers(1, 30), st.none(), boxes, st.booleans())
tracks = st.lists(keyframes, min_size=1, max_size=4).map(lambda k: Track(tuple(k), 40))
places = st.one_of(spans, segments, boxes, polygons, ellipses, keypoints, timelines, masks, tracks)


@given(places, places)
@settings(max_examples=200, deadline=None)
def test_similarity_is_symmetric_and_bounded(one, two):
    """Whoever is named first, the similarity is the same and lies from 0 to 1."""
    forth, back = similarity(one, two), similarity(two, one)
    assert forth == pytest.approx(back, abs=1e-9)
    assert 0.0 <= forth <= 1.0


@given(places)
@settings(max_examples=200, deadline=None)
def test_a_place_equals_itself(place):
    """Exact agreement is exactly 1, so that 'exact' can be told from 'almost'."""
    assert similarity(place, place) == 1.0


def test_span_iou_by_hand():
    """[0, 10) and [5, 15) share 5 of 15 code points."""
    assert similarity(Span(0, 10), Span(5, 15)) == pytest.approx(1 / 3)
    assert similarity(Span(0, 10), Span(10, 15)) == 0.0


def test_spans_of_different_nodes_share_nothing():
    """Equal offsets in two paragraphs are two different stretches of text."""
    assert similarity(Span(0, 4, anchors=("0", "0")), Span(0, 4, anchors=("1", "1"))) == 0.0
    assert similarity(Span(0, 4, anchors=("0", "0")), Span(2, 4, anchors=("0", "0"))) == 0.5


def test_spans_that_count_from_the_start_of_the_document_are_compared_across_nodes():
    """A span of one node and one that runs into the next node overlap where the document does."""
    one = Span(0, 4, anchors=("/p[1]", "/p[1]"), from_document=True)
    two = Span(2, 8, anchors=("/p[1]", "/p[2]"), from_document=True)
    assert similarity(one, two) == pytest.approx(2 / 8)


def test_segment_iou_keeps_channels_apart():
    """What is said on the left channel is not what is said on the right one."""
    assert similarity(Segment(0, 2, 0), Segment(1, 3, 0)) == pytest.approx(1 / 3)
    assert similarity(Segment(0, 2, 0), Segment(0, 2, 1)) == 0.0
    assert similarity(Segment(0, 2, None), Segment(0, 2, 1)) == 1.0


def test_equal_instants_are_alike():
    """An instant without length equals itself and nothing beside it."""
    assert similarity(Segment(3, 3), Segment(3, 3)) == 1.0
    assert similarity(Segment(3, 3), Segment(4, 4)) == 0.0


def test_upright_box_iou_by_hand():
    """Two 10 × 10 boxes shifted by half share 50 of 150."""
    assert similarity(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == pytest.approx(1 / 3)


def test_box_turns_clockwise_about_its_top_left_corner():
    """A box turned by 90 degrees lies to the left of its corner: Label Studio's convention, screen y downwards."""
    assert similarity(Box(50, 50, 20, 10, 90), Box(40, 50, 10, 20)) == pytest.approx(1.0)


def test_box_turns_in_pixels_not_percent():
    """In a picture twice as wide as high, a 10 % × 10 % box (20 × 10 pixels) turned by 90 is 5 % × 20 %."""
    assert similarity(Box(50, 50, 10, 10, 90, WIDE), Box(45, 50, 5, 20, 0, WIDE)) == pytest.approx(1.0)


def test_square_turned_by_45_degrees_by_hand():
    """A unit square and itself turned by 45 degrees about the centre share the regular octagon 2 (√2 − 1)."""
    half = math.sqrt(2) / 2
    turned = Box(10, 10 - half * 10, 10, 10, 45)  # its centre: corner + (0, √2/2) of the side
    upright = Box(5, 5, 10, 10)
    octagon = 2 * (math.sqrt(2) - 1)
    assert similarity(turned, upright) == pytest.approx(octagon / (2 - octagon), abs=1e-9)


def _inside_box(box, size, points):
    angle = math.radians(box.rotation)
    sx, sy = size.width / 100, size.height / 100
    dx, dy = points[:, 0] - box.x * sx, points[:, 1] - box.y * sy
    u, v = dx * math.cos(angle) + dy * math.sin(angle), -dx * math.sin(angle) + dy * math.cos(angle)
    return (u >= 0) & (u <= box.width * sx) & (v >= 0) & (v <= box.height * sy)


def test_rotated_boxes_against_points_thrown_at_random():
    """Clipping agrees with counting 200,000 random points (Monte Carlo) for 40 random pairs."""
    rng = np.random.default_rng(4)
    for _ in range(40):
        one, two = (Box(*rng.uniform(20, 50, 2), *rng.uniform(10, 50, 2), rng.uniform(0, 360), WIDE) for _ in range(2))
        points = rng.uniform((-100, -100), (300, 200), (200_000, 2))
        a, b = _inside_box(one, WIDE, points), _inside_box(two, WIDE, points)
        assert similarity(one, two) == pytest.approx((a & b).sum() / (a | b).sum(), abs=0.02)


@given(boxes, boxes)
@settings(max_examples=100, deadline=None)
def test_rotated_boxes_against_the_polygon_slabs(one, two):
    """Two independent exact methods, clipping and slabs, find the same shared area."""
    from labelwright.matching.box import corners, frame_of

    scale = np.array([[2.0, 1.0]])
    rings = [corners(np.array([frame_of(b)]), np.array([b.rotation]), scale)[0] for b in (one, two)]
    area_a, area_b, shared = polygon_areas(*rings)
    assert similarity(one, two) == pytest.approx(shared / (area_a + area_b - shared), abs=1e-6)


def test_polygon_iou_of_a_concave_one_by_hand():
    """An L of three unit squares and its missing square touch without sharing area; with the 2 × 2 square it is 3/4."""
    ell = Polygon(((0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)))
    assert similarity(ell, Polygon(((1, 1), (2, 1), (2, 2), (1, 2)))) == 0.0
    assert similarity(ell, Polygon(((0, 0), (2, 0), (2, 2), (0, 2)))) == pytest.approx(0.75)


def _even_odd(ring, points):
    inside = np.zeros(len(points), dtype=bool)
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        if y0 == y1:
            continue
        crosses = (y0 > points[:, 1]) != (y1 > points[:, 1])
        inside ^= crosses & (points[:, 0] < x0 + (points[:, 1] - y0) * (x1 - x0) / (y1 - y0))
    return inside


def test_polygons_against_a_raster():
    """Exact slabs agree with counting 90,000 raster points for 25 random, often self-crossing, polygons."""
    rng = np.random.default_rng(5)
    grid = np.stack(np.meshgrid(*[(np.arange(300) + 0.5) / 3] * 2), axis=-1).reshape(-1, 2)
    for _ in range(25):
        one, two = ([tuple(p) for p in rng.uniform(0, 100, (rng.integers(3, 9), 2))] for _ in range(2))
        a, b = _even_odd(one, grid), _even_odd(two, grid)
        expected = (a & b).sum() / (a | b).sum()
        assert similarity(Polygon(tuple(one)), Polygon(tuple(two))) == pytest.approx(expected, abs=0.01)


def test_ellipse_iou_of_shifted_circles_by_hand():
    """Two unit circles a radius apart share the lens 2π/3 − √3/2."""
    lens = 2 * math.pi / 3 - math.sqrt(3) / 2
    expected = lens / (2 * math.pi - lens)
    assert similarity(Ellipse(10, 10, 1, 1), Ellipse(11, 10, 1, 1)) == pytest.approx(expected, abs=1e-3)


def test_concentric_ellipses_by_hand():
    """An ellipse within another shares its own area: 1·2 of 2·3; turned by 90 degrees, radii swap."""
    assert similarity(Ellipse(50, 50, 2, 3), Ellipse(50, 50, 1, 2)) == pytest.approx(2 / 6, abs=1e-3)
    assert similarity(Ellipse(50, 50, 2, 3, 90), Ellipse(50, 50, 3, 2)) == pytest.approx(1.0, abs=1e-3)


def test_ellipses_against_points_thrown_at_random():
    """The integration agrees with Monte Carlo for 20 random turned pairs."""
    rng = np.random.default_rng(6)
    points = rng.uniform(0, 100, (400_000, 2))

    def inside(e):
        angle = math.radians(e.rotation)
        dx, dy = points[:, 0] - e.x, points[:, 1] - e.y
        u, v = dx * math.cos(angle) + dy * math.sin(angle), -dx * math.sin(angle) + dy * math.cos(angle)
        return (u / e.radius_x) ** 2 + (v / e.radius_y) ** 2 <= 1

    for _ in range(20):
        one, two = (Ellipse(*rng.uniform(40, 60, 2), *rng.uniform(5, 30, 2), rng.uniform(0, 180)) for _ in range(2))
        a, b = inside(one), inside(two)
        assert similarity(one, two) == pytest.approx((a & b).sum() / (a | b).sum(), abs=0.01)


def test_keypoint_similarity_at_one_tolerance():
    """At a distance of one tolerance the similarity is exp(−1/2), measured in pixels of the picture."""
    square = ImageSize(100, 100)
    apart = KeyPoint(50 + 100 * TOLERANCE, 50, size=square)
    assert similarity(KeyPoint(50, 50, size=square), apart) == pytest.approx(math.exp(-0.5))
    assert similarity(KeyPoint(0, 0, size=square), KeyPoint(90, 90, size=square)) == 0.0


def test_timeline_ends_are_inclusive():
    """Frames 1–10 and 6–15 share 5 of 15; overlapping ranges of one annotator count once."""
    assert similarity(FrameRanges(((1, 10),)), FrameRanges(((6, 15),))) == pytest.approx(1 / 3)
    assert similarity(FrameRanges(((1, 6), (4, 10))), FrameRanges(((1, 10),))) == 1.0


def test_track_moves_linearly_between_key_frames():
    """From frame 1 to 11 a box moves by 10; at frame 6 it is half way."""
    moving = Track((KeyFrame(1, None, Box(0, 0, 10, 10), True), KeyFrame(11, None, Box(10, 0, 10, 10), False)))
    path = path_of(moving)
    assert path.frames.tolist() == list(range(1, 12))
    assert path.boxes[5, 0] == pytest.approx(5.0)


def test_track_ends_where_it_is_not_enabled():
    """A key frame that is not enabled shows its box and ends the track until the next one."""
    gap = Track(
        (
            KeyFrame(1, None, Box(0, 0, 10, 10), True),
            KeyFrame(3, None, Box(0, 0, 10, 10), False),
            KeyFrame(8, None, Box(0, 0, 10, 10), True),
        ),
        frames_count=10,
    )
    assert path_of(gap).frames.tolist() == [1, 2, 3, 8, 9, 10]


def test_track_iou_by_hand():
    """Equal boxes over frames 1–10 and 6–15 share 5 of 15 frames' area."""
    box = Box(0, 0, 10, 10)
    one = Track((KeyFrame(1, None, box, True), KeyFrame(10, None, box, False)))
    two = Track((KeyFrame(6, None, box, True), KeyFrame(15, None, box, False)))
    assert similarity(one, two) == pytest.approx(1 / 3)


def test_a_giant_track_is_refused():
    """A frame number from a hostile file must not allocate the video's worth of memory."""
    track = Track((KeyFrame(1, None, Box(0, 0, 1, 1), True), KeyFrame(10**12, None, Box(0, 0, 1, 1), True)))
    with pytest.raises(DataError, match="frames"):
        path_of(track)


def test_different_kinds_share_nothing():
    """A box and a polygon on one picture are not two opinions on one thing."""
    assert similarity(Box(0, 0, 10, 10), Polygon(((0, 0), (10, 0), (10, 10), (0, 10)))) == 0.0


def test_mask_iou_by_hand():
    """Masks of 2 and 3 pixels that share 1 have a similarity of 1/4."""
    one = np.zeros((5, 7), dtype=bool)
    two = one.copy()
    one[0, :2] = True
    two[0, 1:4] = True
    assert similarity(encode(pixel_runs(one), small), encode(pixel_runs(two), small)) == pytest.approx(1 / 4)


@functools.cache
def _label_studio_brush():
    """Label Studio's own module, loaded alone: its package takes seconds to import."""
    package = importlib.util.find_spec("label_studio_sdk")
    if package is None:
        pytest.skip("label-studio-sdk is not installed")
    path = Path(package.origin).parent / "converter" / "brush.py"
    spec = importlib.util.spec_from_file_location("label_studio_brush", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@given(st.integers(0, 2**32 - 1), st.integers(1, 24), st.integers(1, 24), st.floats(0, 1))
@settings(max_examples=12, deadline=None)
def test_brush_code_against_label_studio(seed, width, height, density):
    """Both directions agree with Label Studio's own converter: what it reads, we wrote, and the other way round."""
    brush = _label_studio_brush()
    picture = np.random.default_rng(seed).random((height, width)) < density
    size = ImageSize(width, height)
    ours = encode(pixel_runs(picture), size)
    theirs = brush.mask2rle(picture.astype(np.uint8) * 255)
    assert (brush.decode_rle(list(ours.rle)).reshape(height, width, 4)[..., 3] > 0).tolist() == picture.tolist()
    assert decode_rle(theirs).tolist() == brush.decode_rle(theirs).tolist()
    both = [painted(m) for m in (ours, Mask(tuple(theirs), size))]
    flat = np.flatnonzero(picture.ravel())
    for runs in both:
        assert [p for a, b in zip(runs.starts, runs.ends, strict=True) for p in range(a, b)] == flat.tolist()


def test_brush_code_with_values_that_do_not_repeat():
    """Stretches of literal values, which the browser writes and the converter never does, are read."""
    values = [0, 0, 0, 255, 9, 9, 9, 0, 1, 2, 3, 4]  # three pixels, alpha 255, 0, 4
    text = f"{len(values):032b}{7:05b}" + "".join(f"{b - 1:04b}" for b in (3, 4, 8, 16))
    text += "001" + f"{len(values) - 1:04b}" + "".join(f"{v:08b}" for v in values)
    text += "0" * (-len(text) % 8)
    code = tuple(int(text[i : i + 8], 2) for i in range(0, len(text), 8))
    assert decode_rle(code).tolist() == values
    runs = painted(Mask(code, ImageSize(3, 1)))
    assert (runs.starts.tolist(), runs.ends.tolist()) == ([0, 2], [1, 3])


@pytest.mark.parametrize("code", [(1, 2, 3), (0, 0, 0, 9, 57, 35, 127), (300,)])
def test_a_broken_brush_code_is_refused(code):
    """A cut or impossible code is named as such, not read as an empty mask."""
    with pytest.raises(DataError, match="brush mask"):
        painted(Mask(code))


def test_a_brush_code_that_does_not_fit_the_picture_is_refused():
    """A mask of another picture must not be compared pixel by pixel."""
    fits = encode(pixel_runs(np.ones((5, 7), dtype=bool)), small)
    with pytest.raises(DataError, match="8 × 5"):
        painted(Mask(fits.rle, ImageSize(8, 5)))


def test_a_brush_code_that_claims_a_giant_picture_costs_nothing_as_runs():
    """4 billion claimed values are refused when unpacked and end too early when read as runs."""
    code = (255, 255, 255, 255, *encode(pixel_runs(np.ones((5, 7), dtype=bool)), small).rle[4:])
    for read in (lambda: decode_rle(code), lambda: painted(Mask(code))):
        with pytest.raises(DataError):
            read()


def test_runs_of_all_pairs_of_ranges():
    """Shared counts of runs agree with sets, for every pair of ranges from 0 to 4."""
    from labelwright.matching.runs import merged, shared

    ranges = [r for r in itertools.product(range(5), repeat=2) if r[0] <= r[1]]
    for one, two, three in itertools.product(ranges, repeat=3):
        a = merged(np.array([one[0], two[0]]), np.array([one[1], two[1]]))
        b = merged(np.array([three[0]]), np.array([three[1]]))
        assert shared(a, b) == len((set(range(*one)) | set(range(*two))) & set(range(*three)))


def test_polygons_with_many_corners():
    """Two 1,500-gons nearly circles, shifted by a radius, share the lens of two circles."""
    angle = np.arange(1500) / 1500 * 2 * np.pi
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    area_a, area_b, shared = polygon_areas(ring, ring + np.array([1.0, 0.0]))
    assert area_a == pytest.approx(math.pi, abs=1e-4)
    assert area_b == pytest.approx(area_a)
    assert shared == pytest.approx(2 * math.pi / 3 - math.sqrt(3) / 2, abs=1e-4)


DEGENERATE = {
    "spans": [Span(0, 0), Span(5, 3), Span(0, 5)],
    "segments": [Segment(0, 0), Segment(5, 3), Segment(0, 5.5)],
    "boxes": [Box(0, 0, 0, 0), Box(0, 0, -5, -5), Box(0, 0, 5, 0, 45), Box(1, 1, 5, 5, 45, ImageSize(0, 0))],
    "polygons": [Polygon(()), Polygon(((1, 1),)), Polygon(((0, 0), (1, 1))), Polygon(((0, 0), (4, 4), (4, 0), (0, 4)))],
    "ellipses": [Ellipse(0, 0, 0, 0), Ellipse(0, 0, 5, 0, 30), Ellipse(0, 0, -3, 2)],
    "key points": [KeyPoint(0, 0), KeyPoint(1, 1, 0, ImageSize(0, 0))],
    "masks": [Mask(()), Mask((), small), encode(pixel_runs(np.zeros((5, 7), dtype=bool)), small)],
    "frames": [FrameRanges(()), FrameRanges(((5, 3),)), FrameRanges(((1, 4), (2, 3)))],
    "tracks": [
        Track(()),
        Track((KeyFrame(5, None, Box(0, 0, 5, 5), True), KeyFrame(1, None, Box(0, 0, 5, 5), True))),
        Track((KeyFrame(1, None, Box(0, 0, 5, 5), True),), 5.0),
    ],
}


@pytest.mark.parametrize("kind", DEGENERATE)
@pytest.mark.filterwarnings("error")
def test_degenerate_places_have_a_similarity(kind):
    """Slips of the hand and broken records (no extent, no corners, no picture size) neither fail nor warn."""
    for one, two in itertools.product(DEGENERATE[kind], repeat=2):
        assert 0.0 <= similarity(one, two) <= 1.0
        assert similarity(one, one) == 1.0
