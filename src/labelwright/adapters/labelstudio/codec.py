"""Label Studio's annotations to values and back, unchanged.

Each line of an annotation's ``result`` becomes one `Entry` (or `Relation`). What the model has no
place for (``origin``, ``score``, ``parentID`` …) travels verbatim in ``extra``: fields of the line
under their own names, left-over fields of its value under ``value``. A line that cannot be read
becomes `Opaque`: its whole JSON, word for word.

Text offsets stay as Label Studio counts them: see `codec_offsets`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labelwright.adapters.labelstudio.codec_check import check_answer
from labelwright.adapters.labelstudio.codec_forms import Form, Read, form_of
from labelwright.adapters.labelstudio.codec_json import dump, load
from labelwright.adapters.labelstudio.codec_offsets import to_code_points, to_utf16
from labelwright.adapters.labelstudio.codec_regions import reader_of_series
from labelwright.adapters.labelstudio.codec_write import write_line
from labelwright.adapters.labelstudio.config import time_format
from labelwright.model.errors import DataError
from labelwright.model.schema import STRUCTURE_KINDS, Control, Kind, Schema
from labelwright.model.values import Answer, Choice, Entry, Opaque, Relation

__all__ = ["LabelStudioCodec", "check_answer", "to_code_points", "to_utf16"]

_Line = Mapping[str, Any]
_Read = Callable[[_Line], Entry]

_PLACED = frozenset({"from_name", "to_name", "value"})
_RELATION = frozenset({"from_id", "to_id", "type", "direction", "labels"})


class LabelStudioCodec:
    """Implements `labelwright.ports.Codec`.

    It remembers how to read the schema that it saw last, so that a report which decodes a million
    annotations of one schema looks everything up once.
    """

    def __init__(self) -> None:
        self._last: tuple[Schema | None, dict[str, _Read]] = (None, {})

    def decode(self, raw: str, schema: Schema) -> Answer:
        """One annotation to an answer.

        Args:
            raw: the annotation's JSON (an object with ``result``), or the result list itself.
            schema: the config it was made with.

        Raises:
            DataError: it is not JSON, or there is no list of results.
        """
        result = _result(raw)
        readers = self._readers(schema)
        return Answer(tuple([_read(line, readers) for line in result]))

    def encode(self, answer: Answer) -> list[dict[str, Any]]:
        """An answer to Label Studio's ``result`` list; what was decoded comes back unchanged."""
        return [write_line(entry) for entry in answer.entries]

    def _readers(self, schema: Schema) -> dict[str, _Read]:
        seen, readers = self._last
        if seen is not schema:
            readers = {control.name: _reader(control, schema) for control in schema.controls if control.understood}
            self._last = (schema, readers)
        return readers


def _result(raw: str) -> list[Any]:
    try:
        found = load(raw)
    except ValueError as error:
        raise DataError(f"The annotation is not JSON: {error}", next_step="Read it from Label Studio again.") from error
    if isinstance(found, dict):
        found = found.get("result", [])
    if found is None:
        return []
    if not isinstance(found, list):
        raise DataError("The annotation has no list of results", next_step="Read it from Label Studio again.")
    return found


def _read(line: Any, readers: dict[str, _Read]) -> Entry | Relation:
    if not isinstance(line, dict):
        return _opaque(line)
    if line.get("type") == "relation":
        return _relation(line)
    name = line.get("from_name")
    read = readers.get(name) if isinstance(name, str) else None
    if read is None:
        return _opaque(line)
    try:
        return read(line)
    except (KeyError, TypeError, ValueError):
        return _opaque(line)


def _reader(control: Control, schema: Schema) -> _Read:
    """How to read the lines of one control."""
    regional = control.per_region or control.kind in STRUCTURE_KINDS
    if control.kind in {Kind.CHOICE, Kind.CHOICES}:
        return lambda line: _choices(line, regional)
    written = time_format(control, schema) if control.tag.lower() == "timeserieslabels" else None
    if written:
        read = reader_of_series(written)
        return lambda line: _entry(line, control.kind, regional, read)
    return lambda line: _entry(line, control.kind, regional)


def _choices(line: _Line, regional: bool) -> Entry:
    """The commonest line by far takes the short way."""
    value = line["value"]
    labels = value["choices"]
    if len(value) != 1 or line["type"] != "choices" or type(labels) is not list or not labels:
        return _entry(line, Kind.CHOICE, regional)
    if not all(type(label) is str for label in labels):
        raise TypeError("choices")
    return Entry(
        control=line["from_name"],
        target=_name(line["to_name"]),
        value=Choice(tuple(labels)),
        region=_region(line) if regional else None,
        extra=_beside(line, regional),
    )


def _entry(line: _Line, kind: Kind, regional: bool, read: Read | None = None) -> Entry:
    form = form_of(_name(line["type"]), kind, line["value"])
    value = dict(line["value"])
    labels = _labels(form, value)
    found = (read or form.read)(value, line)
    rest = _rest(value, form.write(found))
    extra = _beside(line, regional)
    if rest:
        extra["value"] = rest
    return Entry(line["from_name"], _name(line["to_name"]), found, labels, _region(line) if regional else None, extra)


def _labels(form: Form, value: dict[str, Any]) -> tuple[str, ...]:
    """Take the region's classes out of its value; what is no plain list of names stays there."""
    found = value.get(form.labels) if form.labels else None
    if type(found) is not list or not found or not all(type(label) is str for label in found):
        return ()
    del value[form.labels]
    return tuple(found)


def _rest(value: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """What the form does not give back by itself, so that nothing is lost or added."""
    if not written.keys() <= value.keys():
        raise ValueError("a field would be added")
    return {key: given for key, given in value.items() if key not in written or written[key] != given}


def _beside(line: _Line, regional: bool) -> dict[str, Any]:
    return {key: given for key, given in line.items() if key not in _PLACED and not (regional and key == "id")}


def _region(line: _Line) -> str | None:
    return _name(line["id"]) if "id" in line else None


def _name(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("a name is a text")
    return value


def _relation(line: _Line) -> Entry | Relation:
    labels = line.get("labels", ())
    ends = (line.get("from_id"), line.get("to_id"), line.get("direction"))
    names = all(isinstance(end, str) for end in ends) and isinstance(labels, list | tuple)
    if not names or not all(isinstance(label, str) for label in labels):
        return _opaque(line)
    extra = {key: value for key, value in line.items() if key not in _RELATION}
    if labels == []:
        extra["labels"] = []
    return Relation(str(ends[0]), str(ends[1]), str(ends[2]), tuple(labels), extra)


def _opaque(line: Any) -> Entry:
    named = line if isinstance(line, dict) else {}
    control, target, region = (named.get(key) for key in ("from_name", "to_name", "id"))
    return Entry(
        control=control if isinstance(control, str) else "",
        target=target if isinstance(target, str) else "",
        value=Opaque(dump(line)),
        region=region if isinstance(region, str) else None,
    )
