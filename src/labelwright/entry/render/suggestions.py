"""What suggestions did to the answers, in the words that terminal and HTML share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labelwright.entry.render.words import interval_of, plural, value_of
from labelwright.learning.anchoring import Anchoring
from labelwright.model.measure import Measure


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One measure in words: what it is, its value and interval, or why there is none."""

    name: str
    value: str
    interval: str


def summary(found: Anchoring) -> str:
    """What was compared."""
    return (
        f"{plural(found.shown, 'task')} showed a suggestion; {found.control:,} more had one, held back at random. "
        "Differences are shown less held back."
    )


def effect_rows(found: Anchoring) -> list[EffectRow]:
    """The measured effect, a line each."""
    return [
        _row("Answers like the suggestion", found.agreement, percent=True),
        _row("The same where it is known to be wrong", found.wrong_agreement, percent=True),
        _row("Right answers, where the truth is known", found.accuracy, percent=True),
        _row("Time for an answer, as a ratio", found.time, percent=False),
    ]


def _row(name: str, measure: Measure, *, percent: bool) -> EffectRow:
    if measure.value is None:
        return EffectRow(name, "–", f"undefined: {measure.reason}")
    value = value_of(measure, percent=percent)
    sign = "+" if percent and measure.value > 0 else ""
    return EffectRow(name, sign + value, interval_of(measure, percent=percent))


def people_rows(found: Anchoring, names: Mapping[str, str]) -> list[tuple[str, int, int, int, int]]:
    """Name, shown, accepted, changed, skipped."""
    return [(names.get(p[0], p[0]), p[1], p[2], p[3], p[4]) for p in found.people]
