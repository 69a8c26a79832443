"""A labeling config from what annotators answered, for an export that comes without one.

Label Studio's JSON export does not carry the config. Every line of a result names its control (``from_name``), its
type and its object (``to_name``), so the config can be written down again, but for classes that nobody has chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

#: Result type -> (tag of the control, tag of its classes or None). Types are those of Label Studio 1.23.
_TAGS: Mapping[str, tuple[str, str | None]] = {
    "choices": ("Choices", "Choice"),
    "labels": ("Labels", "Label"),
    "hypertextlabels": ("HyperTextLabels", "Label"),
    "paragraphlabels": ("ParagraphLabels", "Label"),
    "timeserieslabels": ("TimeSeriesLabels", "Label"),
    "rectanglelabels": ("RectangleLabels", "Label"),
    "polygonlabels": ("PolygonLabels", "Label"),
    "ellipselabels": ("EllipseLabels", "Label"),
    "keypointlabels": ("KeyPointLabels", "Label"),
    "brushlabels": ("BrushLabels", "Label"),
    "timelinelabels": ("TimelineLabels", "Label"),
    "ocrlabels": ("OcrLabels", "Label"),
    "rectangle": ("Rectangle", None),
    "polygon": ("Polygon", None),
    "ellipse": ("Ellipse", None),
    "keypoint": ("KeyPoint", None),
    "brush": ("Brush", None),
    "videorectangle": ("VideoRectangle", None),
    "rating": ("Rating", None),
    "number": ("Number", None),
    "datetime": ("DateTime", None),
    "textarea": ("TextArea", None),
    "pairwise": ("Pairwise", None),
    "ranker": ("Ranker", None),
    "taxonomy": ("Taxonomy", "Choice"),
}
#: The object that a control of this type stands on, where the type alone tells it.
_OBJECTS: Mapping[str, str] = {
    "hypertextlabels": "HyperText",
    "paragraphlabels": "Paragraphs",
    "timeserieslabels": "TimeSeries",
    "timelinelabels": "Video",
    "videorectangle": "Video",
    "ranker": "List",
} | dict.fromkeys(
    [
        "rectanglelabels",
        "polygonlabels",
        "ellipselabels",
        "keypointlabels",
        "brushlabels",
        "ocrlabels",
        "rectangle",
        "polygon",
        "ellipse",
        "keypoint",
        "brush",
    ],
    "Image",
)
_REGION_TYPES = frozenset(_OBJECTS) - {"ranker"} | {"labels"}


@dataclass(slots=True)
class _Seen:
    """What the results say about one control."""

    type: str
    to: str
    classes: dict[str, None] = field(default_factory=dict)
    several: bool = False
    on_regions: int = 0
    lines: int = 0
    timed: bool = False


def infer_config(results: Iterable[tuple[list[dict[str, Any]], Mapping[str, Any]]]) -> str:
    """The config that the results were drawn with, as XML; ``<View></View>`` when there are none.

    Args:
        results: an annotation's ``result`` list and the data of its task, for every annotation.

    Returns:
        XML with each control in the order of its first use, its seen classes, and the objects it refers to.
    """
    controls: dict[str, _Seen] = {}
    fields: dict[str, None] = {}
    for result, data in results:
        fields.update(dict.fromkeys(str(k) for k in data))
        drawn = {line.get("id") for line in result if line.get("type") in _REGION_TYPES}
        for line in result:
            _look(line, controls, drawn)
    return _write(controls, tuple(fields))


def _look(line: dict[str, Any], controls: dict[str, _Seen], drawn: set[Any]) -> None:
    name, kind, value = line.get("from_name"), line.get("type"), line.get("value")
    if not isinstance(name, str) or not isinstance(kind, str) or not isinstance(value, dict):
        return
    seen = controls.setdefault(name, _Seen(kind, str(line.get("to_name", ""))))
    if kind in _REGION_TYPES and seen.type not in _REGION_TYPES:
        seen.type = kind
    seen.lines += 1
    seen.on_regions += kind not in _REGION_TYPES and line.get("id") in drawn
    seen.timed |= kind == "labels" and "text" not in value and isinstance(value.get("start"), float)
    chosen = _chosen(kind, value)
    seen.several |= kind == "choices" and len(chosen) > 1
    seen.classes.update(dict.fromkeys(chosen))


def _chosen(kind: str, value: dict[str, Any]) -> list[str]:
    classes = value.get(kind)
    if kind not in _TAGS or _TAGS[kind][1] is None or not isinstance(classes, list):
        return []
    if kind == "taxonomy":
        return ["\0".join(map(str, path)) for path in classes if isinstance(path, list)]
    return [c for c in classes if isinstance(c, str)]


def _write(controls: Mapping[str, _Seen], fields: tuple[str, ...]) -> str:
    objects = {seen.to: _object_tag(seen) for seen in controls.values()}
    for seen in controls.values():
        if _object_tag(seen) != "Text":
            objects[seen.to] = _object_tag(seen)
    lines = [
        f'  <{tag} name="{escape(name)}" value="${escape(_field_of(name, fields))}"/>' for name, tag in objects.items()
    ]
    lines += [_control(name, seen) for name, seen in controls.items()]
    return "<View>\n" + "\n".join(lines) + "\n</View>\n"


def _object_tag(seen: _Seen) -> str:
    return "Audio" if seen.timed else _OBJECTS.get(seen.type, "Text")


def _field_of(name: str, fields: tuple[str, ...]) -> str:
    """The data field an object shows: the one of its name, or else the first there is."""
    return name if name in fields or not fields else fields[0]


def _control(name: str, seen: _Seen) -> str:
    tag, class_tag = _TAGS.get(seen.type, (seen.type.title() or "Unknown", None))
    attributes = f'name="{escape(name)}" toName="{escape(seen.to)}"'
    if seen.type == "choices":
        attributes += f' choice="{"multiple" if seen.several else "single"}"'
    if seen.on_regions and seen.on_regions == seen.lines:
        attributes += ' perRegion="true"'
    if class_tag is None:
        return f"  <{tag} {attributes}/>"
    inner = _tree(seen.classes) if seen.type == "taxonomy" else _flat(class_tag, seen.classes)
    return f"  <{tag} {attributes}>{inner}</{tag}>"


def _flat(tag: str, classes: Iterable[str]) -> str:
    return "".join(f'<{tag} value="{escape(c)}"/>' for c in classes)


def _tree(paths: Iterable[str]) -> str:
    root: dict[str, Any] = {}
    for path in paths:
        node = root
        for step in path.split("\0"):
            node = node.setdefault(step, {})
    return _branches(root)


def _branches(node: Mapping[str, Any]) -> str:
    return "".join(f'<Choice value="{escape(name)}">{_branches(below)}</Choice>' for name, below in node.items())
