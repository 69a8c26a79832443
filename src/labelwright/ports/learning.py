"""Models, and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:  # a command that needs no model does without numpy
    import numpy as np
    from numpy.typing import NDArray


class Reads(StrEnum):
    """What a model is given of an item. An input that is missing or cannot be read is None."""

    TEXT = "text"  # str: the text fields that the screen shows, one a line
    IMAGE = "image"  # Path of the picture
    AUDIO = "audio"  # Path of the recording
    VECTOR = "vector"  # numbers of the user's own embedding, shape (dimensions,)
    ITEM = "item"  # the whole `Item`


class Learner(Protocol):
    """A model that learns from labeled items and gives class probabilities.

    Attributes:
        name: of its kind, as in `model.kind`.
        reads: what it is given of each item.
        classes: in the order of the columns of `predict_proba`; empty before `fit`.
    """

    name: str
    reads: Reads
    classes: tuple[str, ...]

    def fit(self, inputs: Sequence[Any], labels: Sequence[str], weights: NDArray[np.float64] | None, seed: int) -> None:
        """Learn from scratch; the same input and seed give the same model."""
        ...

    def predict_proba(self, inputs: Sequence[Any]) -> NDArray[np.float64]:
        """Class probabilities, shape (items, classes); a row of NaN where the input cannot be read."""
        ...

    def save(self, path: Path) -> None:
        """Write the model so that it is read without running code from the file."""
        ...


@runtime_checkable
class Featuring(Protocol):
    """A model that can also say where an item lies: what diversity is measured by."""

    def features(self, inputs: Sequence[Any]) -> NDArray[np.float32]:
        """Dense features, shape (items, dimensions); a row of NaN where the input cannot be read.

        Raises:
            LabelwrightError: the model has not learned anything yet.
        """
        ...


class Shelf(Protocol):
    """Models, by version."""

    def put_model(self, version: str, learner: Learner) -> str:
        """Save a model; returns its path. The same version again takes the old one's place in one step."""
        ...

    def model(self, version: str) -> Learner:
        """The model of that version.

        Raises:
            DataError: it is not there, or it cannot be used.
        """
        ...

    def put_card(self, version: str, card: Mapping[str, Any]) -> None:
        """The model's card, as a file beside it."""
        ...
