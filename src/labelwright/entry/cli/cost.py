"""`labelwright cost`: what the work costs, what the budget leaves, and when it will be done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, is_page, say, table, write_file

if TYPE_CHECKING:
    from labelwright.app.forecasting import Outlook

_TITLES = {
    "by_annotator": "By annotator",
    "by_class": "By class",
    "by_round": "By round (0: review and qualification)",
    "by_purpose": "By purpose",
}


def cost_command(
    workspace: WorkspaceOption = HERE,
    *,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Write the burn-down: an SVG or HTML file.", metavar="FILE")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Cost by annotator, class, round and purpose; when it will be done, and for how much."""
    from labelwright.app.cost import bill_report, class_priced  # noqa: PLC0415
    from labelwright.app.forecasting import forecast  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    project = fresh_project(open_workspace(workspace))
    priced = class_priced(project)
    report, outlook = bill_report(project, priced), forecast(project, priced)
    if picture is not None:
        _draw(picture, outlook, report["simulated"])
    if as_json:
        emit(report | {"forecast": outlook.as_dict()})
        return
    _show(report)
    _tell_forecast(outlook)


def _draw(picture: Path, outlook: Outlook, simulated: str | None) -> None:
    from labelwright.entry.render.burn_down import page, render_burn_down  # noqa: PLC0415

    write_file(picture, page(outlook, simulated) if is_page(picture) else render_burn_down(outlook, simulated))


def _tell_forecast(outlook: Outlook) -> None:
    from labelwright.entry.render.burn_down import finish_in_words  # noqa: PLC0415

    cost = outlook.forecast.cost
    say(f"Forecast: {outlook.forecast.remaining:,} answers to come, until {outlook.until}. {finish_in_words(outlook)}.")
    if cost.value is None:
        say(f"  total cost: {cost.reason}")
    else:
        say(f"  total cost: {cost.value:,.2f} ({cost.low:,.2f} to {cost.high:,.2f}) {outlook.currency}")


def _show(report: dict[str, Any]) -> None:
    if report["simulated"]:
        say(report["simulated"])
    for name, title in _TITLES.items():
        rows = [[x["name"], x["answers"], round(x["hours"], 2), x["amount"]] for x in report[name]]
        table(title, (name.removeprefix("by_"), "answers", "active hours", report["currency"]), rows)
    total = "no price is known" if report["total"] is None else f"{report['total']} {report['currency']}"
    say(f"Total: {total}, {report['active_hours']:.2f} active hours")
    if report["without_rate"]:
        say(
            f"note: {report['without_rate']} answers are of people without a rate and cost nothing here. "
            "Set one: labelwright team set NAME --rate 18/hour, or budget.per_answer"
        )
    _tell_budget(report["budget"], report["currency"])


def _tell_budget(budget: dict[str, Any], currency: str) -> None:
    if budget["spent_share"] is None:
        return
    amounts = [(budget["answers_left"], "answers"), (budget["money_left"], currency)]
    said = [_left(str(n), unit) for n, unit in amounts if n is not None]
    say(f"Budget: {budget['spent_share']:.0%} used, {' and '.join(said)}")
    if budget["used_up"]:
        say("  no more tasks go out; what is on the desks can still be answered")


def _left(n: str, unit: str) -> str:
    """What a budget leaves; what was spent beyond one that was lowered is said as such."""
    return f"{n[1:]} {unit} over it" if n.startswith("-") else f"{n} {unit} left"
