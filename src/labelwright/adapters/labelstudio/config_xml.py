"""A labeling config as a tree of tags. Entities, DTDs and giants are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from labelwright.model.errors import SchemaError

#: Label Studio's largest own template has 12 kB; a config of several thousand classes fits.
LARGEST = 2_000_000
DEEPEST = 200

_FIELD = re.compile(r"\$([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Node:
    """One tag with what matters of its surroundings.

    Attributes:
        tag: as written.
        kind: the tag in lower case.
        attributes: by name in lower case, as Label Studio reads them.
        parents: the tags around it, the nearest last.
        element: the tag itself.
    """

    tag: str
    kind: str
    attributes: dict[str, str]
    parents: tuple[Node, ...]
    element: Element

    @property
    def name(self) -> str:
        """Its name, or an empty text."""
        return self.attributes.get("name", "").strip()

    def is_set(self, attribute: str) -> bool:
        """An attribute that is ``true``."""
        return self.attributes.get(attribute, "").strip().lower() == "true"

    def inside(self, *kinds: str) -> bool:
        """One of the tags around it is of these kinds."""
        return any(parent.kind in kinds for parent in self.parents)


def read_nodes(xml: str) -> list[Node]:
    """Every tag in document order.

    Raises:
        SchemaError: not XML, too large, too deep, or with a DTD or an entity.
    """
    if len(xml) > LARGEST:
        raise SchemaError(
            f"The labeling config has {len(xml):,} characters, more than {LARGEST:,}",
            next_step="Give long lists of classes as data (value='$classes') or a Taxonomy with apiUrl.",
        )
    try:
        root = fromstring(xml.strip(), forbid_dtd=True)
    except DefusedXmlException as error:
        raise SchemaError(
            "The labeling config declares a document type or an entity, which can be used for an attack",
            next_step="Remove everything from <!DOCTYPE to its closing > and write the text itself.",
        ) from error
    except (ParseError, ValueError) as error:
        raise SchemaError(
            f"The labeling config is not well-formed XML: {error}",
            next_step="Mend the tag at that line; & is written &amp; and < is written &lt;.",
        ) from error
    return list(_walk(root, ()))


def _walk(element: Element, parents: tuple[Node, ...]) -> Iterator[Node]:
    if len(parents) > DEEPEST:
        raise SchemaError(
            f"The labeling config nests tags more than {DEEPEST} deep",
            next_step="Flatten the View tags.",
        )
    attributes = {key.lower(): value for key, value in element.attrib.items()}
    node = Node(element.tag, element.tag.lower(), attributes, parents, element)
    yield node
    for child in element:
        yield from _walk(child, (*parents, node))


def fields_in(text: str) -> list[str]:
    """Data fields that a text names: ``$text``, ``$images[0]``, ``Question: $question``."""
    return _FIELD.findall(text)
