"""Where everybody stands, made ahead: what each earned, how each fares on gold, and the report that each reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from labelwright.app.answers import replies_of
from labelwright.app.context import Project
from labelwright.app.cost import budget_of, default_rate, priced_work
from labelwright.app.feedback import as_dict, everyone, feedback_of
from labelwright.app.forecasting import forecast
from labelwright.app.team import TRIAL_ID
from labelwright.model.project import AnnotationSet, AnnotatorKind
from labelwright.planning.bill import Bill, bill_of, usual_seconds

Document = dict[str, Any]


def feedback_name(annotator: str) -> str:
    """The name of the snapshot that holds an annotator's report; ids can be longer than such names."""
    return f"feedback-{sha256(annotator.encode()).hexdigest()[:40]}"


def standing_of(project: Project, annotations: AnnotationSet) -> Iterator[tuple[str, Document]]:
    """Documents by name: ``people`` with a line for each annotator, and everybody's own report.

    Amounts are those of the bill, so they add up to it; None for work that nobody named a price for.
    """
    known = everyone(project, replies_of(project, annotations))
    priced = priced_work(project)
    bill, seconds = bill_of(priced), usual_seconds(priced)
    paid = {line.name: line for line in bill.by_annotator}
    usual, lines = default_rate(project), {}
    for a in project.store.annotators():
        if a.id == TRIAL_ID or a.kind is not AnnotatorKind.PERSON:
            continue
        found, rate = as_dict(feedback_of(project, a, known)), a.rate or usual
        line = paid.get(a.id)
        lines[a.id] = {
            "rate": None if rate is None else str(rate),
            "earned": None if rate is None else 0.0 if line is None else float(line.amount),
            "hours": None if line is None else line.hours,
            "active_seconds": seconds.get(a.id),
            "gold": found["gold"],
            "settled": found["settled"],
        }
        yield feedback_name(a.id), found
    yield "people", {"lines": lines, "money": _money(project, bill), "forecast": forecast(project, priced).as_dict()}


def _money(project: Project, bill: Bill) -> Mapping[str, Any]:
    """What was spent; None where no answer has a price."""
    unknown = 0 < bill.answers == bill.without_rate
    return {
        "spent": None if unknown else float(bill.total),
        "budget_share": budget_of(project, bill).spent_share,
        "without_rate": bill.without_rate,
        "answers": bill.answers,
        "hours": bill.hours,
        "by_purpose": [
            {"name": x.name, "answers": x.answers, "hours": x.hours, "amount": None if unknown else float(x.amount)}
            for x in bill.by_purpose
        ],
    }
