"""What stands on an annotator's card beside the agreement, in the words that terminal and HTML share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

from labelwright.app.report.faults import biases_of, faults_of
from labelwright.app.report.parts import Change
from labelwright.app.report.values import AnnotatorReport, ControlCard

Cards = Sequence[tuple[str, ControlCard]]


def tags_of(cards: Cards) -> list[tuple[str, str]]:
    """What to see at a glance: words and level, the gravest first."""
    known = [card.conduct for _, card in cards if card.conduct is not None]
    looks = next((card.looks for _, card in cards if card.looks), None)
    tags = [("always the same" if looks == "constant" else "without looking", "poor")] if looks else []
    if any(c.copies for c in known):
        tags.append(("may copy", "poor"))
    if not looks and any(card.apart for _, card in cards):
        tags.append(("stands apart", "poor"))
    if any(_found(c.drift) and (c.drift.change or 0) < 0 for c in known if c.drift):
        tags.append(("worse than before", "fair"))
    if any(_found(c.haste) for c in known):
        tags.append(("hasty", "fair"))
    if any(_found(c.fatigue) for c in known):
        tags.append(("tires", "fair"))
    return tags


def skills_of(cards: Cards) -> list[tuple[str, str]]:
    """Skill, gold and agreement with the others' majority: name and number with its interval."""
    found = []
    for name, card in cards:
        if card.conduct is None:
            continue
        rows = (
            ("right, by the consensus", card.conduct.skill),
            ("like the others' majority", card.conduct.rest),
            ("right on gold", card.conduct.gold),
            ("like gold", card.conduct.like_gold),
        )
        for what, m in rows:
            if m is not None and m.value is not None:
                reach = "" if m.low is None or m.high is None else f" ({m.low:.0%} to {m.high:.0%})"
                found.append((f"{name}: {what}", f"{m.value:.0%}{reach}, n = {m.n_items:,}"))
    return found


def conduct_of(cards: Cards, names: Mapping[str, str]) -> list[str]:
    """What was found, in sentences; nothing where all is well."""
    return [
        f"{name}: {line}"
        for name, card in cards
        if card.conduct
        for line in (*faults_of(card.conduct, names), *biases_of(card.conduct))
    ]


def _found(change: Change | None) -> bool:
    return change is not None and change.found


@dataclass(frozen=True, slots=True)
class Dot:
    """One annotator on the plane of speed and agreement; places in percent."""

    x: float
    y: float
    name: str
    title: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Plane:
    """Seconds per item (logarithmic, to the right) against agreement with the others (upwards)."""

    dots: tuple[Dot, ...]
    across: tuple[tuple[str, float], ...]
    up: tuple[tuple[str, float], ...]


def plane_of(people: Sequence[AnnotatorReport], marked: frozenset[str]) -> Plane | None:
    """The plane; None where fewer than two annotators have both numbers."""
    known = [
        (p, p.seconds.value, p.agreement.value)
        for p in people
        if p.seconds.value is not None and p.seconds.value > 0 and p.agreement.value is not None
    ]
    if len(known) < 2:
        return None
    low, high = _octaves([s for _, s, _ in known])
    floor = min(int(10 * min(a for _, _, a in known)) / 10, 0.9)
    dots = [
        Dot(
            x=round(100 * log2(s / low) / log2(high / low), 2),
            y=round(100 * (1 - (a - floor) / (1 - floor)), 2),
            name=p.name,
            title=f"{p.name}: {s:.1f} s an item, {a:.0%} with the others",
            marked=p.id in marked,
        )
        for p, s, a in known
    ]
    across, value = [], low
    while value <= high * 1.001:
        across.append((f"{value:g} s", round(100 * log2(value / low) / log2(high / low), 2)))
        value *= 2
    up = [(f"{floor + (1 - floor) * k / 4:.0%}", 100 - 25.0 * k) for k in range(5)]
    return Plane(tuple(dots), tuple(across), tuple(up))


def _octaves(seconds: Sequence[float]) -> tuple[float, float]:
    """The powers of two around them."""
    low, high = 2.0**-3, 2.0**-3
    while low * 2 <= min(seconds):
        low *= 2
    while high <= max(seconds):
        high *= 2
    return low, max(high, 2 * low)
