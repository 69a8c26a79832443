"""What a user should mend in a labeling config, each with what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from labelwright.adapters.labelstudio.config_tags import CONTROLS
from labelwright.adapters.labelstudio.config_xml import Node, fields_in
from labelwright.model.schema import Control, Kind


def problems_of(nodes: Sequence[Node], controls: Sequence[Control], fields: Sequence[str]) -> tuple[str, ...]:
    """Everything that Label Studio would refuse, or show wrongly; an empty tuple when there is nothing."""
    return (
        *_missing(nodes, controls, fields),
        *_duplicate_names(nodes),
        *_nameless(nodes),
        *_aimless(controls),
        *_dangling(nodes),
        *_classless(nodes, controls),
        *_unnamed_classes(nodes),
    )


def _missing(nodes: Sequence[Node], controls: Sequence[Control], fields: Sequence[str]) -> Iterator[str]:
    if nodes[0].kind != "view":
        yield f"The outermost tag is {nodes[0].tag}: put everything into one <View> … </View>."
    if not any(control.kind is not Kind.RELATIONS for control in controls):
        yield "There is no control tag, so nothing can be answered: add one, such as Choices or Labels."
    if not fields:
        yield "No data field is shown: give an object a value with a dollar sign, such as <Text … value='$text'/>."


def _duplicate_names(nodes: Sequence[Node]) -> Iterator[str]:
    counts = Counter(node.name for node in nodes if node.name)
    for name, count in counts.items():
        if count > 1:
            yield f"The name '{name}' is given to {count} tags: give each tag a name of its own."


def _nameless(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if node.kind in CONTROLS and node.kind != "relations" and not node.name:
            yield f"A {node.tag} tag has no name: add name='…', under which its answers are stored."


def _aimless(controls: Sequence[Control]) -> Iterator[str]:
    asked = [control for control in controls if control.kind is not Kind.RELATIONS]
    if asked and not any(control.to for control in asked):
        yield "No control says what it refers to, so no answer can be stored: add toName with the name of an object."


def _said(node: Node) -> str:
    return f"{node.tag} '{node.name}'" if node.name else f"A {node.tag} tag"


def _dangling(nodes: Sequence[Node]) -> Iterator[str]:
    names = {node.name for node in nodes if node.name}
    for node in nodes:
        for target in (name.strip() for name in node.attributes.get("toname", "").split(",")):
            if target and target not in names:
                yield (
                    f"{_said(node)} refers to '{target}', which does not exist: "
                    f"set toName to one of {', '.join(sorted(names - {node.name})) or 'the names of your objects'}."
                )


def _classless(nodes: Sequence[Node], controls: Sequence[Control]) -> Iterator[str]:
    known = {control.name: control for control in controls}
    for node in nodes:
        tag = CONTROLS.get(node.kind)
        if tag is None or not tag.classed or node.name not in known or known[node.name].classes:
            continue
        if not fields_in(node.attributes.get("value", "")) and not node.attributes.get("apiurl"):
            child = "Choice" if node.kind in {"choices", "taxonomy"} else "Label"
            yield f"{_said(node)} has no classes: put <{child} value='…'/> tags into it."


def _unnamed_classes(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if node.kind in CONTROLS and "" in offered(node):
            yield f"{_said(node)} has a class without a name: give it value='…'."


def offered(node: Node) -> list[str]:
    """The classes that a control offers itself, as they stand in its answers, doubles and all."""
    found = []
    for child in node.element.iter():
        if isinstance(child.tag, str) and child.tag.lower() in {"label", "choice", "relation"}:
            attributes = {key.lower(): value for key, value in child.attrib.items()}
            found.append(attributes.get("alias") or attributes.get("value", ""))
    return found


def doubled_class(node: Node) -> str | None:
    """Why two classes of a control cannot be told apart, or None. A tree may repeat a name on another branch."""
    if node.kind == "taxonomy" or node.is_set("allownested"):
        return None
    double = next((name for name, count in Counter(offered(node)).items() if count > 1), None)
    if double is None:
        return None
    return f"the class '{double}' is offered twice and cannot be told apart: rename one, or give it another alias"
