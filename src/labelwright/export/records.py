"""From annotations and their consensus to the rows of a training set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import repeat
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from labelwright.export.splits import SPLITS, SplitRule, group_of
from labelwright.model.project import Annotation, AnnotationSet, AnnotationState, Item
from labelwright.model.schema import STRUCTURE_KINDS, Control, Kind
from labelwright.model.values import Choice

#: Kinds where choosing or drawing nothing is an answer.
_MAY_BE_EMPTY = STRUCTURE_KINDS | {Kind.CHOICES, Kind.TAXONOMY}

NO_ANSWER = "no valid annotation"
NO_CONSENSUS = "annotated, but no consensus was inferred"
CONTESTED = "contested: the answers do not settle it"
NO_ITEM = "labeled, but the item is not among the data"
NOT_ADJUDICATED = "no expert has decided it"
NOT_CERTIFIED = "neither certified nor decided by an expert"
OUTSIDE = "outside of the slice"

_NONE: Mapping[str, Any] = MappingProxyType({})
#: Rows that are built at once.
_STEP = 1024


class ConsensusLabel(Protocol):
    """What is needed of one item's consensus."""

    @property
    def label(self) -> Any:
        """The class, or a value that JSON can hold."""
        ...

    @property
    def posterior(self) -> float | None:
        """Probability of the label, 0 to 1; None where the aggregator gives none."""
        ...

    @property
    def contested(self) -> bool:
        """The answers do not settle it."""
        ...


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


class Lineage(NamedTuple):
    """Where a label comes from: annotation ids in the order of ids, versions in rising order, models that suggested."""

    annotations: tuple[str, ...]
    guidelines_versions: tuple[int, ...]
    schema_versions: tuple[int, ...]
    suggested_by: tuple[str, ...] = ()


class Record(NamedTuple):
    """One row of a training set; a tuple, because there are millions and a dataclass takes longer to make.

    Attributes:
        id: the item's id.
        data: the fields that the annotators saw.
        label: the class, or for other controls the consensus as a value that JSON can hold.
        posterior: probability of the label, 0 to 1, or None.
        split: train, validation or test.
        group: decides the split.
        metadata: columns that travelled with the item.
        existing: the label that came with the data, if any.
        n_annotations: annotations that the label rests on.
        annotators: who gave them, by pseudonym.
        inferred_by: name of the aggregator.
        contested: the answers do not settle it.
        lineage: ids and versions behind the label.
        adjudicator: the expert whose word it is, by pseudonym; None where it was inferred.
        soft: share of the annotators by class; None where it is not wanted.
        answers: the consensus on the other controls, by control.
    """

    id: str
    data: Mapping[str, Any]
    label: Any
    posterior: float | None
    split: str
    group: str
    metadata: Mapping[str, Any]
    existing: str | None
    n_annotations: int
    annotators: tuple[str, ...]
    inferred_by: str
    contested: bool
    lineage: Lineage
    adjudicator: str | None = None
    soft: Mapping[str, float] | None = None
    answers: Mapping[str, Any] = _NONE


#: The fields of a row, each a column of many.
Columns: Any = Record


def turned(rows: Sequence[Record]) -> Any:
    """Rows, at least one, as columns: what looks at a whole column at once is many times as fast."""
    return Columns(*zip(*rows, strict=True))


@dataclass(frozen=True, eq=False)
class Records:
    """The rows of a training set, built one at a time whenever they are read.

    Attributes:
        items: ids by split, each in the order of ids.
        left_out: items without a row, counted by reason.
        control: the control whose label they carry.
        source: what the rows are built from.
        groups: group of each row by split, beside ``items``: a group may be a hash, which is not made twice.
    """

    items: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, int]
    control: Control
    source: Source
    groups: Mapping[str, tuple[str, ...]]

    def of(self, split: str) -> Iterator[Record]:
        """The rows of one split."""
        ids, groups = self.items[split], self.groups[split]
        for start in range(0, len(ids), _STEP):
            step = slice(start, start + _STEP)
            yield from self.source.records(ids[step], split, groups[step])

    def __iter__(self) -> Iterator[Record]:
        for split in SPLITS:
            yield from self.of(split)

    def __len__(self) -> int:
        return sum(len(ids) for ids in self.items.values())


@dataclass(frozen=True, eq=False)
class Source:
    """Everything a row is looked up in."""

    items: Mapping[str, Item]
    labels: Mapping[str, ConsensusLabel]
    answers: Mapping[str, tuple[Annotation, ...]]
    pseudonyms: Mapping[str, str]
    aggregator: str
    control: Control
    more: More

    def records(self, ids: Sequence[str], split: str, groups: Sequence[str]) -> list[Record]:
        """The rows of some items: column by column, because it runs a million times."""
        items, labels = [self.items[i] for i in ids], [self.labels[i] for i in ids]
        answers, more, names = [self.answers.get(i, ()) for i in ids], self.more, self.pseudonyms
        alone = {who: (name,) for who, name in names.items()}  # the same object in many rows, which writers see at once
        columns = Columns(
            id=ids,
            data=[x.data for x in items],
            label=[x.label for x in labels],
            posterior=[x.posterior for x in labels],
            split=repeat(split),
            group=groups,
            metadata=[x.metadata for x in items],
            existing=[x.existing for x in items],
            n_annotations=map(len, answers),
            annotators=[
                alone[given[0].annotator] if len(given) == 1 else tuple([names[a.annotator] for a in given])
                for given in answers
            ],
            inferred_by=[getattr(x, "method", "") or self.aggregator for x in labels],
            contested=[x.contested for x in labels],
            lineage=[_lineage(given, more.suggested) for given in answers],
            adjudicator=[self._expert(x) for x in labels],
            soft=[shares(given, self.control) for given in answers] if more.soft else repeat(None),
            answers=[more.others.get(i, _NONE) for i in ids] if more.others else repeat(_NONE),
        )
        return list(map(Record._make, zip(*columns)))

    def _expert(self, label: ConsensusLabel) -> str | None:
        """The adjudicator's pseudonym; an expert who never annotated is one, too."""
        expert = getattr(label, "adjudicator", None)
        return None if expert is None else self.pseudonyms.get(expert, "expert")


@dataclass(frozen=True, slots=True)
class More:
    """What else goes into the rows.

    Attributes:
        others: item id → the consensus on controls beside the one that is exported.
        suggested: annotation id → the model that suggested the answer to its annotator.
        soft: give the share of annotators by class.
    """

    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    suggested: Mapping[str, str] = field(default_factory=dict)
    soft: bool = False


def shares(answers: Sequence[Annotation], control: Control) -> dict[str, float]:
    """How many of the annotators gave each class, 0 to 1, in the order of the schema; of a set, each class by itself.

    The disagreement itself is what such labels teach (Uma et al. 2021, Learning from Disagreement).
    """
    found: Counter[str] = Counter()
    for annotation in answers:
        entries = annotation.answer.of(control.name)
        found.update({c for e in entries if isinstance(e.value, Choice) for c in e.value.labels})
    names = control.classes or sorted(found)
    return {name: found[name] / len(answers) for name in names} if answers else {}


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
    reasons = _why_not(annotation_set.items, answers, consensus, keep=keep_contested)
    if filters is not None and filters != Filters():
        labeled = [i for i, reason in reasons.items() if reason is None]
        reasons |= {i: filters.why_not(annotation_set.items[i], consensus[i]) for i in labeled}
    kept: dict[str, list[str]] = {split: [] for split in SPLITS}
    groups: dict[str, list[str]] = {split: [] for split in SPLITS}
    for item_id in sorted(i for i, reason in reasons.items() if reason is None):
        group = group_of(annotation_set.items[item_id])
        split = rule.split_for(group)
        kept[split].append(item_id)
        groups[split].append(group)
    left_out = Counter(reason for reason in reasons.values() if reason is not None)
    left_out[NO_ITEM] = sum(1 for i in consensus if i not in annotation_set.items)
    names = pseudonyms_of(annotation_set)
    source = Source(annotation_set.items, consensus, answers, names, aggregator, control, more or More())
    counts = {reason: n for reason, n in sorted(left_out.items()) if n}
    ids = {split: tuple(found) for split, found in kept.items()}
    return Records(ids, counts, control, source, {split: tuple(found) for split, found in groups.items()})


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


def _why_not(
    items: Iterable[str],
    answers: Mapping[str, tuple[Annotation, ...]],
    consensus: Mapping[str, ConsensusLabel],
    *,
    keep: bool,
) -> dict[str, str | None]:
    """The reason to leave each item out, or None."""
    found: dict[str, str | None] = {}
    for item in items:
        label = consensus.get(item)
        if label is None:
            found[item] = NO_CONSENSUS if item in answers else NO_ANSWER
        else:
            found[item] = CONTESTED if label.contested and not keep else None
    return found


def _lineage(answers: tuple[Annotation, ...], suggested: Mapping[str, str]) -> Lineage:
    if len(answers) == 1 and not suggested:  # the usual case, quickly
        (one,) = answers
        return Lineage((one.id,), *_alone(one.guidelines_version, one.schema_version))
    return Lineage(
        tuple([a.id for a in answers]),
        _versions([a.guidelines_version for a in answers]),
        _versions([a.schema_version for a in answers]),
        tuple(sorted({suggested[a.id] for a in answers if a.id in suggested})) if suggested else (),
    )


@lru_cache(1024)
def _alone(guidelines: int | None, schema: int | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The same objects for a million rows, which writers see at once."""
    return _versions([guidelines]), _versions([schema])


def _versions(found: list[int | None]) -> tuple[int, ...]:
    return tuple(sorted({v for v in found if v is not None}))
