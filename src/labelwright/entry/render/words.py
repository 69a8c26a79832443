"""Numbers and names in the words that terminal and HTML share."""

from __future__ import annotations

from labelwright.model.measure import Measure

#: A sign beside the colour, so that nobody needs to see colours.
SIGNS = {"good": "✓", "fair": "~", "poor": "✗", "unknown": "?"}


def value_of(measure: Measure, *, percent: bool = False) -> str:
    """The value; a dash when undefined."""
    if measure.value is None:
        return "–"
    return f"{measure.value:.1%}" if percent else f"{measure.value:.3f}"


def interval_of(measure: Measure, *, percent: bool = False) -> str:
    """The interval; nothing without one."""
    if measure.low is None or measure.high is None:
        return ""
    if percent:
        return f"{measure.low:.1%} to {measure.high:.1%}"
    return f"{measure.low:.3f} to {measure.high:.3f}"


def counts_of(measure: Measure) -> str:
    """What it rests on."""
    return f"{measure.n_items:,} items, {measure.n_annotations:,} answers" if measure.n_items else ""


def seconds_of(measure: Measure) -> str:
    """Median seconds."""
    return "–" if measure.value is None else f"{measure.value:.1f} s"


def plural(n: int, one: str, many: str | None = None) -> str:
    """``1 item``, ``2 items``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
