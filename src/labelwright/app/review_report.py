"""What review found: the queue, how often whose answers were overturned, where experts disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from scipy.special import betaincinv

from labelwright.app.answers import Reply
from labelwright.app.context import Project
from labelwright.model.measure import Measure
from labelwright.model.people import AUDIT, Adjudication, ReviewRequest
from labelwright.model.project import Purpose

_OWN = frozenset({Purpose.LABEL, Purpose.OVERLAP, Purpose.TEST, Purpose.REASK})


def review_report(project: Project, replies: Sequence[Reply]) -> dict[str, Any]:
    """The queue and its outcome, as `labelwright review list --json` prints it."""
    words = project.store.adjudications(project.control.name)
    requests = project.store.reviews()
    return {
        "waiting": [_row(r) for r in requests if r.closed_at is None],
        "settled": sum(r.closed_at is not None for r in requests),
        "overturned": overturned(replies, words),
        "experts": expert_agreement(words).as_dict(),
        "contradictions": contradictions(words),
    }


def _row(request: ReviewRequest) -> dict[str, Any]:
    return {
        "item": request.item,
        "why": request.why,
        "detail": request.detail,
        "asked_at": request.asked_at.isoformat() if request.asked_at else None,
    }


def overturned(replies: Sequence[Reply], words: Sequence[Adjudication]) -> list[dict[str, Any]]:
    """By annotator: share of her reviewed answers that the expert decided otherwise.

    Audits are drawn at random, so their share is that of all her settled answers; contested items are the hard ones,
    and say nothing about the rest.
    """
    last = {w.item: w for w in words if w.label is not None}
    mine: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for r in replies:
        word = last.get(r.item)
        if word is not None and r.last and r.purpose in _OWN and r.annotator != word.by and r.label is not None:
            mine[r.annotator].append((word.asked == AUDIT, r.label != word.label))
    return [
        {
            "annotator": who,
            "audited": share([bad for audit, bad in mine[who] if audit], "no audited answer").as_dict(),
            "all": share([bad for _, bad in mine[who]], "no reviewed answer").as_dict(),
        }
        for who in sorted(mine)
    ]


def expert_agreement(words: Sequence[Adjudication]) -> Measure:
    """Share of items with two experts' words on which these are the same."""
    by_item: dict[str, set[str]] = defaultdict(set)
    count: dict[str, int] = defaultdict(int)
    for w in words:
        if w.label is not None:
            by_item[w.item].add(w.label)
            count[w.item] += 1
    return share([len(by_item[i]) == 1 for i, n in count.items() if n > 1], "no item was reviewed by two experts")


def contradictions(words: Sequence[Adjudication]) -> list[dict[str, Any]]:
    """Items on which experts say different things, with each one's word and reason."""
    by_item: dict[str, list[Adjudication]] = defaultdict(list)
    for w in words:
        by_item[w.item].append(w)
    return [
        {"item": item, "said": [{"by": w.by, "label": w.label, "why": w.why} for w in said]}
        for item, said in sorted(by_item.items())
        if len({w.label for w in said}) > 1
    ]


def share(hits: Sequence[bool], reason: str, confidence: float = 0.95) -> Measure:
    """A share with its exact interval (Clopper and Pearson 1934)."""
    n, k, tail = len(hits), sum(hits), (1 - confidence) / 2
    if n == 0:
        return Measure(None, reason=reason)
    low = float(betaincinv(k, n - k + 1, tail)) if k else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return Measure(k / n, low, high, n, n)
