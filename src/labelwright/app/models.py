"""Models by hand: train outside a round, take one into use, ask what it says of the pool."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labelwright.app import training
from labelwright.app.annotations import annotation_set
from labelwright.app.context import Project
from labelwright.app.marking import labels_to_learn, suggestion_of_spans
from labelwright.app.scoring import score_pool
from labelwright.app.settling import settle
from labelwright.app.training import CurrentModel
from labelwright.model.errors import NothingToDoError
from labelwright.model.learned import ModelRecord
from labelwright.model.project import Item
from labelwright.ports import Learner, Progress, Tagged

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class TrainedNow:
    """A model that was trained by hand, and which one is in use now."""

    trained: training.Trained
    evaluation: training.Evaluation | None
    promotion: training.Promotion | None
    scored: int

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            **training.as_dict(self.trained),
            "evaluation": None if self.evaluation is None else self.evaluation.as_dict(),
            "promotion": None if self.promotion is None else training.as_dict(self.promotion),
            "scored": self.scored,
        }


def train_now(
    project: Project, new_learner: Callable[[], Learner], reference: Mapping[str, str], progress: Progress
) -> TrainedNow:
    """Train on all labels there are, measure, compare, and score the pool when the model takes over.

    Args:
        project: the labeling project.
        new_learner: makes a model that has learned nothing yet.
        reference: labels known from elsewhere by item id; only to measure by.
        progress: told how far it is.
    """
    annotations = annotation_set(project)
    settle(project, annotations)
    labels = labels_to_learn(project, annotations)
    truth = training.truth_of(project, labels, reference)
    progress.start("Training and measuring the model", None)
    by_hand = sum(m.version.startswith("manual-") for m in project.store.models())
    trained = training.train(project, new_learner, labels, truth.held_out, number=None, version=f"manual-{by_hand + 1}")
    if trained.version is None:
        return TrainedNow(trained, None, None, 0)
    found = training.evaluate(project, trained.version, truth.labels, truth.on)
    promotion = training.promote(project, trained.version, truth.labels)
    return TrainedNow(trained, found, promotion, _rescore(project, progress) if promotion.promoted else 0)


def promote_by_hand(project: Project, version: str, progress: Progress) -> ModelRecord:
    """Take a model into use whatever the comparison said, and score the pool with it.

    Raises:
        NothingToDoError: there is no such model, or it is in use already.
        DataError: its file is gone or cannot be used.
    """
    record = project.store.model(version)
    current = project.store.model()
    if record is None:
        raise NothingToDoError(
            f"There is no model {version}", next_step="See those that there are: labelwright model list"
        )
    if current is not None and current.version == version:
        raise NothingToDoError(f"{version} is in use already", next_step="Nothing needs to be done")
    project.shelf.model(version)
    project.store.promote_model(version, project.clock.now(), "taken into use by hand")
    _rescore(project, progress)
    return project.store.model(version) or record


def _rescore(project: Project, progress: Progress) -> int:
    """The next round draws by what stands under the newest closed round."""
    rounds = project.store.rounds()
    return score_pool(project, rounds[-1].number, progress) if rounds else 0


def predictions(project: Project, version: str | None, progress: Progress) -> Iterator[list[dict[str, Any]]]:
    """What a model says of every item of the pool, in parts: id, label, confidence, model, and a column a class.

    A model of spans says id, result (Label Studio's list, as JSON), score and model: what `preannotate.file` reads.

    Args:
        project: the labeling project.
        version: of the model; the current one without it.
        progress: told how far it is.

    Raises:
        NothingToDoError: there is no such model.
    """
    model = training.load_model(project, version)
    if model is None:
        raise NothingToDoError(
            f"There is no model {version}" if version else "There is no model yet",
            next_step="Train one: labelwright model train, or close a round",
        )
    progress.start("Asking the model", len(project.pool))
    for start in range(0, len(project.pool), _BATCH):
        rows = range(start, min(start + _BATCH, len(project.pool)))
        yield _said(project, model, project.pool.items(rows))
        progress.step(len(rows))
    progress.done()


def _said(project: Project, model: CurrentModel, items: Sequence[Item]) -> list[dict[str, Any]]:
    if model.marks:
        return [_marked(project, model, i, t) for i, t in zip(items, model.tagged(project, items), strict=True)]
    p = model.probabilities(project, items)
    return [_row(item.id, model, p[at]) for at, item in enumerate(items)]


def _marked(project: Project, model: CurrentModel, item: Item, tagged: Tagged | None) -> dict[str, Any]:
    version = model.record.version
    if tagged is None:
        return {"id": item.id, "result": None, "score": None, "model": version}
    said = suggestion_of_spans(project, item, tagged, version)
    lines = json.dumps([dict(line) for line in said.result], ensure_ascii=False)
    return {"id": item.id, "result": lines, "score": said.confidence, "model": version}


def _row(item: str, model: CurrentModel, p: Any) -> dict[str, Any]:
    """One item; everything but its id is empty where it cannot be read."""
    known = bool(np.isfinite(p).all())
    best = int(p.argmax()) if known else 0
    about = {
        "id": item,
        "label": model.classes[best] if known else None,
        "confidence": float(p[best]) if known else None,
        "model": model.record.version,
    }
    classes = {name: float(value) if known else None for name, value in zip(model.classes, p, strict=True)}
    return about | {name: value for name, value in classes.items() if name != "id"}
