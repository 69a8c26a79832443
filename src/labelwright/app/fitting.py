"""Fits one model on a training set, finds its temperature, and writes down what it learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl

from labelwright import __version__
from labelwright.app.context import Project
from labelwright.app.inference import Inferred
from labelwright.app.marking import spans_by_class
from labelwright.app.reading import inputs_of
from labelwright.learning import TrainingSet
from labelwright.learning.calibrating import FEWEST, temperature
from labelwright.model.errors import LabelwrightError
from labelwright.ports import Learner, Tagging

_CONSENSUS = {"item": pl.String, "label": pl.String, "posterior": pl.Float64, "contested": pl.Boolean}
#: This share of the labels is held out, once, to find the temperature; the model itself then learns from all.
_HELD_OUT = 0.2


def frame(labels: Mapping[str, Inferred]) -> pl.DataFrame:
    """The consensus as `training_set` takes it."""
    rows = [(i, x.label, x.posterior, x.contested) for i, x in labels.items()]
    return pl.DataFrame(rows, schema=_CONSENSUS, orient="row")


def data_version(training: TrainingSet) -> str:
    """A fingerprint of what was learned from: items, labels and weights."""
    digest = sha256()
    for item, label, weight in zip(training.items, training.labels, training.weights.tolist(), strict=True):
        digest.update(f"{item}\0{label}\0{weight!r}\n".encode())
    return digest.hexdigest()[:16]


def fitted(project: Project, new_learner: Callable[[], Learner], training: TrainingSet) -> tuple[Learner, float]:
    """The model, trained on all labels, and its temperature."""
    items = project.store.items(training.items)
    learner, seed = new_learner(), project.settings.sampling.seed
    inputs = inputs_of(project, learner.reads, [items[i] for i in training.items])
    calibrated = project.settings.model.calibrate and not isinstance(learner, Tagging)  # its marginals are its own
    t = _temperature(new_learner, inputs, training, seed) if calibrated else 1.0
    learner.fit(inputs, training.labels, training.weights, seed)
    return learner, t


def _temperature(new_learner: Callable[[], Learner], inputs: Sequence[Any], training: TrainingSet, seed: int) -> float:
    """Found on a random fifth of the labels with a model that learned from the others; 1 where there are too few."""
    order = np.random.default_rng([seed, len(training)]).permutation(len(training))
    apart, rest = np.split(order, [round(_HELD_OUT * len(training))])
    if apart.size < FEWEST:
        return 1.0
    probe = new_learner()
    try:
        probe.fit([inputs[i] for i in rest], [training.labels[i] for i in rest], training.weights[rest], seed)
    except LabelwrightError:  # the rest happens to be of one class
        return 1.0
    p = probe.predict_proba([inputs[i] for i in apart])
    known = np.isfinite(p).all(axis=1)
    return temperature(p[known], [training.labels[i] for i in apart[known]], probe.classes)


def card(project: Project, learner: Learner, training: TrainingSet) -> dict[str, Any]:
    """What the model's card says of its training."""
    schema_version, guidelines_version = project.versions()
    tagging = isinstance(learner, Tagging)
    return {
        "software": __version__,
        "kind": learner.name,
        "reads": learner.reads.value,
        "control": project.control.name,
        "classes": list(learner.classes),
        "training_items": len(training),
        "training_classes": dict(spans_by_class(training.labels) if tagging else training.class_counts),
        "contested": training.contested,
        "held_out": training.held_out,
        "mean_weight": float(training.weights.mean()) if len(training) else None,
        "seed": project.settings.sampling.seed,
        "schema_version": schema_version,
        "guidelines_version": guidelines_version,
        "simulated": project.settings.simulated,
    }
