"""A model behind an address: any program that speaks Label Studio's ML-backend protocol."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.adapters.learners.checks import check_training_set, not_learned
from labelwright.adapters.learners.files import read_model, unusable, write_model
from labelwright.adapters.ml_backend import MlBackend
from labelwright.ports import Reads

#: A prediction without a score says which class, not how surely; what is held out then tells how often that is right.
_UNSCORED = 0.5


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the program is, and what it is told: the project, the labeling config, and the control that counts."""

    url: str
    project: str
    config: str
    control: str
    classes: tuple[str, ...]


class HttpLearner:
    """Learns nothing here: the program behind the address is as it is, and is measured like every model.

    Args:
        connection: where it is.
    """

    name = "http"
    reads = Reads.ITEM

    def __init__(self, connection: Connection) -> None:
        self.classes: tuple[str, ...] = ()
        self.version: str | None = None
        self._connection = connection
        self._backend = MlBackend(connection.url, connection.project, connection.config)

    def fit(self, inputs: Sequence[Any], labels: Sequence[str], weights: NDArray[np.float64] | None, seed: int) -> None:  # noqa: ARG002 - the port's
        """See that the program is well and knows the labeling config.

        Raises:
            OutsideServiceError: it is not.
            LabelwrightError: there are no labels to measure it by, as with every model.
        """
        check_training_set(inputs, labels, weights)
        self._backend.health()
        self.version = self._backend.setup()
        self.classes = self._connection.classes

    def predict_proba(self, inputs: Sequence[Any]) -> NDArray[np.float64]:
        """What the program says: its class gets its score, the others share the rest; NaN where it says nothing known.

        Raises:
            OutsideServiceError: it does not answer.
            LabelwrightError: `fit` was not called.
        """
        if not self.classes:
            raise not_learned()
        found = np.full((len(inputs), len(self.classes)), np.nan)
        tasks = [{"id": at + 1, "data": dict(item.data), "meta": {}} for at, item in enumerate(inputs)]
        for at, prediction in enumerate(self._backend.predict(tasks)):
            label = choice_of(prediction.get("result"), self._connection.control)
            if label in self.classes:
                found[at] = _shared(self.classes.index(str(label)), prediction.get("score"), len(self.classes))
        return found

    def save(self, path: Path) -> None:
        """Write where the program is.

        Raises:
            LabelwrightError: `fit` was not called.
        """
        if not self.classes:
            raise not_learned()
        about = asdict(self._connection) | {"classes": list(self._connection.classes), "version": self.version}
        write_model(path, self.name, {"connection": about})

    @classmethod
    def load(cls, path: Path, allowed: Collection[str] = ()) -> HttpLearner:
        """Read what `save` wrote.

        Raises:
            DataError: not such a file.
        """
        content = read_model(path, allowed)
        about = content.get("connection")
        if content.get("learner") != cls.name or not isinstance(about, dict):
            raise unusable(path, "The file names no model behind an address")
        version = about.pop("version", None)
        learner = cls(Connection(**{**about, "classes": tuple(about["classes"])}))
        learner.classes, learner.version = tuple(about["classes"]), version
        return learner


def choice_of(result: Any, control: str) -> str | None:
    """The one class that a prediction's result names for a control; None where it names none or several."""
    if not isinstance(result, list):
        return None
    named = [_choices(line) for line in result if isinstance(line, Mapping) and line.get("from_name") == control]
    return named[0][0] if len(named) == 1 and len(named[0]) == 1 else None


def _choices(line: Mapping[str, Any]) -> list[str]:
    value = line.get("value")
    chosen = value.get("choices") if isinstance(value, Mapping) else None
    return [str(c) for c in chosen] if isinstance(chosen, list) else []


def _shared(at: int, score: Any, classes: int) -> NDArray[np.float64]:
    sure = float(score) if isinstance(score, int | float) and 0 <= score <= 1 else _UNSCORED
    p = np.full(classes, (1 - sure) / max(classes - 1, 1))
    p[at] = sure
    return np.asarray(p / p.sum(), dtype=np.float64)
