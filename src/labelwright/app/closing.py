"""Closes a round: settle the labels, train, measure on what was never trained on, score the pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from labelwright.app import training
from labelwright.app.annotations import annotation_set
from labelwright.app.context import Project
from labelwright.app.inference import Inferred
from labelwright.app.rounds import current_round, open_assignments
from labelwright.app.settling import current_labels, settle
from labelwright.model.errors import CheckFailedError
from labelwright.model.measure import Measure
from labelwright.model.project import AnnotationSet
from labelwright.ports import Learner, Progress

OWN_TEST_SET = "the annotators' test set"


@dataclass(frozen=True, slots=True)
class Closed:
    """What a round came to.

    Attributes:
        labels: answers that count, over all rounds.
        labeled_items: items with a consensus, test items too.
        contested: items that the answers do not settle.
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
    trained: training.Trained
    accuracy: Measure
    own_accuracy: Measure
    reason: str | None


@dataclass(frozen=True, slots=True)
class _Truth:
    """What models are measured by, in words too, the annotators' own part of it, and all that is never trained on."""

    labels: Mapping[str, str]
    on: str
    own: Mapping[str, str]
    held_out: frozenset[str]


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
    settle(project, annotations)
    labels = current_labels(project, annotations)
    truth = _truth(project, labels, reference)
    progress.start("Training and measuring the model", None)
    learned = _learn(project, number, labels, new_learner, truth)
    training.score(project, number, progress)
    closed = Closed(
        number=number,
        labels=len(annotations.valid),
        labeled_items=len(labels),
        contested=sum(1 for i in labels.values() if i.contested),
        training_items=learned.trained.training_items,
        withdrawn=withdrawn,
        accuracy=learned.accuracy,
        measured_on=truth.on,
        own_accuracy=learned.own_accuracy,
        model=learned.trained.path,
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


def _learn(
    project: Project, number: int, labels: Mapping[str, Inferred], new_learner: Callable[[], Learner], truth: _Truth
) -> _Learned:
    """Train, measure, compare: what became of the round's model."""
    trained = training.train(project, new_learner, labels, truth.held_out, number=number)
    if trained.version is None:
        nothing = Measure(None, reason=trained.reason)
        return _Learned(trained, nothing, nothing, trained.reason)
    own = training.evaluate(project, trained.version, truth.own, OWN_TEST_SET)
    found = own if truth.labels is truth.own else training.evaluate(project, trained.version, truth.labels, truth.on)
    promotion = training.promote(project, trained.version, truth.labels)
    return _Learned(trained, found.accuracy, own.accuracy, None if promotion.promoted else promotion.reason)


def _truth(project: Project, labels: Mapping[str, Inferred], reference: Mapping[str, str]) -> _Truth:
    own = training.own_truth(project, labels)
    held_out = frozenset(training.test_items(project) | set(reference))
    return _Truth(reference or own, "reference labels" if reference else OWN_TEST_SET, own, held_out)


def consensus_of(project: Project) -> tuple[AnnotationSet, dict[str, Inferred]]:
    """The workspace's annotations and the labels inferred from them."""
    annotations = annotation_set(project)
    return annotations, current_labels(project, annotations)
