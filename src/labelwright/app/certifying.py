"""Certified labels of a workspace: the audit plan, audits as reviews for experts, the verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from labelwright.app.annotations import annotation_set
from labelwright.app.certifying_order import Order, order_candidates
from labelwright.app.context import Project
from labelwright.app.reviewing import assign_reviews
from labelwright.app.tables import tables_of
from labelwright.model.certification import Certification, CertificationRecord, CertificationVerdict
from labelwright.model.consensus import ConsensusState
from labelwright.model.errors import UsageError
from labelwright.model.people import AUDIT, ReviewRequest
from labelwright.review.audit import CONFIDENCE, AuditPlan, AuditResult, best_plan, judge

# With less than this share of the items expected to be accepted unseen, an audit is not worth its price.
_WORTH = 0.1


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be certified.

    Attributes:
        target: τ, share of right labels among those accepted unseen, 0 to 1.
        expert_cost: price of an expert's label in prices of an answer.
        gold: most items that an expert audits; capped at a third of the candidates.
    """

    target: float = 0.95
    expert_cost: float = 20.0
    gold: int = 200

    def __post_init__(self) -> None:
        if not 0 < self.target < 1 or self.expert_cost <= 0 or self.gold < 1:
            raise UsageError(
                "The target lies between 0 and 1, the expert's price above 0, and at least one item is audited",
                where=f"--target {self.target} --expert-cost {self.expert_cost} --gold {self.gold}",
            )


def certify(project: Project, wish: Wish, *, again: bool = False) -> CertificationRecord:
    """Go on with the audit that is open, or plan a new one. Safe to repeat: a plan is made once and kept.

    The first call fixes candidates, labels, looks and the order of the audit, and sends the items of the first look to
    the experts. Later calls take in what the experts said and either send the next look's items or give the verdict.

    Args:
        project: the labeling project.
        wish: target and prices; those of an open audit stay as they were.
        again: plan anew, although the last audit has its verdict. Each audit is its own job: certifying the same
            labels again and again until one passes is what the confidence does not cover, and the verdict says so.

    Raises:
        DataError: there is no answer.
    """
    before = project.store.certifications()
    if before and (before[-1].verdict.verdict is Certification.AUDITING or not again):
        return _advance(project, before[-1], wish)
    return _advance(project, _planned(project, wish, len(before) + 1), wish)


def _planned(project: Project, wish: Wish, number: int) -> CertificationRecord:
    control = project.control.name
    table = next((t for t in tables_of(annotation_set(project)).controls if t.control.name == control), None)
    if table is None or table.has_regions or table.labels.is_empty():
        raise UsageError(
            f"{control} has no answers that are classes",
            next_step="Certification needs labels that are right or wrong; collect answers to a choice or a rating",
        )
    known = {g.item: g.label for g in project.store.gold(control) if g.label is not None and g.suspected is None}
    kept = {r.item: r.label for r in project.store.consensus(control) if r.state is ConsensusState.ACCEPTED and r.label}
    rng = project.rng(4, number)
    order = order_candidates(table.labels, known, rng, kept)
    items = len(kept.keys() | known.keys() | set(table.labels["item"].unique().to_list()))
    most = min(wish.gold, len(order.items) // 3)
    plan = best_plan(order.cumulative, most, wish.target) if len(order.items) > 1 and most else None
    if plan is None or plan.expected < _WORTH * len(order.items):
        verdict = _hopeless(project, wish, order, items, plan)
        return CertificationRecord(number, control, {}, (), verdict)
    drawn = tuple(order.items[k] for k in rng.permutation(plan.candidates)[: plan.looks[-1]].tolist())
    labels = dict(zip(order.items[: plan.candidates], order.labels[: plan.candidates], strict=True))
    verdict = CertificationVerdict(
        Certification.AUDITING,
        wish.target,
        CONFIDENCE,
        items,
        pilot=order.fitted,
        to_expert=items - order.fitted - plan.candidates,
        cost_all_expert=wish.expert_cost * items,
        cost=float(order.answers),
        reason=f"{plan.looks[0]} to {plan.looks[-1]} of {plan.candidates:,} candidates are to be audited; "
        f"the audit is expected to pass with a chance of {plan.predicted:.0%}",
        plan=plan.as_dict(),
        at=project.clock.now(),
        simulated=project.settings.simulated,
    )
    return CertificationRecord(number, control, labels, drawn, verdict)


def _hopeless(project: Project, wish: Wish, order: Order, items: int, plan: AuditPlan | None) -> CertificationVerdict:
    chance = 0.0 if plan is None else plan.predicted
    return CertificationVerdict(
        Certification.NOT_CERTIFIABLE,
        wish.target,
        CONFIDENCE,
        items,
        pilot=order.fitted,
        to_expert=items - order.fitted,
        cost=order.answers + wish.expert_cost * items,
        cost_all_expert=wish.expert_cost * items,
        reason=f"No audit of at most {wish.gold} items is worth its price: "
        f"the best would pass with a chance of {chance:.0%}",
        remedy=remedy(wish.target),
        at=project.clock.now(),
        simulated=project.settings.simulated,
    )


def remedy(target: float) -> str:
    """What would change a verdict that refuses."""
    return (
        f"More answers for each item, better annotators for the confused classes, a target below {target:.0%}, "
        "or more audited items would change it; each new try is a new job with its own 5 %"
    )


def _advance(project: Project, record: CertificationRecord, wish: Wish) -> CertificationRecord:
    """Take in what the experts said about audited items."""
    if record.verdict.verdict is not Certification.AUDITING or record.verdict.plan is None:
        project.store.put_certification(record)
        return record
    plan = plan_of(record.verdict.plan)
    said: dict[str, set[str | None]] = defaultdict(set)
    for a in project.store.adjudications(record.control):
        said[a.item].add(a.label)
    answered = []
    for item in record.drawn:
        if item not in said:
            break
        # Where two experts contradict each other the label counts as wrong: that never certifies too much.
        answered.append(said[item] != {record.labels[item]})
    result = judge(plan, answered)
    fresh = replace(record, verdict=_verdict(project, record, plan, result, wish))
    project.store.put_certification(fresh)
    if result.passed is None:
        look = next(m for m in plan.looks if m > result.audited)
        _ask(project, [i for i in record.drawn[:look] if i not in said])
    return fresh


def _verdict(
    project: Project, record: CertificationRecord, plan: AuditPlan, result: AuditResult, wish: Wish
) -> CertificationVerdict:
    old = record.verdict
    if result.passed is None:
        return replace(old, audited=result.audited, errors=result.errors)
    accepted = plan.candidates - result.audited if result.passed else 0
    to_expert = old.items - old.pilot - result.audited - accepted
    answers = old.cost or 0.0
    return replace(
        old,
        verdict=Certification.CERTIFIED if result.passed else Certification.NOT_CERTIFIABLE,
        accepted=accepted,
        audited=result.audited,
        errors=result.errors,
        to_expert=to_expert,
        cost=answers + wish.expert_cost * (old.pilot + result.audited + to_expert),
        reason=_reason(result),
        remedy=None if result.passed else remedy(old.target),
        at=project.clock.now(),
    )


def _reason(result: AuditResult) -> str:
    outcome = "passes" if result.passed else "cannot pass any more"
    return f"{result.errors} of {result.audited} audited labels are wrong: the audit {outcome}"


def plan_of(values: Mapping[str, object]) -> AuditPlan:
    """Back from `AuditPlan.as_dict`."""
    return AuditPlan(
        **{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}  # type: ignore[arg-type]  # JSON
    )


def _ask(project: Project, items: list[str]) -> None:
    now = project.clock.now()
    project.store.request_review([ReviewRequest(i, AUDIT, "drawn at random to certify the labels", now) for i in items])
    assign_reviews(project)


def current_verdict(project: Project) -> CertificationVerdict | None:
    """The verdict in force; None where nothing was ever audited. For the export card and the console."""
    found = project.store.certifications()
    return found[-1].verdict if found else None
