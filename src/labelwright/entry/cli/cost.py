"""`labelwright cost`: what the work costs, and what the budget leaves."""

from __future__ import annotations

from typing import Any

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, say, table

_TITLES = {
    "by_annotator": "By annotator",
    "by_class": "By class",
    "by_round": "By round (0: review and qualification)",
    "by_purpose": "By purpose",
}


def cost_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Cost from active time or per label, by annotator, class, round and purpose; each adds up to the total."""
    from labelwright.app.cost import cost_report  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    report = cost_report(fresh_project(open_workspace(workspace)))
    if as_json:
        emit(report)
        return
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
    left = [f"{budget['answers_left']} answers"] if budget["answers_left"] is not None else []
    left += [f"{budget['money_left']} {currency}"] if budget["money_left"] is not None else []
    say(f"Budget: {budget['spent_share']:.0%} used, {' and '.join(left)} left")
    if budget["used_up"]:
        say("  no more tasks go out; what is on the desks can still be answered")
