"""Rounds: their steps, opening and closing them; and the models that they left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from labelwright.app import keeping, steering
from labelwright.app.console.timeline import rounds_of
from labelwright.app.context import Project
from labelwright.app.keeping import loop_status
from labelwright.entry.api.v1.access import Manager, Reader, note
from labelwright.entry.api.v1.jobs import shape_of
from labelwright.entry.api.v1.jobs_running import Job as Running
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import Job, Measure
from labelwright.entry.api.v1.state import TheConsole
from labelwright.model.learned import ModelRecord

router = APIRouter(tags=["rounds"], responses=RESPONSES)


class StepShape(BaseModel):
    """A durable step of a round: running, waiting, retrying, failed, done or skipped."""

    round: int
    step: str
    state: str
    changed_at: str
    tries: int
    retry_at: str | None
    reason: str | None


class RoundShape(BaseModel):
    """One round. ``step`` is the one that it is at; ``steps`` are those that were begun, each kept as it stands.

    ``by_chance`` is what a model would know that learned from as many items drawn at random, ``gain`` how much better
    the strategy's side is, on the same test items.
    """

    round: int
    state: str
    step: str
    strategy: str
    opened_at: str
    closed_at: str | None
    asked: int
    done: int
    waiting: int
    labels: int | None
    accuracy: Measure
    random: float | None
    by_chance: Measure
    gain: Measure
    note: str | None
    steps: list[StepShape]
    by_hand: bool


class Loop(BaseModel):
    """Who turns the rounds: ``mode`` is manual or auto; ``reason`` says why nothing goes on, if so."""

    mode: str
    paused: bool
    stopped: str | None
    next_at: str | None
    reason: str | None
    workers: list[dict[str, Any]]


class Steering(BaseModel):
    """What the lead does to the rounds by hand."""

    action: Literal["pause", "resume", "retry", "skip", "cancel"]


class ModelShape(BaseModel):
    """A model with its card. ``state`` is candidate, current, retired or rejected."""

    version: str
    kind: str
    state: str
    round: int | None
    trained_at: str
    reason: str | None
    card: dict[str, Any]


class Opening(BaseModel):
    """How many items to draw; the settings' batch without it."""

    batch: Annotated[int | None, Field(ge=1, le=1_000_000)] = None


class Closing(BaseModel):
    """``force`` withdraws what has not been answered."""

    force: bool = False


@router.get("/rounds")
def rounds(_: Reader, console: TheConsole) -> list[RoundShape]:
    """Every round, oldest first."""
    return [RoundShape(**r) for r in rounds_of(console.project)]


@router.post("/rounds", status_code=202)
def open_round(body: Opening, who: Manager, console: TheConsole) -> Job:
    """Draw the next batch and fill the desks."""
    from labelwright.entry.cli.rounds import open_and_deliver  # noqa: PLC0415 - it loads the pool's engine

    def work(job: Running) -> Mapping[str, Any]:
        opened, delivered = open_and_deliver(console.place, body.batch, job)  # type: ignore[arg-type]
        console.wake()
        return {"round": opened.number, "items": opened.items, "answers": opened.answers, "delivered": delivered}

    note(console, who, "round.open", "next", batch=body.batch)
    return shape_of(console.jobs.start("round", "Opening a round", work))


@router.post("/rounds/close", status_code=202)
def close_round(body: Closing, who: Manager, console: TheConsole) -> Job:
    """Settle the labels, train, measure, and score the pool."""
    from labelwright.entry.cli.rounds import close_and_withdraw  # noqa: PLC0415

    def work(job: Running) -> Mapping[str, Any]:
        closed = close_and_withdraw(console.place, job, force=body.force)  # type: ignore[arg-type]
        console.wake()
        return dict(closed.as_dict())

    note(console, who, "round.close", "open round", force=body.force)
    return shape_of(console.jobs.start("round", "Closing the round", work))


@router.get("/loop")
def loop(_: Reader, console: TheConsole) -> Loop:
    """Whether rounds turn by themselves, and what they wait for."""
    return Loop(**loop_status(console.project))


@router.post("/loop")
def steer(body: Steering, who: Manager, console: TheConsole) -> Loop:
    """Pause or resume the loop; try the step that failed again, leave it out, or cancel the open round."""
    _STEER[body.action](console.project)
    note(console, who, f"loop.{body.action}", "rounds")
    console.wake()
    return Loop(**loop_status(console.project))


_STEER: Mapping[str, Callable[[Project], object]] = {
    "pause": lambda project: keeping.pause(project, "by hand"),
    "resume": keeping.resume,
    "retry": steering.retry_step,
    "skip": steering.skip_step,
    "cancel": steering.cancel_round,
}


@router.get("/models")
def models(_: Reader, console: TheConsole) -> list[ModelShape]:
    """Every model, newest first."""
    return [_model(m) for m in reversed(console.project.store.models())]


@router.post("/models/{version}/promote")
def promote(version: str, who: Manager, console: TheConsole) -> ModelShape:
    """This model scores the pool and suggests from now on."""
    store = console.project.store
    if store.model(version) is None:
        raise missing("There is no such model")
    store.promote_model(version, console.project.clock.now(), f"promoted by {who.account.name}")
    note(console, who, "model.promote", version)
    found = store.model(version)
    if found is None:
        raise missing("There is no such model")
    return _model(found)


def _model(m: ModelRecord) -> ModelShape:
    return ModelShape(
        version=m.version,
        kind=m.kind,
        state=m.state.value,
        round=m.round,
        trained_at=m.trained_at.isoformat(),
        reason=m.reason,
        card=dict(m.card),
    )
