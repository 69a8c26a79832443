"""What the answers cost so far, what the budget leaves, and what follows when it is used up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from labelwright.app.answers import replies_of
from labelwright.app.context import Project
from labelwright.model.money import Rate, RateUnit
from labelwright.model.people import LEAD, Message
from labelwright.model.project import AnnotationState, Purpose
from labelwright.planning.bill import Bill, Line, Priced, Work, bill_of, price, usual_seconds

#: Work that is paid: also answers that did not fit, were skipped or replaced. Not answers on foreign desks and trials.
_PAID = frozenset({AnnotationState.VALID, AnnotationState.SKIPPED, AnnotationState.SUPERSEDED, AnnotationState.INVALID})
BREAKDOWNS = ("by_annotator", "by_class", "by_round", "by_purpose")
_GONE = frozenset({"withdrawn", "planned"})


@dataclass(frozen=True, slots=True)
class Budget:
    """What the settings allow, and what of it is used.

    Attributes:
        answers: how many more may be delivered; None without a cap.
        money: what is left, below 0 where the budget was lowered; None without one.
        spent_share: share of the budget that is used, the larger of both; None without a budget.
    """

    answers: int | None
    money: Decimal | None
    spent_share: float | None

    @property
    def used_up(self) -> bool:
        """Nothing more may be delivered."""
        return (self.answers is not None and self.answers <= 0) or (self.money is not None and self.money <= 0)


def priced_work(project: Project, labels: dict[str, str] | None = None) -> list[Priced]:
    """Every paid piece of work with its price.

    Args:
        project: the labeling project.
        labels: class by annotation id, for the breakdown by class; without it there is none.
    """
    work = [
        Work(
            r.annotator,
            r.created_at,
            r.seconds,
            r.state in {AnnotationState.VALID, AnnotationState.SUPERSEDED},
            (labels or {}).get(str(r.id)),
            r.round,
            r.purpose.value,
        )
        for r in project.store.records()
        if r.state in _PAID and r.purpose is not Purpose.TRIAL
    ]
    return price(work, project.store.rates(), default_rate(project))


def default_rate(project: Project) -> Rate | None:
    """What an answer costs where an annotator has no rate."""
    own = project.settings.budget.per_answer
    return None if own is None else Rate(Decimal(str(own)), RateUnit.LABEL)


def class_priced(project: Project) -> list[Priced]:
    """Every paid piece of work with its class and price."""
    return priced_work(project, {r.id: r.label for r in replies_of(project) if r.label is not None})


def bill_report(project: Project, priced: Sequence[Priced]) -> dict[str, Any]:
    """The bill with its breakdowns, and the budget; amounts are exact texts.

    Where no answer has a price, amounts are None: what nobody named is not 0.
    """
    bill = bill_of(priced)
    left = budget_of(project, bill)
    unknown = 0 < bill.answers == bill.without_rate
    return {
        "currency": project.settings.budget.currency,
        "total": None if unknown else str(bill.total),
        "active_hours": bill.hours,
        "answers": bill.answers,
        "without_rate": bill.without_rate,
        "cost_per_answer": float(bill.total) / bill.answers if bill.answers and not unknown else None,
        **{
            name: [_line(x, unknown=unknown) for x in getattr(bill, name)]
            for name in ("by_annotator", "by_class", "by_round", "by_purpose")
        },
        "seconds_per_answer": usual_seconds(priced),
        "budget": {
            "answers": project.settings.budget.answers,
            "money": None if project.settings.budget.money is None else str(project.settings.budget.money),
            "answers_left": left.answers,
            "money_left": None if left.money is None else str(left.money),
            "spent_share": left.spent_share,
            "used_up": left.used_up,
        },
        "simulated": project.settings.simulated,
    }


def _line(line: Line, *, unknown: bool) -> dict[str, Any]:
    return asdict(line) | {"amount": None if unknown else str(line.amount)}


def budget_of(project: Project, bill: Bill | None = None) -> Budget:
    """What the budget leaves now. Delivered tasks count as answers; money counts when it is earned."""
    settings = project.settings.budget
    counts = project.store.counts()
    given = sum(n for (_, purpose, state), n in counts.items() if purpose != "trial" and state not in _GONE)
    answers = None if settings.answers is None else settings.answers - given
    money, shares = None, []
    if settings.answers is not None:
        shares.append(given / settings.answers)
    if settings.money is not None:
        spent = (bill or bill_of(priced_work(project))).total
        money = settings.money - spent
        shares.append(float(spent / settings.money))
    return Budget(answers, money, max(shares, default=None))


def warn_of_budget(project: Project, left: Budget) -> None:
    """Tell the lead once when most of the budget is used, and once when all of it is."""
    settings = project.settings.budget
    if left.spent_share is None or left.spent_share < settings.warn_at:
        return
    caps = f"{settings.answers}:{settings.money}"
    now = project.clock.now()
    messages: Sequence[Message] = [
        Message(
            f"budget:warn:{caps}",
            LEAD,
            "budget",
            f"{left.spent_share:.0%} of the budget is used. See: labelwright cost",
            now,
        )
    ]
    if left.used_up:
        text = (
            "The budget is used up: no more tasks go out. What is on the desks can still be answered, and nothing is "
            "lost. Raise budget in labelwright.yaml and run labelwright up, or close the round."
        )
        messages = [*messages, Message(f"budget:stop:{caps}", LEAD, "budget", text, now)]
    project.store.put_messages(messages)
