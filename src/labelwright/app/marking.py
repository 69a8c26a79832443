"""Spans as what a model learns and says: all spans of an item as one text, and back to regions on the screen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from labelwright.app.context import Project
from labelwright.app.inferring.values import Inferred
from labelwright.app.reading import inputs_of, marked_field
from labelwright.app.settling import current_labels
from labelwright.learning.spans import Mark, read_marks, span_f1, trimmed, written
from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.measure import Measure
from labelwright.model.project import AnnotationSet, Item
from labelwright.model.values import Answer, Entry, Span
from labelwright.ports import Reads, Tagged
from labelwright.ports.suggesting import Suggestion

if TYPE_CHECKING:
    from labelwright.model.schema import Control

_OPEN = frozenset({ConsensusState.CONTESTED, ConsensusState.REVIEW})


def labels_to_learn(project: Project, annotations: AnnotationSet | None = None) -> dict[str, Inferred]:
    """The consensus as models learn it: a class by item, or all spans of a text as one text.

    Spans are read from what was settled last; blanks at their ends are left out.

    Args:
        project: the labeling project.
        annotations: its annotations, where they have been read already.
    """
    if marked_field(project) is None:
        return current_labels(project, annotations)
    kept = [r for r in project.store.consensus(project.control.name) if r.votes or r.by]
    items = project.store.items([r.item for r in kept])
    return {r.item: _inferred(project, r, items[r.item]) for r in kept if r.state is not ConsensusState.EXCLUDED}


def _inferred(project: Project, record: ItemConsensus, item: Item) -> Inferred:
    answer = project.codec.decode(json.dumps(list(record.answer)), project.full_schema)
    text = str(inputs_of(project, Reads.MARKED, [item])[0] or "")
    label = written(trimmed(text, mark) for mark in marks_of(answer, project.control))
    sure = 1.0 if record.posterior is None else record.posterior
    return Inferred(label, sure, record.state in _OPEN, record.votes, method=record.method)


def marks_of(answer: Answer, control: Control) -> Iterator[Mark]:
    """The spans of an answer, each with its first class."""
    for entry in answer.of(control.name):
        if isinstance(entry.value, Span) and entry.labels and entry.value.end > entry.value.start:
            yield entry.value.start, entry.value.end, entry.labels[0]


def suggestion_of_spans(project: Project, item: Item, tagged: Tagged, version: str) -> Suggestion:
    """What a model marked, as regions on the screen, each with a score of its own."""
    control = project.control
    text = str(inputs_of(project, Reads.MARKED, [item])[0] or "")
    entries = [
        Entry(control.name, control.to[0], Span(start, end, text[start:end]), (label,), f"suggested-{k}")
        for k, (start, end, label, _) in enumerate(tagged.spans)
    ]
    lines = project.codec.encode(Answer(tuple(entries)))
    scored = [{**line, "score": round(span[3], 4)} for line, span in zip(lines, tagged.spans, strict=True)]
    return Suggestion(None, tagged.confidence, tuple(scored), version)


def text_of_tags(tagged: Tagged | None) -> str | None:
    """All spans as one text; None where nothing could be read."""
    return None if tagged is None else written(span[:3] for span in tagged.spans)


def f1_by_class(
    project: Project, predicted: Sequence[str | None], truth: Sequence[str]
) -> tuple[Measure, dict[str, Measure]]:
    """F1 of whole spans over all classes and for each; an item that could not be read has none marked."""
    ours = [[] if said is None else read_marks(said) for said in predicted]
    theirs = [read_marks(label) for label in truth]
    names = sorted({mark[2] for marks in (*ours, *theirs) for mark in marks} | set(project.control.classes))
    every = span_f1(ours, theirs, project.rng(_SALT))
    return every, {name: span_f1(ours, theirs, project.rng(_SALT), label=name) for name in names}


#: Of the resampling: the same test items give the same interval.
_SALT = 77


def spans_by_class(labels: Sequence[str]) -> Mapping[str, int]:
    """How many spans of each class there are in a training set."""
    counts: dict[str, int] = {}
    for label in labels:
        for _, _, name in read_marks(label):
            counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))
