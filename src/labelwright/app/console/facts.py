"""Items ready to be looked through: brought up to date for those where something changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from labelwright.app.annotations import annotations_of
from labelwright.app.context import Project
from labelwright.app.gold import drawn
from labelwright.app.report.drawing import compared_by_distance
from labelwright.app.report.drawn import drawn_of
from labelwright.app.report.overlap import Overlap
from labelwright.app.report.spread import spread_of
from labelwright.app.tables import ControlTable, summary_of, tables_of
from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.console import Facts
from labelwright.model.project import Annotation, AnnotationSet, AnnotationState, Item, Purpose
from labelwright.model.schema import STRUCTURE_KINDS

#: Items that are brought up to date in one step.
STEP = 2_000
#: Characters of an item's text that are kept to be searched and listed.
MOST_TEXT = 1_000


def refresh_facts(project: Project, since: str | None) -> int:
    """List anew what changed since that time (None: everything); how many items that were."""
    changed = project.store.changed_items(since)
    for start in range(0, len(changed), STEP):
        project.store.put_facts(facts_of(project, changed[start : start + STEP]))
    return len(changed)


def facts_of(project: Project, ids: Sequence[str]) -> list[Facts]:
    """Items as the console lists them."""
    items = project.store.items(ids)
    annotations = annotations_of(project, project.store.records_of_items(ids))
    found = tables_of(AnnotationSet(project.schema, items, annotations, {}))
    said: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for table in found.controls:
        for item, annotator, label in table.labels.iter_rows():
            said[item].append((table.control.name, annotator, _plain(label)))
    main = next((t for t in found.controls if t.control.name == project.control.name), None)
    kept = {c.item: c for c in project.store.consensus(project.control.name, ids)}
    more: Mapping[str, Mapping[str, Any]] = {
        "apart": {} if main is None else disagreements(main),
        "round": _rounds(project, ids),
        "at": _newest(annotations),
        "answered_at": _newest(a for a in annotations if a.purpose is not Purpose.REVIEW),
    }
    return [
        _facts(project, item, said[item.id], kept.get(item.id), {name: of.get(item.id) for name, of in more.items()})
        for item in items.values()
    ]


def _facts(
    project: Project, item: Item, said: list[tuple[str, str, str]], kept: ItemConsensus | None, more: Mapping[str, Any]
) -> Facts:
    mine = [label for control, _, label in said if control == project.control.name]
    label, posterior, state = _settled(mine) if kept is None else (label_of(project, kept), kept.posterior, kept.state)
    times = [more["at"], kept.updated_at if kept else None]
    changed = max((t for t in times if t is not None), default=None)
    return Facts(
        item=item.id,
        text=text_of(project, item),
        state=state.value,
        label=None if label is None else label[:400],
        posterior=posterior,
        disagreement=more["apart"],
        answers=len({a for _, a, _ in said}),
        round=more["round"],
        changed_at=_stamp(changed),
        answered_at=_stamp(more["answered_at"]),
        said=tuple(said),
        slices={k: str(item.metadata[k]) for k in project.settings.data.metadata if item.metadata.get(k) is not None},
    )


def label_of(project: Project, kept: ItemConsensus) -> str | None:
    """The label, or in words what there seems to be drawn (``2 RBC, 1 WBC``); None where nothing is known."""
    control = project.full_schema.control(kept.control)
    if kept.label is not None or control is None or control.kind not in STRUCTURE_KINDS or not (kept.votes or kept.by):
        return kept.label
    return summary_of(drawn(project, kept.answer, kept.control))


def _settled(labels: Sequence[str]) -> tuple[str | None, float | None, ConsensusState]:
    """Before anything is settled: the class with most votes, which two can share."""
    counts = sorted(((labels.count(v), v) for v in set(labels)), reverse=True)
    if not counts:
        return None, None, ConsensusState.OPEN
    if len(counts) > 1 and counts[0][0] == counts[1][0]:
        return None, None, ConsensusState.CONTESTED
    return counts[0][1], None, ConsensusState.OPEN


def disagreements(table: ControlTable) -> dict[str, float]:
    """Disagreement by item, 0 to 1, of items with two answers or more."""
    if table.labels.is_empty():
        return {}
    if table.control.per_region and table.control.kind not in STRUCTURE_KINDS:
        return {}  # a question about regions: the items of its agreement are regions
    if compared_by_distance(table.control):
        found = drawn_of(table, {}).disagreement or {}
        return {i: float(d) for i, d in found.items() if not np.isnan(d)}
    overlap = Overlap.of(table.labels)
    spread = spread_of(table, overlap).disagreement
    return {i: float(d) for i, d in zip(overlap.item_ids, spread, strict=True) if not np.isnan(d)}


def _rounds(project: Project, ids: Iterable[str]) -> dict[str, int]:
    """The round that asked for the item first."""
    found: dict[str, int] = {}
    for a in project.store.assignments_of_items(ids):
        found[a.item] = min(a.round, found.get(a.item, a.round))
    return found


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _newest(annotations: Iterable[Annotation]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for a in annotations:
        if a.state is AnnotationState.VALID and a.updated_at is not None:
            found[a.item] = max(a.updated_at, found.get(a.item, a.updated_at))
    return found


def text_of(project: Project, item: Item) -> str:
    """What the screen shows of an item, as one cut text."""
    shown = [str(item.data[f]) for f in project.schema.data_fields if f in item.data]
    return " · ".join(shown)[:MOST_TEXT]


def _plain(label: str | float) -> str:
    return f"{label:g}" if isinstance(label, float) else label
