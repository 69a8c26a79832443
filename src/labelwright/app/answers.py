"""Every answer to the main control as a label with its time, purpose and versions: what the watch over people reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from labelwright.app.annotations import annotation_set
from labelwright.app.context import Project
from labelwright.app.tables import NUMERIC_KINDS, ControlTable, tables_of
from labelwright.matching.drawings import Drawing, regions_of, whole_regions
from labelwright.matching.optimal import matched
from labelwright.model.people import GoldItem
from labelwright.model.project import Annotation, AnnotationSet, AnnotationState, Purpose
from labelwright.model.schema import STRUCTURE_KINDS, Control
from labelwright.model.values import Entry

#: Two regions at least so much alike (intersection over union) are the same thing.
SAME_PLACE = 0.5
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT = frozenset({AnnotationState.VALID, AnnotationState.SUPERSEDED})


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to one control.

    Attributes:
        id: Label Studio's id of the annotation.
        label: the answer as text, as consensus and export write it; None for what is drawn.
        entries: what is drawn; empty otherwise.
        at: when it was first given, by Label Studio's clock.
        last: it is the annotator's last answer to the item, the one that counts.
    """

    id: str
    item: str
    annotator: str
    label: str | None
    entries: tuple[Entry, ...]
    seconds: float | None
    at: datetime
    purpose: Purpose
    round: int
    guidelines_version: int | None
    last: bool


def replies_of(project: Project, annotations: AnnotationSet | None = None) -> list[Reply]:
    """Every valid answer to the project's control, earlier ones of the same annotator too, in the order of time."""
    annotations = annotations or annotation_set(project)
    kept = [a for a in annotations.annotations if a.state in _KEPT]
    table = _table(annotations, kept, project.control)
    if table is None:
        return []
    labels = labels_by_key(table)
    replies = [_reply(a, labels, table) for a in kept]
    found = [r for r in replies if r.label is not None or table.control.kind in STRUCTURE_KINDS]
    return sorted(found, key=lambda r: (r.at, r.id))


def _table(annotations: AnnotationSet, kept: Sequence[Annotation], control: Control) -> ControlTable | None:
    """The control's table with every annotation under a name of its own, so that none takes another's place."""
    single = tuple(replace(a, annotator=a.id, state=AnnotationState.VALID) for a in kept)
    tables = tables_of(replace(annotations, annotations=single)).controls
    return next((t for t in tables if t.control.name == control.name), None)


def labels_by_key(table: ControlTable) -> dict[tuple[str, str], str]:
    """Labels as text by (item, annotator), numbers as people write them."""
    numeric = table.control.kind in NUMERIC_KINDS
    rows = table.labels.select("item", "annotator", "label").iter_rows()
    return {(item, who): f"{label:g}" if numeric else str(label) for item, who, label in rows}


def _reply(a: Annotation, labels: Mapping[tuple[str, str], str], table: ControlTable) -> Reply:
    drawn = table.control.kind in STRUCTURE_KINDS
    return Reply(
        id=a.id,
        item=a.item,
        annotator=a.annotator,
        label=None if drawn else labels.get((a.item, a.id)),
        entries=table.regions.get((a.item, a.id), ()) if drawn else (),
        seconds=a.seconds,
        at=a.created_at or a.updated_at or _LONG_AGO,
        purpose=a.purpose,
        round=a.round,
        guidelines_version=a.guidelines_version,
        last=a.state is AnnotationState.VALID,
    )


def known_labels(gold: Iterable[GoldItem]) -> dict[str, GoldItem]:
    """Gold that counts, by item: suspected items count for nobody; a retired one still says what is right."""
    return {g.item: g for g in gold if g.suspected is None}


def is_right(reply: Reply, gold: GoldItem, drawn: Sequence[Entry] = ()) -> bool:
    """Whether an answer is what gold says.

    What is drawn is right when every region of gold is matched by one of the same class with an overlap of at least
    `SAME_PLACE`, and nothing else is drawn.

    Args:
        reply: the answer.
        gold: the known label.
        drawn: gold's answer as entries, for what is drawn.
    """
    if gold.label is not None:
        return reply.label == gold.label
    return same_drawing(reply.entries, drawn)


def same_drawing(one: Sequence[Entry], other: Sequence[Entry]) -> bool:
    """Whether two drawings show the same things in the same places."""
    one, other = whole_regions(one), whole_regions(other)
    if len(one) != len(other):
        return False
    if not one:
        return True
    regions = regions_of([Drawing("item", "one", tuple(one)), Drawing("item", "other", tuple(other))])
    pairs = matched(regions, SAME_PLACE)
    same = regions.class_code[pairs.left] == regions.class_code[pairs.right]
    return int(np.count_nonzero(same)) == len(one)
