"""What annotators answer: values and geometry, free of Label Studio's shapes.

Image geometry is in percent of the picture's width and height, from 0 to 100, as Label Studio
draws it; `ImageSize` turns it into pixels. Text offsets are code points, ``end`` exclusive.
Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Choice:
    """Chosen classes: one, or a set in the order given."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paths:
    """Chosen paths of a tree of classes, each from the root down."""

    paths: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A rating or a number."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """Free text: one or several entries (also dates, as written)."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preference:
    """The side chosen of two: ``left`` or ``right``."""

    side: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Item ids, best first, by bucket (one bucket named ``rank`` where there are no buckets)."""

    buckets: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ImageSize:
    """The picture's size in pixels, where Label Studio recorded it."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text: offsets in code points, ``end`` exclusive.

    ``anchors`` holds what places it in HTML or a dialogue: (start, end) as xpath or paragraph index. The offsets of an
    anchored span count from its anchors, unless ``from_document`` says that they count from the start of the document.
    """

    start: int
    end: int
    text: str | None = None
    anchors: tuple[str, str] | None = None
    from_document: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time in seconds (audio) or in the units of the time axis (time series)."""

    start: float
    end: float
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A box by its unrotated top left corner and size in percent; rotated clockwise in degrees about that corner."""

    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0
    size: ImageSize | None = None


@dataclass(frozen=True, slots=True)
class Polygon:
    """Corners in percent."""

    points: tuple[tuple[float, float], ...]
    closed: bool = True
    size: ImageSize | None = None


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Centre, radii in percent, clockwise rotation in degrees."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    rotation: float = 0.0
    size: ImageSize | None = None


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """A point in percent and its drawn width."""

    x: float
    y: float
    width: float = 0.0
    size: ImageSize | None = None


@dataclass(frozen=True, slots=True)
class Mask:
    """A brush mask: Label Studio's run-length code of RGBA bytes, one byte a number."""

    rle: tuple[int, ...]
    size: ImageSize | None = None


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A box at one frame; ``enabled`` False ends the track there until the next enabled one."""

    frame: int
    time: float | None
    box: Box
    enabled: bool


@dataclass(frozen=True, slots=True)
class Track:
    """A box that moves through video frames, given at key frames."""

    frames: tuple[KeyFrame, ...]
    frames_count: int | None = None
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class FrameRanges:
    """Ranges of video frames, both ends inclusive."""

    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something the codec does not understand: kept verbatim as JSON text, never dropped."""

    json: str


Geometry: TypeAlias = Span | Segment | Box | Polygon | Ellipse | KeyPoint | Mask | Track | FrameRanges
Value: TypeAlias = Choice | Paths | Number | Text | Preference | Ranking | Geometry | Opaque


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an answer.

    Attributes:
        control: name of the control that it answers.
        target: name of the data object that it refers to.
        value: the value, or the place of a region.
        labels: class names of a region; empty otherwise.
        region: id of the region that it draws, or (per-region controls) that it describes.
        extra: what the vendor keeps beside it, carried verbatim as JSON values and never read.
    """

    control: str
    target: str
    value: Value
    labels: tuple[str, ...] = ()
    region: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed link between two regions of one answer."""

    source: str
    to: str
    direction: str
    labels: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything one annotator said about one item, in the order of the vendor's record."""

    entries: tuple[Entry | Relation, ...] = ()

    def of(self, control: str) -> tuple[Entry, ...]:
        """The entries that answer one control."""
        return tuple([e for e in self.entries if isinstance(e, Entry) and e.control == control])
