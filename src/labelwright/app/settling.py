"""Settles the labels: what the answers say about every control of every item, kept in the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from labelwright.app.annotations import annotation_set, independent
from labelwright.app.context import Project
from labelwright.app.inference import Inferred, infer_table
from labelwright.app.inferring.classes import known as known_above
from labelwright.app.inferring.described import entry_of, infer_described
from labelwright.app.inferring.regions import Drawn, InferredRegions, draw, infer_links, infer_regions
from labelwright.app.tables import NOTHING, ControlTable, Tables, last_answers, tables_of
from labelwright.model.consensus import FINAL, ConsensusState, ItemConsensus
from labelwright.model.errors import DataError
from labelwright.model.people import GoldItem, GoldSource
from labelwright.model.project import AnnotationSet, AssignmentState, Purpose
from labelwright.model.schema import STRUCTURE_KINDS, Kind
from labelwright.model.values import Answer
from labelwright.ports import Codec

#: Decimals that are kept: a change behind them is no news.
_DIGITS = 4
_WAITING = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})
_ASIDE = frozenset({Purpose.TRIAL, Purpose.QUALIFICATION, Purpose.REVIEW, Purpose.REASK, Purpose.RETURN})
#: Kinds whose label as a name does not say all; their answer is kept, too.
_WHOLE = frozenset({Kind.CHOICES, Kind.TAXONOMY, Kind.RANKING, Kind.TEXT})


@dataclass(frozen=True, slots=True)
class Known:
    """Labels that are known, by control, then by item.

    Attributes:
        labels: every one that nobody doubts: gold, whatever its source.
        gold: those that were drawn or given beforehand. Only these choose and calibrate an estimator: what an expert
            was asked about is harder than the rest.
    """

    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    gold: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[GoldItem]) -> Known:
        """From what the store remembers; suspected gold counts for nothing."""
        labels: dict[str, dict[str, str]] = {}
        gold: dict[str, dict[str, str]] = {}
        for g in items:
            if g.label is None or g.suspected is not None or g.retired_reason == "wrong":
                continue
            labels.setdefault(g.control, {})[g.item] = g.label
            if g.source is not GoldSource.ADJUDICATION:
                gold.setdefault(g.control, {})[g.item] = g.label
        return cls(labels, gold)


@dataclass(frozen=True, slots=True)
class Settled:
    """What was kept.

    Attributes:
        written: records that are new or changed.
        states: items by state, for each control; of what a person decided, too.
        broken: controls whose drawings could not be read, with the reason.
    """

    written: int
    states: Mapping[str, Mapping[ConsensusState, int]]
    broken: Mapping[str, str]


def settle(project: Project, annotations: AnnotationSet | None = None) -> Settled:
    """Infer every control and keep what changed. Safe to repeat; a second time in a row writes nothing.

    An item is open while an answer to it is still to come, accepted or contested (see `TIE_RULE`) when none is. What
    a person decided (adjudicated, in review, excluded) stays as it is.

    Args:
        project: the labeling project.
        annotations: its annotations, where they have been read already.
    """
    found = independent(annotations or annotation_set(project))
    known = Known.of(project.store.gold())
    broken: dict[str, str] = {}
    waiting = {
        a.item for a in project.store.assignments(trial=False) if a.state in _WAITING and a.purpose not in _ASIDE
    }
    records = {(r.item, r.control): r for r in consensus_records(found, project.codec, known, waiting, broken)}
    before = {(r.item, r.control): r for r in project.store.consensus()}
    for key, old in before.items():
        if key not in records and old.control not in broken and old.state not in FINAL:
            records[key] = ItemConsensus(old.item, old.control, ConsensusState.OPEN)
    now = project.clock.now()
    news = [_stamped(r, now) for key, r in records.items() if _is_news(before.get(key), r)]
    project.store.put_consensus(news, unless=FINAL)
    kept = {**records, **{key: r for key, r in before.items() if r.state in FINAL}}
    return Settled(len(news), _states(kept.values()), broken)


def consensus_records(
    annotations: AnnotationSet, codec: Codec, known: Known, waiting: set[str], broken: dict[str, str]
) -> Iterator[ItemConsensus]:
    """What the answers say, control by control.

    Args:
        annotations: where the answers are.
        codec: writes answers as Label Studio's records.
        known: labels that need no inference.
        waiting: items to which an answer is still to come.
        broken: filled with the controls that could not be settled, and why.
    """
    tables = tables_of(annotations)
    drawn = _drawn(tables, broken)
    for table in tables.controls:
        if table.control.per_region and table.control.kind not in STRUCTURE_KINDS:
            yield from _of_regions(table, _described(table, drawn.values()), codec, waiting)
        elif not table.has_regions:
            yield from _of_labels(table, _labels(table, known), codec, waiting)
    links = infer_links(tuple(drawn.values()), last_answers(annotations.valid)[0])
    for table in tables.controls:
        if table.control.name in drawn:
            answers = infer_regions(drawn[table.control.name], table, links)
            yield from _of_regions(table, answers, codec, waiting)


def current_labels(project: Project, annotations: AnnotationSet | None = None) -> dict[str, Inferred]:
    """What is known now of the labels of the control that is trained and exported.

    What the answers say, known labels in place of inferred ones, and above both what people decided: an adjudication is
    the label, an item in review is contested, an excluded item is left out.
    """
    found, name = independent(annotations or annotation_set(project)), project.control.name
    table = next((t for t in tables_of(found).controls if t.control.name == name), None)
    labels = {} if table is None else _labels(table, Known.of(project.store.gold()))
    for r in project.store.consensus(name):
        if r.state is ConsensusState.EXCLUDED:
            labels.pop(r.item, None)
        elif r.state is ConsensusState.ADJUDICATED and r.label is not None:
            labels[r.item] = Inferred(r.label, 1.0, False, r.votes, distribution={r.label: 1.0}, method="expert")
        elif r.state is ConsensusState.REVIEW and r.item in labels:
            labels[r.item] = replace(labels[r.item], contested=True)
    return labels


def _labels(table: ControlTable, known: Known) -> dict[str, Inferred]:
    """What the answers say, and above it what is known."""
    name = table.control.name
    return known_above(infer_table(table, known.gold.get(name), known.labels.get(name)), known.labels.get(name, {}))


def _drawn(tables: Tables, broken: dict[str, str]) -> dict[str, Drawn]:
    """The consensus of every structural control that has answers."""
    found: dict[str, Drawn] = {}
    for table in tables.controls:
        if table.control.kind in STRUCTURE_KINDS and table.regions:
            try:
                found[table.control.name] = draw(table)
            except DataError as problem:
                broken[table.control.name] = problem.what
    return found


def _described(table: ControlTable, drawn: Iterable[Drawn]) -> dict[str, InferredRegions]:
    """What is said about regions, over all controls that draw them."""
    answers: dict[str, InferredRegions] = {}
    for one in drawn:
        for item, found in infer_described(table, one).items():
            before = answers.get(item)
            answers[item] = found if before is None else _joined(before, found)
    return answers


def _joined(one: InferredRegions, other: InferredRegions) -> InferredRegions:
    return replace(
        one,
        entries=(*one.entries, *other.entries),
        posterior=one.posterior * other.posterior,
        contested=one.contested or other.contested,
        votes=max(one.votes, other.votes),
    )


def _of_labels(
    table: ControlTable, labels: Mapping[str, Inferred], codec: Codec, waiting: set[str]
) -> Iterator[ItemConsensus]:
    control = table.control
    for item, found in labels.items():
        whole = control.kind in _WHOLE and found.label != NOTHING
        yield ItemConsensus(
            item=item,
            control=control.name,
            state=_state(item, waiting, contested=found.contested),
            label=found.label,
            answer=tuple(codec.encode(Answer((entry_of(control, found),)))) if whole else (),
            posterior=round(found.posterior, _DIGITS),
            distribution={c: round(p, _DIGITS) for c, p in found.distribution.items()},
            votes=found.votes,
            method=found.method,
            reason=_reason(contested=found.contested),
        )


def _of_regions(
    table: ControlTable, answers: Mapping[str, InferredRegions], codec: Codec, waiting: set[str]
) -> Iterator[ItemConsensus]:
    for item, found in answers.items():
        yield ItemConsensus(
            item=item,
            control=table.control.name,
            state=_state(item, waiting, contested=found.contested),
            answer=tuple(codec.encode(Answer(found.entries))),
            posterior=round(found.posterior, _DIGITS),
            votes=found.votes,
            method=found.method,
            reason=_reason(contested=found.contested),
        )


def _state(item: str, waiting: set[str], *, contested: bool) -> ConsensusState:
    if item in waiting:
        return ConsensusState.OPEN
    return ConsensusState.CONTESTED if contested else ConsensusState.ACCEPTED


def _reason(*, contested: bool) -> str | None:
    return "the answers do not settle it" if contested else None


def _is_news(before: ItemConsensus | None, now: ItemConsensus) -> bool:
    if before is None:
        return True
    return before.state not in FINAL and replace(before, updated_at=None) != now


def _stamped(record: ItemConsensus, now: datetime) -> ItemConsensus:
    return replace(record, updated_at=now)


def _states(records: Iterable[ItemConsensus]) -> dict[str, dict[ConsensusState, int]]:
    counts: dict[str, Counter[ConsensusState]] = {}
    for r in records:
        counts.setdefault(r.control, Counter())[r.state] += 1
    return {control: dict(c) for control, c in counts.items()}
