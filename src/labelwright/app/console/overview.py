"""The first screen: where are we, can I trust it, when are we done, what does it cost, what needs me now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import sqrt
from typing import Any

from labelwright.app.context import Project
from labelwright.app.team import team_list
from labelwright.model.errors import LabelwrightError
from labelwright.model.project import AnnotatorStatus, RoundState

Document = dict[str, Any]
_DONE = ("done", "skipped")
_WAITING = ("planned", "delivered")
#: Points that a chart of the throughput is cut into at most, by the characters of the time that are kept.
_WIDTHS = ((timedelta(days=4), 10), (timedelta(hours=4), 13), (timedelta(0), 16))


def overview_of(
    project: Project, report: Mapping[str, Any] | None, facets: Mapping[str, Mapping[str, int]]
) -> Document:
    """The overview's document; ``report`` is the last one, if any was made."""
    rounds, team = rounds_of(project), team_list(project)
    progress = _progress(project, facets)
    pace = _pace(project)
    return {
        "project": _project(project),
        "progress": progress,
        "agreement": _agreement(project, report),
        "curve": [r for r in rounds if r["accuracy"]["value"] is not None],
        "throughput": pace["points"],
        "forecast": _forecast(project, progress, pace),
        "cost": _cost(project, progress, report),
        "attention": _attention(project, report, rounds, team, progress),
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


def _cost(project: Project, progress: Document, report: Mapping[str, Any] | None) -> Document:
    budget = project.settings.budget
    asked = progress["done"] + progress["skipped"] + progress["waiting"]
    price = budget.per_answer
    return {
        "currency": budget.currency,
        "per_answer": price,
        "answers": progress["done"],
        "budget_answers": budget.answers,
        "planned_answers": asked,
        "spent": None if price is None else price * progress["done"],
        "forecast": None if price is None else price * (budget.answers or asked),
        "seconds_per_answer": _seconds(report),
        "reason": None if price is not None else "No price is set: budget.per_answer in labelwright.yaml",
    }


def _seconds(report: Mapping[str, Any] | None) -> float | None:
    """The median over people of their medians, weighted by what they did."""
    cards = [c for c in (report or {}).get("annotator_cards", []) if c["median_seconds"]["value"] is not None]
    n = sum(c["items"] for c in cards)
    return sum(c["median_seconds"]["value"] * c["items"] for c in cards) / n if n else None


# ---------------------------------------------------------------- rounds


def rounds_of(project: Project) -> list[Document]:
    """One entry a round, oldest first."""
    counts = project.store.assignment_counts_by_round()
    return [_round(r, counts.get(r.number, {})) for r in project.store.rounds()]


def _round(record: Any, counts: Mapping[str, int]) -> Document:
    asked = sum(n for s, n in counts.items() if s != "withdrawn")
    done = sum(counts.get(s, 0) for s in _DONE)
    found = record.result.get("accuracy") or {}
    accuracy = {k: found.get(k) for k in ("value", "low", "high", "reason")}
    closed = record.state is RoundState.CLOSED
    return {
        "round": record.number,
        "state": record.state.value,
        "step": "done" if closed else "label" if done < asked else "settle",
        "strategy": record.strategy,
        "opened_at": record.opened_at.isoformat(),
        "closed_at": record.closed_at.isoformat() if record.closed_at else None,
        "asked": asked,
        "done": done,
        "waiting": sum(counts.get(s, 0) for s in _WAITING),
        "labels": record.result.get("labels"),
        "accuracy": {
            **accuracy,
            "n_items": found.get("n_items") or 0,
            "n_annotations": found.get("n_annotations") or 0,
        },
        "random": (record.result.get("random_accuracy") or {}).get("value"),
        "note": record.result.get("reason") or record.result.get("note"),
    }


# ---------------------------------------------------------------- what needs the lead now


def _attention(
    project: Project,
    report: Mapping[str, Any] | None,
    rounds: Sequence[Document],
    team: Sequence[Mapping[str, Any]],
    progress: Document,
) -> list[Document]:
    found = [*_missing(progress, rounds, team), *_waiting(project, rounds, progress)]
    control = (report or {}).get("controls", {}).get(project.control.name)
    if control is not None:
        found += _doubts(control, {c["annotator"]: c["name"] for c in (report or {})["annotator_cards"]})
    return found


def _point(kind: str, level: str, title: str, detail: str, link: str, n: int | None = None) -> Document:
    return {"kind": kind, "level": level, "title": title, "detail": detail, "link": link, "n": n}


def _missing(progress: Document, rounds: Sequence[Document], team: Sequence[Mapping[str, Any]]) -> list[Document]:
    if not progress["pool"]:
        return [_point("setup", "next", "Bring in your data", "Upload a file; it takes three minutes.", "/setup")]
    if not team:
        return [_point("team", "next", "Add the first annotator", "Everyone gets a desk of their own.", "/people")]
    if not rounds:
        return [_point("round", "next", "Open the first round", "It fills the desks.", "/rounds")]
    return []


def _waiting(project: Project, rounds: Sequence[Document], progress: Document) -> list[Document]:
    found = []
    if rounds and rounds[-1]["step"] == "settle":
        n = rounds[-1]["round"]
        found.append(_point("round", "next", f"Round {n} is answered", "Close it: settle, train, score.", "/rounds"))
    contested = sum(progress["by_state"].get(s, 0) for s in ("contested", "review"))
    if contested:
        what = "The answers do not settle them: give the final word."
        found.append(_point("contested", "warn", "Contested items", what, "/review", contested))
    paused = [a for a in project.store.annotators() if a.status is AnnotatorStatus.PAUSED]
    if paused:
        names = ", ".join(a.name for a in paused[:3])
        found.append(_point("paused", "info", "Paused annotators", names, "/people", len(paused)))
    return found


def _doubts(control: Mapping[str, Any], names: Mapping[str, str]) -> list[Document]:
    found = []
    for line in control["verdict"]["help"]:
        who = next((w for w, name in names.items() if name in line or w in line), None)
        if who is not None:
            found.append(_point("help", "warn", f"{names[who]} needs help", line, f"/people/{who}"))
    for pair in control["confused_classes"][:2]:
        a, b = pair["classes"]
        detail = f"{pair['n']} pairs of answers; {pair['share']:.0%} of all that differ"
        found.append(_point("gap", "warn", f"{a} and {b} are confused", detail, f"/agreement?pair={a}~{b}", pair["n"]))
    errors = (control.get("doubts") or {}).get("n_label_errors")
    if errors:
        found.append(_point("errors", "info", "Likely label errors", "A model disagrees.", "/agreement", errors))
    return found
