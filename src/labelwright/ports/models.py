"""The part of the store that remembers models."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from labelwright.model.learned import ModelRecord
from labelwright.ports.chat import ModelAnswerStore
from labelwright.ports.suggesting import SuggestionStore


class ModelStore(SuggestionStore, ModelAnswerStore, Protocol):
    """Trained models, which one is in use, what they suggested and answered."""

    def put_model(self, record: ModelRecord) -> None:
        """Keep a model, or bring the one of that version up to date."""
        ...

    def models(self) -> list[ModelRecord]:
        """All models, the oldest first."""
        ...

    def model(self, version: str | None = None) -> ModelRecord | None:
        """The model of that version, without one the current model; None where there is none."""
        ...

    def promote_model(self, version: str, now: datetime, reason: str) -> None:
        """This model is current from now on; the one before it retires. Done already is fine."""
        ...
