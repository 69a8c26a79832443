"""The kept consensus of a workspace, as exports take it: a label for each item, and what was drawn on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labelwright.app.context import Project
from labelwright.app.settling import current_labels, settle
from labelwright.app.tables import NUMERIC_KINDS
from labelwright.export.answers import Given
from labelwright.export.tables import region_value
from labelwright.model.certification import Certification
from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.project import AnnotationSet
from labelwright.model.schema import STRUCTURE_KINDS, Control, Schema

#: A result list of Label Studio as an answer; see `labelwright.adapters.labelstudio.export_read`.
Read = Callable[[Sequence[Mapping[str, Any]]], Given]

_SETTLED = frozenset({ConsensusState.ACCEPTED, ConsensusState.ADJUDICATED, ConsensusState.OPEN})


@dataclass(frozen=True, slots=True)
class KeptLabel:
    """One item's label.

    Attributes:
        label: the class, or a value that JSON holds.
        posterior: probability that it is right, 0 to 1, as far as ``method`` knows; None when undefined.
        contested: the answers do not settle it.
        method: what inferred it; ``expert`` for an adjudication.
        adjudicator: id of the expert who decided it.
        value: the label as a value of the model, where it is more than a name.
        certified: it was accepted unseen under the certificate in force, and has not changed since.
    """

    label: Any
    posterior: float | None
    contested: bool
    method: str = ""
    adjudicator: str | None = None
    value: Any = None
    certified: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store knows of all items.

    Attributes:
        labels: item id → the label under the exported control.
        others: item id → the settled answers to other controls of the whole item.
        drawn: item id → what is drawn on it and said about that, over all controls.
    """

    labels: Mapping[str, KeptLabel]
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    drawn: Mapping[str, Given] = field(default_factory=dict)


def kept_consensus(project: Project, annotations: AnnotationSet, read: Read) -> Kept:
    """Settle what the answers say now, and gather it.

    Args:
        project: the labeling project.
        annotations: its annotations.
        read: a result list as an answer.
    """
    settle(project, annotations)
    by_item: dict[str, list[ItemConsensus]] = {}
    for record in project.store.consensus():
        by_item.setdefault(record.item, []).append(record)
    control = project.control
    drawn = {item: _drawn(records, read) for item, records in by_item.items()}
    others = {item: _others(records, project.schema, control, drawn[item]) for item, records in by_item.items()}
    if control.kind in STRUCTURE_KINDS:
        labels = _structures(by_item, control, drawn)
    else:
        labels = _classes(project, annotations, by_item, control)
    return Kept(labels, {item: found for item, found in others.items() if found}, drawn)


def _drawn(records: Iterable[ItemConsensus], read: Read) -> Given:
    """All settled answers of an item as one; first what draws, then what is said about it."""
    lines = [line for r in records if r.state in _SETTLED for line in r.answer]
    return read(lines)


def _classes(
    project: Project,
    annotations: AnnotationSet,
    by_item: Mapping[str, Sequence[ItemConsensus]],
    control: Control,
) -> dict[str, KeptLabel]:
    found = {}
    certified = _certified(project)
    for item, now in current_labels(project, annotations).items():
        record = next((r for r in by_item.get(item, ()) if r.control == control.name), None)
        expert = record.by if record and record.state is ConsensusState.ADJUDICATED else None
        stands = certified.get(item) == str(now.label) and expert is None
        found[item] = KeptLabel(now.label, now.posterior, now.contested, now.method, expert, now.value, stands)
    return found


def _certified(project: Project) -> Mapping[str, str]:
    """Labels under the certificate in force, by item; none where the last verdict is another one."""
    found = [r for r in project.store.certifications() if r.control == project.control.name]
    last = found[-1] if found else None
    if last is None or last.verdict.verdict is not Certification.CERTIFIED:
        return {}
    return last.labels


def _structures(
    by_item: Mapping[str, Sequence[ItemConsensus]], control: Control, drawn: Mapping[str, Given]
) -> dict[str, KeptLabel]:
    found = {}
    for item, records in by_item.items():
        record = next((r for r in records if r.control == control.name), None)
        if record is None or record.state is ConsensusState.EXCLUDED or not (record.votes or record.by):
            continue
        regions = [region_value(r) for r in drawn[item].regions if r.control == control.name]
        settled = record.state in _SETTLED
        expert = record.by if record.state is ConsensusState.ADJUDICATED else None
        found[item] = KeptLabel(regions, record.posterior, not settled, record.method, expert)
    return found


def _others(records: Iterable[ItemConsensus], schema: Schema, exported: Control, drawn: Given) -> dict[str, Any]:
    """Answers to the other controls: what is settled, or nothing."""
    found: dict[str, Any] = {}
    for record in records:
        control = schema.control(record.control)
        if control is None or control.name == exported.name or record.state not in _SETTLED:
            continue
        if control.kind in STRUCTURE_KINDS:
            found[control.name] = [region_value(r) for r in drawn.regions if r.control == control.name]
        elif control.name in drawn.values:
            found[control.name] = drawn.values[control.name]
        elif record.label is not None and not control.per_region:
            found[control.name] = _plain(record.label, control)
    return found


def _plain(label: str, control: Control) -> Any:
    if control.kind not in NUMERIC_KINDS:
        return label
    try:
        number = float(label)
    except ValueError:
        return label
    return int(number) if number.is_integer() else number


def certification_of(project: Project, labels: Mapping[str, KeptLabel]) -> dict[str, Any] | None:
    """The verdict in force on the exported control, as JSON holds it; None where nothing was ever audited.

    ``labels_changed_since`` counts labels that are not what they were when the audit was planned: they are not
    certified.
    """
    found = [r for r in project.store.certifications() if r.control == project.control.name]
    if not found:
        return None
    last = found[-1]
    changed = sum(i in labels and str(labels[i].label) != label for i, label in last.labels.items())
    return {**last.verdict.as_dict(), "labels_changed_since": changed}


def suggestions_of(raw: Mapping[str, str], load: Callable[[str], Any]) -> dict[str, str]:
    """Annotation id → the model version whose suggestion its annotator began with.

    Args:
        raw: annotation id → its JSON as Label Studio gave it.
        load: reads JSON.
    """
    found = {}
    for annotation, text in raw.items():
        if '"prediction"' in text:
            prediction = load(text).get("prediction")
            version = prediction.get("model_version") if isinstance(prediction, dict) else None
            if isinstance(version, str) and version:
                found[annotation] = version
    return found
