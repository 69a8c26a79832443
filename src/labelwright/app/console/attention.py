"""What needs the lead now, the most pressing first, each with the view that answers it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from labelwright.app.context import Project
from labelwright.app.keeping import outlook
from labelwright.model.loop import StepState
from labelwright.model.people import LEAD
from labelwright.model.project import AnnotatorStatus

Document = dict[str, Any]
#: Failing checks are answered in these views; the others say in words what to do.
_VIEWS = {
    "Guidelines": "/guidelines",
    "Overlap": "/setup",
    "Agreement": "/agreement",
    "Difficult": "/review",
    "Export": "/datasets",
    "Label distribution": "/items",
    "Rounds": "/rounds",
    "Throughput": "/rounds",
    "Screen": "/setup",
}
#: What the loop waits for is said by the round itself.
_SAID_ELSEWHERE = ("Rounds running", "Agreement above")
_MESSAGES = {
    "gold": ("A known label is in doubt", "/people"),
    "budget": ("The budget", "/"),
    "review": ("Items wait for an expert", "/people"),
    "contradiction": ("Experts contradict each other", "/review"),
}
_FRESH = timedelta(days=7)


def attention_of(
    project: Project,
    documents: Mapping[str, Mapping[str, Any]],
    rounds: Sequence[Document],
    team: Sequence[Mapping[str, Any]],
    progress: Document,
) -> list[Document]:
    """Points in their order; ``documents`` are those that were made before, by name."""
    report = documents.get("report") or {}
    found = [*_missing(progress, rounds, team), *_waiting(project, rounds, progress), *_told(project)]
    control = report.get("controls", {}).get(project.control.name)
    if control is not None:
        found += _doubts(control, {c["annotator"]: c["name"] for c in report["annotator_cards"]})
    found += _checks((documents.get("checks") or {}).get("lines", []))
    return sorted(found, key=lambda p: ("next", "warn", "info").index(p["level"]))


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
    found = list(_held(project, rounds))
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
    for pair in [p for p in control["confused_classes"] if p["gap"]][:2]:
        a, b = pair["classes"]
        detail = f"{pair['n']} pairs of answers; {pair['share']:.0%} of all that differ"
        found.append(_point("gap", "warn", f"{a} and {b} are confused", detail, f"/agreement?pair={a}~{b}", pair["n"]))
    errors = (control.get("doubts") or {}).get("n_label_errors")
    if errors:
        found.append(_point("errors", "info", "Likely label errors", "A model disagrees.", "/agreement", errors))
    return found


def _held(project: Project, rounds: Sequence[Document]) -> Iterator[Document]:
    """Rounds that wait: for a hand, for the next try, or for whoever paused the loop."""
    manual = project.settings.loop.mode == "manual"
    last = rounds[-1] if rounds else None
    if manual and last is not None and last["state"] == "open" and not last["waiting"]:
        yield _point(
            "round", "next", f"Round {last['round']} is answered", "Close it: settle, train, score.", "/rounds"
        )
    for step in (s for s in (last or {}).get("steps", []) if s["state"] in {StepState.FAILED, StepState.RETRYING}):
        level = "next" if step["state"] == StepState.FAILED else "warn"
        title = f"Round {step['round']}: {step['step']} {step['state']}"
        yield _point("step", level, title, step["reason"] or "See its steps", "/rounds")
    seen = None if manual else outlook(project, project.clock.now())
    if seen is not None and seen.reason is not None and seen.at is None:
        yield _point("loop", "next", "The rounds do not go on", seen.reason, "/rounds")


def _told(project: Project) -> Iterator[Document]:
    """What Labelwright told the lead lately and what no view shows by itself."""
    since = project.clock.now() - _FRESH
    fresh = {
        m.kind: m for m in project.store.messages(LEAD) if m.kind in _MESSAGES and m.at >= since
    }  # the last of each
    for m in fresh.values():
        yield _point("message", "warn", _MESSAGES[m.kind][0], m.text, _MESSAGES[m.kind][1])


def _checks(lines: Sequence[Mapping[str, str]]) -> Iterator[Document]:
    for line in lines:
        if line["verdict"] == "fail" and not line["check"].startswith(_SAID_ELSEWHERE):
            view = next((v for name, v in _VIEWS.items() if line["check"].startswith(name)), "/rounds")
            detail = f"{line['seen']}. Next: {line['next_step']}" if line["next_step"] else line["seen"]
            yield _point("check", "warn", f"Check fails: {line['check']}", detail, view)
