"""Answers of one item, side by side, free of Label Studio's shapes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from labelwright.app.annotations import annotations_of
from labelwright.app.context import Project
from labelwright.app.tables import summary_of
from labelwright.model.project import Annotation
from labelwright.model.values import (
    Box,
    Choice,
    Ellipse,
    Entry,
    FrameRanges,
    KeyPoint,
    Number,
    Polygon,
    Segment,
    Span,
    Text,
    Track,
)

#: Regions of one answer that are shown.
_MOST_REGIONS = 500


class Region(BaseModel):
    """Something drawn. ``form`` is span, segment, rect, ellipse, polygon or point; geometry in percent."""

    form: str
    target: str
    labels: list[str]
    start: float | None = None
    end: float | None = None
    text: str | None = None
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None
    rotation: float = 0
    points: list[tuple[float, float]] = []


class AnswerShape(BaseModel):
    """One annotator's answer. ``labels`` maps a control to the answer in words."""

    id: str
    annotator: str
    state: str
    purpose: str
    round: int
    labels: dict[str, str]
    regions: list[Region]
    created_at: str | None
    updated_at: str | None
    seconds: float | None
    guidelines_version: int | None
    schema_version: int | None
    url: str | None = None


def answers_of(project: Project, item: str) -> list[AnswerShape]:
    """Every answer in every state, oldest first, each with the way to its task in Label Studio."""
    records = project.store.records_of_items([item])
    desks = {d.project: d.url.partition("?")[0] for d in project.store.desks()}
    urls = {str(r.id): f"{desks[r.project]}?task={r.task}" for r in records if r.project in desks}
    ordered = sorted(annotations_of(project, records), key=lambda a: (str(a.created_at), a.id))
    return [_answer(project, a, urls.get(a.id)) for a in ordered]


def _answer(project: Project, a: Annotation, url: str | None) -> AnswerShape:
    return AnswerShape(
        url=url,
        id=a.id,
        annotator=a.annotator,
        state=a.state.value,
        purpose=a.purpose.value,
        round=a.round,
        labels=_labels(project, a),
        regions=[r for e in a.answer.entries if isinstance(e, Entry) for r in _regions(e)][:_MOST_REGIONS],
        created_at=a.created_at.isoformat() if a.created_at else None,
        updated_at=a.updated_at.isoformat() if a.updated_at else None,
        seconds=a.seconds,
        guidelines_version=a.guidelines_version,
        schema_version=a.schema_version,
    )


def _labels(project: Project, a: Annotation) -> dict[str, str]:
    """In words, by control, whatever the state of the annotation."""
    found = {}
    for control in project.schema.controls:
        entries = a.answer.of(control.name)
        if entries:
            found[control.name] = " + ".join(filter(None, map(_words, entries))) or summary_of(entries)
    return found


def _words(entry: Entry) -> str:
    match entry.value:
        case Choice(labels):
            return " + ".join(labels)
        case Text(texts):
            return " + ".join(texts)
        case Number(value):
            return f"{value:g}"
        case _:
            return ""


def _regions(entry: Entry) -> list[Region]:  # noqa: PLR0911 - one return a form
    base: dict[str, Any] = {"target": entry.target, "labels": list(entry.labels)}
    match entry.value:
        case Span(start, end, text):
            return [Region(form="span", start=start, end=end, text=text, **base)]
        case Segment(start, end):
            return [Region(form="segment", start=start, end=end, **base)]
        case FrameRanges(ranges):
            return [Region(form="segment", start=s, end=e, **base) for s, e in ranges]
        case Track(frames) if frames:
            return [Region(form="segment", start=frames[0].frame, end=frames[-1].frame, **base)]
        case Box(x, y, width, height, rotation):
            return [Region(form="rect", x=x, y=y, width=width, height=height, rotation=rotation, **base)]
        case Ellipse(x, y, radius_x, radius_y, rotation):
            return [Region(form="ellipse", x=x, y=y, width=radius_x, height=radius_y, rotation=rotation, **base)]
        case Polygon(points):
            return [Region(form="polygon", points=list(points), **base)]
        case KeyPoint(x, y):
            return [Region(form="point", x=x, y=y, **base)]
        case _:
            return []
