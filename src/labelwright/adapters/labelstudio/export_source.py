"""A Label Studio JSON export as a source of answers: streamed, as often as it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from labelwright.adapters.labelstudio.export_read import ANSWERS, TaskReader, lines_of
from labelwright.adapters.labelstudio.export_stream import stream_tasks
from labelwright.app.drawing_formats import outlook_of
from labelwright.export.answers import ItemAnswers, Outlook
from labelwright.model.errors import DataError
from labelwright.model.schema import Kind, Schema

#: Types of lines that name text rather than a medium.
_TEXT_TYPES = frozenset({"hypertextlabels", "paragraphlabels", "hypertext", "paragraph"})
_MEDIA_ENDS = (
    ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff",
    ".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".mp4", ".webm", ".mov", ".mkv", ".avi",
)  # fmt: skip


@dataclass
class ExportSource:
    """Implements `labelwright.export.answers.AnswerSource`.

    Attributes:
        path: the export.
        schema: the labeling config, where it is given; it names classes that nobody chose, and what shows which field.
        keep_raw: hand on results as they are.
    """

    path: Path
    schema: Schema | None = None
    keep_raw: bool = False
    _found: dict[tuple[bool, str], Outlook] = field(default_factory=dict, init=False)

    def answers(self) -> Iterator[ItemAnswers]:
        """Every task, in the order of the file."""
        reader = TaskReader(self._several, keep_raw=self.keep_raw)
        labeled = False
        number = 0
        for number, task in enumerate(stream_tasks(self.path), start=1):
            labeled = labeled or "annotations" in task or "completions" in task
            yield reader.read(task, number)
            if number == 1 and not labeled and ("annotator" in task or "annotation_id" in task):
                raise self._min()
        if number and not labeled:
            raise DataError(
                "The tasks carry no annotations",
                where=str(self.path),
                next_step="Export the project from Label Studio in the format JSON",
            )

    def _min(self) -> DataError:
        return DataError(
            "This is Label Studio's JSON-MIN, which leaves out what was drawn by whom",
            where=str(self.path),
            next_step="Export the project again in the format JSON",
        )

    @cached_property
    def _several(self) -> frozenset[str]:
        controls = self.schema.controls if self.schema else ()
        return frozenset(c.name for c in controls if c.kind is Kind.CHOICES)

    def outlook(self, *, whole: bool, family: str) -> Outlook:
        """From the config where there is one, else from the lines of the file: all, or up to the first drawing."""
        if (whole, family) not in self._found:
            tasks = stream_tasks(self.path)
            found = _of_schema(self.schema, family) if self.schema else _Survey(family).of(tasks, whole=whole)
            self._found[whole, family] = found
        return self._found[whole, family]


def _of_schema(schema: Schema, family: str) -> Outlook:
    """Classes in the order of the alphabet, as Label Studio's converter numbers them."""
    found = outlook_of(schema, family)
    return replace(found, classes=tuple(sorted(found.classes)))


class _Survey:
    """What the lines of all answers say about classes and fields."""

    def __init__(self, family: str) -> None:
        self.family = family
        self.classes: dict[str, None] = {}
        self.points: dict[str, None] = {}
        self.choices: dict[str, dict[str, None]] = {}
        self.drawn: tuple[str, str, Mapping[str, Any]] | None = None
        self.asked: tuple[str, str, Mapping[str, Any]] | None = None

    def of(self, tasks: Iterator[dict[str, Any]], *, whole: bool) -> Outlook:
        for task in tasks:
            if self.drawn and not whole:
                self.classes, self.points = {}, {}  # not all of them: better none
                break
            ids: set[Any] = set()
            for line in lines_of(task):
                kind, value = line.get("type"), line.get("value")
                if type(kind) is not str or type(value) is not dict:
                    continue
                if kind in ANSWERS:
                    self._asked(line, kind, value, task, ids)
                else:
                    ids.add(line.get("id"))
                    if not self.family or self.family == _family(kind, value, line):
                        self._drawn(line, kind, value, task)
        return self._outlook()

    def _drawn(self, line: Mapping[str, Any], kind: str, value: Mapping[str, Any], task: dict[str, Any]) -> None:
        found = value.get(kind)
        if type(found) is list:
            into = self.points if kind == "keypointlabels" else self.classes
            for name in found:
                if name not in into and type(name) is str:
                    into[name] = None
        if self.drawn is None:
            self.drawn = (kind if "text" not in value else "text", str(line.get("to_name")), _data(task))

    def _asked(
        self, line: Mapping[str, Any], kind: str, value: Mapping[str, Any], task: dict[str, Any], ids: set[Any]
    ) -> None:
        if self.asked is None:
            self.asked = (kind, str(line.get("to_name")), _data(task))
        found = value.get("choices")
        if kind == "choices" and type(found) is list and line.get("id") not in ids:
            into = self.choices.setdefault(str(line.get("from_name")), {})
            into.update((name, None) for name in found if type(name) is str)

    def _outlook(self) -> Outlook:
        kind, target, data = self.drawn or self.asked or ("", "", {})
        drawn = self.drawn is not None
        medium = drawn and kind not in _TEXT_TYPES and kind != "text"
        name = _field_of(target, data, medium=medium)
        value = data.get(name) if name else None
        linked = isinstance(value, str) and value.partition("?")[0].lower().endswith(_MEDIA_ENDS)
        return Outlook(
            tuple(sorted(self.classes)),
            tuple(sorted(self.points)),
            {control: tuple(sorted(names)) for control, names in self.choices.items() if names},
            target if drawn else None,
            name,
            medium or linked,
        )


def _family(kind: str, value: Mapping[str, Any], line: Mapping[str, Any]) -> str:
    """What a region lies on: text, picture or sound."""
    if kind in _TEXT_TYPES:
        return "text"
    if "start" not in value:
        return "picture"
    sound = "channel" in value or "original_length" in line or type(value["start"]) is float
    return "sound" if sound or kind.startswith("timeseries") else "text"


def _data(task: Mapping[str, Any]) -> Mapping[str, Any]:
    found = task.get("data")
    return found if type(found) is dict else {}


def _field_of(target: str, data: Mapping[str, Any], *, medium: bool) -> str | None:
    """The field an object shows: the one of its name, else the first link to a medium, else the first text."""
    if target in data:
        return target
    texts = [name for name, value in data.items() if isinstance(value, str)]
    links = [n for n in texts if data[n].partition("?")[0].lower().endswith(_MEDIA_ENDS) or "://" in data[n]]
    return next(iter((links if medium else []) + texts), None)
