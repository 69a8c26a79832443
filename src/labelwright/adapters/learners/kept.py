"""What learners of one scikit-learn pipeline share: the pipeline, and its file."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Self

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from labelwright.adapters.learners.checks import not_learned
from labelwright.adapters.learners.files import read_model, unusable, write_model


class KeptPipeline:
    """A pipeline whose last step is a logistic regression called ``classifier``.

    Args:
        inverse_regularisation: C of the logistic regression.
    """

    name: str

    def __init__(self, inverse_regularisation: float) -> None:
        self.classes: tuple[str, ...] = ()
        self._inverse_regularisation = inverse_regularisation
        self._pipeline: Pipeline | None = None

    def save(self, path: Path) -> None:
        """Write the model as a skops file: data only, no code. A file that exists is replaced in one step.

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        write_model(path, self.name, {"pipeline": self._fitted()})

    @classmethod
    def load(cls, path: Path, allowed: Collection[str] = ()) -> Self:
        """Read what `save` wrote, without running anything from the file.

        Raises:
            DataError: not such a file, or it holds types that are not trusted.
        """
        content = read_model(path, allowed)
        pipeline = content.get("pipeline")
        if not isinstance(pipeline, Pipeline) or content.get("learner") != cls.name:
            raise unusable(path, f"The file is no {cls.name} model of this release")
        learner = cls(float(pipeline.named_steps["classifier"].C))
        learner._learned(pipeline)
        return learner

    def _learned(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.classes = tuple(str(name) for name in pipeline.classes_)

    def _fitted(self) -> Pipeline:
        if self._pipeline is None:
            raise not_learned()
        return self._pipeline

    def _classifier(self, seed: int) -> LogisticRegression:
        return LogisticRegression(C=self._inverse_regularisation, max_iter=2000, random_state=seed)
