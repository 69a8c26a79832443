"""What happened to an item, the newest first: answers, changes, reviews, final words."""

from __future__ import annotations

from collections.abc import Iterator

from labelwright.app.context import Project
from labelwright.model.project import AnnotationState

Happened = tuple[str, str, str]
_SAYS = {
    AnnotationState.VALID: "answered",
    AnnotationState.SKIPPED: "skipped it",
    AnnotationState.SUPERSEDED: "answered; a later answer counts",
    AnnotationState.DELETED: "answered; it was deleted in Label Studio",
    AnnotationState.INVALID: "answered; it does not fit the schema",
}


def history_of(project: Project, item: str) -> list[Happened]:
    """(time in ISO 8601, who, what), the newest first."""
    return sorted([*_answers(project, item), *_reviews(project, item), *_words(project, item)], reverse=True)


def _answers(project: Project, item: str) -> Iterator[Happened]:
    for r in project.store.records_of_items([item]):
        said = _SAYS.get(r.state, f"answered; it does not count ({r.state.value})")
        yield r.created_at.isoformat(), r.annotator, f"{said} ({r.purpose.value}, round {r.round})"
        if r.updated_at is not None and (r.updated_at - r.created_at).total_seconds() > 1:
            yield r.updated_at.isoformat(), r.annotator, "changed the answer"


def _reviews(project: Project, item: str) -> Iterator[Happened]:
    for r in (r for r in project.store.reviews() if r.item == item):
        if r.asked_at is not None:
            yield r.asked_at.isoformat(), "labelwright", f"sent to the experts: {r.detail or r.why}"
        if r.closed_at is not None:
            yield r.closed_at.isoformat(), "labelwright", "its review is closed"


def _words(project: Project, item: str) -> Iterator[Happened]:
    for a in (a for a in project.store.adjudications() if a.item == item):
        why = f", because: {a.why}" if a.why else ""
        before = f" (it was {a.before})" if a.before and a.before != a.label else ""
        yield a.at.isoformat(), a.by, f"gave the final word: {a.label or 'an answer that is drawn'}{before}{why}"
