"""The rows of a training set, built a step at a time, column by column, whenever they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from labelwright.export.splits import SPLITS
from labelwright.model.project import Annotation, Item
from labelwright.model.schema import Control
from labelwright.model.values import Choice

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
        annotation_ids: the annotations behind the label, in the order of ids.
        guidelines_versions: that they were given under, in rising order.
        schema_versions: the same of the labeling config.
        suggested_by: models that suggested answers to the annotators.
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
    annotation_ids: tuple[str, ...]
    guidelines_versions: tuple[int, ...]
    schema_versions: tuple[int, ...]
    suggested_by: tuple[str, ...]
    adjudicator: str | None = None
    soft: Mapping[str, float] | None = None
    answers: Mapping[str, Any] = _NONE


#: The fields of a row, each the column of many rows: what looks at a whole column at once is many times as fast.
Columns: Any = Record


def turned(rows: Sequence[Record]) -> Any:
    """Rows, at least one, as columns."""
    return Columns(*zip(*rows, strict=True))


@dataclass(frozen=True, eq=False)
class Records:
    """The rows of a training set, built anew whenever they are read.

    Attributes:
        parts: what the rows are built from, by split, each in the order of ids.
        left_out: items without a row, counted by reason.
        control: the control whose label they carry.
        maker: builds them.
    """

    parts: Mapping[str, Part]
    left_out: Mapping[str, int]
    control: Control
    maker: Maker

    def of(self, split: str) -> Iterator[Record]:
        """The rows of one split."""
        for columns in self.columns(split):
            yield from map(Record._make, zip(*columns, strict=True))

    def columns(self, split: str) -> Iterator[Any]:
        """The same as `Columns` of at most 1,024 rows."""
        part = self.parts[split]
        for start in range(0, len(part.items), _STEP):
            yield self.maker.columns(part.step(start, start + _STEP), split)

    def __iter__(self) -> Iterator[Record]:
        for split in SPLITS:
            yield from self.of(split)

    def __len__(self) -> int:
        return sum(len(part.items) for part in self.parts.values())


class Part(NamedTuple):
    """What some rows are built from, side by side; a group may be a hash, which is not made twice."""

    items: list[Item]
    groups: list[str]
    labels: list[ConsensusLabel]
    answers: list[tuple[Annotation, ...]]

    def step(self, start: int, stop: int) -> Part:
        """Some of them."""
        some = slice(start, stop)
        return Part(self.items[some], self.groups[some], self.labels[some], self.answers[some])

    def where(self, wanted: list[bool]) -> Part:
        """Those that are wanted."""
        items, groups = list(compress(self.items, wanted)), list(compress(self.groups, wanted))
        return Part(items, groups, list(compress(self.labels, wanted)), list(compress(self.answers, wanted)))


@dataclass(frozen=True, eq=False)
class Maker:
    """Builds rows."""

    pseudonyms: Mapping[str, str]
    aggregator: str
    control: Control
    more: More

    def columns(self, part: Part, split: str) -> Any:
        """Rows of a split, as `Columns`."""
        items, groups, labels, answers = part
        ids, others = [x.id for x in items], self.more.others
        guidelines, schemas = zip(*map(_versions_behind, answers), strict=True)
        return Columns(
            id=ids,
            data=[x.data for x in items],
            label=[x.label for x in labels],
            posterior=[x.posterior for x in labels],
            split=[split] * len(ids),
            group=groups,
            metadata=[x.metadata for x in items],
            existing=[x.existing for x in items],
            n_annotations=[len(given) for given in answers],
            annotators=self._names(answers),
            inferred_by=[getattr(x, "method", "") or self.aggregator for x in labels],
            contested=[x.contested for x in labels],
            annotation_ids=[(x[0].id,) if len(x) == 1 else tuple([a.id for a in x]) for x in answers],
            guidelines_versions=guidelines,
            schema_versions=schemas,
            suggested_by=self._suggested(answers),
            adjudicator=[self._expert(x) for x in labels],
            soft=[shares(x, self.control) for x in answers] if self.more.soft else [None] * len(ids),
            answers=[others.get(i, _NONE) for i in ids] if others else [_NONE] * len(ids),
        )

    def _names(self, answers: Sequence[tuple[Annotation, ...]]) -> list[tuple[str, ...]]:
        """Pseudonyms of those who answered; one alone is the same object in many rows, which writers see at once."""
        names, alone = self.pseudonyms, {who: (name,) for who, name in self.pseudonyms.items()}
        return [alone[x[0].annotator] if len(x) == 1 else tuple([names[a.annotator] for a in x]) for x in answers]

    def _suggested(self, answers: Sequence[tuple[Annotation, ...]]) -> list[tuple[str, ...]]:
        models = self.more.suggested
        if not models:
            return [()] * len(answers)
        return [tuple(sorted({models[a.id] for a in x if a.id in models})) for x in answers]

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


def _versions_behind(answers: tuple[Annotation, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Versions of the guidelines and of the schema."""
    if len(answers) == 1:  # the usual case, quickly
        (one,) = answers
        return _alone(one.guidelines_version, one.schema_version)
    return _versions([a.guidelines_version for a in answers]), _versions([a.schema_version for a in answers])


@lru_cache(1024)
def _alone(guidelines: int | None, schema: int | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The same objects for a million rows, which writers see at once."""
    return _versions([guidelines]), _versions([schema])


def _versions(found: list[int | None]) -> tuple[int, ...]:
    return tuple(sorted({v for v in found if v is not None}))
