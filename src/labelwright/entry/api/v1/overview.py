"""Where are we, can I trust it, when are we done, what does it cost, what needs me now."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from labelwright.entry.api.v1.access import Reader
from labelwright.entry.api.v1.problems import RESPONSES, Problem, ProblemError
from labelwright.entry.api.v1.rounds import RoundShape
from labelwright.entry.api.v1.shapes import Measure, NamedMeasure
from labelwright.entry.api.v1.state import TheConsole

router = APIRouter(tags=["overview"], responses=RESPONSES)


class ProjectShape(BaseModel):
    """The labeling project."""

    name: str
    simulated: str | None
    schema_version: int
    guidelines_version: int
    control: str
    kind: str
    classes: list[str]
    controls: list[str]
    deadline: str | None


class Progress(BaseModel):
    """How far the work is. ``pool`` is None where the pool cannot be read."""

    pool: int | None
    drawn: int
    by_state: dict[str, int]
    by_label: dict[str, int]
    done: int
    skipped: int
    waiting: int
    on_desks: int


class VerdictShape(BaseModel):
    """Can I train on this?"""

    level: str
    train: str
    why: str
    help: list[str]
    guidelines: list[str]
    experts: str
    next_step: str


class ConfusedShape(BaseModel):
    """Two classes that annotators give to the same items."""

    classes: list[str]
    n: int
    rate: float


class AgreementNow(BaseModel):
    """How far annotators agree on the control that is exported."""

    measure: str
    value: Measure
    percent: Measure
    scale: str | None
    verdict: VerdictShape
    trend: list[NamedMeasure]
    confused: list[ConfusedShape]


class PacePoint(BaseModel):
    """Answers in one stretch of time."""

    time: str
    answers: int


class Forecast(BaseModel):
    """When what is planned will be answered, at the pace so far."""

    remaining: int
    per_hour: float | None
    low: float | None
    high: float | None
    done_at: str | None
    earliest: str | None
    latest: str | None
    reason: str | None


class Cost(BaseModel):
    """What it costs; None with a reason where no price is known."""

    currency: str
    per_answer: float | None
    answers: int
    budget_answers: int | None
    planned_answers: int
    spent: float | None
    forecast: float | None
    seconds_per_answer: float | None
    reason: str | None


class AttentionPoint(BaseModel):
    """Something that needs the lead. ``level`` is next, warn or info; ``link`` a path of the console."""

    kind: str
    level: str
    title: str
    detail: str
    link: str
    n: int | None


class Overview(BaseModel):
    """The first screen."""

    project: ProjectShape
    progress: Progress
    agreement: AgreementNow | None
    curve: list[RoundShape]
    throughput: list[PacePoint]
    forecast: Forecast
    cost: Cost
    attention: list[AttentionPoint]
    as_of: str
    worker: str


@router.get("/overview")
def overview(_: Reader, console: TheConsole) -> Overview:
    """Made ahead in the background; `as_of` tells when."""
    found: dict[str, Any] = dict(console.document("overview") or {})
    if not found:
        step = "It is being made: ask again in a few seconds"
        raise ProblemError(409, Problem(code="nothing", message="There is no overview yet", next_step=step))
    return Overview(**found, worker=console.worker_state())
