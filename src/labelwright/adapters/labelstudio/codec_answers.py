"""Answers without a place: classes, numbers, texts, preferences, orders."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from labelwright.model.values import Choice, Number, Paths, Preference, Ranking, Text

_Fields = Mapping[str, Any]


def names(found: Any) -> tuple[str, ...]:
    """A list of texts as a tuple. Raises TypeError for anything else."""
    if type(found) is not list or not all(type(name) is str for name in found):
        raise TypeError("a list of names")
    return tuple(found)


def number(found: Any) -> Any:
    """A finite number as it is: a whole number stays whole. Raises TypeError or ValueError."""
    if type(found) not in {int, float}:
        raise TypeError("a number")
    if not math.isfinite(found):
        raise ValueError("a finite number")
    return found


def name(found: Any) -> str:
    """A text. Raises TypeError for anything else."""
    if type(found) is not str:
        raise TypeError("a text")
    return found


def read_choice(value: _Fields, line: _Fields) -> Choice:  # noqa: ARG001 - every reader takes both
    """Chosen classes."""
    return Choice(names(value["choices"]))


def write_choice(found: Choice) -> dict[str, Any]:
    """Chosen classes."""
    return {"choices": list(found.labels)}


def read_paths(value: _Fields, line: _Fields) -> Paths:  # noqa: ARG001
    """Paths of a taxonomy."""
    return Paths(tuple(names(path) for path in value["taxonomy"]))


def write_paths(found: Paths) -> dict[str, Any]:
    """Paths of a taxonomy."""
    return {"taxonomy": [list(path) for path in found.paths]}


def read_nested(value: _Fields, line: _Fields) -> Paths:  # noqa: ARG001
    """Nested choices: paths from the root; older versions store a class at the root as its name."""
    return Paths(tuple((path,) if type(path) is str else names(path) for path in value["choices"]))


def write_nested(found: Paths) -> dict[str, Any]:
    """Nested choices."""
    return {"choices": [list(path) for path in found.paths]}


def reader_of_number(key: str) -> Callable[[_Fields, _Fields], Number]:
    """Reads a rating or a number."""
    return lambda value, _line: Number(number(value[key]))


def writer_of_number(key: str) -> Callable[[Number], dict[str, Any]]:
    """Writes a rating or a number."""
    return lambda found: {key: found.value}


def read_datetime(value: _Fields, line: _Fields) -> Text:  # noqa: ARG001
    """A date, as written; a year alone may be a number."""
    found = value["datetime"]
    return Text((str(found) if type(found) is int else name(found),))


def write_datetime(found: Text) -> dict[str, Any]:
    """A date, as written."""
    return {"datetime": found.texts[0]}


def read_texts(value: _Fields, line: _Fields) -> Text:  # noqa: ARG001
    """Free texts; a single one may stand without its list."""
    found = value["text"]
    return Text((found,)) if type(found) is str else Text(names(found))


def write_texts(found: Text) -> dict[str, Any]:
    """Free texts."""
    return {"text": list(found.texts)}


def read_preference(value: _Fields, line: _Fields) -> Preference:  # noqa: ARG001
    """The side that was chosen."""
    return Preference(name(value["selected"]))


def write_preference(found: Preference) -> dict[str, Any]:
    """The side that was chosen."""
    return {"selected": found.side}


def read_ranking(value: _Fields, line: _Fields) -> Ranking:  # noqa: ARG001
    """An order, or buckets with an order each."""
    found = value["ranker"]
    buckets = found.items() if type(found) is dict else [("rank", found)]
    return Ranking(tuple((bucket, tuple(_item(i) for i in items)) for bucket, items in buckets))


def _item(found: Any) -> str:
    return str(found) if type(found) is int else name(found)


def write_ranking(found: Ranking) -> dict[str, Any]:
    """An order, or buckets with an order each."""
    return {"ranker": {bucket: list(items) for bucket, items in found.buckets}}


def read_message(value: _Fields, line: _Fields) -> Text:  # noqa: ARG001
    """What was said; the role and the time travel beside it."""
    return Text((name(value["chatmessage"]["content"]),))


def write_message(found: Text) -> dict[str, Any]:
    """What was said."""
    return {"chatmessage": {"content": found.texts[0]}}
