"""Use case: what a labeling config asks for, what of it is understood, and whether the data fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labelwright.agreement.defaults import measure_of
from labelwright.model.errors import SchemaError
from labelwright.model.schema import Control, Schema

#: A sample annotation of the control goes through the codec and back unchanged.
GoesThrough = Callable[[Control, Schema], bool]


@dataclass(frozen=True, slots=True)
class ControlCheck:
    """One control.

    Attributes:
        control: as it stands in the config.
        understood: its answers go through the codec unchanged, and a measure is known or why there is none.
        reason: why it is not understood, why nothing is measured, or what to look at; None otherwise.
        measure: name of the measure of agreement, or None.
    """

    control: Control
    understood: bool
    reason: str | None
    measure: str | None


@dataclass(frozen=True, slots=True)
class SchemaCheck:
    """What a check found; ``problems`` is empty when the config is valid and the data fits."""

    controls: tuple[ControlCheck, ...]
    data_fields: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Nothing needs to be mended."""
        return not self.problems


def check_schema(
    xml: str,
    read_config: Callable[[str], Schema],
    goes_through: GoesThrough,
    columns: Sequence[str] | None = None,
) -> SchemaCheck:
    """Check a config.

    Args:
        xml: the config.
        read_config: reads it; what cannot be read at all becomes the one problem.
        goes_through: tries the codec on a sample annotation.
        columns: columns of the data, to be compared with the fields that the screen shows; None: not asked.
    """
    try:
        schema = read_config(xml)
    except SchemaError as error:
        return SchemaCheck((), (), (str(error),))
    controls = tuple(_check(control, schema, goes_through) for control in schema.controls)
    missing = () if columns is None else missing_columns(schema.data_fields, columns)
    return SchemaCheck(controls, schema.data_fields, (*schema.problems, *missing))


def missing_columns(fields: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """A problem for each data field that no column has the name of."""
    there = ", ".join(f"'{column}'" for column in columns[:20]) or "none"
    return tuple(
        f"The screen shows the field '{field}', and the data has no column of that name (it has {there}): "
        f"rename the column, write ${field} otherwise in the config, or say which column it is when you run init."
        for field in fields
        if field not in columns
    )


def _check(control: Control, schema: Schema, goes_through: GoesThrough) -> ControlCheck:
    if not control.understood:
        return ControlCheck(control, understood=False, reason=control.reason, measure=None)
    if not goes_through(control, schema):
        reason = "a sample answer did not come back from the codec unchanged; its answers are kept as they are"
        return ControlCheck(control, understood=False, reason=reason, measure=None)
    choice = measure_of(control)
    measure = choice.default.name if choice.default else None
    known = measure is not None or choice.reason is not None
    return ControlCheck(control, known, control.reason or choice.reason, measure)


def as_document(check: SchemaCheck) -> dict[str, Any]:
    """What `labelwright schema check --json` prints."""
    return {
        "valid": check.valid,
        "controls": [_control(one) for one in check.controls],
        "data_fields": list(check.data_fields),
        "problems": list(check.problems),
    }


def _control(one: ControlCheck) -> dict[str, Any]:
    control = one.control
    return {
        "name": control.name,
        "kind": control.kind.value,
        "to": list(control.to),
        "classes": list(control.classes),
        "understood": one.understood,
        **({"reason": one.reason} if one.reason else {}),
    }
