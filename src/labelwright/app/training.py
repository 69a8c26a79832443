"""What a model learns from a round: train → evaluate → promote → score, each a step that may be repeated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.app.context import Project
from labelwright.app.fitting import card, data_version, fitted, frame
from labelwright.app.inference import Inferred
from labelwright.app.marking import f1_by_class, text_of_tags
from labelwright.app.reading import inputs_of, kind_of, marked_field, media_field, text_fields
from labelwright.learning import TrainingSet, accuracy, predicted_classes, recall_by_class, training_set
from labelwright.learning.calibrating import calibration_gap, tempered
from labelwright.learning.comparison import accuracy_gain
from labelwright.model.errors import LabelwrightError, NothingToDoError
from labelwright.model.learned import ModelRecord, ModelState
from labelwright.model.measure import Measure
from labelwright.model.project import Item, Purpose
from labelwright.model.schema import Kind
from labelwright.ports import Learner, Reads, Tagged, Tagging

_MEDIA = {"image": Reads.IMAGE, "audio": Reads.AUDIO}


@dataclass(frozen=True, slots=True)
class Trained:
    """What training came to. ``version`` is None, with the reason, where there is no model."""

    version: str | None
    training_items: int
    path: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a model is on items that no model is trained on.

    Attributes:
        accuracy: share of right classes; of spans, share of items in which all are right.
        by_class: the same among the items of each class; of spans their F1.
        calibration_gap: mean distance between confidence and share of right ones; None with fewer than 20 items.
        measured_on: which labels the truth is.
        right: test items that it gets right, by which rounds are compared item by item.
        wrong: those that it gets wrong.
        f1: of whole spans; None where the model marks none.
    """

    accuracy: Measure
    by_class: Mapping[str, Measure]
    calibration_gap: float | None
    measured_on: str
    right: frozenset[str] = frozenset()
    wrong: frozenset[str] = frozenset()
    f1: Measure | None = None

    def as_dict(self) -> dict[str, Any]:
        """For the card and `--json`."""
        return {
            "accuracy": self.accuracy.as_dict(),
            "by_class": {name: m.as_dict() for name, m in self.by_class.items()},
            "calibration_gap": self.calibration_gap,
            "measured_on": self.measured_on,
            **({} if self.f1 is None else {"f1": self.f1.as_dict()}),
        }


@dataclass(frozen=True, slots=True)
class Promotion:
    """Which model is in use now. ``gain`` is the accuracy of the new one less that of the one before, paired."""

    version: str | None
    promoted: bool
    gain: Measure
    reason: str


@dataclass(frozen=True, slots=True)
class CurrentModel:
    """A model as it is used: calibrated, and given items rather than inputs."""

    record: ModelRecord
    learner: Learner

    @property
    def classes(self) -> tuple[str, ...]:
        """In the order of the columns of `probabilities`; a model of spans names none."""
        return () if isinstance(self.learner, Tagging) else self.learner.classes

    @property
    def marks(self) -> bool:
        """Whether it marks spans."""
        return isinstance(self.learner, Tagging)

    def tagged(self, project: Project, items: Sequence[Item]) -> list[Tagged | None]:
        """What a model of spans marks in each item; None where it cannot be read."""
        if not isinstance(self.learner, Tagging):
            return [None] * len(items)
        return self.learner.tag(inputs_of(project, self.learner.reads, items))

    def probabilities(self, project: Project, items: Sequence[Item]) -> NDArray[np.float64]:
        """Calibrated class probabilities, shape (items, classes); a row of NaN where an item cannot be read."""
        raw = self.learner.predict_proba(inputs_of(project, self.learner.reads, items))
        return tempered(raw, float(self.record.card.get("temperature", 1.0)))


# ---------------------------------------------------------------- train


def train(
    project: Project,
    new_learner: Callable[[], Learner],
    labels: Mapping[str, Inferred],
    held_out: Collection[str],
    *,
    number: int | None,
    version: str | None = None,
) -> Trained:
    """Train on the consensus and keep the model as a candidate. The same labels again give the same model.

    Args:
        project: the labeling project.
        new_learner: makes a model that has learned nothing yet.
        labels: the consensus by item.
        held_out: test and reference items: only to measure by.
        number: the round that trains; None by hand.
        version: name of the model; ``round-N`` without one.
    """
    name = version or f"round-{number}"
    training = training_items(labels, held_out)
    reason = no_model(project)
    if reason is not None:
        return Trained(None, len(training), reason=reason)
    fingerprint = data_version(training)
    known = project.store.model(name)
    if known is not None and known.card.get("data_version") == fingerprint:
        return Trained(name, len(training), known.path)
    try:
        learner, t = fitted(project, new_learner, training)
    except LabelwrightError as problem:
        return Trained(None, len(training), reason=problem.what)
    path = project.shelf.put_model(name, learner)
    about = card(project, learner, training) | {"round": number, "data_version": fingerprint, "temperature": t}
    record = ModelRecord(name, learner.name, ModelState.CANDIDATE, project.clock.now(), number, path, about)
    _keep(project, record)
    return Trained(name, len(training), path)


def no_model(project: Project) -> str | None:
    """Why nothing can be trained for this project; None where something can."""
    kind = kind_of(project)
    if kind == "none":
        return "model.kind is none"
    if marked_field(project) is not None:
        return None if kind == "spans" else f"model.kind {kind} marks no spans; auto does"
    if project.control.kind is not Kind.CHOICE or kind == "spans":
        return f"there is no model yet for controls of kind {project.control.kind.value}"
    if kind == "sklearn":
        kind = project.settings.model.reads
    if kind in _MEDIA and media_field(project, _MEDIA[kind]) is None:
        return f"the screen shows no {kind} of this disk"
    if kind in {"text", "static"} and not text_fields(project):
        return "the screen shows no text; pictures and recordings are learned from where they are files of this disk"
    return None


def training_items(labels: Mapping[str, Inferred], held_out: Collection[str]) -> TrainingSet:
    """What may be learned from a consensus."""
    return training_set(frame(labels), held_out=held_out)


def _keep(project: Project, record: ModelRecord) -> None:
    project.store.put_model(record)
    project.shelf.put_card(record.version, record.card)


# ---------------------------------------------------------------- evaluate

OWN_TEST_SET = "the annotators' test set"


@dataclass(frozen=True, slots=True)
class Truth:
    """What models are measured by, in words too, the annotators' own part of it, and all that is never trained on."""

    labels: Mapping[str, str]
    on: str
    own: Mapping[str, str]
    held_out: frozenset[str]


def truth_of(project: Project, labels: Mapping[str, Inferred], reference: Mapping[str, str]) -> Truth:
    """Reference labels where there are any, else the test set that the annotators labeled."""
    own = own_truth(project, labels)
    held_out = frozenset(test_items(project) | set(reference))
    return Truth(reference or own, "reference labels" if reference else OWN_TEST_SET, own, held_out)


def test_items(project: Project) -> set[str]:
    """Items that no model is ever trained on."""
    return {a.item for a in project.store.assignments(trial=False) if a.purpose is Purpose.TEST}


def own_truth(project: Project, labels: Mapping[str, Inferred]) -> dict[str, str]:
    """Labels of the test items as the annotators settled them; contested ones are left out."""
    return {i: labels[i].label for i in test_items(project) if i in labels and not labels[i].contested}


def load_model(project: Project, version: str | None = None) -> CurrentModel | None:
    """A model ready for use, without a version the current one; None where there is none."""
    record = project.store.model(version)
    return None if record is None else CurrentModel(record, project.shelf.model(record.version))


def evaluate(project: Project, version: str, truth: Mapping[str, str], measured_on: str) -> Evaluation:
    """Measure a model on labels it was not trained on, and write what was found into its card.

    Args:
        project: the labeling project.
        version: of the model.
        truth: label by item id.
        measured_on: which labels these are, in words.

    Raises:
        NothingToDoError: there is no model of that version.
    """
    model = known_model(project, version)
    answers, probabilities = answers_on(project, model, truth)
    labels = [truth[i] for i in answers]
    predicted = list(answers.values())
    f1, by_class = f1_by_class(project, predicted, labels) if model.marks else (None, None)
    found = Evaluation(
        accuracy(predicted, labels) if truth else Measure(None, reason="no test item has a label"),
        recall_by_class(predicted, labels, model.classes) if by_class is None else by_class,
        calibration_gap(probabilities, [a == b for a, b in zip(predicted, labels, strict=True)]),
        measured_on,
        frozenset(i for i in answers if answers[i] == truth[i]),
        frozenset(i for i in answers if answers[i] != truth[i]),
        f1,
    )
    if truth and not answers:
        found = replace(found, accuracy=Measure(None, reason="none of the test items is in the pool"))
    _keep(project, replace(model.record, card={**model.record.card, "evaluation": found.as_dict()}))
    return found


def known_model(project: Project, version: str | None) -> CurrentModel:
    """A model that must be there.

    Raises:
        NothingToDoError: it is not.
    """
    model = load_model(project, version)
    if model is None:
        raise NothingToDoError(
            f"There is no model {version}" if version else "There is no model yet",
            next_step="See those that there are: labelwright model list; train one: labelwright model train",
        )
    return model


def answers_on(
    project: Project, model: CurrentModel, truth: Mapping[str, str]
) -> tuple[dict[str, str | None], NDArray[np.float64]]:
    """Predicted class by item, and its probability; None and 0 where an item cannot be read."""
    rows = project.pool.rows_of(sorted(truth))
    items = project.pool.items(rows[rows >= 0].tolist())
    if not items:
        return {}, np.empty(0)
    if model.marks:
        tagged = model.tagged(project, items)
        sure = np.array([0.0 if t is None else t.confidence for t in tagged])
        return {item.id: text_of_tags(t) for item, t in zip(items, tagged, strict=True)}, sure
    p = model.probabilities(project, items)
    known = readable(p)
    classes = predicted_classes(np.nan_to_num(p), model.classes)
    answers = {item.id: name if ok else None for item, name, ok in zip(items, classes, known, strict=True)}
    return answers, np.where(known, np.nan_to_num(p).max(axis=1), 0.0)


def readable(p: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Rows that were predicted at all."""
    return np.asarray(np.isfinite(p).all(axis=1), dtype=np.bool_)


# ---------------------------------------------------------------- promote


def promote(project: Project, version: str, truth: Mapping[str, str]) -> Promotion:
    """The model takes over, unless it is worse than the one in use by more than the interval of their difference.

    Args:
        project: the labeling project.
        version: of the new model.
        truth: label by item id, on which both are measured.

    Raises:
        NothingToDoError: there is no model of that version.
    """
    done = _compared(project, version, truth)
    record = project.store.model(version)
    if record is not None:
        project.track(record)
    return done


def _compared(project: Project, version: str, truth: Mapping[str, str]) -> Promotion:
    new, before = known_model(project, version), _incumbent(project, version)
    if before is None:
        return _take_over(project, version, Measure(None, reason="there was no model before"), "the first model")
    gain = _gain(project, new, before, truth)
    told = _told(gain, before.version)
    if gain.high is not None and gain.high < 0:
        _keep(project, replace(new.record, state=ModelState.REJECTED, reason=told))
        project.store.promote_model(before.version, project.clock.now(), f"{version} is worse: {told}")
        return Promotion(before.version, promoted=False, gain=gain, reason=f"{version} does not take over: {told}")
    return _take_over(project, version, gain, told)


def _take_over(project: Project, version: str, gain: Measure, reason: str) -> Promotion:
    project.store.promote_model(version, project.clock.now(), reason)
    return Promotion(version, promoted=True, gain=gain, reason=reason)


def _incumbent(project: Project, version: str) -> ModelRecord | None:
    """The model in use before this one; after a crash in mid-promotion the one that retired last."""
    others = [m for m in project.store.models() if m.version != version]
    current = [m for m in others if m.state is ModelState.CURRENT]
    retired = [m for m in others if m.state is ModelState.RETIRED]
    return next(reversed(current or retired), None)


def _gain(project: Project, new: CurrentModel, before: ModelRecord, truth: Mapping[str, str]) -> Measure:
    try:
        old = CurrentModel(before, project.shelf.model(before.version))
    except LabelwrightError as problem:
        return Measure(None, reason=f"the model before cannot be read: {problem.what}")
    ours, _ = answers_on(project, new, truth)
    theirs, _ = answers_on(project, old, truth)
    ids = sorted(ours)
    return accuracy_gain([ours[i] for i in ids], [theirs[i] for i in ids], [truth[i] for i in ids])


def _told(gain: Measure, before: str) -> str:
    if gain.value is None or gain.low is None or gain.high is None:
        return f"it could not be compared with {before}: {gain.reason}"
    interval = f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
    return f"accuracy {interval} against {before} on {gain.n_items} test items"


def as_dict(step: Trained | Promotion) -> dict[str, Any]:
    """A step's result as plain values, for what is kept of a round."""
    return asdict(step)
