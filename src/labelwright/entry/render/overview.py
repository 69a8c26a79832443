"""The lead's four questions about every control in one table: the first thing that a report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from labelwright.app.report.faults import faults_of
from labelwright.app.report.parts import Drawer
from labelwright.app.report.values import ConfusedPair, ControlCard, ControlReport
from labelwright.app.report.verdict import NOT_DRAWN, nearest_gap, to_rewrite
from labelwright.entry.render.words import plural

_PEOPLE = 3
_ITEMS = 3
_LONG = 24
_FAR = 0.1  # from the team's median: worth a word


@dataclass(frozen=True, slots=True)
class Brief:
    """One control in short.

    Attributes:
        help: who needs help, and with what; empty where nobody does.
        rewrite: pairs of classes whose guideline must be rewritten; or the one that comes nearest, with "perhaps".
        expert: how many items go to the expert, and the first of them.
    """

    help: tuple[tuple[str, str], ...]
    rewrite: tuple[str, ...]
    expert: tuple[int | None, str]


def brief_of(c: ControlReport, names: Mapping[str, str]) -> Brief:
    """The answers, shortened; the sections below have all of them."""
    nearest = nearest_gap(c.confused)
    perhaps = [] if nearest is None else [f"perhaps {_pair(nearest)}"]
    return Brief(_help(c, names), (*perhaps, *(_pair(p) for p in to_rewrite(c.confused)[:2])), _expert(c))


def _help(c: ControlReport, names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    drawers = c.drawn.annotators if c.drawn else ()
    said = [(names.get(x.annotator, x.annotator), what) for x in c.cards if (what := _with_what(x, drawers, names))]
    more = len(said) - _PEOPLE
    return (*said[:_PEOPLE], *([(f"{more} more", "see their cards")] if more > 0 else []))


def _with_what(card: ControlCard, drawers: Sequence[Drawer], names: Mapping[str, str]) -> str:
    """What this person needs help with; empty where nothing was found."""
    if card.looks is not None:
        return "gives always the same answer" if card.looks == "constant" else "answers as if without looking"
    if card.apart and card.habits:
        return f"says {_cut(card.habits[0].said)} where others say {_cut(card.habits[0].others)}"
    if card.apart:
        return _drawn_apart(card.annotator, drawers) or "stands apart from the others"
    fault = next(faults_of(card.conduct, names), "") if card.conduct else ""
    return fault.partition(":")[0].rstrip(".")


def _drawn_apart(who: str, drawers: Sequence[Drawer]) -> str:
    """In what somebody who draws differs from the team's median."""
    own = next((d for d in drawers if d.annotator == who), None)
    if own is None:
        return ""
    said = []
    if own.detection < median(d.detection for d in drawers) - _FAR:
        said.append(f"misses things (finds {own.detection:.0%})")
    if own.false_alarms > median(d.false_alarms for d in drawers) + _FAR:
        said.append(f"draws too much ({own.false_alarms:.1f} false an item)")
    named = [d.accuracy for d in drawers if d.accuracy is not None]
    if own.accuracy is not None and own.accuracy < median(named) - _FAR:
        said.append(f"takes classes for others ({own.accuracy:.0%} right)")
    return ", ".join(said)


def _pair(p: ConfusedPair) -> str:
    what = f"when to draw {_cut(p.a)}" if p.b == NOT_DRAWN else f"{_cut(p.a)} against {_cut(p.b)}"
    return f"{what} ({p.share:.0%})"


def _expert(c: ControlReport) -> tuple[int | None, str]:
    if not c.n_shared_items:
        return None, "no item has two answers"
    if c.consensus is not None:
        n, items = c.consensus.n_expert, [e.item for e in c.consensus.expert]
    elif c.drawn is not None:
        n, items = c.drawn.n_expert, list(c.drawn.expert_items)
    else:
        items = [d.item for d in c.difficult if d.expert or d.disagreement >= 0.5]
        n = max(c.n_contested, len(items))
    shown = ", ".join(_cut(i) for i in items[:_ITEMS]) + (" …" if n > _ITEMS else "")
    return n, f"{plural(n, 'item')}: {shown}" if n else "none"


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
