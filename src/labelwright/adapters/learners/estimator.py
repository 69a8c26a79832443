"""Any scikit-learn classifier, named by its import path, on the features of what it reads."""

from __future__ import annotations

import importlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import FeatureUnion
from sklearn.utils.validation import has_fit_parameter

from labelwright.adapters.learners.checks import check_training_set, counted_rows, not_learned, nothing_to_learn
from labelwright.adapters.learners.dense import DenseLearner
from labelwright.adapters.learners.files import is_allowed, read_model, unusable, write_model
from labelwright.adapters.learners.text import text_features
from labelwright.model.errors import SettingsError
from labelwright.ports import Reads

#: Modules that an import path may begin with unless the settings allow more: importing a module runs its code.
ALLOWED = ("sklearn",)


class EstimatorLearner:
    """A classifier with ``fit`` and ``predict_proba``.

    Args:
        path: where it is imported from, such as ``sklearn.ensemble.RandomForestClassifier``.
        options: what its class is called with.
        dense: whose features it gets; None for TF-IDF of texts.
        allowed: modules that the path may begin with.

    Raises:
        SettingsError: the path is not allowed, leads nowhere, or to something that gives no probabilities.
    """

    name = "sklearn"

    def __init__(
        self,
        path: str,
        options: Mapping[str, Any] | None = None,
        dense: DenseLearner | None = None,
        allowed: Collection[str] = ALLOWED,
    ) -> None:
        self.classes: tuple[str, ...] = ()
        self.reads = Reads.TEXT if dense is None else dense.reads
        self._path, self._options, self._dense = path, dict(options or {}), dense
        self._class = _imported(path, allowed)
        self._estimator: Any = self._new(0)
        self._texts: FeatureUnion | None = None

    @property
    def weighs(self) -> bool:
        """Whether it takes weights; one that does not learns from all labels alike."""
        return bool(has_fit_parameter(self._class, "sample_weight"))

    def fit(self, inputs: Sequence[Any], labels: Sequence[str], weights: NDArray[np.float64] | None, seed: int) -> None:
        """Learn from scratch; the same input and seed give the same model.

        Args:
            inputs: one an item, as `reads` says.
            labels: its class.
            weights: how much each item counts, finite and not negative, shape (items,); None for all alike.
            seed: given to an estimator that has a ``random_state`` of its own.

        Raises:
            LabelwrightError: nothing to learn from, or the estimator refuses what it is given.
        """
        check_training_set(inputs, labels, weights)
        if self._dense is None and not all(isinstance(text, str) for text in inputs):
            raise nothing_to_learn("A text model learns from texts, and some items are none")
        estimator, texts = self._new(seed), text_features() if self._dense is None else None
        try:
            x, known = self._matrix(inputs, texts, fitting=True)
            rows, counted = counted_rows(len(inputs), np.where(known, 1.0 if weights is None else weights, 0.0))
            if len({labels[row] for row in rows}) < 2:
                raise nothing_to_learn(f"Of {len(inputs)} labeled items {len(rows)} can be read, not of two classes")
            extra = {"sample_weight": counted[rows]} if self.weighs else {}
            estimator.fit(x[rows], np.array([labels[row] for row in rows], dtype=str), **extra)
        except (ValueError, TypeError) as error:
            raise nothing_to_learn(f"{self._path} cannot learn from these items: {error}") from error
        self._estimator, self._texts = estimator, texts
        self.classes = tuple(str(name) for name in estimator.classes_)

    def predict_proba(self, inputs: Sequence[Any]) -> NDArray[np.float64]:
        """Class probabilities in the order of ``classes``, shape (items, classes); NaN where nothing can be read.

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        if not self.classes:
            raise not_learned()
        found = np.full((len(inputs), len(self.classes)), np.nan)
        if len(inputs):
            x, known = self._matrix(inputs, self._texts, fitting=False)
            if known.any():
                found[known] = self._estimator.predict_proba(x[np.flatnonzero(known)])
        return found

    def save(self, path: Path) -> None:
        """Write the model as a skops file: data only, no code. A file that exists is replaced in one step.

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        if not self.classes:
            raise not_learned()
        dense = None if self._dense is None else self._dense.name
        about = {"path": self._path, "options": self._options, "dense": dense}
        write_model(path, self.name, {**about, "estimator": self._estimator, "texts": self._texts})

    @classmethod
    def load(
        cls, path: Path, dense: Mapping[str, type[DenseLearner]], allowed: Collection[str] = ALLOWED
    ) -> EstimatorLearner:
        """Read what `save` wrote; types of other modules than those allowed are refused.

        Args:
            path: the file.
            dense: learners by name whose features it may be built on.
            allowed: modules whose types it may hold.

        Raises:
            DataError: not such a file, or it holds types that are not trusted.
        """
        content = read_model(path, allowed)
        on = content.get("dense")
        if content.get("learner") != cls.name or (on is not None and on not in dense):
            raise unusable(path, "The file is no scikit-learn model of this release")
        try:
            made = cls(str(content["path"]), content["options"], None if on is None else dense[on](), allowed)
        except SettingsError as problem:
            raise unusable(path, problem.what) from problem
        made._estimator, made._texts = content["estimator"], content["texts"]
        made.classes = tuple(str(name) for name in made._estimator.classes_)
        return made

    def _new(self, seed: int) -> Any:
        try:
            made = self._class(**self._options)
            if "random_state" in made.get_params() and "random_state" not in self._options:
                made.set_params(random_state=seed)
        except (TypeError, ValueError, AttributeError) as problem:
            raise _wrong(f"{self._path} cannot be made with these options: {problem}", "model.options") from problem
        return made

    def _matrix(self, inputs: Sequence[Any], texts: FeatureUnion | None, *, fitting: bool) -> tuple[Any, Any]:
        """Features, shape (items, dimensions), and which rows can be read."""
        if self._dense is not None:
            x = self._dense.embed(inputs)
            return x, np.isfinite(x).all(axis=1)
        given = list(inputs)
        assert texts is not None  # noqa: S101 - made by fit
        return (texts.fit_transform(given) if fitting else texts.transform(given)), np.ones(len(given), dtype=bool)


def _imported(path: str, allowed: Collection[str]) -> Any:
    module, _, name = path.rpartition(".")
    if not is_allowed(module, allowed):
        raise _wrong(f"{path} is not in a module that is allowed ({', '.join(allowed)})", "model.estimator")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as problem:
        raise _wrong(f"There is no {path}: {problem}", "model.estimator") from problem
    if not isinstance(found, type) or not hasattr(found, "fit") or not hasattr(found, "predict_proba"):
        raise _wrong(f"{path} is no classifier that gives probabilities", "model.estimator")
    return found


def _wrong(what: str, where: str) -> SettingsError:
    return SettingsError(
        what,
        where=f"labelwright.yaml: {where}",
        next_step="Name a classifier with predict_proba, such as sklearn.ensemble.RandomForestClassifier; "
        "other modules must stand in model.allow",
    )
