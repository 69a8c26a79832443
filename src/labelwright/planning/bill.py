"""What the work costs: active time with idle capped by a robust rule, or per label; all adds up to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from statistics import median

import numpy as np

from labelwright.model.money import Rate, RateUnit

CENT = Decimal("0.01")
#: Answers from which an annotator's own cap is reckoned; below, that of everybody together.
_OWN = 10
#: Widths of the spread of log times above the median; a normal law of log times leaves 1 in 700 above.
_WIDTHS = 3.0
_NORMAL = 1.4826


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of paid work.

    Attributes:
        seconds: lead time as Label Studio measured it; None where it did not.
        answered: it is an answer (a skip takes time and is no label).
        label: the class, for breakdowns; None where there is none.
    """

    annotator: str
    at: datetime
    seconds: float | None
    answered: bool
    label: str | None
    round: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Priced:
    """A piece of work with its active seconds and what it costs exactly; None where there is no rate."""

    work: Work
    active: float
    amount: Decimal | None


def idle_cap(seconds: Sequence[float]) -> float | None:
    """Lead times above this are a screen left open: what is above counts as idle.

    Lead times are log-normal with a long tail. The cap is exp(m + 3 · 1.4826 · MAD), with m the median and MAD the
    median absolute deviation of log seconds (Leys et al. 2013), and at least three times the median. None without data.
    """
    known = np.asarray([max(s, 0.1) for s in seconds if s > 0])
    if not known.size:
        return None
    logs = np.log(known)
    middle = float(np.median(logs))
    spread = _NORMAL * float(np.median(np.abs(logs - middle)))
    return float(np.exp(middle + max(_WIDTHS * spread, np.log(3.0))))


def price(
    work: Sequence[Work], rates: Mapping[str, Sequence[tuple[datetime, Rate]]], default: Rate | None
) -> list[Priced]:
    """Active time and cost of every piece of work, each at the rate of its own time.

    Args:
        work: in any order.
        rates: by annotator, with the time from which each counts, ascending.
        default: where somebody has no rate.
    """
    caps = _caps(work)
    return [_priced(w, caps, _rate_at(rates.get(w.annotator, ()), w.at) or default) for w in work]


def _caps(work: Sequence[Work]) -> dict[str, float]:
    by_person: dict[str, list[float]] = {}
    for w in work:
        if w.seconds is not None:
            by_person.setdefault(w.annotator, []).append(w.seconds)
    everybody = idle_cap([s for own in by_person.values() for s in own])
    caps = {who: idle_cap(own) if len(own) >= _OWN else everybody for who, own in by_person.items()}
    return {who: cap for who, cap in caps.items() if cap is not None}


def _rate_at(rates: Sequence[tuple[datetime, Rate]], at: datetime) -> Rate | None:
    """The rate that counted then; the first one for work before it (a clock may be behind)."""
    earlier = [rate for since, rate in rates if since <= at]
    return earlier[-1] if earlier else rates[0][1] if rates else None


def _priced(w: Work, caps: Mapping[str, float], rate: Rate | None) -> Priced:
    active = min(max(w.seconds or 0.0, 0.0), caps.get(w.annotator, float("inf")))
    if rate is None:
        return Priced(w, active, None)
    if rate.per is RateUnit.LABEL:
        return Priced(w, active, rate.amount if w.answered else Decimal(0))
    return Priced(w, active, rate.amount * Decimal(repr(round(active, 3))) / 3600)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown."""

    name: str
    answers: int
    hours: float
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Bill:
    """What was paid for.

    Attributes:
        total: the sum of the annotators' amounts, each rounded to the cent; every breakdown adds up to it.
        hours: active.
        answers: that count as labels.
        without_rate: pieces of work of people without a rate: they cost nothing here, and that is said.
    """

    total: Decimal
    hours: float
    answers: int
    without_rate: int
    by_annotator: tuple[Line, ...]
    by_class: tuple[Line, ...]
    by_round: tuple[Line, ...]
    by_purpose: tuple[Line, ...]


def bill_of(priced: Iterable[Priced]) -> Bill:
    """Add up. Annotators are paid in whole cents; other breakdowns share the rest by largest remainder."""
    rows = list(priced)
    people = _lines(rows, [p.work.annotator for p in rows])
    paid = [(name, n, hours, amount.quantize(CENT, ROUND_HALF_UP)) for name, n, hours, amount in people]
    total = sum((amount for *_, amount in paid), Decimal(0))
    return Bill(
        total=total,
        hours=sum(p.active for p in rows) / 3600,
        answers=sum(p.work.answered for p in rows),
        without_rate=sum(p.amount is None for p in rows),
        by_annotator=tuple(Line(*row) for row in paid),
        by_class=_shared(_lines(rows, [p.work.label or "no label" for p in rows]), total),
        by_round=_shared(_lines(rows, [str(p.work.round) for p in rows]), total),
        by_purpose=_shared(_lines(rows, [p.work.purpose for p in rows]), total),
    )


_Row = tuple[str, int, float, Decimal]


def _lines(rows: Sequence[Priced], names: Sequence[str]) -> list[_Row]:
    found: dict[str, list[Priced]] = {}
    for name, p in zip(names, rows, strict=True):
        found.setdefault(name, []).append(p)
    return [
        (
            name,
            sum(p.work.answered for p in own),
            sum(p.active for p in own) / 3600,
            sum((p.amount or Decimal(0) for p in own), Decimal(0)),
        )
        for name, own in sorted(found.items())
    ]


def _shared(rows: Sequence[_Row], total: Decimal) -> tuple[Line, ...]:
    """Whole cents that add up to the total: rounded down, the cents that are left to the largest remainders."""
    floors = [amount.quantize(CENT, ROUND_FLOOR) for *_, amount in rows]
    left = int((total - sum(floors, Decimal(0))) / CENT)
    order = sorted(range(len(rows)), key=lambda i: (floors[i] - rows[i][3], rows[i][0]))
    cents = dict.fromkeys(range(len(rows)), 0)
    for k in range(abs(left)):
        cents[order[k % len(order)] if left > 0 else order[-1 - k % len(order)]] += 1 if left > 0 else -1
    return tuple(Line(name, n, hours, floors[i] + CENT * cents[i]) for i, (name, n, hours, _) in enumerate(rows))


def usual_seconds(priced: Iterable[Priced]) -> dict[str, float]:
    """Median active seconds of an answer by annotator, where they are known."""
    found: dict[str, list[float]] = {}
    for p in priced:
        if p.active > 0:
            found.setdefault(p.work.annotator, []).append(p.active)
    return {who: median(own) for who, own in found.items()}
