"""Models, and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Learner(Protocol):
    """A model that learns from labeled items and gives class probabilities."""

    classes: tuple[str, ...]

    def fit(self, texts: Sequence[str], labels: Sequence[str], weights: NDArray[np.float64] | None, seed: int) -> None:
        """Learn from scratch; the same input and seed give the same model."""
        ...

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Class probabilities, shape (items, classes)."""
        ...

    def save(self, path: Path) -> None:
        """Write the model so that `load` reads it without running code from the file."""
        ...


class Shelf(Protocol):
    """Models and their scores, by round."""

    def put_model(self, round_number: int, learner: Learner, card: Mapping[str, Any]) -> str:
        """Save a model with its card; returns its path."""
        ...

    def put_scores(self, round_number: int, rows: NDArray[np.int64], probabilities: NDArray[np.float64]) -> None:
        """Class probabilities of pool rows under the model of that round."""
        ...

    def scores(self, round_number: int) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
        """What `put_scores` kept, or None."""
        ...
