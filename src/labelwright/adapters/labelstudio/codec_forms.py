"""Which form a line has: how its value is read and written, and under which name its classes stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from labelwright.adapters.labelstudio import codec_answers as answers
from labelwright.adapters.labelstudio import codec_regions as regions
from labelwright.adapters.labelstudio import codec_video as video
from labelwright.model.schema import Kind
from labelwright.model.values import (
    Box,
    Choice,
    Ellipse,
    FrameRanges,
    KeyPoint,
    Mask,
    Number,
    Paths,
    Polygon,
    Preference,
    Ranking,
    Segment,
    Span,
    Text,
    Track,
    Value,
)

Read = Callable[[Mapping[str, Any], Mapping[str, Any]], Value]
Write = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Form:
    """One shape of lines.

    Attributes:
        type: the line's ``type`` where nothing says otherwise.
        read: value and line to a `Value`; raises KeyError, TypeError or ValueError when it does not fit.
        write: a `Value` to the fields it was read from.
        labels: name of the list of classes in the line's value; empty where it has none.
    """

    type: str
    read: Read
    write: Write
    labels: str = ""


#: Answers that have no place of their own.
_ANSWERS = MappingProxyType(
    {
        "choices": Form("choices", answers.read_choice, answers.write_choice),
        "taxonomy": Form("taxonomy", answers.read_paths, answers.write_paths),
        "rating": Form("rating", answers.reader_of_number("rating"), answers.writer_of_number("rating")),
        "number": Form("number", answers.reader_of_number("number"), answers.writer_of_number("number")),
        "datetime": Form("datetime", answers.read_datetime, answers.write_datetime),
        "textarea": Form("textarea", answers.read_texts, answers.write_texts),
        "pairwise": Form("pairwise", answers.read_preference, answers.write_preference),
        "ranker": Form("ranker", answers.read_ranking, answers.write_ranking),
        "chatmessage": Form("chatmessage", answers.read_message, answers.write_message),
    }
)
_NESTED = Form("choices", answers.read_nested, answers.write_nested)

#: Types of regions whose shape does not depend on the rest of the line.
_REGIONS: Mapping[str, tuple[Read, Write]] = MappingProxyType(
    {
        "hypertext": (regions.read_span, regions.write_span),
        "paragraph": (regions.read_span, regions.write_span),
        "timeseries": (regions.read_segment, regions.write_segment),
        "rectangle": (regions.read_box, regions.write_box),
        "ocr": (regions.read_box, regions.write_box),
        "polygon": (regions.read_polygon, regions.write_polygon),
        "ellipse": (regions.read_ellipse, regions.write_ellipse),
        "keypoint": (regions.read_keypoint, regions.write_keypoint),
        "brush": (regions.read_mask, regions.write_mask),
        "magicwand": (regions.read_mask, regions.write_mask),
        "timeline": (video.read_ranges, video.write_ranges),
    }
)

_WRITERS: Mapping[type, tuple[str, Write]] = MappingProxyType(
    {
        Span: ("", regions.write_span),
        Segment: ("", regions.write_segment),
        Box: ("rectangle", regions.write_box),
        Polygon: ("polygon", regions.write_polygon),
        Ellipse: ("ellipse", regions.write_ellipse),
        KeyPoint: ("keypoint", regions.write_keypoint),
        Mask: ("brush", regions.write_mask),
        FrameRanges: ("timeline", video.write_ranges),
    }
)

_OF_ANSWER: Mapping[type, str] = MappingProxyType(
    {
        Choice: "choices",
        Paths: "taxonomy",
        Number: "number",
        Text: "textarea",
        Preference: "pairwise",
        Ranking: "ranker",
    }
)


def form_of(line_type: str, kind: Kind, value: Mapping[str, Any]) -> Form:
    """The form of a line that is read.

    Raises:
        ValueError: no form is known for it.
    """
    if line_type == "choices" and kind is Kind.TAXONOMY:
        return _NESTED
    if line_type in _ANSWERS:
        return _ANSWERS[line_type]
    if line_type == "videorectangle":
        return Form(line_type, video.read_track, video.write_track, "labels")
    if line_type == "labels":
        return Form(line_type, *_drawn(kind, value), "labels")
    pair = _REGIONS.get(line_type.removesuffix("labels"))
    if pair is None:
        raise ValueError(line_type)
    return Form(line_type, *pair, line_type if line_type.endswith("labels") else "")


def _drawn(kind: Kind, value: Mapping[str, Any]) -> tuple[Read, Write]:
    """What ``Labels`` names: stretches of text or time, or whatever a tool of its own has drawn."""
    if kind is Kind.SPANS:
        return regions.read_span, regions.write_span
    if kind is Kind.SEGMENTS:
        return regions.read_segment, regions.write_segment
    if "sequence" in value:
        return video.read_track, video.write_track
    found = next((name for key, name in _TELLTALES if key in value), None)
    if found is None:
        raise ValueError("no place")
    return _REGIONS[found]


#: Fields that only one shape has; the first that is there decides.
_TELLTALES = (
    ("points", "polygon"),
    ("radiusX", "ellipse"),
    ("rle", "brush"),
    ("height", "rectangle"),
    ("x", "keypoint"),
)


def form_of_value(line_type: str | None, value: Value, labelled: bool) -> Form:
    """The form in which a value is written; ``line_type`` as it was read, None for a value of our own."""
    if isinstance(value, Track):
        return Form("videorectangle", video.read_track, video.write_track, "labels")
    if type(value) in _WRITERS:
        return _of_region(line_type, value, labelled)
    if line_type == "choices" and isinstance(value, Paths):
        return _NESTED
    known = line_type if line_type and line_type in _ANSWERS else _OF_ANSWER[type(value)]
    return _ANSWERS[known]


def _of_region(line_type: str | None, value: Value, labelled: bool) -> Form:
    stem, write = _WRITERS[type(value)]
    kind = line_type or (f"{stem}labels" if labelled or not stem else stem)
    return Form(kind, regions.read_span, write, kind if kind.endswith("labels") else "labels")
