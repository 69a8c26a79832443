"""What experts said becomes the label: with who and why, gold for the statistics, and a word to who was overturned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from labelwright.app.answers import labels_by_key, replies_of, same_drawing
from labelwright.app.asked import is_unsure, own_controls, why_of
from labelwright.app.context import Project
from labelwright.app.gold import drawn, keep_gold
from labelwright.app.returning import return_item
from labelwright.app.tables import tables_of
from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.errors import UsageError
from labelwright.model.people import LEAD, Adjudication, GoldItem, GoldSource, Message
from labelwright.model.project import (
    Annotation,
    AnnotationSet,
    AnnotatorStatus,
    AssignmentState,
    Level,
    Purpose,
)
from labelwright.model.schema import STRUCTURE_KINDS, Control, Kind
from labelwright.model.values import Answer, Entry

#: Experts at least whose own answers settle an item that none of them may review.
_FEWEST = 2
_INDEPENDENT = frozenset({Purpose.LABEL, Purpose.OVERLAP, Purpose.TEST})
_OPEN = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """What one pass found new: experts' words, labels that changed by them, and items on which experts contradict."""

    words: int
    overturned: int
    contradicted: int


def adjudicate(project: Project, annotations: AnnotationSet) -> Adjudicated:
    """Take in what experts said on their review desks. A second time in a row changes nothing."""
    given = [a for a in annotations.valid if a.purpose is Purpose.REVIEW]
    known = {(a.item, a.control, a.by): a for a in project.store.adjudications()}
    words = [w for w in _words(project, annotations, given) if _is_news(w, known.get((w.item, w.control, w.by)))]
    if words:
        project.store.put_adjudications(words)
    return _conclude(project, {w.item for w in words} | _unfinished(project), words)


def hear_experts(project: Project, annotations: AnnotationSet) -> Adjudicated:
    """Take experts' own answers for their words where none is left to review: all had answered the item before.

    Two at least, each given without seeing the other's; where they contradict, the lead decides.
    """
    experts = {
        a.id for a in project.store.annotators() if a.level is Level.EXPERT and a.status is AnnotatorStatus.ACTIVE
    }
    left_out = {c.item for c in project.store.consensus(project.control.name) if c.state is ConsensusState.EXCLUDED}
    waiting = {r.item for r in project.store.reviews(waiting=True)} - left_out
    if len(experts) < _FEWEST or not waiting:
        return Adjudicated(0, 0, 0)
    own: dict[str, dict[str, Annotation]] = defaultdict(dict)
    for a in annotations.valid:
        if a.item in waiting and a.annotator in experts and a.purpose in _INDEPENDENT and not is_unsure(a.answer):
            own[a.item][a.annotator] = a
    wanted = max(_FEWEST, project.settings.review.experts)
    heard = [a for by in own.values() if by.keys() == experts and len(by) >= wanted for a in by.values()]
    words = _words(project, annotations, heard)
    if words:
        project.store.put_adjudications(words)
    return _conclude(project, {w.item for w in words}, words)


def _is_news(word: Adjudication, known: Adjudication | None) -> bool:
    return known is None or (word.annotation, word.label, word.answer, word.why) != (
        known.annotation,
        known.label,
        known.answer,
        known.why,
    )


def _unfinished(project: Project) -> set[str]:
    """Items with a word whose request is still open: a crash came between the word and what follows from it."""
    waiting = {r.item for r in project.store.reviews(waiting=True)}
    return {a.item for a in project.store.adjudications()} & waiting


def _words(project: Project, annotations: AnnotationSet, given: Sequence[Annotation]) -> list[Adjudication]:
    before = {(c.item, c.control): c for c in project.store.consensus()}
    asked = {r.item: r.why for r in project.store.reviews()}
    labels = _labels(annotations, given)
    words = []
    for a in given:
        for control in own_controls(project.schema):
            label = labels.get((control.name, a.item, a.annotator))
            records = _records(project, a.answer, control)
            if control.per_region or (label is None and not records and control.kind not in STRUCTURE_KINDS):
                continue
            old = before.get((a.item, control.name))
            kept = old.label if old and old.state is not ConsensusState.ADJUDICATED else None
            words.append(
                Adjudication(
                    item=a.item,
                    control=control.name,
                    by=a.annotator,
                    annotation=int(a.id),
                    label=label,
                    at=a.updated_at or a.created_at or project.clock.now(),
                    answer=records if label is None else (),
                    why=why_of(a.answer),
                    before=kept,
                    asked=asked.get(a.item, ""),
                )
            )
    return words


def _labels(annotations: AnnotationSet, given: Sequence[Annotation]) -> dict[tuple[str, str, str], str]:
    """Labels of the experts' answers by control, item and expert; what is drawn has none."""
    tables = tables_of(replace(annotations, annotations=tuple(given))).controls
    return {
        (t.control.name, item, who): label
        for t in tables
        if t.control.kind not in STRUCTURE_KINDS
        for (item, who), label in labels_by_key(t).items()
    }


def _records(project: Project, answer: Answer, control: Control) -> tuple[Mapping[str, object], ...]:
    """The answer to one control as records; with regions, what is said about each of them, too."""
    own = answer.of(control.name)
    regions = {e.region for e in own if e.region is not None}
    about = [e for e in answer.entries if isinstance(e, Entry) and e.control != control.name and e.region in regions]
    return tuple(project.codec.encode(Answer((*own, *about))))


def _conclude(project: Project, items: Iterable[str], words: Sequence[Adjudication]) -> Adjudicated:
    """Where all experts who were asked agree, theirs is the label; where they contradict, the lead is told."""
    reviewing = {
        a.item for a in project.store.assignments(trial=False) if a.purpose is Purpose.REVIEW and a.state in _OPEN
    }
    ready = sorted(set(items) - reviewing)
    if not ready:
        return Adjudicated(len(words), 0, 0)
    said: dict[tuple[str, str], list[Adjudication]] = defaultdict(list)
    for a in project.store.adjudications():
        if a.item in set(ready):
            said[a.item, a.control].append(a)
    agreed = {key: given for key, given in said.items() if _agree(project, given)}
    against = {key: given for key, given in said.items() if key not in agreed}
    kept = {(c.item, c.control): c for c in project.store.consensus(items=ready)}
    news = [_final(project, key, given, kept) for key, given in agreed.items()]
    news += [_open(project, key, given, kept) for key, given in against.items()]
    project.store.put_consensus(news, unless={ConsensusState.EXCLUDED})
    out = {c.item for c in project.store.consensus(items=ready) if c.state is ConsensusState.EXCLUDED}
    agreed, against = ({k: v for k, v in of.items() if k[0] not in out} for of in (agreed, against))
    _grow(project, agreed)
    _return(project, agreed)
    project.store.put_messages([_contradiction(project, key, given) for key, given in against.items()])
    project.store.close_reviews(ready, project.clock.now())
    changed = sum(w.before is not None and w.label is not None and w.before != w.label for w in words)
    return Adjudicated(len(words), changed, len(against))


def _agree(project: Project, given: Sequence[Adjudication]) -> bool:
    first, *others = given
    if first.label is not None:
        return all(o.label == first.label for o in others)
    shapes = [drawn(project, a.answer, a.control) for a in given]
    return all(same_drawing(shapes[0], s) for s in shapes[1:])


def _final(
    project: Project,
    key: tuple[str, str],
    given: Sequence[Adjudication],
    kept: Mapping[tuple[str, str], ItemConsensus],
) -> ItemConsensus:
    last = given[-1]
    votes = kept[key].votes if key in kept else 0
    return ItemConsensus(
        item=key[0],
        control=key[1],
        state=ConsensusState.ADJUDICATED,
        label=last.label,
        answer=last.answer,
        posterior=1.0,
        distribution={last.label: 1.0} if last.label is not None else {},
        votes=votes,
        method="expert",
        by=last.by,
        reason=last.why or f"reviewed because {last.asked}" if last.asked else last.why,
        updated_at=project.clock.now(),
    )


def _open(
    project: Project,
    key: tuple[str, str],
    given: Sequence[Adjudication],
    kept: Mapping[tuple[str, str], ItemConsensus],
) -> ItemConsensus:
    old = kept.get(key) or ItemConsensus(*key, ConsensusState.REVIEW)
    said = "; ".join(f"{a.by} says {a.label or 'otherwise'}" for a in given)
    reason = f"experts contradict each other: {said}"
    return replace(old, state=ConsensusState.REVIEW, reason=reason, updated_at=project.clock.now())


def _contradiction(project: Project, key: tuple[str, str], given: Sequence[Adjudication]) -> Message:
    said = "; ".join(f"{a.by} says {a.label or 'otherwise'}" + (f" ({a.why})" if a.why else "") for a in given)
    text = f"Experts contradict each other on {key[0]}: {said}. Decide: labelwright review settle {key[0]} LABEL"
    return Message(f"contradiction:{key[1]}:{key[0]}", LEAD, "review", text, project.clock.now(), key[0])


def _grow(project: Project, agreed: Mapping[tuple[str, str], Sequence[Adjudication]]) -> None:
    if not project.settings.review.grow_gold:
        return
    known = {(g.item, g.control) for g in project.store.gold() if g.source is not GoldSource.ADJUDICATION}
    now = project.clock.now()
    keep_gold(
        project,
        [
            GoldItem(item, control, a.label, GoldSource.ADJUDICATION, a.answer, a.by, a.why, now)
            for (item, control), given in agreed.items()
            if (item, control) not in known
            for a in (given[-1],)
        ],
        decide=False,
    )


def _return(project: Project, agreed: Mapping[tuple[str, str], Sequence[Adjudication]]) -> None:
    if not project.settings.review.return_overturned:
        return
    name = project.control.name
    labels = {item: given[-1] for (item, control), given in agreed.items() if control == name}
    for r in replies_of(project):
        word = labels.get(r.item)
        if word is None or not r.last or r.purpose is Purpose.REVIEW or r.label is None or r.label == word.label:
            continue
        return_item(project, r.item, r.annotator, word.why or f"An expert says {word.label}.")


def settle_item(project: Project, item: str, label: str, why: str | None, by: str = LEAD) -> None:
    """The lead's own final word on an item: above what experts said.

    Raises:
        UsageError: there is no such item or class.
    """
    control = project.control
    if item not in project.store.items([item]):
        raise UsageError(f"No item {item} was drawn", next_step="See what waits: labelwright review list")
    if control.kind is Kind.CHOICE and label not in control.classes:
        raise UsageError(f"{label} is none of the classes", next_step=f"One of: {', '.join(control.classes)}")
    now, name = project.clock.now(), project.control.name
    old = {c.item: c for c in project.store.consensus(name, [item])}.get(item)
    before = old.label if old and old.state is not ConsensusState.ADJUDICATED else None
    word = Adjudication(item, name, by, 0, label, now, (), why, before, "lead")
    project.store.put_adjudications([word])
    kept = {(item, name): old} if old else {}
    project.store.put_consensus([_final(project, (item, name), [word], kept)])
    _grow(project, {(item, name): [word]})
    _return(project, {(item, name): [word]})
    project.store.close_reviews([item], now)
