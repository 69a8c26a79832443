"""Text classifier: TF-IDF of words and of characters, then logistic regression."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from labelwright.model.errors import DataError, LabelwrightError
from labelwright.ports import Reads

#: Types beyond plain scikit-learn, numpy and scipy objects that a model file may hold. None is needed.
TRUSTED_TYPES: frozenset[str] = frozenset()

#: A model file says what it is; another number is not read.
FORMAT = 1


class TextLearner:
    """TF-IDF over words (1 and 2) and characters in words (2 to 5), sublinear, then logistic regression.

    Args:
        inverse_regularisation: C of the logistic regression.
    """

    name = "text"
    reads = Reads.TEXT

    def __init__(self, inverse_regularisation: float = 10.0) -> None:
        self.classes: tuple[str, ...] = ()
        self._inverse_regularisation = inverse_regularisation
        self._pipeline: Pipeline | None = None

    def fit(self, texts: Sequence[str], labels: Sequence[str], weights: NDArray[np.float64] | None, seed: int) -> None:
        """Learn from scratch; the same input and seed give the same model.

        Args:
            texts: one an item.
            labels: its class.
            weights: how much each item counts, finite and not negative, shape (texts,); None for all alike.
            seed: of the optimiser.

        Raises:
            LabelwrightError: nothing to learn from: no texts, one class only, or texts without a word.
        """
        _check_training_set(texts, labels, weights)
        counted = np.ones(len(texts)) if weights is None else np.asarray(weights, dtype=np.float64)
        rows = np.flatnonzero(counted > 0)
        pipeline = self._new_pipeline(seed)
        try:
            pipeline.fit(
                [texts[row] for row in rows],
                np.array([labels[row] for row in rows], dtype=str),
                classifier__sample_weight=counted[rows],
            )
        except ValueError as error:
            raise _nothing_to_learn(f"The texts give a model nothing to learn from: {error}") from error
        self._pipeline = pipeline
        self.classes = tuple(str(name) for name in pipeline.classes_)

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Class probabilities in the order of ``classes``, shape (texts, classes).

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        pipeline = self._fitted()
        if not len(texts):
            return np.empty((0, len(self.classes)))
        return np.asarray(pipeline.predict_proba(list(texts)), dtype=np.float64)

    def save(self, path: Path) -> None:
        """Write the model as a skops file: data only, no code. A file that exists is replaced in one step.

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        content = {"format": FORMAT, "learner": "text", "pipeline": self._fitted()}
        part = path.with_name(path.name + ".part")
        skops.io.dump(content, part, compression=zipfile.ZIP_DEFLATED)
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> TextLearner:
        """Read what `save` wrote, without running anything from the file.

        Raises:
            DataError: not such a file, or it holds types that are not trusted.
        """
        content = _read_model(path)
        pipeline = content.get("pipeline") if isinstance(content, dict) else None
        if not isinstance(pipeline, Pipeline) or content.get("format") != FORMAT or content.get("learner") != "text":
            raise _unusable_model(path, "The file is no text model of this release")
        learner = cls(float(pipeline.named_steps["classifier"].C))
        learner._pipeline = pipeline
        learner.classes = tuple(str(name) for name in pipeline.classes_)
        return learner

    def _fitted(self) -> Pipeline:
        if self._pipeline is None:
            raise LabelwrightError("The model has not learned anything yet", next_step="Call fit first")
        return self._pipeline

    def _new_pipeline(self, seed: int) -> Pipeline:
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        features = FeatureUnion([("words", words), ("characters", characters)])
        classifier = LogisticRegression(C=self._inverse_regularisation, max_iter=2000, random_state=seed)
        return Pipeline([("features", features), ("classifier", classifier)])


def _check_training_set(texts: Sequence[str], labels: Sequence[str], weights: NDArray[np.float64] | None) -> None:
    if len(texts) != len(labels) or (weights is not None and len(weights) != len(texts)):
        raise _nothing_to_learn(f"{len(texts)} texts do not go with {len(labels)} labels and their weights")
    if not len(texts):
        raise _nothing_to_learn("There are no labeled texts to learn from")
    if not all(isinstance(text, str) for text in texts):
        raise _nothing_to_learn("A text model learns from texts, and some items are none")
    if weights is not None and (not np.isfinite(weights).all() or (weights < 0).any()):
        raise _nothing_to_learn("Weights must be finite and not negative")
    counted = np.ones(len(labels)) if weights is None else weights
    classes = sorted({label for label, weight in zip(labels, counted, strict=True) if weight > 0})
    if len(classes) < 2:
        raise _nothing_to_learn(
            f"All {len(texts)} labeled texts are of one class: {', '.join(classes) or 'none counts'}"
        )


def _nothing_to_learn(what: str) -> LabelwrightError:
    return LabelwrightError(what, where="text model", next_step="Label more items, of at least two classes")


def _unusable_model(path: Path, what: str) -> DataError:
    return DataError(what, where=str(path), next_step="Train the model again; files from others are not opened")


def _read_model(path: Path) -> Any:
    """The content of a skops file whose types are all trusted; anything else is refused before it is built."""
    if not zipfile.is_zipfile(path):
        raise _unusable_model(path, "The file is not a skops model (a pickle is never read)")
    try:
        foreign = sorted(set(skops.io.get_untrusted_types(file=path)) - TRUSTED_TYPES)
        content = None if foreign else skops.io.load(path, trusted=sorted(TRUSTED_TYPES))
    except Exception as error:  # a damaged archive can fail in any way its reader knows
        raise _unusable_model(path, f"The model file cannot be read: {type(error).__name__}") from error
    if foreign:
        raise _unusable_model(path, f"The model file holds types that are not trusted: {', '.join(foreign)}")
    return content
