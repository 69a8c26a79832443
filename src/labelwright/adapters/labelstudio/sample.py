"""A sample task and a sample annotation for any config, to see that answers go through the codec unchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.codec_json import dump
from labelwright.adapters.labelstudio.config import time_format
from labelwright.adapters.labelstudio.config_xml import Node, fields_in, read_nodes
from labelwright.model.schema import STRUCTURE_KINDS, Control, Kind, Schema
from labelwright.model.values import Entry, Opaque

__all__ = ["goes_through", "sample_result", "sample_task"]

TEXT = "The parcel from Delft came on Monday, and Ms Jansen is happy with it."

_BOX = MappingProxyType({"x": 12.5, "y": 20, "width": 30.25, "height": 40, "rotation": 0})
_FRAME = MappingProxyType({**_BOX, "frame": 1, "time": 0.04, "enabled": True})
#: The run-length code of 2 × 2 pixels, the first of which is painted.
_RLE = (0, 0, 0, 16, 57, 27, 252, 127, 246, 192, 0)

#: Places by kind, as Label Studio stores them. Whole numbers and fractions are mixed on purpose.
_PLACES: Mapping[Kind, Mapping[str, Any]] = MappingProxyType(
    {
        Kind.SEGMENTS: {"start": 0.5, "end": 2, "channel": 0},
        Kind.BOXES: _BOX,
        Kind.POLYGONS: {"points": [[10, 10], [60.5, 12], [40, 70.25]], "closed": True},
        Kind.ELLIPSES: {"x": 50, "y": 40.5, "radiusX": 20, "radiusY": 10.5, "rotation": 30},
        Kind.KEYPOINTS: {"x": 33.3, "y": 44, "width": 0.5},
        Kind.MASKS: {"format": "rle", "rle": list(_RLE)},
        Kind.TRACKS: {
            "framesCount": 25,
            "duration": 1.0,
            "sequence": [_FRAME, {**_FRAME, "frame": 9, "enabled": False}],
        },
        Kind.TIMELINE: {"ranges": [{"start": 3, "end": 8}]},
    }
)
_SPANS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "text": {"start": 16, "end": 21, "text": TEXT[16:21]},
        "hypertext": {
            "start": "/p[1]/text()[1]",
            "end": "/p[1]/text()[1]",
            "startOffset": 4,
            "endOffset": 10,
            "globalOffsets": {"start": 4, "end": 10},
            "text": "parcel",
        },
        "paragraphs": {"start": "0", "end": "0", "startOffset": 4, "endOffset": 10, "text": "parcel"},
    }
)
_PICTURES = frozenset({Kind.BOXES, Kind.POLYGONS, Kind.ELLIPSES, Kind.KEYPOINTS, Kind.MASKS})
_PLACED_BY_TOOLS = _PICTURES | {Kind.TRACKS}


def sample_task(schema: Schema) -> dict[str, Any]:
    """Data for one item: a value for every field that the screen shows."""
    data: dict[str, Any] = {}
    for node in read_nodes(schema.xml):
        for key, example in _SHOWN.items():
            for field in fields_in(node.attributes.get(key, "")):
                data.setdefault(field, example(node))
    return {field: data.get(field, TEXT) for field in schema.data_fields}


def _of_value(node: Node) -> Any:
    if node.kind in {"choices", "taxonomy", "labels"} or node.kind.endswith("labels"):
        return [{"value": "First"}, {"value": "Second"}]
    example = _OBJECTS.get(node.kind)
    return TEXT if example is None else example(node)


_SHOWN: Mapping[str, Callable[[Node], Any]] = MappingProxyType(
    {
        "value": _of_value,
        "valuelist": lambda _node: ["/static/samples/sample.jpg", "/static/samples/kittens.jpg"],
        "on": lambda _node: ["/static/samples/sample.jpg"],
        "audiourl": lambda _node: "/static/samples/game.wav",
        "html": lambda _node: "<b>First</b>",
        "defaultvalue": lambda _node: TEXT,
    }
)


def _paragraphs(node: Node) -> list[dict[str, str]]:
    who, what = node.attributes.get("namekey", "author"), node.attributes.get("textkey", "text")
    return [{who: "Ann", what: "The parcel came."}, {who: "Ben", what: "On Monday?"}]


def _series(node: Node) -> Any:
    if node.attributes.get("valuetype", "url").lower() == "url":
        return "/static/samples/sample-task-sin.csv"
    columns = [child.attrib.get("column", "value") for child in node.element.iter("Channel")]
    time = node.attributes.get("timecolumn", "time")
    return {time: list(range(20)), **{column: [step / 10 for step in range(20)] for column in columns}}


_OBJECTS: Mapping[str, Callable[[Node], Any]] = MappingProxyType(
    {
        "image": lambda _node: "/static/samples/sample.jpg",
        "audio": lambda _node: "/static/samples/game.wav",
        "video": lambda _node: "/static/samples/opossum_snow.mp4",
        "pdf": lambda _node: "/static/samples/sample.pdf",
        "hypertext": lambda _node: "<p>The parcel came on Monday.</p>",
        "list": lambda _node: [{"id": "a", "title": "First"}, {"id": "b", "title": "Second"}],
        "table": lambda _node: {"Order": 17, "Place": "Delft"},
        "chat": lambda _node: [{"role": "user", "content": "Where is my parcel?"}],
        "paragraphs": _paragraphs,
        "timeseries": _series,
    }
)


def sample_result(schema: Schema) -> list[dict[str, Any]]:
    """The ``result`` of an annotation that answers every control Labelwright understands, as it is stored."""
    asked = [c for c in schema.controls if c.understood and not _merged(c)]
    lines = [line for control in asked for line in sample_lines(control, schema)]
    return [{**line, "origin": "manual"} for line in lines]


def goes_through(control: Control, schema: Schema) -> bool:
    """A sample annotation of the control comes out of the codec as it went in, and nothing of it is opaque."""
    if not control.understood:
        return False
    lines = sample_lines(_drawn_by(control, schema) if _merged(control) else control, schema)
    codec = LabelStudioCodec()
    answer = codec.decode(dump(lines), schema)
    opaque = any(isinstance(entry, Entry) and isinstance(entry.value, Opaque) for entry in answer.entries)
    return bool(lines) and not opaque and dump(_plain(codec.encode(answer))) == dump(_plain(lines))


def _plain(value: Any) -> Any:
    """A copy with its fields in the order of their names; as text, it tells 1 from 1.0 and from true."""
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value)}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _merged(control: Control) -> bool:
    """``Labels`` over a video have no line of their own: the box that moves carries its class."""
    return control.tag.lower() == "labels" and control.kind is Kind.TRACKS


def _drawn_by(control: Control, schema: Schema) -> Control:
    """The first control whose regions this one names or describes; itself where there is none."""
    if not control.per_region and not (control.tag.lower() == "labels" and control.kind in _PLACED_BY_TOOLS):
        return control
    others = (c for c in schema.controls if c.name != control.name and set(c.to) & set(control.to))
    return next((c for c in others if c.kind in STRUCTURE_KINDS and c.understood), control)


def sample_lines(control: Control, schema: Schema) -> list[dict[str, Any]]:
    """One answer to one control; two regions and a link between them for relations."""
    if control.kind is Kind.RELATIONS:
        return _linked(control)
    target = control.to[0] if control.to else ""
    line: dict[str, Any] = {"from_name": control.name, "to_name": target, "id": _region(control, schema)}
    if control.kind in _PICTURES:
        line |= {"original_width": 640, "original_height": 480, "image_rotation": 0}
    return [{**line, "type": _type(control), "value": _value(control, target, schema)}]


def _region(control: Control, schema: Schema) -> str:
    return f"sample-{_drawn_by(control, schema).name}"


def _linked(control: Control) -> list[dict[str, Any]]:
    link = {"from_id": "sample-1", "to_id": "sample-2", "type": "relation", "direction": "right"}
    return [{**link, "labels": list(control.classes[:1])}]


def _type(control: Control) -> str:
    return "chatmessage" if control.kind is Kind.CHAT else control.tag.lower()


def _value(control: Control, target: str, schema: Schema) -> dict[str, Any]:
    make = _ANSWERS.get(control.kind)
    if make is not None:
        return {**_beside(control, target, schema), **make(control)}
    series = control.tag.lower() == "timeserieslabels"
    place = _stretch(control, schema) if series else _place(control.kind, target, schema)
    names = "labels" if control.kind is Kind.TRACKS else control.tag.lower()
    labelled = control.classes or control.tag.lower().endswith("labels")
    return {**place, **({names: [_first(control)]} if labelled and names.endswith("labels") else {})}


def _beside(control: Control, target: str, schema: Schema) -> dict[str, Any]:
    """Label Studio repeats the place of the region that an answer describes."""
    drawn = _drawn_by(control, schema)
    return {} if drawn is control else _place(drawn.kind, target, schema)


def _place(kind: Kind, target: str, schema: Schema) -> dict[str, Any]:
    shown = next((o.tag.lower() for o in schema.objects if o.name == target), "text")
    found = _SPANS.get(shown, _SPANS["text"]) if kind is Kind.SPANS else _PLACES[kind]
    return dict(_plain(found))


def _stretch(control: Control, schema: Schema) -> dict[str, Any]:
    """A stretch of a time axis, its ends written as the config has it."""
    written = time_format(control, schema)
    start, end = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    ends = {"start": start.strftime(written), "end": end.strftime(written)} if written else {"start": 3, "end": 8.5}
    return {**ends, "instant": False}


def _first(control: Control) -> str:
    return control.classes[0] if control.classes else "First"


def _taxonomy(control: Control) -> dict[str, Any]:
    if control.tag.lower() == "choices":
        return {"choices": [[_first(control)], [_first(control), _first(control)]]}
    return {"taxonomy": [[_first(control)]]}


def _ranking(control: Control) -> dict[str, Any]:
    first, *others = control.classes or ("rank",)
    return {"ranker": {first: ["a", "b"], **{bucket: [] for bucket in others}}}


_ANSWERS: Mapping[Kind, Callable[[Control], dict[str, Any]]] = MappingProxyType(
    {
        Kind.CHOICE: lambda control: {"choices": [_first(control)]},
        Kind.CHOICES: lambda control: {"choices": list(control.classes[:2]) or ["First", "Second"]},
        Kind.TAXONOMY: _taxonomy,
        Kind.RATING: lambda _control: {"rating": 4},
        Kind.NUMBER: lambda _control: {"number": 3.5},
        Kind.DATETIME: lambda _control: {"datetime": "2026-03-01"},
        Kind.TEXT: lambda _control: {"text": ["It came on time."]},
        Kind.PAIRWISE: lambda _control: {"selected": "left"},
        Kind.RANKING: _ranking,
        Kind.CHAT: lambda _control: {"chatmessage": {"role": "user", "content": "Hello", "createdAt": 1764000000000}},
    }
)
