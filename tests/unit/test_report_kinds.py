"""Every kind of control has a report that can be printed, written as JSON and as HTML."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from labelwright.app.report import build_report, document_of
from labelwright.app.tables import NOTHING, tables_of
from labelwright.entry.render.html import render_html
from labelwright.entry.render.terminal import print_report
from labelwright.matching.brush import encode, pixel_runs
from labelwright.model.project import Annotation, AnnotationSet, AnnotationState, Annotator, Item
from labelwright.model.schema import STRUCTURE_KINDS, Control, DataObject, Kind, Schema
from labelwright.model.values import (
    Answer,
    Box,
    Choice,
    Ellipse,
    Entry,
    FrameRanges,
    ImageSize,
    KeyFrame,
    KeyPoint,
    Mask,
    Number,
    Opaque,
    Paths,
    Polygon,
    Preference,
    Ranking,
    Segment,
    Span,
    Text,
    Track,
)

BOX = Box(10, 10, 20, 20)
VALUES = {
    Kind.CHOICE: (Choice(("x",)), Choice(("y",))),
    Kind.CHOICES: (Choice(("x", "y")), Choice(("y",))),
    Kind.TAXONOMY: (Paths((("x", "deep"),)), Paths((("y",),))),
    Kind.RATING: (Number(4), Number(2)),
    Kind.NUMBER: (Number(4.5), Number(2.25)),
    Kind.DATETIME: (Text(("2026-11-23",)), Text(("2026-11-24",))),
    Kind.TEXT: (Text(("a b c",)), Text(("a c",))),
    Kind.PAIRWISE: (Preference("left"), Preference("right")),
    Kind.RANKING: (Ranking((("rank", ("p", "q", "r")),)), Ranking((("rank", ("r", "q", "p")),))),
    Kind.SPANS: (Span(0, 4, "Some"), Span(5, 9, "text")),
    Kind.SEGMENTS: (Segment(0.0, 2.0), Segment(1.0, 3.0)),
    Kind.BOXES: (BOX, Box(60, 60, 10, 10, 30.0)),
    Kind.POLYGONS: (Polygon(((0, 0), (10, 0), (10, 10))), Polygon(((50, 50), (60, 50), (60, 60)))),
    Kind.ELLIPSES: (Ellipse(20, 20, 5, 9), Ellipse(70, 20, 5, 9, 15)),
    Kind.KEYPOINTS: (KeyPoint(5, 5, 1), KeyPoint(90, 90, 1)),
    Kind.TRACKS: (
        Track((KeyFrame(1, 0.0, BOX, True), KeyFrame(9, 0.3, BOX, False)), 10, 0.4),
        Track((KeyFrame(5, 0.1, Box(70, 70, 9, 9), True),), 10, 0.4),
    ),
    Kind.TIMELINE: (FrameRanges(((1, 5),)), FrameRanges(((4, 8),))),
    Kind.CHAT: (Opaque('{"a":1}'), Opaque('{"a":2}')),
    Kind.UNKNOWN: (Opaque('{"a":1}'), Opaque('{"a":2}')),
}


def answers(kind: Kind, *, per_region: bool = False) -> AnnotationSet:
    """Three annotators on six items; the third answers otherwise on every second item."""
    control = Control("q", "Tag", kind, ("text",), ("x", "y"), per_region=per_region)
    annotations = []
    for n in range(6):
        for k, who in enumerate(("ada", "ben", "cleo")):
            value = VALUES[kind][1 if k == 2 and n % 2 else 0]
            labels = ("x",) if kind in STRUCTURE_KINDS else ()
            entries = [
                Entry("q", "text", value, labels, region="r1" if kind in STRUCTURE_KINDS or per_region else None)
            ]
            if per_region:
                entries.insert(0, Entry("box", "text", BOX, ("thing",), region="r1"))
            annotations.append(Annotation(f"{n}{who}", f"i{n}", who, Answer(tuple(entries)), seconds=float(n + k)))
    return AnnotationSet(
        Schema("", (control,), (DataObject("text", "Text", "text"),), ("text",)),
        {f"i{n}": Item(f"i{n}", {"text": "Some text 🙂 here"}) for n in range(6)},
        tuple(annotations),
        {a: Annotator(a, a.title(), "") for a in ("ada", "ben", "cleo")},
    )


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_every_kind_can_be_reported(kind: Kind):
    """A kind without a measure has a reason; every other one has a measure, pairs and difficult items."""
    report = build_report(tables_of(answers(kind)), "test")
    found = document_of(report)["controls"]["q"]
    json.dumps(found, allow_nan=False)
    measures = [*found["agreement"].values(), *found["structure"].values()]
    assert all(m["value"] is not None or m["reason"] for m in measures)
    if kind not in {Kind.CHAT, Kind.UNKNOWN}:
        assert any(m["value"] is not None for m in measures)
        assert {d["item"] for d in found["difficult_items"]} == {"i1", "i3", "i5"}
    assert "<h2" in render_html(report)
    print_report(report, Console(file=(out := io.StringIO()), width=100))
    assert "Agreement" in out.getvalue()


def test_brush_masks_can_be_reported():
    """Masks are compared as areas and need not be drawable."""
    picture = np.zeros((4, 6), dtype=bool)
    picture[1:3, 2:5] = True
    mask = encode(pixel_runs(picture), ImageSize(6, 4))
    found = answers(Kind.BOXES)
    masks = tuple(
        Annotation(a.id, a.item, a.annotator, Answer((Entry("q", "text", mask, ("x",), region="r1"),)))
        for a in found.annotations
    )
    schema = Schema("", (Control("q", "BrushLabels", Kind.MASKS, ("text",), ("x",)),), (), ())
    report = build_report(tables_of(AnnotationSet(schema, found.items, masks, found.annotators)), "test")
    assert document_of(report)["controls"]["q"]["structure"]["f1_iou_0_5"]["value"] == 1.0


def test_questions_about_regions_are_measured_on_matched_regions():
    """An answer about a region is compared with the others' answers about the same place."""
    found = document_of(build_report(tables_of(answers(Kind.CHOICE, per_region=True)), "test"))["controls"]["q"]
    assert found["agreement"]["percent"]["value"] == pytest.approx((3 + 3 / 3) / 6)
    assert found["difficult_items"][0]["item"].startswith("i1#")
    assert found["difficult_items"][0]["excerpt"] == "Some text 🙂 here"


def test_choosing_nothing_is_the_empty_set_unless_an_answer_is_required():
    """Nobody chose "toxic" is an answer that agrees with the same of others, and differs from a chosen class."""
    base = answers(Kind.CHOICES)
    empty = tuple(a if a.annotator != "ben" else Annotation(a.id, a.item, "ben", Answer(())) for a in base.annotations)
    optional = tables_of(AnnotationSet(base.schema, base.items, empty, base.annotators)).controls[0]
    assert optional.labels.filter(optional.labels["annotator"] == "ben")["label"].unique().to_list() == [NOTHING]
    required = Schema("", (Control("q", "Choices", Kind.CHOICES, ("text",), ("x", "y"), required=True),), (), ())
    asked = tables_of(AnnotationSet(required, base.items, empty, base.annotators)).controls[0]
    assert "ben" not in asked.labels["annotator"].to_list()


def test_only_valid_answers_count_and_the_last_of_several():
    """Skips, foreign and earlier answers are counted apart and change no measure."""
    base = answers(Kind.CHOICE)
    earlier = Annotation("early", "i0", "ada", Answer((Entry("q", "text", Choice(("y",))),)))
    apart = [
        Annotation(f"s{state}", "i0", "dan", Answer((Entry("q", "text", Choice(("y",))),)), state=state)
        for state in AnnotationState
        if state is not AnnotationState.VALID
    ]
    more = AnnotationSet(base.schema, base.items, (earlier, *base.annotations, *apart), base.annotators)
    before, after = (document_of(build_report(tables_of(s), "test")) for s in (base, more))
    for key in ("percent", "cohen_kappa_mean", "krippendorff_alpha"):
        assert after["controls"]["q"]["agreement"][key] == before["controls"]["q"]["agreement"][key]
    assert after["annotations"] == before["annotations"] == 18
    assert after["annotation_states"]["superseded"] == 2
    assert after["annotation_states"]["foreign"] == 1
    assert after["controls"]["q"]["n_dropped"] == 2


def test_seconds_are_a_median_with_its_interval_or_a_reason():
    """Six answers of 0 to 5 seconds have the median 2.5; without times there is a reason, not a zero."""
    found = document_of(build_report(tables_of(answers(Kind.CHOICE)), "test"))
    ada = next(c for c in found["annotator_cards"] if c["annotator"] == "ada")
    assert ada["median_seconds"]["value"] == 2.5
    assert ada["median_seconds"]["low"] <= 2.5 <= ada["median_seconds"]["high"]


def test_a_broken_drawing_costs_its_control_and_no_other():
    """A mask that is no run-length code leaves its control undefined with the reason; the report goes on."""
    base = answers(Kind.CHOICE)
    broken = tuple(
        replace(a, answer=Answer((*a.answer.entries, Entry("m", "text", Mask((1, 2, 3), ImageSize(4, 4)), ("x",)))))
        for a in base.annotations
    )
    schema = replace(base.schema, controls=(*base.schema.controls, Control("m", "BrushLabels", Kind.MASKS, ("text",))))
    found = document_of(build_report(tables_of(replace(base, schema=schema, annotations=broken)), "test"))["controls"]
    assert found["q"]["agreement"]["krippendorff_alpha"]["value"] is not None
    assert found["m"]["verdict"]["level"] == "unknown"
    assert "cannot be compared" in found["m"]["verdict"]["why"]
