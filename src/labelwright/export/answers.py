"""What annotators answered, item by item, as it comes from wherever it was kept: the source of a conversion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from labelwright.export.labelled import EMPTY, Link, Region


class Given(NamedTuple):
    """One annotator's answer to one item.

    Attributes:
        annotator: who.
        regions: what was drawn.
        values: control → class, list of classes, number, text or mapping.
        links: relations between the regions.
        facts: what else is known of it, as columns of a table.
        unread: lines that could not be read: control and reason.
        raw: the answer as the vendor keeps it, where it is handed on unchanged.
        truth: somebody marked it as the known answer.
    """

    annotator: str
    regions: tuple[Region, ...] = ()
    values: Mapping[str, Any] = EMPTY
    links: tuple[Link, ...] = ()
    facts: Mapping[str, Any] = EMPTY
    unread: tuple[tuple[str, str], ...] = ()
    raw: Any = None
    truth: bool = False


class ItemAnswers(NamedTuple):
    """One item with the answers that count, in the order in which they were given.

    ``superseded`` counts earlier answers of an annotator who answered again.
    """

    id: str
    data: Mapping[str, Any]
    given: tuple[Given, ...]
    superseded: int = 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What must be known of a whole set before its first row is written.

    Attributes:
        classes: of regions, in order.
        points: classes of keypoints, in order.
        choices: control → its classes, for controls that ask for classes of the item.
        target: the object that regions are drawn on.
        data_field: the field of the data that it shows.
        is_media: the field is a link to a picture, recording or video.
    """

    classes: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    target: str | None = None
    data_field: str | None = None
    is_media: bool = False


class AnswerSource(Protocol):
    """A set of answers that can be read more than once, from the beginning each time."""

    def answers(self) -> Iterator[ItemAnswers]:
        """Every item, one after the other."""
        ...

    def outlook(self, *, whole: bool, family: str) -> Outlook:
        """Classes and fields.

        Args:
            family: of what is drawn on text, on a picture, on sound; empty: of whatever is drawn.
            whole: every class of the set is wanted, though it may take a reading; else only what shows which field.
        """
        ...
