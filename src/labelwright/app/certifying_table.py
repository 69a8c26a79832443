"""Certified labels from two tables, with no workspace: answers, and the labels of items drawn at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from labelwright.app.certifying import Wish, remedy
from labelwright.app.certifying_order import Order, order_candidates
from labelwright.model.certification import Certification, CertificationVerdict
from labelwright.model.errors import DataError
from labelwright.review.audit import CONFIDENCE, AuditPlan, forecast, judge, plan_for

# Of the gold, this share fits the order and forecasts; the others certify.
_PILOT = 0.25
_PILOT_MOST = 100
_SHARES = np.arange(0.1, 1.0001, 0.05)
_LEAST_GOLD = 20


@dataclass(frozen=True, slots=True)
class TableVerdict:
    """The verdict with the labels that are accepted unseen, by item; none where nothing is certified."""

    verdict: CertificationVerdict
    accepted: Mapping[str, str]


def certify_table(
    answers: Sequence[tuple[str, str, str]], gold: Mapping[str, str], wish: Wish, rng: np.random.Generator
) -> TableVerdict:
    """One look at gold that was drawn at random from all items with answers.

    A random quarter of the gold (at most 100) fits the order of acceptance and chooses how many labels are to be
    accepted; the rest, as far as it lies among these, certifies them. Which gold lies there does not depend on whether
    it is right, so it is a random sample of the accepted set.

    Args:
        answers: rows of item, annotator, label.
        gold: label by item, of items drawn at random.
        wish: target and prices; ``wish.gold`` caps the gold that is used.
        rng: source of randomness.

    Raises:
        DataError: there is no answer, or fewer than 20 gold items have answers.
    """
    table = pl.DataFrame(answers, schema={"item": pl.String, "annotator": pl.String, "label": pl.String}, orient="row")
    usable = sorted(set(gold) & set(table["item"].unique().to_list()))
    if len(usable) < _LEAST_GOLD:
        raise DataError(
            f"{len(usable)} gold items have answers, too few to certify anything",
            next_step=f"Have at least {_LEAST_GOLD} items, drawn at random, labeled by an expert: --draw 200",
        )
    mixed = [usable[k] for k in rng.permutation(len(usable)).tolist()][: wish.gold]
    pilot = mixed[: min(_PILOT_MOST, round(_PILOT * len(mixed)))]
    rest = [i for i in mixed if i not in set(pilot)]
    order = order_candidates(table, {i: gold[i] for i in pilot}, rng)
    plan = _best(order, rest, wish.target)
    return _judged(order, plan, (gold, rest, len(pilot)), wish)


def _best(order: Order, rest: Sequence[str], target: float) -> AuditPlan | None:
    """The size of the accepted set whose one look at the gold in it is expected to accept most."""
    place = {item: k for k, item in enumerate(order.items)}
    places = np.sort([place[i] for i in rest])
    n, plans = len(order.items), []
    for size in np.unique(np.round(n * _SHARES).astype(np.int64)).tolist():
        inside = int(np.searchsorted(places, size))
        if 0 < inside < size:
            plan = plan_for(size, inside, target, looks=1)
            plans.append(forecast(plan, np.round(order.cumulative[:, size - 1]).astype(np.int64)))
    able = [p for p in plans if max(p.bounds) >= 0]
    return max(able, key=lambda p: p.expected, default=None)


def _judged(
    order: Order, plan: AuditPlan | None, known: tuple[Mapping[str, str], Sequence[str], int], wish: Wish
) -> TableVerdict:
    gold, rest, pilot = known
    items = len(order.items) + pilot
    base = CertificationVerdict(
        Certification.NOT_CERTIFIABLE,
        wish.target,
        CONFIDENCE,
        items,
        audited=len(rest),
        pilot=pilot,
        to_expert=items - pilot - len(rest),
        cost=order.answers + wish.expert_cost * items,
        cost_all_expert=wish.expert_cost * items,
        reason=f"{len(rest)} audited items are too few for any set of labels at this target",
        remedy=remedy(wish.target),
    )
    if plan is None:
        return TableVerdict(base, {})
    accepted = dict(zip(order.items[: plan.candidates], order.labels[: plan.candidates], strict=True))
    wrong = [gold[i] != accepted[i] for i in rest if i in accepted]
    result = judge(plan, wrong)
    told = f"{sum(wrong)} of {len(wrong)} audited labels among the {plan.candidates:,} surest are wrong; "
    base = replace(base, errors=sum(wrong), plan=plan.as_dict(), reason=f"{told}at most {plan.bounds[0]} may be")
    if not result.passed:
        return TableVerdict(base, {})
    unseen = {i: x for i, x in accepted.items() if i not in gold}
    to_expert = items - pilot - len(rest) - len(unseen)
    cost = order.answers + wish.expert_cost * (items - len(unseen))
    certified = replace(
        base, verdict=Certification.CERTIFIED, accepted=len(unseen), to_expert=to_expert, cost=cost, remedy=None
    )
    return TableVerdict(certified, unseen)


def draw_audit(answers: Sequence[tuple[str, str, str]], n: int, rng: np.random.Generator) -> tuple[str, ...]:
    """Items for an expert, drawn at random from those with answers, in random order."""
    items = sorted({item for item, _, _ in answers})
    return tuple(items[k] for k in rng.permutation(len(items))[:n].tolist())
