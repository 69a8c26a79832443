"""A labeled item as Label Studio's result list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labelwright.adapters.labelstudio.codec_write import write_line
from labelwright.export.labelled import Labelled, Region
from labelwright.model.values import Choice, Entry, Number, Paths, Preference, Ranking, Relation, Text, Value


def result_of(labelled: Labelled) -> list[dict[str, Any]]:
    """Lines of a result: those that were read, word for word, where they were kept; else written anew."""
    raw = labelled.facts.get("result")
    return list(raw) if isinstance(raw, list) else list(_lines(labelled))


def _lines(labelled: Labelled) -> Iterator[dict[str, Any]]:
    for number, region in enumerate(labelled.regions):
        name = region.id or f"region-{number}"
        extra = {} if region.parent is None else {"parentID": region.parent}
        yield write_line(Entry(region.control, region.target, region.place, region.labels, name, extra))
        for control, value in region.attributes.items():
            line = write_line(Entry(control, region.target, _value(value), (), name))
            yield {**line, "value": {**_place_of(region), **line["value"]}}
    for control, value in labelled.values.items():
        yield write_line(Entry(control, _shown(labelled), _value(value)))
    for link in labelled.links:
        yield write_line(Relation(link.source, link.to, link.direction, link.labels))


def _place_of(region: Region) -> Mapping[str, Any]:
    """Label Studio repeats a region's place beside what is said about it."""
    line = write_line(Entry(region.control, region.target, region.place))
    found: Mapping[str, Any] = line["value"]
    return found


def _shown(labelled: Labelled) -> str:
    """Without a config the object's name is not known: a field of the data is the best guess."""
    return next((name for name, value in labelled.data.items() if isinstance(value, str)), "text")


def _value(value: Any) -> Value:
    if isinstance(value, bool | int | float):
        return Number(value)
    if isinstance(value, Mapping):
        return Ranking(tuple((str(k), tuple(map(str, v))) for k, v in value.items()))
    if isinstance(value, list):
        if value and isinstance(value[0], list):
            return Paths(tuple(tuple(map(str, path)) for path in value))
        return Choice(tuple(map(str, value)))
    if value in {"left", "right"}:
        return Preference(value)
    return Text((value,)) if " " in str(value).strip() else Choice((str(value),))
