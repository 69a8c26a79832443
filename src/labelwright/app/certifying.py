"""Certified labels of a workspace: the audit plan, audits as reviews for experts, the verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from labelwright.app.annotations import annotation_set, independent
from labelwright.app.certifying_order import Order, order_candidates
from labelwright.app.context import Project
from labelwright.app.reviewing import assign_reviews
from labelwright.app.tables import tables_of
from labelwright.model.certification import Certification, CertificationRecord, CertificationVerdict
from labelwright.model.consensus import ConsensusState
from labelwright.model.errors import UsageError
from labelwright.model.people import AUDIT, ReviewRequest
from labelwright.review.audit import CONFIDENCE
from labelwright.review.ladder import WORTHWHILE, Climb, Ladder, best_ladder, climb


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


def certify_round(project: Project, number: int) -> CertificationVerdict | None:
    """What a round does for the certificate, where the settings name a target; None where they do not.

    It plans an audit where none was begun: one that nobody audited has spent nothing of its 5 %, so it may be planned
    anew with more answers. An audit that was begun goes on, and its verdict stands.
    """
    setting = project.settings.certify
    if setting.target is None:
        return None
    wish = Wish(setting.target, project.settings.overlap.expert_price, setting.gold)
    before = project.store.certifications()
    idle = bool(before) and before[-1].verdict.verdict is not Certification.AUDITING and not before[-1].drawn
    record = certify(project, wish, again=idle)
    if record.verdict.round is None:
        record = replace(record, verdict=replace(record.verdict, round=number))
        project.store.put_certification(record)
    return record.verdict


def advance_open_audit(project: Project) -> None:
    """Take in what experts said about an audit that is open: its next look goes out without a hand."""
    before = project.store.certifications()
    setting = project.settings.certify
    if setting.target is not None and before and before[-1].verdict.verdict is Certification.AUDITING:
        _advance(project, before[-1], Wish(setting.target, project.settings.overlap.expert_price, setting.gold))


def _planned(project: Project, wish: Wish, number: int) -> CertificationRecord:
    control = project.control.name
    tables = tables_of(independent(annotation_set(project)))
    table = next((t for t in tables.controls if t.control.name == control), None)
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
    possible = len(order.items) > 1 and most > 0
    ladder = best_ladder(order.cumulative, most, wish.target, pilot=order.fitted) if possible else None
    if ladder is None or ladder.expected < WORTHWHILE * len(order.items):
        verdict = _hopeless(project, wish, order, items, ladder)
        return CertificationRecord(number, control, {}, (), verdict)
    drawn = tuple(order.items[k] for k in rng.permutation(ladder.most).tolist())
    labels = dict(zip(order.items[: ladder.most], order.labels[: ladder.most], strict=True))
    first = ladder.rungs[0]
    verdict = CertificationVerdict(
        Certification.AUDITING,
        wish.target,
        CONFIDENCE,
        items,
        pilot=order.fitted,
        to_expert=items - order.fitted - ladder.most,
        cost_all_expert=wish.expert_cost * items,
        cost=float(order.answers),
        reason=f"{first.looks[0]} to {first.looks[-1]} of {first.candidates:,} candidates are to be audited, and when "
        f"they pass up to {ladder.most:,}; the first audit is expected to pass with a chance of {ladder.predicted:.0%}",
        plan=ladder.as_dict(),
        at=project.clock.now(),
        simulated=project.settings.simulated,
    )
    return CertificationRecord(number, control, labels, drawn, verdict)


def _hopeless(project: Project, wish: Wish, order: Order, items: int, ladder: Ladder | None) -> CertificationVerdict:
    chance = 0.0 if ladder is None else ladder.predicted
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
    ladder, place = Ladder.from_dict(record.verdict.plan), {item: k for k, item in enumerate(record.labels)}
    wrong = _words(project, record)
    names = list(record.labels)
    state = climb(ladder, [place[i] for i in record.drawn], {place[i]: w for i, w in wrong.items()})
    verdict = _verdict(project, record, (ladder, state, wrong), wish)
    size = ladder.rungs[state.passed].candidates if state.over and state.passed >= 0 else len(names)
    fresh = replace(record, labels={i: record.labels[i] for i in names[:size]}, verdict=verdict)
    project.store.put_certification(fresh)
    if not state.over:
        _ask(project, [names[k] for k in state.wanted])
    return fresh


def _words(project: Project, record: CertificationRecord) -> dict[str, bool]:
    """Candidates that an expert has seen, and whether their label is wrong.

    Why she saw one does not matter: the sample of a look is the first so many of the random order, whatever else was
    reviewed. Where two experts contradict each other the label counts as wrong: that never certifies too much.
    """
    said: dict[str, set[str | None]] = defaultdict(set)
    for a in project.store.adjudications(record.control):
        if a.item in record.labels:
            said[a.item].add(a.label)
    return {item: words != {record.labels[item]} for item, words in said.items()}


def accepted_labels(project: Project, record: CertificationRecord) -> dict[str, str]:
    """The labels that are certified and that no expert has seen, by item; none where nothing is certified."""
    if record.verdict.verdict is not Certification.CERTIFIED:
        return {}
    seen = _words(project, record)
    return {item: label for item, label in record.labels.items() if item not in seen}


def _verdict(
    project: Project, record: CertificationRecord, found: tuple[Ladder, Climb, Mapping[str, bool]], wish: Wish
) -> CertificationVerdict:
    (ladder, state, wrong), old = found, record.verdict
    counted = replace(old, audited=len(wrong), errors=sum(wrong.values()))
    if not state.over:
        return counted
    size = ladder.rungs[state.passed].candidates if state.passed >= 0 else 0
    accepted = sum(item not in wrong for item in list(record.labels)[:size])
    to_expert = old.items - old.pilot - len(wrong) - accepted
    answers = old.cost or 0.0
    return replace(
        counted,
        verdict=Certification.CERTIFIED if accepted else Certification.NOT_CERTIFIABLE,
        accepted=accepted,
        to_expert=to_expert,
        cost=answers + wish.expert_cost * (old.pilot + len(wrong) + to_expert),
        reason=_reason(counted, size),
        remedy=None if accepted else remedy(old.target),
        at=project.clock.now(),
    )


def _reason(verdict: CertificationVerdict, size: int) -> str:
    outcome = f"the {size:,} surest labels pass" if size else "no set of labels is likely enough to pass any more"
    return f"{verdict.errors} of {verdict.audited} audited labels are wrong: {outcome}"


def _ask(project: Project, items: list[str]) -> None:
    now = project.clock.now()
    project.store.request_review([ReviewRequest(i, AUDIT, "drawn at random to certify the labels", now) for i in items])
    assign_reviews(project)


def current_verdict(project: Project) -> CertificationVerdict | None:
    """The verdict in force; None where nothing was ever audited. For the export card and the console."""
    found = project.store.certifications()
    return found[-1].verdict if found else None


def summary_of(verdict: CertificationVerdict) -> dict[str, object]:
    """What a round and a screen show of a verdict; the whole of it is `labelwright certify --json`."""
    return {
        "verdict": verdict.verdict.value,
        "target": verdict.target,
        "confidence": verdict.confidence,
        "accepted": verdict.accepted,
        "accepted_share": verdict.accepted_share,
        "audited": verdict.audited,
        "errors": verdict.errors,
        "cost": verdict.cost,
        "cost_all_expert": verdict.cost_all_expert,
        "reason": verdict.reason,
        "remedy": verdict.remedy,
        "statement": verdict.statement,
    }
