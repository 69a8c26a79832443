"""The codec gives back what it was given, whatever it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.sample import sample_lines
from labelwright.model.errors import DataError
from labelwright.model.schema import Schema
from labelwright.model.values import (
    Answer,
    Box,
    Choice,
    Ellipse,
    Entry,
    FrameRanges,
    ImageSize,
    KeyPoint,
    Mask,
    Number,
    Opaque,
    Paths,
    Polygon,
    Preference,
    Ranking,
    Relation,
    Segment,
    Span,
    Text,
    Track,
    Value,
)

LABELLED = "".join(
    f'<{tag} name="{tag}" toName="{to}"><Label value="A"/></{tag}>'
    for tag, to in [
        ("HyperTextLabels", "html"),
        ("ParagraphLabels", "talk"),
        ("TimeSeriesLabels", "series"),
        ("RectangleLabels", "image"),
        ("PolygonLabels", "image"),
        ("EllipseLabels", "image"),
        ("KeyPointLabels", "image"),
        ("BrushLabels", "image"),
        ("TimelineLabels", "video"),
        ("OcrLabels", "image"),
    ]
)
XML = f"""<View>
<Text name="text" value="$text"/><HyperText name="html" value="$html"/><Paragraphs name="talk" value="$talk"/>
<Audio name="audio" value="$audio"/><Image name="image" value="$image"/><Video name="video" value="$video"/>
<TimeSeries name="series" value="$series" timeFormat="%m/%d/%Y %H:%M"/><List name="list" value="$list"/>
<Choices name="one" toName="text"><Choice value="A"/><Choice value="B"/></Choices>
<Choices name="many" toName="text" choice="multiple"><Choice value="A"/><Choice value="B"/></Choices>
<Choices name="nested" toName="text" allowNested="true"><Choice value="A"><Choice value="B"/></Choice></Choices>
<Choices name="each" toName="image" perRegion="true"><Choice value="A"/></Choices>
<Taxonomy name="tree" toName="text"><Choice value="A"><Choice value="B"/></Choice></Taxonomy>
<Rating name="rating" toName="text"/><Number name="number" toName="text"/><DateTime name="date" toName="text"/>
<TextArea name="free" toName="text"/><Pairwise name="pair" toName="text,html"/><Ranker name="rank" toName="list"/>
<Labels name="spans" toName="text"><Label value="A"/></Labels>
<Labels name="sounds" toName="audio"><Label value="A"/></Labels>
<Rectangle name="rect" toName="image"/><Labels name="drawn" toName="image"><Label value="A"/></Labels>
<Brush name="brush" toName="image"/><VideoRectangle name="track" toName="video"/>
<Labels name="tracked" toName="video"><Label value="A"/></Labels>
<BitmaskLabels name="png" toName="image"><Label value="A"/></BitmaskLabels>
<Chat name="chat" value="$chat"/><Relations><Relation value="is"/></Relations>
{LABELLED}</View>"""
SCHEMA = read_config(XML)


def through(lines: Any, schema: Schema = SCHEMA) -> Any:
    """What comes back from the codec, as JSON text with its fields in order: 1 and 1.0 and true differ in it."""
    codec = LabelStudioCodec()
    return text(codec.encode(codec.decode(json.dumps({"id": 1, "result": lines}), schema)))


def text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def one(line: dict[str, Any]) -> Entry:
    (entry,) = LabelStudioCodec().decode(json.dumps([line]), SCHEMA).entries
    assert isinstance(entry, Entry)
    return entry


def line(name: str, kind: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"id": "r1", "from_name": name, "to_name": "x", "type": kind, "value": value, "origin": "manual", **more}


PLACE = {"original_width": 600, "original_height": 403, "image_rotation": 0}
SIZE = ImageSize(600, 403)
BOX = {"x": 1, "y": 2.5, "width": 30, "height": 40.0, "rotation": 15}

READ: list[tuple[dict[str, Any], Value, tuple[str, ...]]] = [
    (line("one", "choices", {"choices": ["A"]}), Choice(("A",)), ()),
    (line("many", "choices", {"choices": ["B", "A"]}), Choice(("B", "A")), ()),
    (line("nested", "choices", {"choices": [["A"], ["A", "B"]]}), Paths((("A",), ("A", "B"))), ()),
    (line("nested", "choices", {"choices": ["A", ["A", "B"]]}), Paths((("A",), ("A", "B"))), ()),
    (line("tree", "taxonomy", {"taxonomy": [["A", "B"], ["A"]]}), Paths((("A", "B"), ("A",))), ()),
    (line("rating", "rating", {"rating": 4}), Number(4), ()),
    (line("number", "number", {"number": 0.1}), Number(0.1), ()),
    (line("date", "datetime", {"datetime": "2026-11-23"}), Text(("2026-11-23",)), ()),
    (line("free", "textarea", {"text": ["a", "b"]}), Text(("a", "b")), ()),
    (line("free", "textarea", {"text": "a"}), Text(("a",)), ()),
    (line("pair", "pairwise", {"selected": "left"}), Preference("left"), ()),
    (line("rank", "ranker", {"ranker": {"rank": ["b", "a"]}}), Ranking((("rank", ("b", "a")),)), ()),
    (line("rank", "ranker", {"ranker": {"_": [], "best": ["a"]}}), Ranking((("_", ()), ("best", ("a",)))), ()),
    (line("rank", "ranker", {"ranker": [2, 1]}), Ranking((("rank", ("2", "1")),)), ()),
    (line("spans", "labels", {"start": 3, "end": 7, "text": "word", "labels": ["A"]}), Span(3, 7, "word"), ("A",)),
    (line("spans", "labels", {"start": 3, "end": 7, "labels": ["A"]}), Span(3, 7), ("A",)),
    (
        line(
            "HyperTextLabels",
            "hypertextlabels",
            {
                "start": "/p[1]/text()[1]",
                "end": "/p[2]/text()[1]",
                "startOffset": 2,
                "endOffset": 5,
                "globalOffsets": {"start": 12, "end": 30},
                "text": "some\\nmore",
                "hypertextlabels": ["A"],
            },
        ),
        Span(12, 30, "some\\nmore", ("/p[1]/text()[1]", "/p[2]/text()[1]"), from_document=True),
        ("A",),
    ),
    (
        line(
            "ParagraphLabels",
            "paragraphlabels",
            {"start": "0", "end": "1", "startOffset": 4, "endOffset": 2, "paragraphlabels": ["A"]},
        ),
        Span(4, 2, None, ("0", "1")),
        ("A",),
    ),
    (line("sounds", "labels", {"start": 0.5, "end": 2, "channel": 0, "labels": ["A"]}), Segment(0.5, 2, 0), ("A",)),
    (
        line(
            "TimeSeriesLabels",
            "timeserieslabels",
            {"start": 1, "end": 9.5, "instant": False, "timeserieslabels": ["A"]},
        ),
        Segment(1, 9.5),
        ("A",),
    ),
    (
        line(
            "TimeSeriesLabels",
            "timeserieslabels",
            {"start": "01/02/1970 00:00", "end": "01/02/1970 00:01", "instant": False, "timeserieslabels": ["A"]},
        ),
        Segment(86400.0, 86460.0),
        ("A",),
    ),
    (
        line("RectangleLabels", "rectanglelabels", {**BOX, "rectanglelabels": ["A", "B"]}, **PLACE),
        Box(1, 2.5, 30, 40.0, 15, SIZE),
        ("A", "B"),
    ),
    (line("OcrLabels", "ocrlabels", {**BOX, "ocrtext": "x", "ocrlabels": ["A"]}), Box(1, 2.5, 30, 40.0, 15), ("A",)),
    (line("rect", "rectangle", {**BOX, "rotation": 0}, **PLACE), Box(1, 2.5, 30, 40.0, 0, SIZE), ()),
    (line("drawn", "labels", {**BOX, "labels": ["A"]}, **PLACE), Box(1, 2.5, 30, 40.0, 15, SIZE), ("A",)),
    (
        line(
            "PolygonLabels",
            "polygonlabels",
            {"points": [[1, 2.0], [3, 4], [5, 6]], "closed": True, "polygonlabels": ["A"]},
        ),
        Polygon(((1, 2.0), (3, 4), (5, 6))),
        ("A",),
    ),
    (
        line("EllipseLabels", "ellipselabels", {"x": 1, "y": 2, "radiusX": 3, "radiusY": 4.5, "ellipselabels": ["A"]}),
        Ellipse(1, 2, 3, 4.5),
        ("A",),
    ),
    (
        line("KeyPointLabels", "keypointlabels", {"x": 1, "y": 2, "width": 0.3, "keypointlabels": ["A"]}),
        KeyPoint(1, 2, 0.3),
        ("A",),
    ),
    (
        line("BrushLabels", "brushlabels", {"format": "rle", "rle": [0, 255], "brushlabels": ["A"]}),
        Mask((0, 255)),
        ("A",),
    ),
    (line("brush", "brush", {"format": "rle", "rle": [0, 255]}), Mask((0, 255)), ()),
    (
        line("TimelineLabels", "timelinelabels", {"ranges": [{"start": 3, "end": 9}], "timelinelabels": ["A"]}),
        FrameRanges(((3, 9),)),
        ("A",),
    ),
    (line("chat", "chatmessage", {"chatmessage": {"role": "user", "content": "Hi"}}), Text(("Hi",)), ()),
    (line("each", "choices", {**BOX, "choices": ["A"]}, **PLACE), Choice(("A",)), ()),
]


@pytest.mark.parametrize(
    ("given_line", "value", "labels"), READ, ids=lambda v: v["from_name"] if isinstance(v, dict) else ""
)
def test_every_form_is_read_and_given_back(given_line: dict[str, Any], value: Value, labels: tuple[str, ...]) -> None:
    """Protects each form of answer that Label Studio's editor writes: what it means, and that it stays as it was."""
    entry = one(given_line)
    assert (entry.value, entry.labels) == (value, labels)
    assert through([given_line]) == text([given_line])


def test_a_track_is_read_and_given_back() -> None:
    """Protects boxes over video frames, with the class beside the frames and one frame's field we do not know."""
    frames = [{**BOX, "frame": 1, "time": 0.04, "enabled": True}, {**BOX, "frame": 9, "enabled": False, "auto": 1}]
    given_line = line(
        "track", "videorectangle", {"framesCount": 25, "duration": 1.0, "sequence": frames, "labels": ["A"]}
    )
    entry = one(given_line)
    assert isinstance(entry.value, Track)
    assert [(f.frame, f.time, f.enabled) for f in entry.value.frames] == [(1, 0.04, True), (9, None, False)]
    assert (entry.labels, entry.value.frames_count) == (("A",), 25)
    assert through([given_line]) == text([given_line])


def test_the_id_is_the_region_where_there_is_one() -> None:
    """Protects questions about a region: its id joins them; an answer about the whole item belongs to no region."""
    assert one(READ[0][0]).region is None
    assert one(line("each", "choices", {**BOX, "choices": ["A"]})).region == "r1"
    assert one(line("rect", "rectangle", BOX)).region == "r1"


def test_relations_are_read_and_given_back() -> None:
    """Protects links between regions, with and without a name, and one that lacks its direction."""
    link = {"from_id": "a", "to_id": "b", "type": "relation", "direction": "right"}
    lines = [link, {**link, "labels": ["is"]}, {**link, "labels": []}, {**link, "readonly": True}]
    answer = LabelStudioCodec().decode(json.dumps(lines), SCHEMA)
    assert answer.entries[1] == Relation("a", "b", "right", ("is",), {})
    assert through(lines) == text(lines)
    broken = [{"from_id": "a", "to_id": "b", "type": "relation"}, {**link, "labels": "is"}, {**link, "from_id": 1}]
    assert through(broken) == text(broken)


@pytest.mark.parametrize(
    "odd",
    [
        line("nobody", "choices", {"choices": ["A"]}),
        line("png", "bitmasklabels", {"imageDataURL": "data:image/png;base64,AA==", "bitmasklabels": ["A"]}),
        line("one", "choices", {"choices": "A"}),
        line("one", "choices", {"choices": [1]}),
        line("one", "choices", ["A"]),
        line("one", "choices", None),
        line("one", "novelty", {"novelty": 1}),
        line("rating", "rating", {"rating": True}),
        line("rating", "rating", {"rating": "4"}),
        line("spans", "labels", {"start": "3", "end": "7"}),
        line("rect", "rectangle", {"x": 1}),
        line("brush", "brush", {"format": "rle", "rle": [256]}),
        line("track", "videorectangle", {"sequence": [{"frame": 1.5, "enabled": True, **BOX}]}),
        {"from_name": "one"},
        {"from_name": 3, "type": None},
        {},
        "text",
        None,
        17,
        [[1]],
    ],
    ids=str,
)
def test_what_cannot_be_read_is_kept_word_for_word(odd: Any) -> None:
    """Protects every answer: a control or a shape that is not known is opaque, never dropped and never guessed."""
    (entry,) = LabelStudioCodec().decode(json.dumps([odd]), SCHEMA).entries
    assert isinstance(entry, Entry)
    assert isinstance(entry.value, Opaque)
    assert through([odd]) == text([odd])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SAMPLES = [lines[0] for c in SCHEMA.controls if c.understood and (lines := sample_lines(c, SCHEMA))]


@given(st.data())
def test_a_line_with_anything_in_it_comes_back_unchanged(data: st.DataObject) -> None:
    """Protects from losing or changing a field, whatever a plug-in, an import or another version wrote there."""
    sample = data.draw(st.sampled_from(SAMPLES))
    value = dict(sample.get("value", {}))
    for key in data.draw(st.lists(st.sampled_from([*value, "text", "labels", "rotation", "score"]), max_size=3)):
        value[key] = data.draw(JSON)
    for key in data.draw(st.lists(st.sampled_from([*value]), max_size=1)) if value else []:
        del value[key]
    changed: dict[str, Any] = {
        **sample,
        **data.draw(
            st.dictionaries(st.sampled_from(["id", "type", "meta", "score", "item_index", "to_name"]), JSON, max_size=2)
        ),
    }
    if "value" in sample:
        changed["value"] = value
    assert through([changed]) == text([changed])


@given(JSON.map(lambda v: [v]) | st.lists(JSON, max_size=3))
def test_any_list_comes_back_unchanged(lines: list[Any]) -> None:
    """Protects from rubbish in place of answers."""
    assert through(lines) == text(lines)


def test_half_an_emoji_and_huge_numbers_survive() -> None:
    """Protects selections that end inside an emoji, and ids beyond 64 bits."""
    raw = r'[{"from_name":"free","to_name":"t","type":"textarea","value":{"text":["\ud83d"]},"n":12345678901234567890123}]'
    codec = LabelStudioCodec()
    assert codec.encode(codec.decode(raw, SCHEMA)) == json.loads(raw)


@pytest.mark.parametrize("raw", ["", "{", '"x"', '{"result": {}}', "3"])
def test_what_is_no_annotation_is_refused(raw: str) -> None:
    """Protects from taking a broken record for an empty answer."""
    with pytest.raises(DataError):
        LabelStudioCodec().decode(raw, SCHEMA)


@pytest.mark.parametrize("raw", ["[]", '{"result": []}', '{"result": null}', "{}"])
def test_an_empty_annotation_is_an_empty_answer(raw: str) -> None:
    """Protects texts in which there is nothing to mark."""
    assert LabelStudioCodec().decode(raw, SCHEMA) == Answer()


def test_an_answer_of_our_own_becomes_a_line() -> None:
    """Protects suggestions and consensus: what never was in Label Studio gets its type and its picture's size."""
    made = LabelStudioCodec().encode(
        Answer(
            (
                Entry("one", "text", Choice(("A",))),
                Entry("RectangleLabels", "image", Box(1, 2, 3, 4, 0.0, SIZE), ("A",), "r1"),
                Entry("number", "text", Number(3)),
            )
        )
    )
    assert made == [
        {"from_name": "one", "to_name": "text", "type": "choices", "value": {"choices": ["A"]}},
        {
            "from_name": "RectangleLabels",
            "to_name": "image",
            "id": "r1",
            "type": "rectanglelabels",
            "original_width": 600,
            "original_height": 403,
            "value": {"x": 1, "y": 2, "width": 3, "height": 4, "rectanglelabels": ["A"]},
        },
        {"from_name": "number", "to_name": "text", "type": "number", "value": {"number": 3}},
    ]


def test_the_codec_follows_the_schema_that_it_is_given() -> None:
    """Protects a codec that serves two projects: a control of one is not looked up in the other."""
    other = read_config('<View><Text name="x" value="$x"/><Rating name="one" toName="x"/></View>')
    codec = LabelStudioCodec()
    raw = json.dumps([READ[0][0]])
    assert isinstance(codec.decode(raw, SCHEMA).of("one")[0].value, Choice)
    assert isinstance(
        codec.decode(json.dumps([line("one", "rating", {"rating": 3})]), other).of("one")[0].value, Number
    )
    assert isinstance(codec.decode(raw, SCHEMA).of("one")[0].value, Choice)
