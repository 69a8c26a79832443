"""`labelwright plan`: what a job will take, before it is begun."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.entry.cli.output import Bar, JsonOption, emit, is_page, say, table, write_file
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from labelwright.planning.options import JobPlan


def plan_command(
    items: Annotated[int, typer.Option(min=1, help="How many items the job has.")],
    *,
    classes: Annotated[int, typer.Option(min=2, help="How many classes there are.")] = 2,
    target: Annotated[float, typer.Option(help="Share of right labels to reach among those accepted.")] = 0.95,
    expert_cost: Annotated[float, typer.Option(help="Price of an expert's label, in prices of an answer.")] = 20.0,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", help="A pilot's answers: CSV with item, annotator, label.", metavar="FILE"),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option("--truth", help="The pilot's truth: CSV with item, truth.", metavar="FILE")
    ] = None,
    annotators: Annotated[int, typer.Option(min=2, help="Assumed: how many annotators.")] = 8,
    accuracy: Annotated[float, typer.Option(help="Assumed: mean share of right answers to usual items.")] = 0.85,
    spread: Annotated[float, typer.Option(help="Assumed: its standard deviation over annotators.")] = 0.07,
    hard: Annotated[float, typer.Option(help="Assumed: share of items where all err together.")] = 0.1,
    answers_a_day: Annotated[
        float | None, typer.Option(help="Answers that the whole team gives in a day, for the calendar.")
    ] = None,
    replays: Annotated[int, typer.Option(min=5, help="Simulated jobs behind each row.")] = 30,
    seed: Annotated[int, typer.Option(help="The same seed gives the same plan.")] = 0,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Write the picture: an SVG or HTML file.", metavar="FILE")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare policies for a job: answers, audits, cost, days and risk, by simulation."""
    from labelwright.adapters.reports.crowd import read_crowd  # noqa: PLC0415 - `--help` needs none of it
    from labelwright.app.planning_job import Job, plan_by_assumptions, plan_by_pilot  # noqa: PLC0415
    from labelwright.planning.synthetic import Assumptions  # noqa: PLC0415

    if (labels is None) != (truth is None):
        raise UsageError("A pilot needs both its answers and its truth", next_step="Give --labels and --truth")
    job = Job(items, target, expert_cost, answers_a_day, replays, seed)
    with Bar(quiet=json) as bar:
        if labels is not None and truth is not None:
            found = plan_by_pilot(job, read_crowd(labels, truth), bar)
        else:
            found = plan_by_assumptions(job, Assumptions(classes, annotators, accuracy, spread, hard), bar)
    if picture is not None:
        _draw(picture, found)
    if json:
        emit(found.as_dict())
        return
    _show(found)


def _draw(picture: Path, plan: JobPlan) -> None:
    from labelwright.entry.render.plan import page, render_plan  # noqa: PLC0415

    write_file(picture, page(plan) if is_page(picture) else render_plan(plan))


def _show(plan: JobPlan) -> None:
    from labelwright.entry.render.plan import name  # noqa: PLC0415

    rows = [
        (
            name(o),
            f"{o.answers:.2f}",
            f"{o.audits:.0f}",
            f"{o.accepted:.0%}",
            f"{o.accuracy[0]:.1%} ({o.accuracy[1]:.1%} to {o.accuracy[2]:.1%})",
            f"{o.cost[0]:,.0f} ({o.cost[1]:,.0f} to {o.cost[2]:,.0f})",
            "–" if o.days is None else f"{o.days[0]:,} ({o.days[1]:,} to {o.days[2]:,})",
            "–" if o.policy == "expert" else f"{o.risk:.0%} ({o.risk_interval[0]:.0%} to {o.risk_interval[1]:.0%})",
            "–" if o.fails is None else f"{o.fails:.0%}",
        )
        for o in plan.options
    ]
    columns = (
        "policy",
        "answers",
        "audits",
        "unseen",
        "accuracy at the end",
        "cost",
        "days",
        "misses",
        "not certified",
    )
    table(f"Plan: {plan.items:,} items, target {plan.target:.1%}", columns, rows)
    say(f"Cheapest that keeps the target: {name(plan.advice)}.")
    say(
        f"{plan.basis} {plan.replays} simulated jobs a row: intervals hold nine of ten of them; that of misses is a "
        "95 % interval, narrower with more --replays."
    )
    say("Certified: the procedure is right in at least 95 % of jobs.")
    if all(o.days is None for o in plan.options):
        say("For the calendar: --answers-a-day, what the whole team answers in a day.")
