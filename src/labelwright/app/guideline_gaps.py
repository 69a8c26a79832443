"""Guideline gaps: classes that people confuse beyond chance and beyond one person; a to-do list for the author."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from labelwright.app.annotations import annotation_set
from labelwright.app.answers import Reply
from labelwright.app.context import Project
from labelwright.app.report.gaps import gaps_in
from labelwright.app.report.measures import CLASS_KINDS
from labelwright.app.report.of_workspace import workspace_tables
from labelwright.model.consensus import ConsensusState
from labelwright.model.project import AnnotationSet, Purpose

#: Who reviews sees what the others said.
_NOT_SAID = frozenset({Purpose.REVIEW, Purpose.TRIAL})


def gaps(project: Project, annotations: AnnotationSet | None = None) -> list[dict[str, Any]]:
    """Pairs of classes that the guidelines do not tell apart, by the one rule that reports and console go by, too.

    Args:
        project: the labeling project; what is drawn has no such pairs here.
        annotations: its annotations, where they have been read already.
    """
    tables = workspace_tables(project, annotations or annotation_set(project))
    table = next((t for t in tables.controls if t.control.name == project.control.name), None)
    if table is None or table.has_regions or table.control.kind not in CLASS_KINDS:
        return []
    return gaps_in(table, tables.known(table.control.name))


def with_texts(project: Project, replies: Sequence[Reply], found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same with each example's text, what how many people said, and what it is by now.

    Args:
        project: the labeling project.
        replies: everybody's answers.
        found: of `gaps`.
    """
    wanted = {str(i) for gap in found for i in gap["examples"]}
    items = project.store.items(wanted)
    kept = {c.item: c for c in project.store.consensus(project.control.name, wanted)} if wanted else {}
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for r in replies:
        if r.item in wanted and r.last and r.purpose not in _NOT_SAID and r.label is not None:
            said[r.item][r.label] += 1
    fields = [f for f in project.schema.data_fields if f not in project.media.fields]

    def example(item: str) -> dict[str, Any]:
        known = kept.get(item)
        final = known is not None and known.state is ConsensusState.ADJUDICATED
        return {
            "item": item,
            "text": " ".join(str(items[item].data.get(f, "")) for f in fields)[:600] if item in items else "",
            "said": dict(said[item].most_common()),
            "label": known.label if known is not None and final else None,
            "why": known.reason if known is not None and final else None,
        }

    return [{**gap, "texts": [example(str(i)) for i in gap["examples"]]} for gap in found]
