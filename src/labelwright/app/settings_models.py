"""Settings of what learns."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from labelwright.app.settings_base import Section, Share

LearnerKind = Literal["auto", "text", "static", "image", "audio", "vectors", "spans", "sklearn", "http", "none"]


class Model(Section):
    """What learns. The test set is drawn first, at random, labeled with overlap, and never trained on.

    It takes at most a quarter of the pool, and at most half of the budget.

    ``kind`` auto takes what fits the screen: spans, text, image or audio. ``reference`` names a file with
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
    url: str | None = None
    mlflow: Path | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "vectors" and self.vectors is None:
            message = "kind vectors needs model.vectors: a Parquet or .npy file with one vector an item"
            raise ValueError(message)
        if self.kind == "sklearn" and self.estimator is None:
            message = "kind sklearn needs model.estimator: the import path of a classifier"
            raise ValueError(message)
        if self.kind == "http" and self.url is None:
            message = "kind http needs model.url: the address of a program that speaks the ML-backend protocol"
            raise ValueError(message)
        return self


class Preannotate(Section):
    """Suggestions on the desks: where they come from, and how sure they must be.

    ``file`` names predictions of your own, by id; source ``file`` without it takes those of `round open --predictions`.
    With ``model.kind`` none the file also chooses the items of every round.

    Of the tasks that would show one, ``control_share`` does not, at random: that is how its effect is measured.
    """

    source: Literal["none", "model", "file", "llm"] = "none"
    file: Path | None = None
    min_confidence: Share = 0.8
    control_share: Share = 0.2


class Llm(Section):
    """A language model behind an OpenAI-compatible address. Prices are for a million tokens, in the budget's currency.

    ``name`` is its id as an annotator; ``api_key`` may be written as ``${NAME}`` to be read from the environment.
    """

    url: str | None = None
    model: str = ""
    api_key: str | None = Field(default=None, repr=False)
    name: str = "llm"
    price_in: Annotated[float, Field(ge=0)] | None = None
    price_out: Annotated[float, Field(ge=0)] | None = None
    per_minute: PositiveInt | None = None
    most_tokens: PositiveInt = 256
    seconds: PositiveFloat = 60
