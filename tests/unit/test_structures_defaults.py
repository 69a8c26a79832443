"""The table from kind of control to measure: complete, resolvable, and every measure runs on answers of its kind."""

from __future__ import annotations

import pytest

from labelwright.agreement.defaults import MEASURES, measure_for, measure_of
from labelwright.agreement.structures import Drawing, coded_answers, label_frame
from labelwright.matching.brush import encode
from labelwright.matching.runs import Runs, merged
from labelwright.model.schema import STRUCTURE_KINDS, Control, Kind
from labelwright.model.values import (
    Box,
    Choice,
    Ellipse,
    Entry,
    FrameRanges,
    ImageSize,
    KeyFrame,
    KeyPoint,
    Number,
    Paths,
    Polygon,
    Preference,
    Ranking,
    Segment,
    Span,
    Text,
    Track,
)


def _mask(end):
    import numpy as np

    runs: Runs = merged(np.array([0]), np.array([end]))
    return encode(runs, ImageSize(4, 4))


def _track(x):
    return Track((KeyFrame(1, None, Box(x, 0, 10, 10), True), KeyFrame(9, None, Box(x, 0, 10, 10), False)))


#: Two different answers of each kind.
ANSWERS = {
    Kind.CHOICE: (Choice(("a",)), Choice(("b",))),
    Kind.CHOICES: (Choice(("a", "b")), Choice(("b",))),
    Kind.TAXONOMY: (Paths((("a", "b"),)), Paths((("a", "c"),))),
    Kind.RATING: (Number(1.0), Number(4.0)),
    Kind.NUMBER: (Number(1.5), Number(40.0)),
    Kind.DATETIME: (Text(("2026-01-01",)), Text(("2026-01-02",))),
    Kind.TEXT: (Text(("one two",)), Text(("one three",))),
    Kind.PAIRWISE: (Preference("left"), Preference("right")),
    Kind.RANKING: (Ranking((("rank", ("a", "b", "c")),)), Ranking((("rank", ("b", "a", "c")),))),
    Kind.SPANS: (Span(0, 4), Span(2, 6)),
    Kind.SEGMENTS: (Segment(0, 4), Segment(2, 6)),
    Kind.TIMELINE: (FrameRanges(((1, 4),)), FrameRanges(((3, 6),))),
    Kind.BOXES: (Box(0, 0, 10, 10), Box(5, 0, 10, 10)),
    Kind.POLYGONS: (Polygon(((0, 0), (9, 0), (0, 9))), Polygon(((1, 0), (9, 0), (0, 9)))),
    Kind.ELLIPSES: (Ellipse(10, 10, 5, 5), Ellipse(12, 10, 5, 5)),
    Kind.MASKS: (_mask(4), _mask(6)),
    Kind.TRACKS: (_track(0), _track(4)),
    Kind.KEYPOINTS: (KeyPoint(10, 10), KeyPoint(12, 10)),
}

#: A ranking into several buckets is coded, one into a single bucket is an order.
BUCKETS = "buckets"
ANSWERS[BUCKETS] = (Ranking((("yes", ("a",)), ("no", ("b",)))), Ranking((("yes", ("a", "b")), ("no", ()))))

CASES = [
    pytest.param(kind, ref, id=f"{kind.value}-{ref.name}")
    for kind, choice in MEASURES.items()
    if choice.default
    for ref in (choice.default, *choice.alternatives)
]


def _crowd(kind):
    """Three annotators on four items: two always agree, the third never does, and misses one thing to draw."""
    one, two = ANSWERS[kind]
    entry = [Entry("c", "o", value, ("x",) if kind in STRUCTURE_KINDS else ()) for value in (one, two)]
    turns = [(0, 0, 1), (1, 1, 0), (0, 0, 1), (1, 1, 0)]
    crowd = [Drawing(f"i{n}", f"a{who}", (entry[t],)) for n, turn in enumerate(turns) for who, t in enumerate(turn)]
    return [*crowd[:-1], Drawing("i3", "a2")] if kind in STRUCTURE_KINDS else crowd


@pytest.mark.parametrize(("kind", "ref"), CASES)
def test_every_measure_of_the_table_runs_on_its_kind(kind, ref):
    """What the table names exists, takes what the table says it reads, and gives a value for ordinary answers."""
    crowd = _crowd(BUCKETS if kind == Kind.RANKING and ref.reads != "drawings" else kind)
    taken = crowd if ref.reads == "drawings" else label_frame(coded_answers(crowd, ref.reads))
    result = ref.resolve()(taken, **dict(ref.options))
    assert result.value is not None, result.reason
    assert result.value != pytest.approx(ref.best)


@pytest.mark.parametrize("kind", [k for k in MEASURES if MEASURES[k].default])
def test_full_agreement_reaches_the_best_value(kind):
    """Where everybody answers alike, the default measure gives its best value."""
    ref = measure_for(kind).default
    one, two = ANSWERS[kind]
    labels = ("x",) if kind in STRUCTURE_KINDS else ()
    crowd = [Drawing(f"i{n}", a, (Entry("c", "o", v, labels),)) for n, v in enumerate((one, two)) for a in "pqr"]
    taken = crowd if ref.reads == "drawings" else label_frame(coded_answers(crowd, ref.reads))
    assert ref.resolve()(taken, **dict(ref.options)).value == pytest.approx(ref.best)


def test_every_kind_has_a_measure_or_a_reason():
    """`schema check` calls a control understood only if one of the two is known."""
    assert set(MEASURES) == set(Kind)
    for choice in MEASURES.values():
        assert (choice.default is None) == (choice.reason is not None)


def test_a_control_that_was_not_read_keeps_its_reason():
    """The codec's reason reaches the reader."""
    control = Control("c", "Magic", Kind.UNKNOWN, ("o",), understood=False, reason="Magic is not known")
    assert measure_of(control).reason == "Magic is not known"
    assert measure_of(Control("c", "Choices", Kind.CHOICE, ("o",))).default == measure_for(Kind.CHOICE).default


def test_the_table_is_read_only():
    """A caller cannot change the table for everybody."""
    with pytest.raises(TypeError):
        MEASURES[Kind.CHAT] = measure_for(Kind.CHOICE)  # type: ignore[index]
