"""Text classifier: TF-IDF of words and of characters, then logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.random_projection import SparseRandomProjection

from labelwright.adapters.learners.checks import check_training_set, counted_rows, nothing_to_learn
from labelwright.adapters.learners.fast_text import FEWEST, FastText
from labelwright.adapters.learners.kept import KeptPipeline
from labelwright.ports import Reads

#: Dimensions of `features`: distances between texts are kept to about a sixth (Johnson-Lindenstrauss).
DIMENSIONS = 256


class TextLearner(KeptPipeline):
    """TF-IDF over words (1 and 2) and characters in words (2 to 5), sublinear, then logistic regression.

    Args:
        inverse_regularisation: C of the logistic regression.
    """

    name = "text"
    reads = Reads.TEXT

    def __init__(self, inverse_regularisation: float = 10.0) -> None:
        super().__init__(inverse_regularisation)

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
        self._learned(pipeline)

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

    def _new_pipeline(self, seed: int) -> Pipeline:
        return Pipeline([("features", text_features()), ("classifier", self._classifier(seed))])


def text_features() -> FeatureUnion:
    """Words and characters, counted and weighed."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return FeatureUnion([("words", words), ("characters", characters)])
