"""Whether an answer fits its schema."""

from __future__ import annotations

from collections.abc import Iterator

from labelwright.model.schema import Control, Kind, Schema
from labelwright.model.values import Answer, Choice, Entry, Opaque, Paths, Text


def check_answer(answer: Answer, schema: Schema) -> tuple[str, ...]:
    """What is wrong with an answer; an empty tuple when it is valid.

    A required control without an answer, a class that the schema does not have, several classes for
    a single choice, a control that is not in the schema, a line that cannot be read. Controls that
    Labelwright does not understand are only checked for being there.
    """
    known = {control.name: control for control in schema.controls}
    lines = (problem for entry in answer.entries if isinstance(entry, Entry) for problem in _line(entry, known))
    return (*_unanswered(answer, schema), *dict.fromkeys(lines))


def _unanswered(answer: Answer, schema: Schema) -> Iterator[str]:
    answered = {entry.control for entry in answer.entries if isinstance(entry, Entry) and not _empty(entry)}
    for control in schema.controls:
        if control.required and not control.per_region and control.name not in answered:
            yield f"'{control.name}' is required and was not answered"


def _empty(entry: Entry) -> bool:
    value = entry.value
    if isinstance(value, Choice):
        return not value.labels
    if isinstance(value, Paths):
        return not value.paths
    return isinstance(value, Text) and not any(text.strip() for text in value.texts)


def _line(entry: Entry, known: dict[str, Control]) -> Iterator[str]:
    control = known.get(entry.control)
    if control is None:
        yield f"'{entry.control}' is not in the schema" if entry.control else "a line says nothing about its control"
        return
    if isinstance(entry.value, Opaque):
        if control.understood:
            yield f"an answer to '{entry.control}' could not be read"
        return
    yield from _classes(entry, control)


def _classes(entry: Entry, control: Control) -> Iterator[str]:
    if control.classes:
        for name in _named(entry):
            if name not in control.classes:
                yield f"'{name}' is not a class of '{control.name}'"
    if control.kind is Kind.CHOICE and isinstance(entry.value, Choice) and len(entry.value.labels) > 1:
        yield f"'{control.name}' takes one class and got {len(entry.value.labels)}"


def _named(entry: Entry) -> Iterator[str]:
    yield from entry.labels
    if isinstance(entry.value, Choice):
        yield from entry.value.labels
    if isinstance(entry.value, Paths):
        for path in entry.value.paths:
            yield from path
