"""The first screen: where are we, can I trust it, when are we done, what does it cost, what needs me now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

from labelwright.app.certifying import current_verdict
from labelwright.app.console.attention import attention_of
from labelwright.app.console.timeline import rounds_of
from labelwright.app.context import Project
from labelwright.app.team import team_list
from labelwright.model.errors import LabelwrightError

Document = dict[str, Any]
_WAITING = ("planned", "delivered")
NO_PRICE = (
    "Nobody named a price: give people a rate on their cards, or set budget.per_answer in labelwright.yaml for all"
)
#: Points that a chart of the throughput is cut into at most, by the characters of the time that are kept.
_WIDTHS = ((timedelta(days=4), 10), (timedelta(hours=4), 13), (timedelta(0), 16))


def overview_of(
    project: Project, facets: Mapping[str, Mapping[str, int]], documents: Mapping[str, Mapping[str, Any]]
) -> Document:
    """The overview's document; ``documents`` are those that were made before: report, people, checks."""
    rounds, team, report = rounds_of(project), team_list(project), documents.get("report")
    progress = _progress(project, facets)
    pace = _pace(project)
    return {
        "project": _project(project),
        "progress": progress,
        "agreement": _agreement(project, report),
        "certified": _certified(project),
        "curve": [r for r in rounds if r["accuracy"]["value"] is not None],
        "throughput": pace["points"],
        "forecast": _forecast(project, progress, pace),
        "expected": (documents.get("people") or {}).get("forecast"),
        "cost": _cost(project, progress, documents),
        "attention": attention_of(project, documents, rounds, team, progress),
        "as_of": project.clock.now().isoformat(),
    }


def _project(project: Project) -> Document:
    settings = project.settings
    schema, guidelines = project.versions()
    return {
        "name": settings.name,
        "simulated": settings.simulated,
        "schema_version": schema,
        "guidelines_version": guidelines,
        "control": project.control.name,
        "kind": project.control.kind.value,
        "classes": list(project.control.classes),
        "controls": [c.name for c in project.schema.controls],
        "deadline": settings.deadline.isoformat() if settings.deadline else None,
    }


def _progress(project: Project, facets: Mapping[str, Mapping[str, int]]) -> Document:
    counts = Counter[str]()
    for (_, purpose, state), n in project.store.counts().items():
        if purpose != "trial":
            counts[state] += n
    states = dict(facets.get("state", {}))
    return {
        "pool": pool_size(project),
        "drawn": sum(states.values()),
        "by_state": states,
        "by_label": dict(facets.get("label", {})),
        "done": counts["done"],
        "skipped": counts["skipped"],
        "waiting": sum(counts[s] for s in _WAITING),
        "on_desks": counts["delivered"],
    }


def _certified(project: Project) -> Document | None:
    """The verdict of the last audit; None where nothing was ever audited."""
    verdict = current_verdict(project)
    return None if verdict is None else verdict.as_dict()


def pool_size(project: Project) -> int | None:
    """Items of the pool; None where it cannot be read."""
    try:
        return len(project.pool)
    except LabelwrightError:
        return None


# ---------------------------------------------------------------- agreement


def _agreement(project: Project, report: Mapping[str, Any] | None) -> Document | None:
    control = (report or {}).get("controls", {}).get(project.control.name)
    if control is None:
        return None
    lead = next(iter(control["structure"].values()), None) or control["agreement"]["krippendorff_alpha"]
    over_time = control["over_time"]
    return {
        "measure": lead.get("title", "Krippendorff's alpha"),
        "value": {k: lead[k] for k in ("value", "low", "high", "n_items", "n_annotations", "reason")},
        "percent": control["agreement"]["percent"],
        "scale": control["verbal_scale"],
        "verdict": control["verdict"],
        "trend": [] if over_time is None else over_time["parts"],
        "confused": [
            {"classes": p["classes"], "n": p["n"], "rate": p["rate"]} for p in control["confused_classes"][:5]
        ],
    }


# ---------------------------------------------------------------- pace, forecast, cost


def _pace(project: Project) -> Document:
    span = project.store.time_span()
    if span is None:
        return {"points": [], "n": 0, "first": None, "last": None}
    first, last = (datetime.fromisoformat(t) for t in span)
    width = next(w for least, w in _WIDTHS if last - first >= least)
    counts = Counter[str]()
    for time, _, n in project.store.throughput(width):
        counts[time] += n
    points = [{"time": t, "answers": n} for t, n in sorted(counts.items())]
    return {"points": points, "n": sum(counts.values()), "first": first, "last": last}


def _forecast(project: Project, progress: Document, pace: Document) -> Document:
    """When what is planned will be answered, at the pace so far: a rate of independent events (Poisson)."""
    remaining = progress["waiting"]
    empty = {"remaining": remaining, "per_hour": None, "low": None, "high": None, "done_at": None, "earliest": None,
             "latest": None}  # fmt: skip
    if not remaining:
        return {**empty, "reason": "Nothing waits for an answer"}
    if pace["n"] < 10:
        return {**empty, "reason": "Fewer than ten answers so far: no pace to go by"}
    hours = max((pace["last"] - pace["first"]).total_seconds() / 3600, 1 / 60)
    rate, error = pace["n"] / hours, 1.96 * sqrt(pace["n"]) / hours
    now = project.clock.now()

    def at(per_hour: float) -> str:
        return (now + timedelta(hours=remaining / per_hour)).isoformat()

    low = max(rate - error, rate / 10)
    return {"remaining": remaining, "per_hour": rate, "low": low, "high": rate + error, "done_at": at(rate),
            "earliest": at(rate + error), "latest": at(low), "reason": None}  # fmt: skip


def _cost(project: Project, progress: Document, documents: Mapping[str, Mapping[str, Any]]) -> Document:
    """What was paid is the bill's; what is to come is told where the prices so far say enough."""
    budget = project.settings.budget
    people = documents.get("people") or {}
    money: Mapping[str, Any] = people.get("money") or {}
    asked = progress["done"] + progress["skipped"] + progress["waiting"]
    price = budget.per_answer
    spent = money.get("spent")
    if spent is None and price is not None:
        spent = price * progress["done"]
    usual = spent / money["answers"] if spent and money.get("answers") else price
    return {
        "currency": budget.currency,
        "per_answer": usual,
        "answers": progress["done"],
        "budget_answers": budget.answers,
        "budget_money": None if budget.money is None else float(budget.money),
        "budget_share": money.get("budget_share"),
        "planned_answers": asked,
        "spent": spent,
        "forecast": None if usual is None or spent is None else spent + usual * progress["waiting"],
        "whole_budget": None if usual is None or budget.answers is None else usual * budget.answers,
        "without_rate": money.get("without_rate", 0),
        "by_purpose": list(money.get("by_purpose", [])),
        "seconds_per_answer": _seconds(documents.get("report")),
        "hours": money.get("hours"),
        "reason": None if usual is not None else NO_PRICE,
    }


def _seconds(report: Mapping[str, Any] | None) -> float | None:
    """The median over people of their medians, weighted by what they did."""
    cards = [c for c in (report or {}).get("annotator_cards", []) if c["median_seconds"]["value"] is not None]
    n = sum(c["items"] for c in cards)
    return sum(c["median_seconds"]["value"] * c["items"] for c in cards) / n if n else None
