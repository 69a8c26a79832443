"""Text classifier: TF-IDF of words and of characters, then logistic regression."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.random_projection import SparseRandomProjection

from labelwright.adapters.learners.checks import check_training_set, counted_rows, not_learned, nothing_to_learn
from labelwright.adapters.learners.fast_text import FEWEST, FastText
from labelwright.adapters.learners.files import read_model, unusable, write_model
from labelwright.ports import Reads

#: Dimensions of `features`: distances between texts are kept to about a sixth (Johnson-Lindenstrauss).
DIMENSIONS = 256


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

    def fit(self, inputs: Sequence[Any], labels: Sequence[str], weights: NDArray[np.float64] | None, seed: int) -> None:
        """Learn from scratch; the same input and seed give the same model.

        Args:
            inputs: texts, one an item.
            labels: its class.
            weights: how much each item counts, finite and not negative, shape (texts,); None for all alike.
            seed: of the optimiser.

        Raises:
            LabelwrightError: nothing to learn from: no texts, one class only, or texts without a word.
        """
        check_training_set(inputs, labels, weights)
        if not all(isinstance(text, str) for text in inputs):
            raise nothing_to_learn("A text model learns from texts, and some items are none")
        rows, counted = counted_rows(len(inputs), weights)
        pipeline = self._new_pipeline(seed)
        try:
            pipeline.fit(
                [inputs[row] for row in rows],
                np.array([labels[row] for row in rows], dtype=str),
                classifier__sample_weight=counted[rows],
            )
        except ValueError as error:
            raise nothing_to_learn(f"The texts give a model nothing to learn from: {error}") from error
        self._pipeline = pipeline
        self.classes = tuple(str(name) for name in pipeline.classes_)

    def predict_proba(self, inputs: Sequence[Any]) -> NDArray[np.float64]:
        """Class probabilities in the order of ``classes``, shape (texts, classes).

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        pipeline = self._fitted()
        if not len(inputs):
            return np.empty((0, len(self.classes)))
        if len(inputs) >= FEWEST:
            return FastText(pipeline).predict_proba(inputs)
        return np.asarray(pipeline.predict_proba(list(inputs)), dtype=np.float64)

    def features(self, inputs: Sequence[Any]) -> NDArray[np.float32]:
        """TF-IDF, randomly projected to `DIMENSIONS`: P. Li et al., Very Sparse Random Projections, KDD (2006).

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        union = self._fitted().named_steps["features"]
        if not len(inputs):
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        sparse = union.transform(list(inputs))
        projection = SparseRandomProjection(DIMENSIONS, random_state=0).fit(sparse[:1])
        return np.asarray(projection.transform(sparse).toarray(), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write the model as a skops file: data only, no code. A file that exists is replaced in one step.

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        write_model(path, self.name, {"pipeline": self._fitted()})

    @classmethod
    def load(cls, path: Path, allowed: Collection[str] = ()) -> TextLearner:
        """Read what `save` wrote, without running anything from the file.

        Raises:
            DataError: not such a file, or it holds types that are not trusted.
        """
        content = read_model(path, allowed)
        pipeline = content.get("pipeline")
        if not isinstance(pipeline, Pipeline) or content.get("learner") != cls.name:
            raise unusable(path, "The file is no text model of this release")
        learner = cls(float(pipeline.named_steps["classifier"].C))
        learner._pipeline = pipeline
        learner.classes = tuple(str(name) for name in pipeline.classes_)
        return learner

    def _fitted(self) -> Pipeline:
        if self._pipeline is None:
            raise not_learned()
        return self._pipeline

    def _new_pipeline(self, seed: int) -> Pipeline:
        classifier = LogisticRegression(C=self._inverse_regularisation, max_iter=2000, random_state=seed)
        return Pipeline([("features", text_features()), ("classifier", classifier)])


def text_features() -> FeatureUnion:
    """Words and characters, counted and weighed."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return FeatureUnion([("words", words), ("characters", characters)])
