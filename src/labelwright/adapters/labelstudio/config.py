"""A Label Studio config as a `Schema`: controls, objects, data fields, problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labelwright.adapters.labelstudio.config_checks import doubled_class, problems_of
from labelwright.adapters.labelstudio.config_tags import (
    CLASS_TAGS,
    CONTROLS,
    LABELS_ON,
    NOT_CONTROLS,
    SELF_REFERRING,
    TOOLS,
    Tag,
)
from labelwright.adapters.labelstudio.config_xml import Node, fields_in, read_nodes
from labelwright.model.schema import Control, DataObject, Kind, Schema

__all__ = ["read_config", "time_format"]

#: Attributes through which a tag shows data. ``style``, ``hint`` and others are text of the screen.
_SHOWN = ("value", "valuelist", "on", "audiourl", "html", "defaultvalue")


def read_config(xml: str) -> Schema:
    """Read a labeling config.

    Args:
        xml: the config as Label Studio takes it.

    Returns:
        The schema; what a user should mend stands in its ``problems``. A control that is not
        understood is there with ``understood`` False and the reason.

    Raises:
        SchemaError: it is not XML, is too large, or holds a DTD or an entity.
    """
    nodes = read_nodes(xml)
    objects = tuple(_object(node) for node in nodes if _is_object(node))
    controls = tuple(_control(node, nodes, objects) for node in nodes if is_control(node))
    fields = _fields(nodes)
    return Schema(xml, controls, objects, fields, problems_of(nodes, controls, fields))


def time_format(control: Control, schema: Schema) -> str | None:
    """How the points of the time axis that a control refers to are written; None where they are numbers."""
    nodes = read_nodes(schema.xml)
    found = (node.attributes.get("timeformat") for node in nodes if node.name in control.to)
    return next((written for written in found if written), None)


def is_control(node: Node) -> bool:
    """The tag asks for something."""
    if node.kind in NOT_CONTROLS or node.kind in CLASS_TAGS:
        return False
    if node.kind in CONTROLS:
        return True
    return bool(node.name and node.attributes.get("toname"))


def _is_object(node: Node) -> bool:
    shows = node.attributes.get("value") or node.attributes.get("valuelist")
    return bool(node.name and shows) and (node.kind in SELF_REFERRING or not is_control(node))


def _object(node: Node) -> DataObject:
    found = fields_in(node.attributes.get("valuelist") or node.attributes.get("value", ""))
    return DataObject(node.name, node.tag, found[0] if found else None)


def _control(node: Node, nodes: Sequence[Node], objects: Sequence[DataObject]) -> Control:
    to = _targets(node)
    kind, reason = _kind_and_reason(node, to, nodes, objects)
    return Control(
        name=node.name or ("relations" if node.kind == "relations" else ""),
        tag=node.tag,
        kind=kind,
        to=to,
        classes=_classes(node, to, nodes),
        required=node.is_set("required") and not _conditional(node),
        per_region=node.is_set("perregion"),
        understood=reason is None,
        reason=reason or doubled_class(node),
    )


def _targets(node: Node) -> tuple[str, ...]:
    named = tuple(name.strip() for name in node.attributes.get("toname", "").split(",") if name.strip())
    return named or ((node.name,) if node.kind in SELF_REFERRING and node.name else ())


def _kind_and_reason(
    node: Node, to: tuple[str, ...], nodes: Sequence[Node], objects: Sequence[DataObject]
) -> tuple[Kind, str | None]:
    tag = CONTROLS.get(node.kind)
    if tag is None:
        return Kind.UNKNOWN, f"the tag {node.tag} is not known; its answers are kept as they are"
    if node.inside("repeater"):
        return Kind.UNKNOWN, "inside a Repeater its answers carry numbered names; they are kept as they are"
    if not to and node.kind != "relations":
        return Kind.UNKNOWN, "it says nothing about what it refers to (toName), so that no answer can be stored"
    kind = _kind(node, tag, to, nodes, objects)
    if kind is None:
        return Kind.UNKNOWN, f"it is not known what {node.tag} draws on {_said(to, objects)}"
    return kind, tag.reason


def _kind(
    node: Node, tag: Tag, to: tuple[str, ...], nodes: Sequence[Node], objects: Sequence[DataObject]
) -> Kind | None:
    if node.kind == "choices":
        return _kind_of_choices(node)
    return tag.kind or _kind_of_labels(to, nodes, objects)


def _kind_of_choices(node: Node) -> Kind:
    if node.is_set("allownested"):
        return Kind.TAXONOMY  # every answer is a path then, even where no choice holds another
    return Kind.CHOICES if node.attributes.get("choice", "").lower() == "multiple" else Kind.CHOICE


def _kind_of_labels(to: tuple[str, ...], nodes: Sequence[Node], objects: Sequence[DataObject]) -> Kind | None:
    """The tool on the same object draws; without one, the object itself decides."""
    for tool in nodes:
        if tool.kind in TOOLS and set(_targets(tool)) & set(to):
            return CONTROLS[tool.kind].kind
    kinds = (LABELS_ON.get(shown.tag.lower()) for shown in objects if shown.name in to)
    return next((kind for kind in kinds if kind is not None), None)


def _said(to: tuple[str, ...], objects: Sequence[DataObject]) -> str:
    tags = [shown.tag for shown in objects if shown.name in to]
    return tags[0] if tags else "an object that is missing"


def _classes(node: Node, to: tuple[str, ...], nodes: Sequence[Node]) -> tuple[str, ...]:
    if node.kind == "pairwise":
        return ("left", "right")
    if node.kind == "ranker":
        return _unique(bucket.name for bucket in nodes if bucket.kind == "bucket")
    if node.kind in TOOLS:
        partners = (other for other in nodes if other.kind == "labels" and set(_targets(other)) & set(to))
        return _unique(name for partner in partners for name in _classes(partner, to, nodes))
    if is_dynamic(node):
        return ()
    return _unique(class_name(child) for child in nodes if child.kind in CLASS_TAGS and _owner(child) is node)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _owner(node: Node) -> Node | None:
    """The control that a class belongs to: the nearest one around it."""
    return next((parent for parent in reversed(node.parents) if is_control(parent)), None)


def class_name(node: Node) -> str:
    """What stands in an answer: the alias where there is one."""
    return node.attributes.get("alias") or node.attributes.get("value", "")


def is_dynamic(node: Node) -> bool:
    """The classes come with each item, not with the config."""
    return bool(fields_in(node.attributes.get("value", "")) or node.attributes.get("apiurl"))


def _conditional(node: Node) -> bool:
    """It is not always on the screen, so it cannot be asked of every answer."""
    return any("visiblewhen" in place.attributes for place in (*node.parents, node))


def _fields(nodes: Sequence[Node]) -> tuple[str, ...]:
    shown = (node.attributes.get(key, "") for node in nodes if node.kind != "style" for key in _SHOWN)
    return tuple(dict.fromkeys(field for text in shown for field in fields_in(text)))
