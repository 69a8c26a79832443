"""Labeling screens to start from: Label Studio configs whose class names are parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from xml.sax.saxutils import quoteattr

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates_catalog import Template, checked_labels, find_template, list_templates
from labelwright.adapters.labelstudio.templates_guidelines import guidelines_for, starter_guidelines
from labelwright.model.errors import SchemaError, UsageError

__all__ = ["Template", "find_template", "guidelines_for", "list_templates", "render", "starter_guidelines"]

#: A class's colour by its place: told apart by most people with a colour vision deficiency (Okabe and Ito, 2008).
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#7F7F7F")
#: Keys of the classes. The letters are those that Label Studio's own tools leave free; Shift and a digit zoom.
_HOTKEYS = {"": "1234567890", "letters": "qasdfgtyzx"}
_SLOT = re.compile(r"([ \t]*)<!-- classes: (\w+) ?(letters|) -->")


def render(name: str, labels: Sequence[str] | None = None) -> str:
    """The template as a Label Studio config.

    Args:
        name: of the template.
        labels: class names, in the order in which they are shown; None for the template's own.

    Raises:
        UsageError: no such template, or class names that cannot be used.
    """
    template = find_template(name)
    chosen = checked_labels(template, labels)
    xml = (files(__package__) / "templates" / f"{name}.xml").read_text(encoding="utf-8")
    made = _SLOT.sub(lambda slot: "\n".join(_classes(slot[1], slot[2], slot[3], chosen)), xml)
    try:
        schema = read_config(made)
    except SchemaError as error:
        raise UsageError("A class name holds a character that XML cannot carry", next_step="Remove it.") from error
    if schema.problems:
        raise UsageError(schema.problems[0], where=name)
    return made


def _classes(indent: str, tag: str, keys: str, labels: Sequence[str]) -> list[str]:
    """One tag a class. The first ten get a hotkey; regions get colours."""
    lines, hotkeys = [], _HOTKEYS[keys]
    for place, label in enumerate(labels):
        hotkey = f' hotkey="{hotkeys[place]}"' if place < len(hotkeys) else ""
        colour = f' background="{_COLOURS[place % len(_COLOURS)]}"' if tag == "Label" else ""
        lines.append(f"{indent}<{tag} value={quoteattr(label)}{hotkey}{colour}/>")
    return lines
