"""Answers given by hand in the screens of our templates, in a browser, recorded from Label Studio 1.23.2."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labelwright.adapters.labelstudio.codec import LabelStudioCodec, check_answer
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.export_read import TaskReader
from labelwright.adapters.labelstudio.templates import render
from labelwright.model.values import (
    Box,
    Choice,
    Entry,
    ImageSize,
    KeyFrame,
    Number,
    Opaque,
    Polygon,
    Segment,
    Span,
    Text,
    Track,
    Value,
)

HAND = {"origin": "manual"}
PICTURE = {"original_width": 600, "original_height": 403, "image_rotation": 0}
PLACE = {"start": 0.6024825539906103, "end": 1.488486309859155, "channel": 0}
SOUND = {"original_length": 3.774376, "id": "VqjHr", "to_name": "audio", **HAND}
#: What was shown in the ner screen; `Rotterdam` was selected with the mouse.
EMOJI = "I 😀 love Delft and 👨‍👩‍👧 Rotterdam."
DRAWN = {"x": 11.737089201877934, "y": 8.268127282211788, "width": 11.737089201877934, "height": 16.69274908711528}

RECORDED: dict[str, tuple[list[dict[str, Any]], list[Value]]] = {
    "ner": (
        [
            {
                "value": {"start": 25, "end": 34, "text": "Rotterdam", "labels": ["Place"]},
                "id": "bY45vRFdOL",
                "from_name": "label",
                "to_name": "text",
                "type": "labels",
                **HAND,
            }
        ],
        [Span(25, 34, "Rotterdam")],
    ),
    "pairwise": (
        [
            {
                "value": {"choices": ["A is slightly better"]},
                "id": "-PfkWBfaNt",
                "from_name": "preference",
                "to_name": "prompt",
                "type": "choices",
                **HAND,
            },
            {
                "value": {"text": ["A is shorter"]},
                "id": "c0jQTsbOQb",
                "from_name": "reasoning",
                "to_name": "prompt",
                "type": "textarea",
                **HAND,
            },
        ],
        [Choice(("A is slightly better",)), Text(("A is shorter",))],
    ),
    "rating": (
        [
            {
                "value": {"rating": 3},
                "id": "hMtlnTpuGM",
                "from_name": "rating",
                "to_name": "text",
                "type": "rating",
                **HAND,
            }
        ],
        [Number(3)],
    ),
    "image-detection": (
        [
            {
                **PICTURE,
                "value": {
                    "x": 11.737089201877938,
                    "y": 17.497291440953415,
                    "width": 11.737089201877938,
                    "height": 13.979659595288858,
                    "rotation": 0,
                    "rectanglelabels": ["Vehicle"],
                },
                "id": "sHnn7cXZim",
                "from_name": "box",
                "to_name": "image",
                "type": "rectanglelabels",
                **HAND,
            },
            {
                **PICTURE,
                "value": {
                    "points": [
                        [35.211267605633815, 17.497291440953415],
                        [46.94835680751175, 20.99220633977563],
                        [41.07981220657278, 34.971865935064486],
                    ],
                    "closed": True,
                    "polygonlabels": ["Animal"],
                },
                "id": "vs6Z8BJumY",
                "from_name": "polygon",
                "to_name": "image",
                "type": "polygonlabels",
                **HAND,
            },
        ],
        [
            Box(
                11.737089201877938,
                17.497291440953415,
                11.737089201877938,
                13.979659595288858,
                0,
                ImageSize(600, 403),
            ),
            Polygon(
                (
                    (35.211267605633815, 17.497291440953415),
                    (46.94835680751175, 20.99220633977563),
                    (41.07981220657278, 34.971865935064486),
                ),
                closed=True,
                size=ImageSize(600, 403),
            ),
        ],
    ),
    "audio-transcription": (
        [
            {"value": {**PLACE, "labels": ["Speech"]}, "from_name": "segment", "type": "labels", **SOUND},
            {"value": {**PLACE, "text": ["beep beep"]}, "from_name": "transcription", "type": "textarea", **SOUND},
        ],
        [Segment(0.6024825539906103, 1.488486309859155, 0), Text(("beep beep",))],
    ),
    "video-tracking": (
        [
            {
                "value": {
                    "framesCount": 1050,
                    "duration": 42.008633,
                    "sequence": [{"frame": 1, "enabled": True, "rotation": 0, **DRAWN, "time": 0.04}],
                    "labels": ["Person"],
                },
                "id": "medPmq89M7",
                "from_name": "box",
                "to_name": "video",
                "type": "videorectangle",
                **HAND,
            }
        ],
        [Track((KeyFrame(1, 0.04, Box(**DRAWN, rotation=0), enabled=True),), 1050, 42.008633)],
    ),
}


@pytest.mark.parametrize("name", RECORDED)
def test_an_answer_given_in_the_browser_is_read_and_given_back(name: str) -> None:
    """Protects what people really do: the codec reads it, finds it valid, and gives it back unchanged."""
    lines, values = RECORDED[name]
    schema, codec = read_config(render(name)), LabelStudioCodec()
    answer = codec.decode(json.dumps({"result": lines}), schema)
    assert [entry.value for entry in answer.entries if isinstance(entry, Entry)] == values
    assert not any(isinstance(value, Opaque) for value in values)
    assert check_answer(answer, schema) == ()
    assert json.dumps(codec.encode(answer), sort_keys=True) == json.dumps(lines, sort_keys=True)


@pytest.mark.parametrize("name", RECORDED)
def test_exports_see_the_classes_that_the_codec_sees(name: str) -> None:
    """Protects whoever trains: the quick reader of exports must not lose what the codec reads, as it did of tracks."""
    lines, _ = RECORDED[name]
    answer = LabelStudioCodec().decode(json.dumps({"result": lines}), read_config(render(name)))
    wanted: dict[str | None, set[str]] = {}
    for entry in answer.entries:
        if isinstance(entry, Entry) and entry.labels:
            wanted.setdefault(entry.region, set()).update(entry.labels)
    regions = TaskReader().given(lines).regions
    assert {r.id: set(r.labels) for r in regions if r.labels} == wanted


def test_offsets_of_a_text_are_code_points() -> None:
    """Protects spans after an emoji: Label Studio's editor counts code points, as we do, not units of JavaScript."""
    lines, _ = RECORDED["ner"]
    start, end = lines[0]["value"]["start"], lines[0]["value"]["end"]
    assert EMOJI[start:end] == lines[0]["value"]["text"]
    assert len(EMOJI[:start].encode("utf-16-le")) // 2 != start


def test_a_transcript_belongs_to_its_segment() -> None:
    """Protects transcripts: text and stretch of time share the region's id."""
    lines, _ = RECORDED["audio-transcription"]
    answer = LabelStudioCodec().decode(json.dumps(lines), read_config(render("audio-transcription")))
    assert {entry.region for entry in answer.entries if isinstance(entry, Entry)} == {"VqjHr"}
