"""Regions of text, sound and pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from labelwright.adapters.labelstudio.codec_answers import name, number
from labelwright.model.values import Box, Ellipse, ImageSize, KeyPoint, Mask, Polygon, Segment, Span

_Fields = Mapping[str, Any]


def read_span(value: _Fields, line: _Fields) -> Span:  # noqa: ARG001 - every reader takes both
    """A stretch of text. In HTML and dialogues ``start`` and ``end`` are anchors, with offsets beside them."""
    start, end = value["start"], value["end"]
    text = value.get("text")
    said = text if type(text) is str else None
    if type(start) is int and type(end) is int:
        return Span(start, end, said)
    whole = isinstance(value.get("globalOffsets"), dict)
    return Span(*_offsets(value), said, (name(start), name(end)), from_document=whole)


def _offsets(value: _Fields) -> tuple[int, int]:
    """Counted from the start of the document where Label Studio says so, else from the anchors."""
    found = value.get("globalOffsets")
    if isinstance(found, dict):
        return _whole(found["start"]), _whole(found["end"])
    return _whole(value["startOffset"]), _whole(value["endOffset"])


def _whole(found: Any) -> int:
    if type(found) is not int:
        raise TypeError("a whole number")
    return found


def write_span(span: Span) -> dict[str, Any]:
    """A stretch of text; offsets beside anchors are given back from what was read."""
    start, end = span.anchors or (span.start, span.end)
    return {"start": start, "end": end, **({} if span.text is None else {"text": span.text})}


def read_segment(value: _Fields, line: _Fields) -> Segment:  # noqa: ARG001
    """A stretch of time: seconds, or points of a time axis."""
    channel = value.get("channel")
    return Segment(number(value["start"]), number(value["end"]), channel if type(channel) is int else None)


def reader_of_series(written: str) -> Callable[[_Fields, _Fields], Segment]:
    """Reads a stretch of a time axis whose points are written as dates: seconds since 1970.

    Args:
        written: the format in which the config says that they are written (``timeFormat`` of a TimeSeries).
    """
    return lambda value, _line: Segment(_moment(value["start"], written), _moment(value["end"], written))


def _moment(found: Any, written: str) -> float:
    if type(found) is not str:
        value: float = number(found)
        return value
    try:
        moment = datetime.strptime(found, written.replace("%L", "%f"))  # noqa: DTZ007 - the zone is set below
    except ValueError:
        moment = datetime.fromisoformat(found)
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def write_segment(segment: Segment) -> dict[str, Any]:
    """A stretch of time."""
    channel = {} if segment.channel is None else {"channel": segment.channel}
    return {"start": segment.start, "end": segment.end, **channel}


def image_size(line: _Fields) -> ImageSize | None:
    """The picture's size in pixels, if the line has it."""
    width, height = line.get("original_width"), line.get("original_height")
    return ImageSize(width, height) if type(width) is int and type(height) is int else None


def _turn(value: _Fields) -> Any:
    return number(value["rotation"]) if "rotation" in value else 0.0


def _turned(rotation: float) -> dict[str, Any]:
    """No rotation was said where there is none (a written 0 comes back from beside the value)."""
    return {"rotation": rotation} if rotation else {}


def read_box(value: _Fields, line: _Fields) -> Box:
    """A box in percent."""
    x, y, width, height = (number(value[key]) for key in ("x", "y", "width", "height"))
    return Box(x, y, width, height, _turn(value), image_size(line))


def write_box(box: Box) -> dict[str, Any]:
    """A box in percent."""
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height, **_turned(box.rotation)}


def read_polygon(value: _Fields, line: _Fields) -> Polygon:
    """Corners in percent."""
    points = tuple((number(x), number(y)) for x, y in value["points"])
    closed = value.get("closed", True)
    if type(closed) is not bool:
        raise TypeError("closed")
    return Polygon(points, closed, image_size(line))


def write_polygon(polygon: Polygon) -> dict[str, Any]:
    """Corners in percent."""
    closed = {} if polygon.closed else {"closed": False}
    return {"points": [[x, y] for x, y in polygon.points], **closed}


def read_ellipse(value: _Fields, line: _Fields) -> Ellipse:
    """Centre and radii in percent."""
    x, y, radius_x, radius_y = (number(value[key]) for key in ("x", "y", "radiusX", "radiusY"))
    return Ellipse(x, y, radius_x, radius_y, _turn(value), image_size(line))


def write_ellipse(ellipse: Ellipse) -> dict[str, Any]:
    """Centre and radii in percent."""
    place = {"x": ellipse.x, "y": ellipse.y, "radiusX": ellipse.radius_x, "radiusY": ellipse.radius_y}
    return {**place, **_turned(ellipse.rotation)}


def read_keypoint(value: _Fields, line: _Fields) -> KeyPoint:
    """A point in percent."""
    width = number(value["width"]) if "width" in value else 0.0
    return KeyPoint(number(value["x"]), number(value["y"]), width, image_size(line))


def write_keypoint(point: KeyPoint) -> dict[str, Any]:
    """A point in percent."""
    return {"x": point.x, "y": point.y, **({"width": point.width} if point.width else {})}


def read_mask(value: _Fields, line: _Fields) -> Mask:
    """A brush mask in Label Studio's run-length code."""
    rle = value["rle"]
    if value["format"] != "rle" or type(rle) is not list:
        raise TypeError("a run-length code")
    if not all(type(byte) is int and 0 <= byte <= 255 for byte in rle):
        raise ValueError("bytes")
    return Mask(tuple(rle), image_size(line))


def write_mask(mask: Mask) -> dict[str, Any]:
    """A brush mask in Label Studio's run-length code."""
    return {"format": "rle", "rle": list(mask.rle)}
