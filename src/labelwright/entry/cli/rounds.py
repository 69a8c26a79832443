"""`labelwright round`: open, follow and close rounds."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.fresh import fresh_project
from labelwright.entry.cli.output import HERE, Bar, JsonOption, WorkspaceOption, emit, interval, say, table

if TYPE_CHECKING:
    from labelwright.app.closing import Closed
    from labelwright.app.delivery import Delivered
    from labelwright.app.rounds import Opened
    from labelwright.bootstrap import Workspace

#: Seconds to wait for another worker at a desk; what it leaves the server's worker does later.
_PATIENCE = 20.0
round_app = typer.Typer(help="Open, follow and close rounds.", no_args_is_help=True, rich_markup_mode=None)


@round_app.command("open")
def open_command(
    batch: Annotated[int | None, typer.Option(min=1, help="Items in this round (default: sampling.batch).")] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Draw the next batch and fill the desks."""
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    place = open_workspace(workspace)
    with Bar(quiet=as_json) as bar:
        opened, delivered = open_and_deliver(place, batch, bar)
    if as_json:
        emit(
            {
                "round": opened.number,
                "strategy": opened.strategy,
                "items": opened.items,
                "test_items": opened.test_items,
                "answers": opened.answers,
                "delivered": delivered,
                "note": opened.note,
            }
        )
        return
    say(
        f"Round {opened.number} is open: {opened.items} items ({opened.strategy}), {opened.answers} answers; "
        f"{delivered} tasks are on the desks."
    )
    if opened.test_items:
        say(f"  {opened.test_items} random test items come first; nothing is trained on them")
    if opened.note:
        say(f"  note: {opened.note}")


def open_and_deliver(place: Workspace, batch: int | None, bar: Bar) -> tuple[Opened, int]:
    """Open a round and fill every desk; also how many tasks went out."""
    from labelwright.adapters.reference import read_reference  # noqa: PLC0415
    from labelwright.app.delivery import deliver  # noqa: PLC0415
    from labelwright.app.rounds import open_round  # noqa: PLC0415

    project = place.project(bar)
    reference = place.settings.model.reference
    known = frozenset(read_reference(place.path(reference))) if reference else frozenset()
    opened = open_round(project, batch=batch, known=known)
    desks, records = place.desks(), project.store.desks("work")
    bar.start("Filling the desks", len(records))
    passes = []
    for record in records:
        passes.append(_deliver_in_turn(partial(deliver, project, desks, record, place.owner)))
        bar.step()
    return opened, sum(p.delivered for p in passes if p is not None)


def _deliver_in_turn(once: Callable[[], Delivered | None]) -> Delivered | None:
    """The server's worker may be at the desk: wait for it, for its look may be older than the round."""
    end = time.monotonic() + _PATIENCE
    while (done := once()) is None and time.monotonic() < end:
        time.sleep(0.2)
    return done


@round_app.command("status")
def status_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """One row a round: asked, answered, accuracy with its interval."""
    from labelwright.app.rounds import round_status  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    rows = round_status(fresh_project(open_workspace(workspace)))
    if as_json:
        emit({"rounds": rows})
        return
    if not rows:
        say("No round yet. Next: labelwright round open")
        return
    columns = ("round", "state", "step", "strategy", "asked", "delivered", "labeled", "skipped", "waiting")
    shown = [[*(r[c] for c in columns), interval({**r, "value": r["accuracy"]})] for r in rows]
    table("Rounds", (*columns, "accuracy (95 % interval)"), shown)


@round_app.command("close")
def close_command(
    force: Annotated[bool, typer.Option("--force", help="Also withdraw what has not been answered.")] = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Settle the labels, train, measure, and score the pool."""
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    place = open_workspace(workspace)
    with Bar(quiet=as_json) as bar:
        closed = close_and_withdraw(place, bar, force=force)
    document = closed.as_dict()
    if as_json:
        emit(document)
        return
    _tell(document)


def close_and_withdraw(place: Workspace, bar: Bar, *, force: bool = False) -> Closed:
    """Close the open round; with ``force`` unanswered tasks that nobody has in hand leave the desks."""
    from labelwright.adapters.reference import read_reference  # noqa: PLC0415
    from labelwright.app.closing import close_round  # noqa: PLC0415
    from labelwright.app.delivery import refill  # noqa: PLC0415

    project = fresh_project(place)
    reference = place.settings.model.reference
    known = read_reference(place.path(reference)) if reference else {}
    closed = close_round(project, place.new_learner(project), known, bar, force=force)
    if force:
        desks = place.desks()
        for desk in project.store.desks("work"):
            refill(project, desks, desk, place.owner)
    return closed


def _tell(closed: dict[str, Any]) -> None:
    say(
        f"Round {closed['round']} is closed: {closed['labels']} answers, {closed['labeled_items']} items labeled, "
        f"{closed['contested']} contested."
    )
    say(
        f"  accuracy of the model: {interval(closed['accuracy'])} on {closed['accuracy']['n_items']} items "
        f"({closed['measured_on']})"
    )
    if closed["withdrawn"]:
        say(f"  {closed['withdrawn']} unanswered assignments were withdrawn")
    if closed["reason"]:
        say(f"  note: {closed['reason']}")
    say("Next: labelwright round open, or labelwright report and labelwright export")
