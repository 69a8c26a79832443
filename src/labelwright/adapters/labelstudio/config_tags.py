"""Label Studio's tags: what each control asks for, and what it is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from labelwright.model.schema import Kind


@dataclass(frozen=True, slots=True)
class Tag:
    """What is known about a control tag.

    Attributes:
        kind: what it asks for; None where the object that it refers to decides (``Labels``).
        classed: it offers classes, so one without any is a mistake.
        reason: why Labelwright keeps its answers verbatim; None when it reads them.
    """

    kind: Kind | None
    classed: bool = False
    reason: str | None = None


_LINES = "lines of vertices are kept as they were drawn: there is no measure of agreement for open lines"
_PICTURES = "masks stored as PNG pictures are kept as they are; use BrushLabels to have them compared"

#: Control tags by their name in lower case, as Label Studio compares them.
CONTROLS = MappingProxyType(
    {
        "choices": Tag(Kind.CHOICE, classed=True),
        "taxonomy": Tag(Kind.TAXONOMY, classed=True),
        "rating": Tag(Kind.RATING),
        "number": Tag(Kind.NUMBER),
        "datetime": Tag(Kind.DATETIME),
        "textarea": Tag(Kind.TEXT),
        "pairwise": Tag(Kind.PAIRWISE),
        "ranker": Tag(Kind.RANKING),
        "labels": Tag(None, classed=True),
        "hypertextlabels": Tag(Kind.SPANS, classed=True),
        "paragraphlabels": Tag(Kind.SPANS, classed=True),
        "timeserieslabels": Tag(Kind.SEGMENTS, classed=True),
        "rectangle": Tag(Kind.BOXES),
        "rectanglelabels": Tag(Kind.BOXES, classed=True),
        "ocrlabels": Tag(Kind.BOXES, classed=True),
        "polygon": Tag(Kind.POLYGONS),
        "polygonlabels": Tag(Kind.POLYGONS, classed=True),
        "ellipse": Tag(Kind.ELLIPSES),
        "ellipselabels": Tag(Kind.ELLIPSES, classed=True),
        "keypoint": Tag(Kind.KEYPOINTS),
        "keypointlabels": Tag(Kind.KEYPOINTS, classed=True),
        "brush": Tag(Kind.MASKS),
        "brushlabels": Tag(Kind.MASKS, classed=True),
        "magicwand": Tag(Kind.MASKS),
        "bitmask": Tag(Kind.UNKNOWN, reason=_PICTURES),
        "bitmasklabels": Tag(Kind.UNKNOWN, classed=True, reason=_PICTURES),
        "vector": Tag(Kind.UNKNOWN, reason=_LINES),
        "vectorlabels": Tag(Kind.UNKNOWN, classed=True, reason=_LINES),
        "videorectangle": Tag(Kind.TRACKS),
        "videovector": Tag(Kind.UNKNOWN, reason=_LINES),
        "videovectorlabels": Tag(Kind.UNKNOWN, classed=True, reason=_LINES),
        "timelinelabels": Tag(Kind.TIMELINE, classed=True),
        "relations": Tag(Kind.RELATIONS),
        "chat": Tag(Kind.CHAT),
        "chatmessage": Tag(Kind.CHAT),
        "reactcode": Tag(Kind.UNKNOWN, reason="what a ReactCode control stores is known only to its own code"),
    }
)

#: Tags that are controls without a ``toName``: the screen is about itself.
SELF_REFERRING = frozenset({"chat", "reactcode"})

#: Tags with a name and a ``toName`` that ask for nothing.
NOT_CONTROLS = frozenset({"filter"})

#: What ``Labels`` draws on an object, by the object's tag; pictures and videos are drawn on with a tool.
LABELS_ON = MappingProxyType(
    {
        "text": Kind.SPANS,
        "hypertext": Kind.SPANS,
        "paragraphs": Kind.SPANS,
        "audio": Kind.SEGMENTS,
        "audioplus": Kind.SEGMENTS,
        "timeseries": Kind.SEGMENTS,
    }
)

#: Tools that draw a place without a class; ``Labels`` on the same object gives the class.
TOOLS = frozenset(
    {"rectangle", "polygon", "ellipse", "keypoint", "brush", "magicwand", "videorectangle", "bitmask", "vector"}
)

#: Tags that offer one class each.
CLASS_TAGS = frozenset({"label", "choice", "relation", "bucket"})
