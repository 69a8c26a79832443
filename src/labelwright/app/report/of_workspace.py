"""What a workspace's report is measured on."""

from __future__ import annotations

from dataclasses import replace

from labelwright.app.annotations import independent
from labelwright.app.context import Project
from labelwright.app.settling import Known
from labelwright.app.tables import Tables, tables_of
from labelwright.model.project import AnnotationSet


def workspace_tables(project: Project, annotations: AnnotationSet) -> Tables:
    """The workspace's answers, with what is known: gold chooses and calibrates, what experts decided counts as truth.

    Reviewers saw what the others said: their answers agree with nobody independently, and are left out.
    """
    apart = independent(annotations)
    left_out = len(annotations.valid) - len(apart.valid)
    said = f"{left_out:,} answers of reviewers, who saw the others', are no part of the agreement"
    known = Known.of(project.store.gold())
    return replace(tables_of(apart, notes=(said,) if left_out else ()), gold=known.gold, held=known.labels)
