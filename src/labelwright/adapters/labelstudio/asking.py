"""What Labelwright adds to a labeling config on request: a flag for "unsure", and a reviewer's reason."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.config_xml import read_nodes
from labelwright.app.asked import UNSURE, UNSURE_CLASS, WHY


def asking(xml: str, *, unsure: bool = False, why: bool = False) -> str:
    """The config with what is asked beside its own controls; unchanged where nothing is, or where it is there already.

    Args:
        xml: a labeling config.
        unsure: an annotator may say that she is not sure; such an item goes to an expert.
        why: a reviewer may write a reason.
    """
    schema = read_config(xml)
    target = next((t for c in schema.controls if not c.per_region for t in c.to), None)
    target = target or next((t for c in schema.controls for t in c.to), None)
    there = {c.name for c in schema.controls}
    wanted = [name for name, asked in ((UNSURE, unsure), (WHY, why)) if asked and name not in there]
    if target is None or not wanted:
        return xml
    root = read_nodes(xml)[0].element
    for name in wanted:
        _ADDERS[name](root, target)
    return tostring(root, encoding="unicode")


def _unsure(root: Element, target: str) -> None:
    view = SubElement(root, "View", {"style": "margin-top: 1em; opacity: .85"})
    attributes = {"name": UNSURE, "toName": target, "choice": "multiple", "showInline": "true"}
    choices = SubElement(view, "Choices", attributes)
    SubElement(choices, "Choice", {"value": UNSURE_CLASS, "hint": "An expert will look at it, too"})


def _why(root: Element, target: str) -> None:
    view = SubElement(root, "View", {"style": "margin-top: 1em"})
    SubElement(
        view, "Header", {"value": "Why? (kept with the label, and shown to those who answered otherwise)", "size": "5"}
    )
    SubElement(
        view, "TextArea", {"name": WHY, "toName": target, "rows": "2", "maxSubmissions": "1", "editable": "true"}
    )


_ADDERS = {UNSURE: _unsure, WHY: _why}
