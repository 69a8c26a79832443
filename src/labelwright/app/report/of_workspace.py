"""What a workspace's report is measured on."""

from __future__ import annotations

from dataclasses import replace

from labelwright.app.annotations import independent
from labelwright.app.context import Project
from labelwright.app.gold import drawn, fair_gold
from labelwright.app.settling import Known
from labelwright.app.tables import (
    NOTHING,
    NUMERIC_KINDS,
    SET_JOINT,
    SET_KINDS,
    ControlTable,
    Tables,
    label_frame,
    set_frame,
    summary_of,
    tables_of,
)
from labelwright.model.project import AnnotationSet
from labelwright.model.schema import STRUCTURE_KINDS


def workspace_tables(project: Project, annotations: AnnotationSet) -> Tables:
    """The workspace's answers, with what is known: gold chooses and calibrates, what experts decided counts as truth.

    Reviewers saw what the others said: their answers agree with nobody independently, and are left out.
    """
    apart = independent(annotations)
    left_out = len(annotations.valid) - len(apart.valid)
    said = f"{left_out:,} answers of reviewers, who saw the others', are no part of the agreement"
    known = Known.of(project.store.gold())
    tables = tables_of(apart, notes=(said,) if left_out else ())
    truth = _truth(project)
    return replace(tables, gold=known.gold, held=known.labels, truths={truth.control.name: truth} if truth else {})


def _truth(project: Project) -> ControlTable | None:
    """The gold by which people are measured, as answers, where answers are drawn, numbers or sets."""
    control, gold = project.control, fair_gold(project)
    if control.kind in STRUCTURE_KINDS:
        drawings = {(g.item, g.by): drawn(project, g.answer, g.control) for g in gold if g.label is None}
        rows = [(*key, summary_of(entries)) for key, entries in drawings.items()]
        return ControlTable(control, label_frame(rows, control.kind), regions=drawings) if rows else None
    known = [(g.item, g.by, g.label) for g in gold if g.label is not None]
    if control.kind in NUMERIC_KINDS and known:
        return ControlTable(control, label_frame([(i, by, float(label)) for i, by, label in known], control.kind))
    if control.kind in SET_KINDS and known:
        members = [(i, by, [] if label == NOTHING else label.split(SET_JOINT)) for i, by, label in known]
        return ControlTable(control, label_frame(known, control.kind), set_frame(members))
    return None
