"""The schema: classes and controls of a labeling screen, free of Label Studio's shapes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What one control asks for. The agreement measure and the codec are chosen by it."""

    CHOICE = "choice"  # one class
    CHOICES = "choices"  # a set of classes
    TAXONOMY = "taxonomy"  # a set of paths in a tree of classes
    RATING = "rating"  # whole steps, ordered
    NUMBER = "number"
    DATETIME = "datetime"
    TEXT = "text"
    PAIRWISE = "pairwise"  # left, right (or neither)
    RANKING = "ranking"  # an order, or buckets
    SPANS = "spans"  # text, hypertext, paragraphs
    SEGMENTS = "segments"  # audio, time series
    BOXES = "boxes"
    POLYGONS = "polygons"
    ELLIPSES = "ellipses"
    KEYPOINTS = "keypoints"
    MASKS = "masks"
    TRACKS = "tracks"  # boxes over video frames
    TIMELINE = "timeline"  # ranges of video frames
    RELATIONS = "relations"
    CHAT = "chat"
    UNKNOWN = "unknown"


#: Kinds whose answer is drawn on the data: several regions an item, each with a place.
STRUCTURE_KINDS = frozenset(
    {
        Kind.SPANS,
        Kind.SEGMENTS,
        Kind.BOXES,
        Kind.POLYGONS,
        Kind.ELLIPSES,
        Kind.KEYPOINTS,
        Kind.MASKS,
        Kind.TRACKS,
        Kind.TIMELINE,
    },
)


@dataclass(frozen=True, slots=True)
class Control:
    """One question of the labeling screen.

    Attributes:
        name: the control's name, unique in its schema (Label Studio: ``from_name``).
        tag: the control's tag as written in the config, e.g. ``Choices``.
        kind: what it asks for.
        to: names of the data objects it refers to.
        classes: class names in the order of the config; empty for free answers.
        required: an answer without it is not valid.
        per_region: it is asked for each region rather than for the item.
        understood: the codec carries it both ways; if not, it is kept verbatim.
        reason: why it is not understood, or why no measure is known for it.
    """

    name: str
    tag: str
    kind: Kind
    to: tuple[str, ...]
    classes: tuple[str, ...] = ()
    required: bool = False
    per_region: bool = False
    understood: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DataObject:
    """One thing shown on the screen: its name, tag (``Text``, ``Image`` …) and the data field it shows."""

    name: str
    tag: str
    field: str | None


@dataclass(frozen=True, slots=True)
class Schema:
    """A labeling config, read.

    Attributes:
        xml: the config as Label Studio takes it.
        controls: in the order of the config.
        objects: what the controls refer to.
        data_fields: the fields every item must have, in the order of first use.
        problems: what a user should mend; empty when valid.
    """

    xml: str
    controls: tuple[Control, ...]
    objects: tuple[DataObject, ...]
    data_fields: tuple[str, ...]
    problems: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Label Studio would accept it and every item can be shown."""
        return not self.problems

    def control(self, name: str) -> Control | None:
        """The control of that name, if there is one."""
        return next((c for c in self.controls if c.name == name), None)
