"""Tasks of an export as answers: a lean way through the shapes of `codec_forms`, for many thousand tasks a second.

No labeling config is needed: each line of a result says its type, and its value what was drawn. Where the usual shapes
do not fit, the codec's readers decide; a line that they cannot read is named, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labelwright.adapters.labelstudio.codec_forms import form_of
from labelwright.adapters.labelstudio.codec_regions import image_size, read_segment, read_span
from labelwright.export.answers import Given, ItemAnswers
from labelwright.export.labelled import EMPTY, Link, Region
from labelwright.model.schema import Kind
from labelwright.model.values import (
    Box,
    Choice,
    Geometry,
    ImageSize,
    Number,
    Paths,
    Preference,
    Ranking,
    Span,
    Text,
    Value,
)

_Line = Mapping[str, Any]
_NUMBERS = frozenset({int, float})
#: Types of lines that answer without drawing.
ANSWERS = frozenset(
    {"choices", "taxonomy", "rating", "number", "datetime", "textarea", "pairwise", "ranker", "chatmessage"}
)


class TaskReader:
    """Reads tasks; remembers sizes of pictures, which are alike more often than not.

    Args:
        several: controls whose answer is a list of classes even where only one was chosen.
        keep_raw: hand on results as they are, for Label Studio's own format.
    """

    def __init__(self, several: frozenset[str] = frozenset(), *, keep_raw: bool = False) -> None:
        self._several = several
        self._keep_raw = keep_raw
        self._sizes: dict[tuple[Any, Any], ImageSize | None] = {}

    def read(self, task: Mapping[str, Any], number: int) -> ItemAnswers:
        """One task with its answers; skipped ones, drafts and predictions are left aside."""
        data = task.get("data")
        found = task.get("annotations", task.get("completions")) or ()
        given: dict[str, Given] = {}
        superseded = 0
        if len(found) > 1:
            found = sorted(found, key=_moment)
        for raw in found:
            if not raw.get("was_cancelled") and not raw.get("skipped") and type(raw.get("result")) is list:
                answer = self._given(raw, task.get("id", number))
                superseded += answer.annotator in given
                given[answer.annotator] = answer
        item = task.get("id")
        return ItemAnswers(
            str(number if item is None else item),
            data if type(data) is dict else EMPTY,
            tuple(given.values()),
            superseded,
        )

    def given(self, result: Sequence[Mapping[str, Any]]) -> Given:
        """A result list by itself, such as a kept consensus."""
        return self._given({"result": result}, None)

    def _given(self, raw: Mapping[str, Any], item: Any) -> Given:
        regions: dict[str | int, Region] = {}
        values: dict[str, Any] = {}
        links: list[Link] = []
        unread: list[tuple[str, str]] = []
        beside: list[_Line] = []
        for line in raw["result"]:
            try:
                kind = line["type"]
                if kind == "relation":
                    links.append(_link(line))
                elif kind in ANSWERS:
                    beside.append(line)
                else:
                    self._region(line, kind, regions)
            except (KeyError, TypeError, ValueError, AttributeError):
                unread.append(_unread(line))
        for line in beside:
            try:
                self._answer(line, regions, values)
            except (KeyError, TypeError, ValueError, AttributeError):
                unread.append(_unread(line))
        return Given(
            _annotator(raw.get("completed_by")),
            tuple(regions.values()),
            values,
            tuple(links),
            _facts(raw, item),
            tuple(unread),
            raw["result"] if self._keep_raw else None,
            raw.get("ground_truth") is True,
        )

    def _region(self, line: _Line, kind: str, regions: dict[str | int, Region]) -> None:
        value = line["value"]
        place: Geometry
        if kind == "rectanglelabels":
            place = self._box(value, line)
        elif kind == "labels":
            place = self._drawn(value, line)
        else:
            place = _geometry(kind, value, line)
        # A box that moves is named by `Labels`: its classes stand under that name, whatever the line's type.
        found = value.get(kind, value.get("labels"))
        labels = tuple(found) if type(found) is list else ()
        name = line.get("id")
        key = len(regions) if name is None else name
        before = regions.get(key)
        if before is not None:  # a place and its class are two lines about one region
            more = tuple(c for c in labels if c not in before.labels)
            regions[key] = before._replace(labels=before.labels + more)
            return
        regions[key] = Region(place, labels, line["from_name"], line["to_name"], name, line.get("parentID"))

    def _box(self, value: _Line, line: _Line) -> Box:
        x, y, w, h = value["x"], value["y"], value["width"], value["height"]
        turn = value.get("rotation", 0.0)
        if not (type(x) in _NUMBERS and type(y) in _NUMBERS and type(w) in _NUMBERS and type(h) in _NUMBERS):
            raise TypeError("numbers")
        if type(turn) not in _NUMBERS:
            raise TypeError("a number")
        return Box(x, y, w, h, turn, self._size(line))

    def _size(self, line: _Line) -> ImageSize | None:
        key = (line.get("original_width"), line.get("original_height"))
        if key not in self._sizes:
            self._sizes[key] = image_size(line)
        return self._sizes[key]

    def _drawn(self, value: _Line, line: _Line) -> Geometry:
        """What ``Labels`` names: text, time, or whatever a tool of its own has drawn."""
        if "start" not in value:
            return _geometry("labels", value, line)
        if "channel" in value or "original_length" in line or type(value["start"]) is float:
            return read_segment(value, line)
        start, end = value["start"], value["end"]
        if type(start) is int and type(end) is int:
            text = value.get("text")
            return Span(start, end, text if type(text) is str else None)
        return read_span(value, line)

    def _answer(self, line: _Line, regions: dict[str | int, Region], values: dict[str, Any]) -> None:
        control, kind, name = line["from_name"], line["type"], line.get("id")
        value = line["value"]
        if kind == "choices" and (type(value["choices"]) is list and all(type(c) is str for c in value["choices"])):
            found: Value = Choice(tuple(value["choices"]))
        else:
            found = form_of(kind, Kind.TAXONOMY if kind == "choices" else Kind.UNKNOWN, value).read(value, line)
        said = plain_value(found, several=control in self._several)
        region = regions.get(name) if name is not None else None
        if region is not None and name is not None:
            regions[name] = region._replace(attributes={**region.attributes, control: said})
        elif control in values:
            before = values[control]
            values[control] = [*(before if type(before) is list else [before]), said]
        else:
            values[control] = said


def plain_value(value: Value, *, several: bool = False) -> Any:
    """An answer as JSON holds it: one class as a text, several as a list; a ranking by bucket.

    Args:
        value: the answer.
        several: give a list of classes even where there is one.
    """
    match value:
        case Choice(labels):
            return labels[0] if len(labels) == 1 and not several else list(labels)
        case Number(number):
            return number
        case Text(texts):
            return texts[0] if len(texts) == 1 else list(texts)
        case Preference(side):
            return side
        case Ranking(buckets):
            return {bucket: list(items) for bucket, items in buckets}
        case Paths(paths):
            return [list(path) for path in paths]
        case _:
            raise TypeError("an answer without a place")


def _geometry(kind: str, value: _Line, line: _Line) -> Geometry:
    """Whatever else is drawn, by the codec's readers."""
    known = Kind.UNKNOWN if kind != "labels" else Kind.BOXES
    place = form_of(kind, known, value).read(value, line)
    if not isinstance(place, Geometry):
        raise TypeError("a place")
    return place


def _link(line: _Line) -> Link:
    labels = line.get("labels") or ()
    return Link(str(line["from_id"]), str(line["to_id"]), str(line.get("direction", "right")), tuple(map(str, labels)))


def _unread(line: Any) -> tuple[str, str]:
    control = line.get("from_name") if isinstance(line, dict) else None
    kind = line.get("type") if isinstance(line, dict) else None
    return str(control or ""), f"a line of type {kind!r} could not be read"


def _annotator(found: Any) -> str:
    """The number of the account. An e-mail address is never handed on."""
    if isinstance(found, dict):
        found = found.get("id")
    return "unknown" if found is None else str(found)


def _facts(raw: Mapping[str, Any], item: Any) -> dict[str, Any]:
    """What Label Studio's converter has in its tables, too."""
    return {
        "id": item,
        "annotation_id": raw.get("id"),
        "annotator": _annotator(raw.get("completed_by")),
        "created_at": raw.get("created_at"),
        "updated_at": raw.get("updated_at"),
        "lead_time": raw.get("lead_time"),
    }


def _moment(raw: Mapping[str, Any]) -> str:
    return str(raw.get("updated_at") or raw.get("created_at") or "")


def lines_of(task: Mapping[str, Any]) -> Iterator[_Line]:
    """The lines of all answers that count."""
    for raw in task.get("annotations", task.get("completions")) or ():
        if not raw.get("was_cancelled") and type(raw.get("result")) is list:
            yield from (line for line in raw["result"] if type(line) is dict)
