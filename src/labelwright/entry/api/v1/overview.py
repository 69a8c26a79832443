"""Where are we, can I trust it, when are we done, what does it cost, what needs me now."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from labelwright.app.console.refresh import kept, refresh_checks, remake_overview
from labelwright.entry.api.v1.access import Manager, Reader, note
from labelwright.entry.api.v1.jobs import shape_of
from labelwright.entry.api.v1.jobs_running import Job as Running
from labelwright.entry.api.v1.problems import RESPONSES, Problem, ProblemError
from labelwright.entry.api.v1.rounds import RoundShape
from labelwright.entry.api.v1.shapes import Job, Measure, NamedMeasure
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


class Finish(BaseModel):
    """When the last answer comes, with its 90 % interval, or why nobody can tell."""

    expected: str | None
    earliest: str | None
    latest: str | None
    reason: str | None


class TotalCost(BaseModel):
    """Of the whole job, spent and to come, with its 90 % interval."""

    currency: str
    expected: float | None
    low: float | None
    high: float | None
    reason: str | None


class BurnDown(BaseModel):
    """Answers still to come at a time, as recorded or as forecast."""

    at: str
    remaining: float
    low: float
    high: float
    forecast: bool


class Expected(BaseModel):
    """The forecast of the whole job. ``until`` says what the job is, ``step`` by what the pace was counted."""

    until: str
    step: str
    confidence: float
    remaining_answers: int
    finish: Finish
    total_cost: TotalCost
    burn_down: list[BurnDown]


class Purpose(BaseModel):
    """What one purpose of answers (label, overlap, gold, review …) took."""

    name: str
    answers: int
    hours: float
    amount: float | None


class Cost(BaseModel):
    """What it costs; None with a reason where no price is known.

    ``forecast`` is for what is planned, ``whole_budget`` for every answer that the budget allows. Answers of people
    without a rate (``without_rate``) are not in the sum.
    """

    currency: str
    per_answer: float | None
    answers: int
    budget_answers: int | None
    budget_money: float | None
    budget_share: float | None
    planned_answers: int
    spent: float | None
    forecast: float | None
    whole_budget: float | None
    without_rate: int
    by_purpose: list[Purpose]
    seconds_per_answer: float | None
    hours: float | None
    reason: str | None


class Certified(BaseModel):
    """The last audit. ``statement`` says what it claims and what it does not."""

    verdict: str
    target: float
    confidence: float
    items: int
    accepted: int
    audited: int
    errors: int
    to_expert: int
    accepted_share: float
    reason: str
    remedy: str | None
    statement: str
    at: str | None


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
    certified: Certified | None
    curve: list[RoundShape]
    throughput: list[PacePoint]
    forecast: Forecast
    expected: Expected | None
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


class Check(BaseModel):
    """One line of the lead's list: pass, fail or not yet, and what to do next."""

    check: str
    verdict: str
    seen: str
    next_step: str


class Checks(BaseModel):
    """The lead's list as it was last walked; ``at`` is None before the first time."""

    lines: list[Check]
    at: str | None


@router.get("/checks")
def checks(_: Reader, console: TheConsole) -> Checks:
    """What a careful lead would check, as `labelwright doctor` does."""
    found = kept(console.project, "checks")
    return Checks(lines=found.document["lines"], at=found.made_at.isoformat()) if found else Checks(lines=[], at=None)


@router.post("/checks", status_code=202)
def check_now(who: Manager, console: TheConsole) -> Job:
    """Walk the list now."""
    from labelwright.entry.cli.doctor import examine_workspace  # noqa: PLC0415 - it loads every export format

    def work(job: Running) -> Mapping[str, Any]:
        job.start("Walking the list", None)
        refresh_checks(console.project, lambda: examine_workspace(console.place, console.project))
        return {}

    note(console, who, "checks.run", "all")
    return shape_of(console.jobs.start("checks", "Checking everything", work))


class Wanted(BaseModel):
    """What is to be certified: the share of right labels among those accepted unseen."""

    target: Annotated[float, Field(gt=0, lt=1)] = 0.95
    again: bool = False


@router.post("/certify", status_code=202)
def certify_labels(body: Wanted, who: Manager, console: TheConsole) -> Job:
    """Begin an audit, or go on with the open one: what experts audit shows up at their desks."""

    def work(job: Running) -> Mapping[str, Any]:
        from labelwright.app.certifying import Wish, certify  # noqa: PLC0415

        job.start("Planning the audit", None)
        record = certify(console.project, Wish(body.target), again=body.again)
        remake_overview(console.project, time.monotonic())
        console.wake()
        return {"verdict": record.verdict.verdict.value, "reason": record.verdict.reason}

    note(console, who, "labels.certify", console.project.control.name, wanted=body.target)
    return shape_of(console.jobs.start("certify", "Certifying the labels", work))
