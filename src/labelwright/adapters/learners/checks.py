"""What every learner asks of a training set before it learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import LabelwrightError


def check_training_set(inputs: Sequence[Any], labels: Sequence[str], weights: NDArray[np.float64] | None) -> None:
    """Refuse what nothing can be learned from.

    Raises:
        LabelwrightError: no items, one class only, lengths that do not fit, or weights that are no weights.
    """
    if len(inputs) != len(labels) or (weights is not None and len(weights) != len(inputs)):
        raise nothing_to_learn(f"{len(inputs)} items do not go with {len(labels)} labels and their weights")
    if not len(inputs):
        raise nothing_to_learn("There are no labeled items to learn from")
    if weights is not None and (not np.isfinite(weights).all() or (weights < 0).any()):
        raise nothing_to_learn("Weights must be finite and not negative")
    counted = np.ones(len(labels)) if weights is None else weights
    classes = sorted({label for label, weight in zip(labels, counted, strict=True) if weight > 0})
    if len(classes) < 2:
        raise nothing_to_learn(
            f"All {len(inputs)} labeled items are of one class: {', '.join(classes) or 'none counts'}"
        )


def counted_rows(n: int, weights: NDArray[np.float64] | None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows of a weight above 0, and the weights of all."""
    counted = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    return np.flatnonzero(counted > 0), counted


def nothing_to_learn(what: str) -> LabelwrightError:
    """The error of a training set that teaches nothing."""
    return LabelwrightError(what, where="model", next_step="Label more items, of at least two classes")


def not_learned() -> LabelwrightError:
    """The error of a model that is asked too early."""
    return LabelwrightError("The model has not learned anything yet", next_step="Call fit first")
