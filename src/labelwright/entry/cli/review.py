"""`labelwright review`: what waits for an expert, what experts found, and the lead's own word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, interval, say, table

if TYPE_CHECKING:
    from labelwright.bootstrap import Workspace

review_app = typer.Typer(help="Contested, audited and unsure items.", no_args_is_help=True, rich_markup_mode=None)
_SHOWN = 50
Why = Annotated[str, typer.Option("--why", help="The reason; who answered otherwise may read it.")]


@review_app.command("list")
def list_reviews(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """What waits for an expert, how often whose answers were overturned, where experts disagree."""
    from labelwright.app.answers import replies_of  # noqa: PLC0415
    from labelwright.app.review_report import review_report  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    project = fresh_project(open_workspace(workspace))
    report = review_report(project, replies_of(project))
    if as_json:
        emit(report)
        return
    waiting = report["waiting"]
    table(
        f"{len(waiting)} items wait for an expert, {report['settled']} are settled",
        ("item", "why", "detail"),
        [[r["item"], r["why"], r["detail"]] for r in waiting[:_SHOWN]],
    )
    rows = [[r["annotator"], interval(r["audited"]), interval(r["all"])] for r in report["overturned"]]
    table("Overturned by experts (95 % interval)", ("annotator", "of audited answers", "of all reviewed"), rows)
    say(f"Experts agree with each other: {interval(report['experts'])}")
    for c in report["contradictions"]:
        said = "; ".join(f"{s['by']}: {s['label']}" + (f" ({s['why']})" if s["why"] else "") for s in c["said"])
        say(f"  {c['item']}: {said}. Decide: labelwright review settle {c['item']} LABEL")


@review_app.command("run")
def run_reviews(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Take in what experts said, look after gold and people, and bring items to experts now.

    The server's worker does this by itself while it runs.
    """
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    done = oversee_and_deliver(open_workspace(workspace))
    if as_json:
        emit(done)
        return
    say(f"{done['words']} words of experts were taken in, {done['reviews']} items went to experts.")
    if done["doubted"]:
        say(f"{done['doubted']} gold items are doubted: labelwright gold list")
    if done["paused"]:
        say("Paused: " + ", ".join(done["paused"]) + ". Why: labelwright team list")


def oversee_and_deliver(place: Workspace) -> dict[str, Any]:
    """What the worker does after new answers, from the command line."""
    from labelwright.app.delivery import ensure_desks, refill  # noqa: PLC0415
    from labelwright.app.hooks import watch  # noqa: PLC0415
    from labelwright.app.oversight import oversee  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    project, desks = fresh_project(place), place.desks()
    done = oversee(project)
    for desk in ensure_desks(project, desks):
        watch(desks, desk, place.hook())
    for desk in project.store.desks():
        refill(project, desks, desk, place.owner)
    return {"words": done.words, "doubted": done.doubted, "paused": list(done.paused), "reviews": done.reviews}


@review_app.command("settle")
def settle(
    item: Annotated[str, typer.Argument(help="The item's id.")],
    label: Annotated[str, typer.Argument(help="Its label.")],
    why: Why = "",
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """The lead's own final word on an item."""
    from labelwright.app.adjudicating import settle_item  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    settle_item(open_workspace(workspace).project(), item, label, why or None)
    if as_json:
        emit({"item": item, "label": label, "why": why or None})
        return
    say(f"{item} is {label}.")


@review_app.command("return")
def return_command(
    item: Annotated[str, typer.Argument(help="The item's id.")],
    to: Annotated[str, typer.Option("--to", help="Whose answer it is: id, name or address.")],
    why: Why,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Send an item back to an annotator with an explanation; the new answer takes the place of the old one."""
    from labelwright.app.returning import return_item  # noqa: PLC0415
    from labelwright.app.team import find_annotator  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    project = open_workspace(workspace).project()
    person = find_annotator(project, to)
    return_item(project, item, person.id, why)
    if as_json:
        emit({"item": item, "to": person.id})
        return
    say(f"{item} goes back to {person.name} with the next filling of the desk.")
