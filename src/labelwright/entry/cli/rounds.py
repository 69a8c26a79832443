"""`labelwright round`: open, follow and close rounds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.fresh import fresh_project
from labelwright.entry.cli.output import HERE, Bar, JsonOption, WorkspaceOption, emit, interval, say, table
from labelwright.model.errors import OutsideServiceError

if TYPE_CHECKING:
    from labelwright.adapters.model_sources import Taken
    from labelwright.app.closing import Closed
    from labelwright.app.rounds import Opened
    from labelwright.bootstrap import Workspace

round_app = typer.Typer(help="Open, follow and close rounds.", no_args_is_help=True, rich_markup_mode=None)


@round_app.command("open")
def open_command(
    batch: Annotated[int | None, typer.Option(min=1, help="Items in this round (default: sampling.batch).")] = None,
    predictions: Annotated[
        Path | None, typer.Option(help="Choose by these predictions: id and class probabilities, or results.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Draw the next batch and fill the desks."""
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    place = open_workspace(workspace)
    with Bar(quiet=as_json) as bar:
        taken = None if predictions is None else _take_predictions(place, predictions)
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
                "predictions": taken and taken.items,
                "rejected_predictions": taken and taken.rejected,
            }
        )
        return
    say(
        f"Round {opened.number} is open: {opened.items} items ({opened.strategy}), {opened.answers} answers; "
        f"{delivered} tasks are on the desks."
    )
    if taken:
        told = f" (see {taken.rejects})" if taken.rejected else ""
        say(f"  {taken.items} items have a prediction of yours; {taken.rejected} rows of the file cannot be used{told}")
    if opened.test_items:
        say(f"  {opened.test_items} random test items come first; nothing is trained on them")
    if opened.note:
        say(f"  note: {opened.note}")


def _take_predictions(place: Workspace, path: Path) -> Taken:
    """The predictions of the file, for the round that may be opened now."""
    from labelwright.app.rounds import next_round  # noqa: PLC0415

    project = place.project()
    return place.models.take_predictions(project, next_round(project), path)


def open_and_deliver(place: Workspace, batch: int | None, bar: Bar) -> tuple[Opened, int]:
    """Open a round and fill every desk; also how many tasks went out."""
    from labelwright.app.rounds import next_round, opened_round  # noqa: PLC0415
    from labelwright.app.turning import do_step  # noqa: PLC0415
    from labelwright.model.loop import Step  # noqa: PLC0415

    project = place.project(bar)
    number = next_round(project)
    turn = place.turn(project, bar, rest=time.sleep, batch=batch)
    do_step(turn, number, Step.SELECT)
    return opened_round(project, number), int(do_step(turn, number, Step.DELIVER)["delivered"])


@round_app.command("status")
def status_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """One row a round: asked, answered, accuracy with its interval; where it stands, and why."""
    from labelwright.app.keeping import loop_status  # noqa: PLC0415
    from labelwright.app.rounds import round_status  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    project = fresh_project(open_workspace(workspace))
    rows, loop = round_status(project), loop_status(project)
    if as_json:
        emit({"rounds": rows, "loop": loop})
        return
    if not rows:
        say("No round yet. Next: labelwright round open")
    else:
        columns = ("round", "state", "step", "strategy", "asked", "delivered", "labeled", "skipped", "waiting")
        shown = [
            [*(r[c] for c in columns), interval({**r, "value": r["accuracy"]}), r["random_accuracy"]] for r in rows
        ]
        table("Rounds", (*columns, "accuracy (95 % interval)", "random"), shown)
        for row in rows[-3:]:
            if row["reason"]:
                say(f"  round {row['round']}: {row['reason']}")
    if loop["reason"] and loop["mode"] == "auto":
        say(f"loop: {loop['reason']}")


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
    from labelwright.app.closing import close_by_hand  # noqa: PLC0415

    project = fresh_project(place)
    closed = close_by_hand(place.turn(project, bar, rest=time.sleep, force=force))
    if force:
        _clear_desks(place)
    return closed


def _clear_desks(place: Workspace) -> None:
    from labelwright.app.delivery import refill  # noqa: PLC0415

    project, desks = place.project(), place.desks()
    for desk in project.store.desks("work"):
        refill(project, desks, desk, place.owner)


def _tell(closed: dict[str, Any]) -> None:
    say(
        f"Round {closed['round']} is closed: {closed['labels']} answers, {closed['labeled_items']} items labeled, "
        f"{closed['contested']} contested."
    )
    say(
        f"  accuracy of the model: {interval(closed['accuracy'])} on {closed['accuracy']['n_items']} items "
        f"({closed['measured_on']})"
    )
    if closed["certification"]:
        say(f"  {closed['certification'].get('statement') or closed['certification']['reason']}")
    if closed["withdrawn"]:
        say(f"  {closed['withdrawn']} unanswered assignments were withdrawn")
    if closed["reason"]:
        say(f"  note: {closed['reason']}")
    say("Next: labelwright round open, or labelwright report and labelwright export")


@round_app.command("pause")
def pause_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Hold the loop: nothing is drawn, settled or trained; the desks keep their tasks, and answers come in."""
    from labelwright.app.keeping import pause  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    pause(open_workspace(workspace).project(), "by hand")
    _answer({"paused": True}, "The loop is paused. Next: labelwright round resume", as_json=as_json)


@round_app.command("resume")
def resume_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Go on after a pause, or although a rule has stopped the loop."""
    from labelwright.app.keeping import resume  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    held = resume(open_workspace(workspace).project())
    _answer({"paused": False, "held": held}, f"The loop goes on (it was {held})", as_json=as_json)


@round_app.command("cancel")
def cancel_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """End the open round without learning from it; answers that were given stay and count."""
    from labelwright.app.steering import cancel_round  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    place = open_workspace(workspace)
    number, withdrawn = cancel_round(fresh_project(place))
    try:
        _clear_desks(place)
    except OutsideServiceError as problem:
        say(f"note: {problem.what}; the tasks leave the desks when Label Studio is there again")
    _answer(
        {"round": number, "withdrawn": withdrawn},
        f"Round {number} is cancelled; {withdrawn} open assignments were withdrawn",
        as_json=as_json,
    )


@round_app.command("skip")
def skip_command(
    step: Annotated[str | None, typer.Argument(help="Step to leave out (default: the current one).")] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Leave a step of the open round out: deliver, wait, settle, train, evaluate or score."""
    from labelwright.app.steering import skip_step  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    skipped = skip_step(open_workspace(workspace).project(), step)
    _answer(
        {"round": skipped.round, "skipped": skipped.step.value},
        f"Round {skipped.round} goes on without {skipped.step.value}",
        as_json=as_json,
    )


@round_app.command("retry")
def retry_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Try the step that failed again at once."""
    from labelwright.app.steering import retry_step  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    again = retry_step(open_workspace(workspace).project())
    _answer(
        {"round": again.round, "step": again.step.value},
        f"Round {again.round}: {again.step.value} is tried again",
        as_json=as_json,
    )


def _answer(document: dict[str, Any], text: str, *, as_json: bool) -> None:
    if as_json:
        emit(document)
    else:
        say(text)
