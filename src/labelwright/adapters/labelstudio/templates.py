"""Labeling screens to start from: Label Studio configs whose class names are parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from xml.sax.saxutils import quoteattr  # noqa: S406 - it escapes, it parses nothing

from labelwright.adapters.labelstudio.config import read_config
from labelwright.model.errors import SchemaError, UsageError

__all__ = ["Template", "find_template", "list_templates", "render"]


@dataclass(frozen=True, slots=True)
class Template:
    """One screen.

    Attributes:
        name: under which it is chosen.
        title: for people.
        modality: ``text``, ``image``, ``audio`` or ``video``.
        fields: data field → what must stand in it.
        labels: class names where the user gives none; empty when the screen has no classes.
        asks: the task in one sentence, the first line of its guidelines.
    """

    name: str
    title: str
    modality: str
    fields: Mapping[str, str]
    labels: tuple[str, ...]
    asks: str


def _template(
    name: str, title: str, modality: str, fields: dict[str, str], labels: tuple[str, ...], asks: str
) -> Template:
    return Template(name, title, modality, MappingProxyType(fields), labels, asks)


_TEXT = {"text": "the text to label"}
_IMAGE = {"image": "a link to the picture"}
_AUDIO = {"audio": "a link to the recording"}
_VIDEO = {"video": "a link to the video"}

_TEMPLATES = (
    _template(
        "text-classification",
        "Text classification",
        "text",
        _TEXT,
        ("Positive", "Negative", "Neutral"),
        "Read the text and choose the one class that fits it best.",
    ),
)

#: A class's colour by its place: told apart by most people with a colour vision deficiency (Okabe and Ito, 2008).
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#7F7F7F")
_HOTKEYS = "1234567890"
_SLOT = re.compile(r"([ \t]*)<!-- classes: (\w+) -->")


def list_templates() -> tuple[Template, ...]:
    """Every template, by modality."""
    return _TEMPLATES


def find_template(name: str) -> Template:
    """The template of that name.

    Raises:
        UsageError: there is none; the message lists those that exist.
    """
    for template in _TEMPLATES:
        if template.name == name:
            return template
    raise UsageError(
        f"There is no template '{name}'", next_step=f"Choose one of {', '.join(t.name for t in _TEMPLATES)}."
    )


def render(name: str, labels: Sequence[str] | None = None) -> str:
    """The template as a Label Studio config.

    Args:
        name: of the template.
        labels: class names, in the order in which they are shown; None for the template's own.

    Raises:
        UsageError: no such template, or class names that cannot be used.
    """
    template = find_template(name)
    chosen = _checked(template, labels)
    xml = (files(__package__) / "templates" / f"{name}.xml").read_text(encoding="utf-8")
    made = _SLOT.sub(lambda slot: "\n".join(_classes(slot[1], slot[2], chosen)), xml)
    try:
        schema = read_config(made)
    except SchemaError as error:
        raise UsageError("A class name holds a character that XML cannot carry", next_step="Remove it.") from error
    if schema.problems:
        raise UsageError(schema.problems[0], where=name)
    return made


def _classes(indent: str, tag: str, labels: Sequence[str]) -> list[str]:
    """One tag a class. The first ten get a digit as their hotkey; regions get colours."""
    lines = []
    for place, label in enumerate(labels):
        hotkey = f' hotkey="{_HOTKEYS[place]}"' if place < len(_HOTKEYS) else ""
        colour = f' background="{_COLOURS[place % len(_COLOURS)]}"' if tag == "Label" else ""
        lines.append(f"{indent}<{tag} value={quoteattr(label)}{hotkey}{colour}/>")
    return lines


def _checked(template: Template, labels: Sequence[str] | None) -> tuple[str, ...]:
    if labels is None:
        return template.labels
    if not template.labels:
        raise UsageError(f"The template '{template.name}' has no classes", next_step="Leave the labels out.")
    chosen = tuple(label.strip() for label in labels)
    if len(chosen) < 1 or not all(chosen):
        raise UsageError("A class has no name", next_step="Give names with a comma between them: --labels A,B,C.")
    if len(set(chosen)) < len(chosen):
        raise UsageError("A class is named twice", where=", ".join(chosen), next_step="Name each class once.")
    if any(label.startswith("$") for label in chosen):
        raise UsageError("A class name begins with $, which Label Studio takes for a data field", next_step="Drop it.")
    return chosen
