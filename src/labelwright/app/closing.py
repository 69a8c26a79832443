"""Closes a round: settle the labels, train, measure on what was never trained on, score the pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from labelwright import __version__
from labelwright.app.annotations import annotation_set
from labelwright.app.context import Project
from labelwright.app.inference import Inferred, infer
from labelwright.app.rounds import current_round, open_assignments
from labelwright.learning import TrainingSet, accuracy, predicted_classes, training_set
from labelwright.model.errors import CheckFailedError, LabelwrightError
from labelwright.model.measure import Measure
from labelwright.model.project import AnnotationSet, Item, Purpose
from labelwright.model.schema import Kind
from labelwright.ports import Learner, Progress

_BATCH = 20_000
_CONSENSUS = {"item": pl.String, "label": pl.String, "posterior": pl.Float64, "contested": pl.Boolean}


@dataclass(frozen=True, slots=True)
class Closed:
    """What a round came to.

    Attributes:
        labels: answers that count, over all rounds.
        labeled_items: items with a consensus, test items too.
        contested: items whose vote is a tie.
        training_items: what the model learned from.
        accuracy: of the model, on items that no model is trained on.
        measured_on: which labels ``accuracy`` is measured by.
        own_accuracy: the same on the test set that the annotators labeled.
        reason: why there is no model or no accuracy.
    """

    number: int
    labels: int
    labeled_items: int
    contested: int
    training_items: int
    withdrawn: int
    accuracy: Measure
    measured_on: str
    own_accuracy: Measure
    model: str | None
    reason: str | None

    def as_dict(self) -> dict[str, Any]:
        """For `--json` and the store."""
        values = {k: v for k, v in asdict(self).items() if k != "number"}
        return {
            "round": self.number,
            **values,
            "accuracy": self.accuracy.as_dict(),
            "own_accuracy": self.own_accuracy.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class _Learned:
    training: TrainingSet
    learner: Learner | None
    reason: str | None


def close_round(
    project: Project,
    new_learner: Callable[[], Learner],
    reference: Mapping[str, str],
    progress: Progress,
    *,
    force: bool = False,
) -> Closed:
    """Settle, train, measure and score. Safe to repeat after a crash: the round is marked closed last.

    Args:
        project: the labeling project.
        new_learner: makes a model that has learned nothing yet.
        reference: labels known from elsewhere by item id; only to measure by.
        progress: told how far it is.
        force: also withdraw what has not been answered.

    Raises:
        NothingToDoError: no round is open.
        CheckFailedError: answers are still to come, and ``force`` was not given.
    """
    number = current_round(project).number
    withdrawn = _settle(project, number, force=force)
    annotations = annotation_set(project)
    labels = infer(annotations, project.control)
    learned = _learn(project, labels, new_learner, reference)
    progress.start("Measuring the model", None)
    own_truth = {i: labels[i].label for i in _test_items(project) if i in labels and not labels[i].contested}
    model = _keep(project, number, learned, progress)
    closed = Closed(
        number=number,
        labels=len(annotations.valid),
        labeled_items=len(labels),
        contested=sum(1 for i in labels.values() if i.contested),
        training_items=len(learned.training.items),
        withdrawn=withdrawn,
        accuracy=_accuracy(project, learned, reference or own_truth),
        measured_on="reference labels" if reference else "the annotators' test set",
        own_accuracy=_accuracy(project, learned, own_truth),
        model=model,
        reason=learned.reason,
    )
    project.store.close_round(number, project.clock.now(), closed.as_dict())
    return closed


def _settle(project: Project, number: int, *, force: bool) -> int:
    """Nothing waits any more; how many assignments had to be withdrawn for that."""
    waiting = open_assignments(project, number)
    if waiting and not force:
        raise CheckFailedError(
            f"Round {number} still waits for {len(waiting)} answers",
            next_step="Wait for them (labelwright round status), or withdraw them: labelwright round close --force",
        )
    project.store.withdraw(a.key for a in waiting)
    return len(waiting)


def _test_items(project: Project) -> set[str]:
    return {a.item for a in project.store.assignments(trial=False) if a.purpose is Purpose.TEST}


def _learn(
    project: Project, labels: Mapping[str, Inferred], new_learner: Callable[[], Learner], reference: Mapping[str, str]
) -> _Learned:
    """Train on the consensus, but for test and reference items: those are only to measure by."""
    held_out = _test_items(project) | set(reference)
    training = training_set(_frame(labels), held_out=held_out)
    reason = _no_model(project)
    if reason is not None:
        return _Learned(training, None, reason)
    items = project.store.items(training.items)
    learner = new_learner()
    texts = [text_of(project, items[i]) for i in training.items]
    try:
        learner.fit(texts, training.labels, training.weights, project.settings.sampling.seed)
    except LabelwrightError as problem:
        return _Learned(training, None, problem.what)
    return _Learned(training, learner, None)


def _frame(labels: Mapping[str, Inferred]) -> pl.DataFrame:
    rows = [(i, x.label, x.posterior, x.contested) for i, x in labels.items()]
    return pl.DataFrame(rows, schema=_CONSENSUS, orient="row")


def _no_model(project: Project) -> str | None:
    if project.settings.model.kind == "none":
        return "model.kind is none"
    if project.control.kind is not Kind.CHOICE:
        return f"there is no model yet for controls of kind {project.control.kind.value}"
    if not _text_fields(project):
        return "the screen shows no text, and there is no model yet for images, audio and video"
    return None


def _text_fields(project: Project) -> list[str]:
    """What a text model may read: the path of a file would tell it the folder's name, not what is in the file."""
    return [f for f in project.schema.data_fields if f not in project.media.fields]


def text_of(project: Project, item: Item) -> str:
    """What a text model reads of an item: the fields that the screen shows."""
    return "\n".join(str(item.data[f]) for f in _text_fields(project) if f in item.data)


def _accuracy(project: Project, learned: _Learned, truth: Mapping[str, str]) -> Measure:
    if learned.learner is None or not truth:
        return Measure(None, reason=learned.reason or "no test item has a label")
    rows = project.pool.rows_of(sorted(truth))
    items = project.pool.items(rows[rows >= 0].tolist())
    if not items:
        return Measure(None, reason="none of the test items is in the pool")
    probabilities = learned.learner.predict_proba([text_of(project, item) for item in items])
    predicted = predicted_classes(probabilities, learned.learner.classes)
    return accuracy(predicted, [truth[item.id] for item in items])


def _keep(project: Project, number: int, learned: _Learned, progress: Progress) -> str | None:
    """Save the model with its card, and what it says of every item of the pool."""
    if learned.learner is None:
        return None
    schema_version, guidelines_version = project.versions()
    card = {
        "round": number,
        "software": __version__,
        "classes": list(learned.learner.classes),
        "training_items": len(learned.training.items),
        "seed": project.settings.sampling.seed,
        "schema_version": schema_version,
        "guidelines_version": guidelines_version,
        "simulated": project.settings.simulated,
    }
    path = project.shelf.put_model(number, learned.learner, card)
    progress.start("Scoring the pool", len(project.pool))
    scored = []
    for rows, data in project.pool.batches(_BATCH):
        texts = ["\n".join(str(d[f]) for f in _text_fields(project) if f in d) for d in data]
        scored.append((rows, learned.learner.predict_proba(texts).astype(np.float32)))
        progress.step(len(rows))
    progress.done()
    project.shelf.put_scores(
        number, np.concatenate([r for r, _ in scored]), np.concatenate([p for _, p in scored]).astype(np.float64)
    )
    return path


def consensus_of(project: Project) -> tuple[AnnotationSet, dict[str, Inferred]]:
    """The workspace's annotations and the labels inferred from them."""
    annotations = annotation_set(project)
    return annotations, infer(annotations, project.control)
