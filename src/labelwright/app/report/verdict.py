"""The lead's four questions about one control, answered in words from its numbers.

The rule is Krippendorff's (2004, Human Communication Research 30, p. 429): rely on labels with an alpha of .800 or
more, draw only tentative conclusions from .667 on, and discard what lies below. Since the alpha has an interval, the
answer is sure only where the whole interval lies on one side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labelwright.app.report.values import ConfusedPair, ControlCard, Verdict
from labelwright.model.measure import Measure

RELY = 0.800
TENTATIVE = 0.667
#: Below this a kappa or an alpha brings its remedies.
LOW = 0.4
#: The other side of a region that only one of two annotators drew.
NOT_DRAWN = "(not drawn)"
_AUTHOR = "Krippendorff 2004"
#: A confusion that makes up this share of all disagreement asks for another guideline.
_MANY = 0.15


@dataclass(frozen=True, slots=True)
class Findings:
    """What a verdict rests on.

    Attributes:
        what: name of the leading measure, as in ``alpha``.
        measure: the leading measure.
        shared: items with two answers or more.
        items: items with an answer.
        contested: items without a most frequent answer; None where answers are no votes.
        differing: items on which less than half of what was drawn agrees, where answers are no votes.
        confused: pairs of classes, worst first.
        cards: one an annotator.
        names: shown names by annotator id.
        likeness: the measure that compares one annotator with the others; None for the share of equal answers.
        chance_corrected: the thresholds were made for such measures; for others they are a rule of thumb.
    """

    what: str
    measure: Measure
    shared: int
    items: int
    contested: int | None
    confused: Sequence[ConfusedPair]
    cards: Sequence[ControlCard]
    names: dict[str, str]
    chance_corrected: bool = True
    differing: int = 0
    likeness: str | None = None


def verdict_of(found: Findings) -> Verdict:
    """The four answers and the next step."""
    level, headline, why = _train(found)
    return Verdict(
        level=level,
        headline=headline,
        why=why,
        help=_help(found),
        guidelines=_guidelines(found),
        experts=_experts(found),
        next_step=_next_step(level, found),
    )


def _train(found: Findings) -> tuple[str, str, str]:
    m = found.measure
    if m.value is None:
        return "unknown", "Nobody can tell yet", f"{found.what} is undefined: {m.reason}."
    author = _AUTHOR if found.chance_corrected else f"a rule of thumb: {_AUTHOR} made it for alpha"
    number = f"{found.what} {m.value:.2f}{_interval(m)} on {m.n_items:,} items"
    low = m.value if m.low is None else m.low
    high = m.value if m.high is None else m.high
    rely, tentative = (f"{RELY:.3f}".lstrip("0"), f"{TENTATIVE:.3f}".lstrip("0"))
    if low >= RELY:
        return "good", "Yes: train on it", f"{number}: the whole interval lies above {rely} ({author}: reliable)."
    if low >= TENTATIVE:
        return "fair", "Yes, on the consensus", f"{number}: above {tentative} ({author}: tentative conclusions)."
    if high >= TENTATIVE:
        return (
            "fair" if m.value >= TENTATIVE else "poor",
            "Perhaps: more overlap is needed to tell" if m.value >= TENTATIVE else "Not yet",
            f"{number}: the interval lies on both sides of {tentative} ({author}: tentative from there).",
        )
    return "poor", "No: mend the guidelines first", f"{number}: below {tentative} ({author}: discard)."


def _interval(m: Measure) -> str:
    return "" if m.low is None or m.high is None else f" (95 % interval {m.low:.2f} to {m.high:.2f})"


def _help(found: Findings) -> tuple[str, ...]:
    """Who stands apart, and in what."""
    lines = []
    for card in found.cards:
        if not card.apart or card.agreement.value is None:
            continue
        name = found.names.get(card.annotator, card.annotator)
        habit = (
            f", above all with {card.habits[0].said} where others say {card.habits[0].others}" if card.habits else ""
        )
        if found.likeness is None:
            lines.append(f"{name} agrees with the others on {card.agreement.value:.0%} of the answers{habit}.")
        else:
            lines.append(f"{name}: {found.likeness} with the others is {card.agreement.value:.2f}.")
    return tuple(lines)


def _guidelines(found: Findings) -> tuple[str, ...]:
    """The class pairs that cause a good part of the disagreement."""
    return tuple(
        f"{_versus(p)}: {p.share:.0%} of all disagreement ({p.n:,} pairs of answers)."
        for p in found.confused[:3]
        if p.share >= _MANY
    )


def _versus(pair: ConfusedPair) -> str:
    return f"{pair.a}, drawn by one and not by the other" if pair.b == NOT_DRAWN else f"{pair.a} against {pair.b}"


def _experts(found: Findings) -> str:
    if not found.shared:
        return "No item has two answers, so none can be contested."
    if found.contested is None:
        return f"{found.differing:,} of {found.shared:,} items with several answers: answers lie half or more apart."
    if not found.contested:
        return "None: every item has an answer with the most votes."
    return f"{found.contested:,} of {found.shared:,} items with several answers have no answer with the most votes."


def _next_step(level: str, found: Findings) -> str:
    if found.measure.value is None and found.shared:
        return "Nothing can be decided from these answers; see the reason above."
    if found.measure.value is None:
        return "Give a share of the items to two annotators or more (overlap of at least 10 %)."
    if level == "good":
        return "Export; send the contested items to an expert." if found.contested else "Export."
    if found.confused and found.confused[0].share >= _MANY:
        worst = found.confused[0]
        how = f"when to draw {worst.a}" if worst.b == NOT_DRAWN else f"how {worst.a} and {worst.b} differ"
        return f"Write down {how}, with the items below as examples, then measure again."
    if any(card.apart for card in found.cards):
        return "Go through the difficult items with those who stand apart, then measure again."
    return "Give more items to several annotators, and go through the difficult ones together."
