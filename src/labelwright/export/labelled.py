"""One labeled item as formats take it: its data, what was drawn on it, what was answered, and where that comes from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from labelwright.export.encoding import EncodedFile, json_bytes
from labelwright.model.values import Geometry

EMPTY: Mapping[str, Any] = MappingProxyType({})
# Not in names of files: separators, control characters, and what some file systems refuse.
_UNFIT = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
#: Bytes of a file's name, with room for an extension of ours.
_LONGEST = 180


class Region(NamedTuple):
    """One thing that was drawn; a tuple, because there are millions.

    Attributes:
        place: where.
        labels: its classes.
        control: the control it was drawn with.
        target: the data object it was drawn on.
        id: its id within the item.
        parent: id of the region that it belongs to (a keypoint to a box).
        attributes: what was answered about this region: control → a value that JSON holds.
        probability: that it exists, 0 to 1, where several annotators were asked; None otherwise.
    """

    place: Geometry
    labels: tuple[str, ...]
    control: str
    target: str
    id: str | None = None
    parent: str | None = None
    attributes: Mapping[str, Any] = EMPTY
    probability: float | None = None


class Link(NamedTuple):
    """A relation between two regions of one item."""

    source: str
    to: str
    direction: str
    labels: tuple[str, ...] = ()


class Labelled(NamedTuple):
    """One item with its label.

    Attributes:
        id: the item's id.
        data: the fields that the annotators saw.
        regions: what is drawn on it.
        values: what is answered about it: control → a class, a list of classes, a number, a text, a mapping.
        links: relations between regions.
        annotator: who said so, where every annotator's answer is a record of its own; None for a consensus.
        split: train, validation or test; empty where nothing is divided.
        facts: what else is known of the answer, as columns of a table.
    """

    id: str
    data: Mapping[str, Any]
    regions: tuple[Region, ...] = ()
    values: Mapping[str, Any] = EMPTY
    links: tuple[Link, ...] = ()
    annotator: str | None = None
    split: str = ""
    facts: Mapping[str, Any] = EMPTY


class Lost:
    """What a format could not carry, one entry each; written as ``dropped.jsonl``."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._reasons: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def reasons(self) -> dict[str, int]:
        """How many losses there are of each reason, in the order of the alphabet."""
        return dict(sorted(self._reasons.items()))

    def add(self, item: str, reason: str, **what: Any) -> None:
        """Note a loss.

        Args:
            item: id of the item.
            reason: why, one phrase.
            what: the particulars, values that JSON holds.
        """
        self._reasons[reason] += 1
        self._lines.append(json_bytes({"item": item, "reason": reason, **what}) + b"\n")

    def of(self, labelled: Labelled, region: Region, reason: str, **more: Any) -> None:
        """Note a region that is lost, or loses something."""
        by = {} if labelled.annotator is None else {"annotator": labelled.annotator}
        what = {"region": region.id, "control": region.control, "labels": list(region.labels), **place_value(region)}
        self.add(labelled.id, reason, **by, **what, **more)

    def file(self) -> EncodedFile | None:
        """``dropped.jsonl``; None where nothing was lost."""
        return EncodedFile("dropped.jsonl", tuple(self._lines)) if self._lines else None


def place_value(region: Region) -> dict[str, Any]:
    """A short word of where a region is: enough to find it again."""
    place = region.place
    names = ("start", "end", "text", "x", "y", "width", "height", "rotation")
    found = {name: getattr(place, name) for name in names if hasattr(place, name)}
    return {"place": type(place).__name__, **{k: v for k, v in found.items() if v is not None}}


class Names:
    """Names of files after the names of the users' media: the same link, the same name; never two alike."""

    def __init__(self) -> None:
        self._stems: dict[str, str] = {}

    def of(self, link: Any, item: str) -> tuple[str, str]:
        """Stem and extension (with its dot) for an item's medium; an item without a link is named by its id."""
        base = base_name(link) if isinstance(link, str) else ""
        stem, dot, extension = base.rpartition(".")
        if not dot or not extension.isalnum() or len(extension) > 5:
            stem, extension = base, ""
        stem = fit(stem) or fit(item) or "item"
        key = stem.casefold()
        if self._stems.setdefault(key, item) != item:
            stem = self._free(f"{stem}-{fit(item)}", item)
        return stem, f".{extension}" if extension else ""

    def _free(self, stem: str, item: str) -> str:
        while self._stems.setdefault(stem.casefold(), item) != item:
            stem += "_"
        return stem


def base_name(link: str) -> str:
    """The file's name in an address or a path."""
    if "?" not in link and "%" not in link and "#" not in link and "\\" not in link:
        return link.rpartition("/")[2]
    if "://" not in link and not link.startswith("/data/"):
        return link.replace("\\", "/").rpartition("/")[2]
    path, _, query = link.partition("#")[0].partition("?")
    local = next((part[2:] for part in query.split("&") if part.startswith("d=")), None)
    return _decoded((local if local is not None else path).rpartition("/")[2])


def _decoded(name: str) -> str:
    """Percent signs of an address as what they stand for."""
    raw = _PERCENT.sub(lambda found: bytes([int(found[1], 16)]), name.encode())
    return raw.decode("utf-8", "replace").rpartition("/")[2]


def fit(name: str) -> str:
    """A name that every file system takes: no separators, no leading dot, short."""
    kept = _UNFIT.sub("_", name).strip().lstrip(".")
    return kept.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore")


@dataclass(frozen=True, eq=False)
class Labellings:
    """What encoders of `Labelled` read.

    Attributes:
        read: the items, from the beginning, whenever it is called.
        classes: of regions, in the order of their codes; empty where they are not known before all is read.
        points: classes of keypoints, in their order; may take a reading.
        data_field: the field that regions are drawn on, or that is the text or medium of the item.
        target: the object that shows it; regions on another object are not of this item's text or medium.
        columns: names of the table's columns: data fields, controls, facts.
        controls: controls with an answer of their own, in order.
        media: bytes behind a link; None where they are not at hand.
        lost: takes what a format cannot carry.
        encode: an item's label as Label Studio's annotations.
        separate: every annotator's answer is a record of its own.
        options: of the formats, by name.
    """

    read: Callable[[], Iterator[Labelled]]
    classes: tuple[str, ...] = ()
    points: Callable[[], tuple[str, ...]] = tuple
    data_field: str | None = None
    target: str | None = None
    columns: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    media: Callable[[str], bytes | None] = lambda _: None
    lost: Lost = field(default_factory=Lost)
    encode: Callable[[Labelled], list[dict[str, Any]]] = lambda _: []
    separate: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def shown(self, labelled: Labelled) -> Any:
        """The item's text, or the link to its medium."""
        return labelled.data.get(self.data_field) if self.data_field else None

    def own(self, labelled: Labelled, kinds: tuple[type, ...]) -> Iterator[Region]:
        """The regions of those kinds on the item's text or medium; all others are noted as lost."""
        for region in labelled.regions:
            if not isinstance(region.place, kinds):
                self.lost.of(labelled, region, "the format has no such shape")
            elif self.target is not None and region.target != self.target:
                self.lost.of(labelled, region, f"drawn on {region.target!r}, and the format carries one object an item")
            else:
                yield region

    def unlinked(self, labelled: Labelled) -> None:
        """Note relations as lost."""
        for link in labelled.links:
            self.lost.add(labelled.id, "the format has no relations", source=link.source, to=link.to)

    def unanswered(self, labelled: Labelled, kept: Iterable[str] = ()) -> None:
        """Note answers about the item as lost, but for those of some controls."""
        for control, value in labelled.values.items():
            if control not in kept:
                self.lost.add(labelled.id, "the format has no answers about an item", control=control, value=value)


LabelledEncoder = Callable[[Labellings], Iterator[EncodedFile]]
