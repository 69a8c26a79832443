"""The lead's four questions about one control, answered in words from its numbers.

The rule is Krippendorff's (2004, Human Communication Research 30, p. 429): rely on labels with an alpha of .800 or
more, draw only tentative conclusions from .667 on, and discard what lies below. Since the alpha has an interval, the
answer is sure only where the whole interval lies on one side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labelwright.app.report.parts import DrawnConsensus
from labelwright.app.report.values import ConfusedPair, Consensus, ControlCard, Verdict
from labelwright.model.measure import Measure

RELY = 0.800
TENTATIVE = 0.667
#: Below this a kappa or an alpha brings its remedies.
LOW = 0.4
#: The other side of a region that only one of two annotators drew.
NOT_DRAWN = "(not drawn)"
_AUTHOR = "Krippendorff 2004"
#: Where gaps cannot be tested, a confusion that makes up this share of all disagreement asks for another guideline.
MANY = 0.15
#: Share of the items that must have several answers before their consensus is spoken of.
_NEARLY_ALL = 0.9
#: People and items that the verdict names; the cards and lists below have all.
_NAMED = 5
_LONG = 40
_METHODS = {"AnchoredDawidSkene": "anchored Dawid–Skene", "MajorityVote": "majority vote"}


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
        drawn: what there seems to be, where answers are drawn.
        answers_per_item: median over the items with several answers.
        worst: ids of items that no answer wins, or on which answers lie far apart, the worst first.
        consensus: the estimate of the labels, where there is one.
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
    consensus: Consensus | None = None
    drawn: DrawnConsensus | None = None
    answers_per_item: int = 0
    worst: Sequence[str] = ()


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
    name = f"{found.what}:" if found.what[-1:].isdigit() else found.what
    number = f"{name} {m.value:.2f}{_interval(m)} on {m.n_items:,} items"
    low = m.value if m.low is None else m.low
    high = m.value if m.high is None else m.high
    rely, tentative = (f"{RELY:.3f}".lstrip("0"), f"{TENTATIVE:.3f}".lstrip("0"))
    if low >= RELY:
        return "good", "Yes: train on it", f"{number}: the whole interval lies above {rely} ({author}: reliable)."
    if low >= TENTATIVE:
        return "fair", "Yes, on the consensus", f"{number}: above {tentative} ({author}: tentative conclusions)."
    together = _together(found)
    if together is not None:
        return "fair", "On the consensus only", f"{number} for single answers. {together}"
    if high >= TENTATIVE:
        return (
            "fair" if m.value >= TENTATIVE else "poor",
            "Perhaps: more overlap is needed to tell" if m.value >= TENTATIVE else "Not yet",
            f"{number}: the interval lies on both sides of {tentative} ({author}: tentative from there).",
        )
    return "poor", "No: mend the guidelines first", f"{number}: below {tentative} ({author}: discard)."


def _together(found: Findings) -> str | None:
    """What the consensus of several answers is worth where a single answer is worth little.

    Spearman (1910) and Brown (1910): k answers of reliability r together have k r / (1 + (k - 1) r). It holds for
    means of ratings; for classes it is an approximation.
    """
    r, k = found.measure.low, found.answers_per_item
    if found.consensus is None or r is None or r <= 0 or k < 3 or found.shared < _NEARLY_ALL * found.items:
        return None
    together = k * r / (1 + (k - 1) * r)
    if together < TENTATIVE:
        return None
    return (
        f"But {k} answers an item together are worth an alpha of at least about {together:.2f} "
        "(Spearman and Brown 1910, an approximation for classes): train on the consensus, not on single answers."
    )


def _interval(m: Measure) -> str:
    return "" if m.low is None or m.high is None else f" (95 % interval {m.low:.2f} to {m.high:.2f})"


def _help(found: Findings) -> tuple[str, ...]:
    """Who stands apart, and in what; those with the lowest agreement first."""
    lines = []
    named = [c for c in found.cards if c.agreement.value is not None and (c.apart or c.looks)]
    for card in sorted(named, key=lambda c: c.agreement.value or 0.0)[:_NAMED]:
        name = found.names.get(card.annotator, card.annotator)
        if card.looks is not None:
            name += " answers " + ("always the same:" if card.looks == "constant" else "as if without looking:")
        habit = (
            f", above all with {card.habits[0].said} where others say {card.habits[0].others}" if card.habits else ""
        )
        if found.likeness is None:
            lines.append(f"{name} agrees with the others on {card.agreement.value:.0%} of the answers{habit}.")
        else:
            lines.append(f"{name}: {found.likeness} with the others is {card.agreement.value:.2f}.")
    if len(named) > _NAMED:
        lines.append(f"{len(named) - _NAMED} more: see their cards.")
    return tuple(lines)


def _guidelines(found: Findings) -> tuple[str, ...]:
    """The class pairs that the guidelines do not tell apart; where there is none, what comes nearest."""
    lines = [f"{_share(p)}." for p in to_rewrite(found.confused)[:3]]
    nearest = nearest_gap(found.confused)
    if nearest is not None:
        told = f"{_share(nearest)}{_mostly(nearest, found.names)}"
        lines.append(f"{told}: as much may be chance, or one person's habit.")
    return tuple(lines)


def to_rewrite(confused: Sequence[ConfusedPair]) -> tuple[ConfusedPair, ...]:
    """The pairs that the guidelines do not tell apart: gaps where they were tested, else whatever is confused often."""
    return tuple(p for p in confused if p.gap or (p.gap is None and p.share >= MANY))


def nearest_gap(confused: Sequence[ConfusedPair]) -> ConfusedPair | None:
    """The pair confused most, if that is often, where no two classes are confused beyond chance and one person."""
    if any(p.gap for p in confused):
        return None
    return next((p for p in confused[:1] if p.gap is False and p.share >= MANY), None)


def _share(pair: ConfusedPair) -> str:
    return f"{_versus(pair)}: {pair.share:.0%} of all disagreement ({pair.n:,} pairs of answers)"


def _mostly(pair: ConfusedPair, names: Mapping[str, str]) -> str:
    return "".join(f", mostly {names.get(who, who)} ({n:,} answers)" for who, n in pair.by[:1])


def _versus(pair: ConfusedPair) -> str:
    return f"{pair.a}, drawn by one and not by the other" if pair.b == NOT_DRAWN else f"{pair.a} against {pair.b}"


def _experts(found: Findings) -> str:
    if not found.shared:
        return "No item has two answers, so none can be contested."
    if found.consensus is not None:
        return _unsure(found, found.consensus)
    if found.drawn is not None:
        return _unsure_regions(found, found.drawn)
    if found.contested is None:
        far = f"{found.differing:,} of {found.shared:,} items with several answers: answers lie half or more apart."
        return far + _worst(found, found.differing)
    if not found.contested:
        return "None: every item has an answer with the most votes."
    ties = f"{found.contested:,} of {found.shared:,} items with several answers have no answer with the most votes."
    return ties + _worst(found, found.contested)


def _worst(found: Findings, n: int) -> str:
    return f" The worst: {_listed(found.worst, n)}" if n and found.worst else ""


def _unsure_regions(found: Findings, drawn: DrawnConsensus) -> str:
    if not drawn.n_expert:
        return "None: the consensus is sure of what there is on every item with several answers."
    least = _listed(drawn.expert_items, drawn.n_expert)
    return (
        f"{drawn.n_expert:,} of {found.shared:,} items with several answers have a region of which neither a class "
        f"nor its absence reaches a probability of .80. The least sure: {least}"
    )


def _listed(items: Sequence[str], n: int) -> str:
    """The first ids, shortened."""
    shown = ", ".join(i if len(i) <= _LONG else i[:_LONG] + "…" for i in items[:_NAMED])
    return shown + (" …" if n > _NAMED else "")


def _unsure(found: Findings, consensus: Consensus) -> str:
    method = _METHODS.get(consensus.method, consensus.method)
    if not consensus.n_expert:
        return f"None: the consensus ({method}) is sure of every item with several answers."
    least = _listed([e.item for e in consensus.expert], consensus.n_expert)
    return (
        f"{consensus.n_expert:,} of {found.shared:,} items with several answers: a tie, or no class reaches a "
        f"posterior of .80 ({method}). The least sure: {least}"
    )


def _next_step(level: str, found: Findings) -> str:
    if found.measure.value is None and found.shared:
        return "Nothing can be decided from these answers; see the reason above."
    if found.measure.value is None:
        return "Give a share of the items to two annotators or more (overlap of at least 10 %)."
    if level == "good":
        return "Export; send the contested items to an expert." if found.contested else "Export."
    for worst in to_rewrite(found.confused)[:1]:
        how = f"when to draw {worst.a}" if worst.b == NOT_DRAWN else f"how {worst.a} and {worst.b} differ"
        return f"Write down {how}, with the items below as examples, then measure again."
    if any(card.apart for card in found.cards):
        return "Go through the difficult items with those who stand apart, then measure again."
    return "Give more items to several annotators, and go through the difficult ones together."
