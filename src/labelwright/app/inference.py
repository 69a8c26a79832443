"""The label of each item, inferred from its annotations."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.app.tables import tables_of
from labelwright.consensus import MajorityVote
from labelwright.model.project import AnnotationSet
from labelwright.model.schema import Control

#: Stated wherever labels are handed on.
TIE_RULE = "The class with most votes; a tie is contested: it is left out until one more answer decides it."


@dataclass(frozen=True, slots=True)
class Inferred:
    """One item's consensus: its label, the share of votes for it, whether it is a tie, and the votes it rests on."""

    label: str
    posterior: float
    contested: bool
    votes: int


def infer(annotations: AnnotationSet, control: Control) -> dict[str, Inferred]:
    """Majority by item for a control whose answers are labels; items without a valid answer are left out."""
    table = next((t for t in tables_of(annotations).controls if t.control.name == control.name), None)
    if table is None or table.has_regions or table.labels.is_empty():
        return {}
    labels = table.labels.with_columns(table.labels["label"].cast(str))
    result = MajorityVote().fit(labels).labels
    votes = dict(labels.group_by("item").len().iter_rows())
    rows = result.select("item", "label", "posterior", "contested").iter_rows()
    return {i: Inferred(str(label), float(p), bool(tie), votes[i]) for i, label, p, tie in rows}
