"""Which items become rows of a training set, and in which split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labelwright.export.records import ConsensusLabel, Maker, More, Part, Records
from labelwright.export.splits import SPLITS, SplitRule, group_of
from labelwright.model.project import Annotation, AnnotationSet, AnnotationState, Item
from labelwright.model.schema import STRUCTURE_KINDS, Control, Kind

#: Kinds where choosing or drawing nothing is an answer.
_MAY_BE_EMPTY = STRUCTURE_KINDS | {Kind.CHOICES, Kind.TAXONOMY}

NO_ANSWER = "no valid annotation"
NO_CONSENSUS = "annotated, but no consensus was inferred"
CONTESTED = "contested: the answers do not settle it"
NO_ITEM = "labeled, but the item is not among the data"
NOT_ADJUDICATED = "no expert has decided it"
NOT_CERTIFIED = "neither certified nor decided by an expert"
OUTSIDE = "outside of the slice"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which items become rows.

    Attributes:
        min_posterior: least probability of the label; a label whose probability is not known is left out.
        only_adjudicated: only what an expert decided.
        only_certified: only what stands under a certificate, and what an expert decided.
        slices: metadata or data field → the value it must have, as text.
    """

    min_posterior: float | None = None
    only_adjudicated: bool = False
    slices: Mapping[str, str] = field(default_factory=dict)
    only_certified: bool = False

    def why_not(self, item: Item, label: ConsensusLabel) -> str | None:
        """The reason to leave an item out, or None."""
        values = {**item.data, **item.metadata}
        if any(str(values.get(name)) != wanted for name, wanted in self.slices.items()):
            return OUTSIDE
        if self.only_adjudicated and getattr(label, "adjudicator", None) is None:
            return NOT_ADJUDICATED
        if self.only_certified and not (getattr(label, "certified", False) or getattr(label, "adjudicator", None)):
            return NOT_CERTIFIED
        least = self.min_posterior
        if least is not None and (label.posterior is None or label.posterior < least):
            return f"posterior below {least:g}"
        return None

    def stated(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "min_posterior": self.min_posterior,
            "only_adjudicated": self.only_adjudicated,
            "only_certified": self.only_certified,
            "slices": dict(self.slices),
        }


def build_records(
    annotation_set: AnnotationSet,
    consensus: Mapping[str, ConsensusLabel],
    control: Control,
    rule: SplitRule,
    *,
    aggregator: str,
    keep_contested: bool = False,
    filters: Filters | None = None,
    more: More | None = None,
) -> Records:
    """The rows of a training set.

    Args:
        annotation_set: items and annotations; only valid annotations that answer ``control`` count.
        consensus: item id → label.
        control: the control that was aggregated.
        rule: how items are divided into splits.
        aggregator: name of what inferred the labels.
        keep_contested: keep contested items, marked, instead of leaving them out.
        filters: which items become rows; None: all that are labeled.
        more: what else goes into the rows.
    """
    answers = _answers(annotation_set, control)
    kept, left_out = _kept(annotation_set.items, answers, consensus, filters or Filters(), keep=keep_contested)
    ids = sorted(kept)
    items = [annotation_set.items[i] for i in ids]
    groups = list(map(group_of, items))
    whole = Part(items, groups, [consensus[i] for i in ids], [answers.get(i, ()) for i in ids])
    splits = [rule.split_for(group) for group in groups]
    parts = {split: whole.where([at == split for at in splits]) for split in SPLITS}
    left_out[NO_ITEM] = len(consensus.keys() - annotation_set.items.keys())
    maker = Maker(pseudonyms_of(annotation_set), aggregator, control, more or More())
    return Records(parts, {reason: n for reason, n in sorted(left_out.items()) if n}, control, maker)


def pseudonyms_of(annotation_set: AnnotationSet) -> dict[str, str]:
    """Annotator id → ``annotator-N``, numbered by first annotation: somebody who joins later gets a later number."""
    first: dict[str, datetime | None] = {}
    for annotation in annotation_set.annotations:
        at, earliest = annotation.created_at, first.setdefault(annotation.annotator, annotation.created_at)
        if at is not None and (earliest is None or at < earliest):
            first[annotation.annotator] = at
    order = sorted(first, key=lambda who: (first[who] is None, _seconds(first[who]), who))
    return {annotator: f"annotator-{n}" for n, annotator in enumerate(order, start=1)}


def _answers(annotation_set: AnnotationSet, control: Control) -> dict[str, tuple[Annotation, ...]]:
    """The annotations that count by item, in the order of their ids; of one annotator the last."""
    may_be_empty = control.kind in _MAY_BE_EMPTY
    found: dict[str, tuple[Annotation, ...]] = {}
    for annotation in annotation_set.annotations:
        if annotation.state is AnnotationState.VALID and (may_be_empty or annotation.answer.of(control.name)):
            others = found.get(annotation.item)
            found[annotation.item] = _with(others, annotation) if others else (annotation,)
    return found


def _with(answers: tuple[Annotation, ...], new: Annotation) -> tuple[Annotation, ...]:
    same = next((a for a in answers if a.annotator == new.annotator), None)
    if same is not None and _changed(same) > _changed(new):
        return answers
    return tuple(sorted((*(a for a in answers if a is not same), new), key=lambda a: (len(a.id), a.id)))


def _changed(annotation: Annotation) -> float:
    return _seconds(annotation.updated_at or annotation.created_at)


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0


def _kept(
    items: Mapping[str, Item],
    answers: Mapping[str, tuple[Annotation, ...]],
    consensus: Mapping[str, ConsensusLabel],
    filters: Filters,
    *,
    keep: bool,
) -> tuple[list[str], Counter[str]]:
    """The ids of items that become rows, and of the others how many are left out for which reason."""
    kept: list[str] = []
    left_out: Counter[str] = Counter()
    everything = filters == Filters()
    for item_id, item in items.items():
        label = consensus.get(item_id)
        if label is None:
            left_out[NO_CONSENSUS if item_id in answers else NO_ANSWER] += 1
        elif label.contested and not keep:
            left_out[CONTESTED] += 1
        elif everything or (reason := filters.why_not(item, label)) is None:
            kept.append(item_id)
        else:
            left_out[reason] += 1
    return kept, left_out
