"""Entries and relations to lines of a ``result`` list."""

from __future__ import annotations

from typing import Any

from labelwright.adapters.labelstudio.codec_forms import form_of_value
from labelwright.adapters.labelstudio.codec_json import load
from labelwright.model.values import Choice, Entry, Opaque, Relation


def write_line(entry: Entry | Relation) -> Any:
    """One line as Label Studio takes it; what stands in ``extra`` is given back as it came."""
    if isinstance(entry, Relation):
        return _relation(entry)
    if isinstance(entry.value, Opaque):
        return load(entry.value.json)
    line: dict[str, Any] = {"from_name": entry.control, "to_name": entry.target}
    if entry.region is not None:
        line["id"] = entry.region
    if isinstance(entry.value, Choice) and "value" not in entry.extra:
        return {**line, "type": "choices", "value": {"choices": list(entry.value.labels)}, **entry.extra}
    form = form_of_value(entry.extra.get("type"), entry.value, bool(entry.labels))
    value = form.write(entry.value)
    if entry.labels:
        value[form.labels] = list(entry.labels)
    return {
        **line,
        "type": form.type,
        **_size(entry),
        **entry.extra,
        "value": {**value, **entry.extra.get("value", {})},
    }


def _size(entry: Entry) -> dict[str, Any]:
    """The picture's size, where the entry was not read from a line that has it already."""
    size = getattr(entry.value, "size", None)
    if size is None:
        return {}
    return {"original_width": size.width, "original_height": size.height}


def _relation(link: Relation) -> dict[str, Any]:
    line = {"from_id": link.source, "to_id": link.to, "type": "relation", "direction": link.direction}
    return {**line, **({"labels": list(link.labels)} if link.labels else {}), **link.extra}
