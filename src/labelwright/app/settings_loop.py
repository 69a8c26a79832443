"""Settings of the loop: who turns the rounds, when, and when it is enough."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt, model_validator

from labelwright.app.settings_base import Section


def _cron(text: str) -> str:
    from croniter import croniter  # noqa: PLC0415 - most commands read the settings and need no clock

    if not croniter.is_valid(text):
        message = "is no cron expression: five fields, or six with seconds last, such as '0 8 * * 1'"
        raise ValueError(message)
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        message = "is no time zone that this machine knows, such as Europe/Berlin"
        raise ValueError(message) from problem
    return name


class Stop(Section):
    """When it is enough; whatever comes first. A budget that is used up and a pool that is empty always end it.

    ``accuracy`` is met when the lower end of the interval reaches it. ``gain_per_100`` is missed when the upper end of
    the gain over the last ``window`` rounds, per 100 answers, stays below it.
    """

    accuracy: Annotated[float, Field(gt=0, lt=1)] | None = None
    gain_per_100: Annotated[float, Field(gt=0, lt=1)] | None = None
    window: Annotated[int, Field(ge=1)] = 3
    rounds: PositiveInt | None = None


class Loop(Section):
    """``mode`` auto: `labelwright up` turns the rounds; manual: you do, with `round open` and `round close`.

    A round is closed when all its answers are in; or when ``new_labels`` of them are, or fewer than ``queue_below``
    tasks wait on all desks together, and then what is still open stays on the desks and counts later; or after
    ``patience_days``, and then the rest is withdrawn. The next one opens at once, or at the next time of ``schedule``.
    """

    mode: Literal["manual", "auto"] = "manual"
    schedule: Annotated[str, AfterValidator(_cron)] | None = None
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    new_labels: PositiveInt | None = None
    queue_below: PositiveInt | None = None
    patience_days: PositiveFloat | None = None
    annotators: PositiveInt | None = None
    lease_seconds: Annotated[float, Field(ge=2)] = 30
    stop: Stop = Stop()

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        """``loop: auto`` is enough."""
        return {"mode": value} if isinstance(value, str) else value
