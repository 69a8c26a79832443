"""Answers to tasks for which there was a suggestion: what the effect of suggestions is measured on."""

from __future__ import annotations

import json

from labelwright.app.context import Project
from labelwright.app.settling import Known
from labelwright.learning.anchoring import Anchoring, Helped, anchoring
from labelwright.model.consensus import ConsensusState
from labelwright.model.project import AnnotationSet, AnnotationState
from labelwright.model.values import Answer, Choice


def effect_of_suggestions(project: Project, annotations: AnnotationSet) -> Anchoring | None:
    """What suggestions did to the answers; None where no task ever had one.

    Args:
        project: the labeling project.
        annotations: its annotations.
    """
    kept = {r.key: r for r in project.store.suggestions() if r.arm != "unsure"}
    if not kept:
        return None
    keys = {(a.item, a.annotator): key for key, a in project.store.assignments_of_keys(kept).items()}
    known, control = _truth(project), project.control.name
    rows = []
    for a in annotations.annotations:
        key = keys.get((a.item, a.annotator))
        if key is None or a.state not in {AnnotationState.VALID, AnnotationState.SKIPPED}:
            continue
        suggested = project.codec.decode(json.dumps(list(kept[key].suggestion.result)), project.schema)
        said = said_of(a.answer, control) if a.state is AnnotationState.VALID else None
        shown = kept[key].arm == "shown"
        rows.append(Helped(a.annotator, shown, said_of(suggested, control) or "", said, a.seconds, known.get(a.item)))
    return anchoring(rows)


def said_of(answer: Answer, control: str) -> str | None:
    """What an answer says on a control, so that equal answers are equal texts; None where it says nothing."""
    entries = answer.of(control)
    if not entries:
        return None
    if len(entries) == 1 and isinstance(entries[0].value, Choice):
        return "; ".join(entries[0].value.labels)
    return " ".join(sorted(f"{e.labels}{e.value}" for e in entries))


def _truth(project: Project) -> dict[str, str]:
    """Labels that do not rest on what annotators answered here: gold, and an expert's final word."""
    name = project.control.name
    decided = {r.item: r.label for r in project.store.consensus(name) if r.state is ConsensusState.ADJUDICATED}
    gold = dict(Known.of(project.store.gold()).labels.get(name, {}))
    return gold | {item: label for item, label in decided.items() if label is not None}
