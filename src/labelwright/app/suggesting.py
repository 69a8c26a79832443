"""Pre-annotation: which tasks show a suggestion, and which are held back to see what suggestions do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from labelwright.app.context import Project
from labelwright.app.marking import suggestion_of_spans
from labelwright.app.reading import marked_field
from labelwright.app.training import CurrentModel, load_model
from labelwright.model.desk import Prediction
from labelwright.model.project import Assignment, Item, Purpose
from labelwright.model.schema import Kind
from labelwright.model.values import Answer, Choice, Entry
from labelwright.ports.suggesting import Predicted, Suggester, Suggestion, SuggestionRecord

#: The test set, qualification and review are answered without help: what is measured there is the person.
SHOWN_AS = "suggestion"
_HELPED = frozenset({Purpose.LABEL, Purpose.OVERLAP, Purpose.GOLD})


@dataclass(frozen=True, slots=True)
class ModelSuggester:
    """Suggests what the current model thinks likeliest."""

    project: Project

    def suggest(self, items: Sequence[Item]) -> list[Suggestion | None]:
        """One an item; None without a model, and where it cannot read the item."""
        learned = self.project.control.kind is Kind.CHOICE or marked_field(self.project) is not None
        model = load_model(self.project) if learned else None
        if model is None or not items:
            return [None] * len(items)
        if model.marks:
            return self._marked(model, items)
        p = model.probabilities(self.project, items)
        known = np.asarray(np.isfinite(p).all(axis=1))
        best = np.nan_to_num(p).argmax(axis=1)
        return [
            suggestion_of(self.project, model.classes[k], float(p[at, k]), model.record.version) if known[at] else None
            for at, k in enumerate(best.tolist())
        ]

    def _marked(self, model: CurrentModel, items: Sequence[Item]) -> list[Suggestion | None]:
        """Spans, where there are any: a suggestion of nothing looks like none at all."""
        said = zip(items, model.tagged(self.project, items), strict=True)
        version = model.record.version
        return [suggestion_of_spans(self.project, i, t, version) if t and t.spans else None for i, t in said]


def suggestion_of(project: Project, label: str, confidence: float | None, version: str) -> Suggestion:
    """A class of the project's control as a suggestion."""
    control = project.control
    entry = Entry(control.name, control.to[0] if control.to else "", Choice((label,)))
    return Suggestion(label, confidence, tuple(project.codec.encode(Answer((entry,)))), version)


def suggested(
    project: Project, assignments: Sequence[Assignment], items: Mapping[str, Item]
) -> dict[str, tuple[Prediction, ...]]:
    """What the desks show with these assignments, by key; decided once and kept, so that a second delivery is alike.

    A share of the tasks, drawn at random by item and annotator, shows nothing although there is a confident
    suggestion: the difference is what suggestions do to the answers.
    """
    source: Suggester | None = project.suggester(project)
    wanted = [a for a in assignments if a.purpose in _HELPED] if source is not None else []
    if source is None or not wanted:
        return {}
    kept = {r.key: r for r in project.store.suggestions(a.key for a in wanted)}
    fresh = [a for a in wanted if a.key not in kept]
    found = source.suggest([items[a.item] for a in fresh])
    now = project.clock.now()
    records = [
        SuggestionRecord(a.key, _arm(project, a, s.confidence), s, now)
        for a, s in zip(fresh, found, strict=True)
        if s is not None
    ]
    project.store.put_suggestions(records)
    shown = [r for r in (*kept.values(), *records) if r.arm == "shown"]
    # One name for all: which model it was is kept here, and a desk shows predictions of one version only.
    return {r.key: (Prediction(SHOWN_AS, r.suggestion.result, r.suggestion.confidence),) for r in shown}


def _arm(project: Project, assignment: Assignment, confidence: float | None) -> str:
    settings = project.settings.preannotate
    if confidence is not None and confidence < settings.min_confidence:
        return "unsure"
    seed = f"{project.settings.sampling.seed}\0{assignment.item}\0{assignment.annotator}"
    chance = int.from_bytes(sha256(seed.encode()).digest()[:8], "big") / 2**64
    return "control" if chance < settings.control_share else "shown"


@dataclass(frozen=True, slots=True)
class FileSuggester:
    """Suggests what a file of the user's own predicts."""

    project: Project
    predicted: Mapping[str, Predicted]
    name: str

    def suggest(self, items: Sequence[Item]) -> list[Suggestion | None]:
        """One an item; None for items that the file does not name."""
        return [self._suggestion(self.predicted.get(item.id)) for item in items]

    def _suggestion(self, said: Predicted | None) -> Suggestion | None:
        if said is None:
            return None
        if said.label is None:
            return Suggestion(None, said.confidence, said.result, self.name)
        return suggestion_of(self.project, said.label, said.confidence, self.name)
