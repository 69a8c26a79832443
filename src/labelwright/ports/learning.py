"""Models, and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    MARKED = "marked"  # str: the one text field in which the control marks spans


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


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a model marks in one text.

    Attributes:
        spans: start and end in code points, the class, and how sure it is of this one span, 0 to 1.
        confidence: that all of it is right, 0 to 1.
        sureness: the same as a mean over tokens, so that long texts are not always the most doubtful ones.
    """

    spans: tuple[tuple[int, int, str, float], ...]
    confidence: float
    sureness: float


@runtime_checkable
class Tagging(Protocol):
    """A model that marks spans of a text. Its labels are all spans of an item as one text (`learning.spans.written`).

    Its `predict_proba` has two columns without names, (1 ± `Tagged.sureness`) / 2: so every strategy can rank items.
    """

    def tag(self, inputs: Sequence[Any]) -> list[Tagged | None]:
        """The spans of each text; None where it cannot be read."""
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
