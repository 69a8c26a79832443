"""The user's own predictions in place of a model's: for the choosing of the next round's items."""

from __future__ import annotations

from labelwright.app.context import Project
from labelwright.model.errors import DataError, LabelwrightError, UsageError
from labelwright.model.schema import Kind
from labelwright.model.values import Choice, Entry
from labelwright.ports.scoring import ScoredRows


def prediction_classes(project: Project) -> tuple[str, ...]:
    """The classes that predictions are about, in their order.

    Raises:
        UsageError: the control has none, or one only.
    """
    control = project.control
    if control.kind is not Kind.CHOICE or len(control.classes) < 2:
        raise UsageError(
            f"Predictions of classes do not fit {control.name}, a control of kind {control.kind.value}",
            where="--predictions",
            next_step="Set schema.control in labelwright.yaml to a control with classes to choose from",
        )
    return control.classes


def label_of(project: Project, raw: str) -> str | None:
    """The one class that a list of Label Studio results chooses; None where it chooses none, or several."""
    try:
        answer = project.codec.decode(raw, project.schema)
    except (DataError, LabelwrightError):
        return None
    entries = [e for e in answer.entries if isinstance(e, Entry)]
    chosen = [e.value for e in entries if e.control == project.control.name]
    if len(chosen) != 1 or not isinstance(chosen[0], Choice) or len(chosen[0].labels) != 1:
        return None
    label = chosen[0].labels[0]
    return label if label in project.control.classes else None


def take_predictions(project: Project, number: int, scored: ScoredRows) -> None:
    """Keep the predictions as what is known of the pool when that round is opened; a model's say gives way to them."""
    project.scores.write(number - 1, [scored], project.control.classes)
