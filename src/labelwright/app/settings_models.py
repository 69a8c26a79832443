"""Settings of what learns."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from labelwright.app.settings_base import Section

LearnerKind = Literal["auto", "text", "static", "image", "audio", "vectors", "spans", "sklearn", "none"]


class Model(Section):
    """What learns. The test set is drawn first, at random, labeled with overlap, and never trained on.

    It takes at most a quarter of the pool, and at most half of the budget.

    ``kind`` auto takes what fits the screen: text, image, audio, or spans of a text. ``reference`` names a file with
    columns id and label: labels known from elsewhere, only to measure by; its items are never drawn for training.
    ``calibrate`` finds, on a fifth of the labels held out, how sure the model may be of itself.
    """

    kind: LearnerKind = "auto"
    test_items: Annotated[int, Field(ge=0)] = 100
    test_overlap: PositiveInt = 2
    reference: Path | None = None
    calibrate: bool = True
    vectors: Path | None = None
    vectors_id: str = "id"
    vectors_column: str | None = None
    estimator: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    reads: Literal["text", "image", "audio", "vector"] = "text"
    allow: tuple[str, ...] = ()
    mlflow: Path | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "vectors" and self.vectors is None:
            message = "kind vectors needs model.vectors: a Parquet or .npy file with one vector an item"
            raise ValueError(message)
        if self.kind == "sklearn" and self.estimator is None:
            message = "kind sklearn needs model.estimator: the import path of a classifier"
            raise ValueError(message)
        return self
