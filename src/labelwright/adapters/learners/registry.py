"""Learners by name: made as the settings say, and read back from their files."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelwright.app.settings_models import Model
from labelwright.model.errors import SettingsError
from labelwright.ports import Learner, Reads

if TYPE_CHECKING:
    from labelwright.adapters.learners.dense import DenseLearner
    from labelwright.adapters.learners.http import Connection

# Each module is imported when its learner is made: scikit-learn takes a second to load.


def new_learner(settings: Model, kind: str, connect: Callable[[str], Connection]) -> Callable[[], Learner]:
    """Makes models that have learned nothing yet.

    Args:
        settings: the section `model`.
        kind: of learner: what `app.reading.kind_of` chose for the project.
        connect: what a program behind an address is told, by the address.

    Raises:
        SettingsError: the estimator of the settings cannot be used.
    """
    if kind in {"text", "none"}:
        from labelwright.adapters.learners.text import TextLearner  # noqa: PLC0415

        return TextLearner
    if kind == "spans":
        from labelwright.adapters.learners.tagger import SpanLearner  # noqa: PLC0415

        return SpanLearner
    if kind == "sklearn":
        return _estimator(settings)
    if kind == "http":
        from labelwright.adapters.learners.http import HttpLearner  # noqa: PLC0415

        return lambda: HttpLearner(connect(settings.url or ""))
    if kind not in _dense():
        raise SettingsError(f"There is no learner called {kind}", where="labelwright.yaml: model.kind")
    return _dense()[kind]


def _estimator(settings: Model) -> Callable[[], Learner]:
    from labelwright.adapters.learners.estimator import ALLOWED, EstimatorLearner  # noqa: PLC0415

    if settings.estimator is None:
        raise SettingsError(
            "model.kind sklearn needs a class",
            where="labelwright.yaml: model.estimator",
            next_step="Write sklearn.ensemble.RandomForestClassifier there, or another one's import path",
        )
    path, reads, allowed = settings.estimator, Reads(settings.reads), (*ALLOWED, *settings.allow)
    dense = next((make for make in _dense().values() if make.reads is reads), None) if reads is not Reads.TEXT else None
    return lambda: EstimatorLearner(path, settings.options, dense() if dense else None, allowed)


def _dense() -> dict[str, type[DenseLearner]]:
    from labelwright.adapters.learners.audio import AudioLearner  # noqa: PLC0415
    from labelwright.adapters.learners.image import ImageLearner  # noqa: PLC0415
    from labelwright.adapters.learners.vectors import StaticTextLearner, VectorLearner  # noqa: PLC0415

    return {make.name: make for make in (ImageLearner, AudioLearner, VectorLearner, StaticTextLearner)}


def load_learner(path: Path, allowed: Collection[str] = ()) -> Learner:
    """Read a model's file with the learner that wrote it.

    Args:
        path: the file.
        allowed: modules beside scikit-learn whose types it may hold: `model.allow`.

    Raises:
        DataError: the file is no model of ours, or cannot be used.
    """
    from labelwright.adapters.learners.estimator import ALLOWED, EstimatorLearner  # noqa: PLC0415
    from labelwright.adapters.learners.files import read_model, unusable  # noqa: PLC0415
    from labelwright.adapters.learners.http import HttpLearner  # noqa: PLC0415
    from labelwright.adapters.learners.tagger import SpanLearner  # noqa: PLC0415
    from labelwright.adapters.learners.text import TextLearner  # noqa: PLC0415

    trusted = (*ALLOWED, *allowed)
    name = read_model(path, trusted).get("learner")
    readers: dict[Any, Callable[[], Learner]] = {
        TextLearner.name: lambda: TextLearner.load(path),
        SpanLearner.name: lambda: SpanLearner.load(path),
        HttpLearner.name: lambda: HttpLearner.load(path),
        EstimatorLearner.name: lambda: EstimatorLearner.load(path, _dense(), trusted),
        **{kind: _reader(make, path) for kind, make in _dense().items()},
    }
    if name not in readers:
        raise unusable(path, f"The file holds a model of a kind that is not known: {name}")
    return readers[name]()


def _reader(make: type[DenseLearner], path: Path) -> Callable[[], Learner]:
    return lambda: make.load(path)
