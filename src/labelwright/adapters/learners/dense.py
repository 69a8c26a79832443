"""Classifier on dense features: whatever turns an item into numbers, then scaling and logistic regression."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from labelwright.adapters.learners.checks import check_training_set, counted_rows, nothing_to_learn
from labelwright.adapters.learners.kept import KeptPipeline
from labelwright.ports import Reads

Features = NDArray[np.float32]


class DenseLearner(KeptPipeline, ABC):
    """A learner whose features need no training of their own; subclasses say what they are.

    Args:
        inverse_regularisation: C of the logistic regression.
    """

    reads: Reads
    #: C of the logistic regression, measured on real data for each kind of features.
    strength: ClassVar[float] = 0.1

    def __init__(self, inverse_regularisation: float | None = None) -> None:
        super().__init__(self.strength if inverse_regularisation is None else inverse_regularisation)

    @abstractmethod
    def embed(self, inputs: Sequence[Any]) -> Features:
        """Features, shape (items, dimensions); a row of NaN where the input is None or cannot be read."""

    def fit(self, inputs: Sequence[Any], labels: Sequence[str], weights: NDArray[np.float64] | None, seed: int) -> None:
        """Learn from scratch; the same input and seed give the same model. Inputs that cannot be read do not count.

        Args:
            inputs: one an item, as `reads` says.
            labels: its class.
            weights: how much each item counts, finite and not negative, shape (items,); None for all alike.
            seed: of the optimiser.

        Raises:
            LabelwrightError: nothing to learn from: no items that can be read, or one class only.
        """
        check_training_set(inputs, labels, weights)
        x = self.embed(inputs)
        rows, counted = counted_rows(len(inputs), np.where(_readable(x), 1.0 if weights is None else weights, 0.0))
        if len({labels[row] for row in rows}) < 2:
            raise nothing_to_learn(f"Of {len(inputs)} labeled items {len(rows)} can be read, not of two classes")
        pipeline = self._new_pipeline(seed)
        names = np.array([labels[row] for row in rows], dtype=str)
        pipeline.fit(x[rows], names, classifier__sample_weight=counted[rows])
        self._learned(pipeline)

    def predict_proba(self, inputs: Sequence[Any]) -> NDArray[np.float64]:
        """Class probabilities in the order of ``classes``, shape (items, classes); NaN where nothing can be read.

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        pipeline = self._fitted()
        found = np.full((len(inputs), len(self.classes)), np.nan)
        if len(inputs):
            x = self.embed(inputs)
            known = _readable(x)
            if known.any():
                found[known] = pipeline.predict_proba(x[known])
        return found

    def features(self, inputs: Sequence[Any]) -> Features:
        """The scaled features, shape (items, dimensions).

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        scaler = self._fitted().named_steps["scaler"]
        if not len(inputs):
            return np.empty((0, scaler.n_features_in_), dtype=np.float32)
        return np.asarray(scaler.transform(self.embed(inputs)), dtype=np.float32)

    def _new_pipeline(self, seed: int) -> Pipeline:
        return Pipeline([("scaler", StandardScaler()), ("classifier", self._classifier(seed))])


def _readable(x: Features) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(x).all(axis=1), dtype=np.bool_)


def stacked(rows: Sequence[NDArray[Any] | None], dimensions: int) -> Features:
    """One row an item; NaN where there is none."""
    found = np.full((len(rows), dimensions), np.nan, dtype=np.float32)
    for at, row in enumerate(rows):
        if row is not None:
            found[at] = row
    return found
