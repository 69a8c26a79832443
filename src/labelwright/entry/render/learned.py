"""What the rounds have learned, for terminal and HTML: pictures of the curves, and the lines of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from labelwright.app.report.learned import Learned, RoundPoint, curve_rows, random_rows
from labelwright.entry.render.curve import render_curve
from labelwright.entry.render.words import interval_of, plural, value_of
from labelwright.model.measure import Measure

#: Classes that are drawn: those found least often at the end. All are in the JSON.
MOST_CLASSES = 24
_WIDE, _HIGH, _COLUMNS, _GAP, _TOP = 150, 80, 4, 28, 44
_NAMES = ("the strategy", "as many labels, drawn at random")


def summary(found: Learned) -> str:
    """What the shares rest on, and what was left out."""
    left_out = (
        f" {plural(found.near_duplicates, 'near-duplicate')} left out of the batches." if found.near_duplicates else ""
    )
    if found.reason:
        return f"Class shares are undefined: {found.reason}.{left_out}"
    return (
        f"Shares rest on {plural(found.random_items, 'item')} that chance chose: "
        f"the test set and the random part of every batch.{left_out}"
    )


def share_rows(found: Learned) -> list[tuple[str, str, str]]:
    """Class, share, interval."""
    return [(name, value_of(m, percent=True), interval_of(m, percent=True)) for name, m in found.shares]


def round_rows(found: Learned) -> list[tuple[str, str, str, str, str]]:
    """Round, strategy, answers, accuracy with interval, random beside it."""
    return [(str(p.round), p.strategy, f"{p.labels:,}", _told(p.accuracy), _told(p.random)) for p in found.points]


def _told(m: Measure) -> str:
    if m.value is None:
        return f"undefined: {m.reason}"
    return f"{value_of(m, percent=True)} ({interval_of(m, percent=True)})"


def curve_picture(found: Learned, simulated: str | None) -> str | None:
    """The curve with the shadow's beside it, as SVG; None with fewer than two measured rounds."""
    if sum(p.accuracy.value is not None for p in found.points) < 2:
        return None
    beside = random_rows(found.points)
    drawn = any(row["accuracy"] is not None for row in beside)
    return render_curve(curve_rows(found.points), simulated, (*_NAMES, beside) if drawn else None)


def class_pictures(found: Learned) -> str | None:
    """A small curve for each class, the ones found least often first, as one SVG; None without two measured rounds."""
    measured = [p for p in found.points if p.by_class]
    if len(measured) < 2:
        return None
    last = measured[-1].by_class
    names = sorted((n for n, m in last.items() if m.value is not None), key=lambda n: (last[n].value or 0.0, n))
    names = names[:MOST_CLASSES]
    rows = -(-len(names) // _COLUMNS)
    width, height = _GAP + _COLUMNS * (_WIDE + _GAP), _TOP + rows * (_HIGH + _GAP + 16)
    panels = "".join(_panel(n, k, measured) for k, n in enumerate(names))
    said = "F1 of the spans of each class" if found.counted == "F1" else "Share found of the test items of each class"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" font-family="system-ui, '
        f'sans-serif" font-size="11"><title>{said}, by answers collected</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f'<text x="{_GAP}" y="20" font-size="14" font-weight="600" fill="#1c2430">{said}, by answers collected</text>'
        f"{panels}</svg>\n"
    )


def _panel(name: str, k: int, points: Sequence[RoundPoint]) -> str:
    """One class: its line, with the interval as a band; 0 below, 1 above."""
    left, top = _GAP + (k % _COLUMNS) * (_WIDE + _GAP), _TOP + (k // _COLUMNS) * (_HIGH + _GAP + 16)
    most = max(p.labels for p in points) or 1
    known = [(p.labels, p.by_class[name]) for p in points if name in p.by_class and p.by_class[name].value is not None]

    def at(labels: int, value: float) -> str:
        return f"{left + _WIDE * labels / most:.1f},{top + 14 + _HIGH * (1 - value):.1f}"

    band = [at(n, m.high or 0.0) for n, m in known] + [at(n, m.low or 0.0) for n, m in reversed(known)]
    line = [at(n, m.value or 0.0) for n, m in known]
    value = known[-1][1].value or 0.0
    shown = name if len(name) <= 18 else f"{name[:17]}…"
    return (
        f'<text x="{left}" y="{top + 8}" fill="#1c2430">{escape(shown)}</text>'
        f'<text x="{left + _WIDE}" y="{top + 8}" text-anchor="end" fill="#1c2430">{value:.2f}</text>'
        f'<path d="M{left} {top + 14}V{top + 14 + _HIGH}H{left + _WIDE}" fill="none" stroke="#9ca3af"/>'
        f'<polygon points="{" ".join(band)}" fill="#0072B2" opacity="0.16"/>'
        f'<polyline points="{" ".join(line)}" fill="none" stroke="#0072B2" stroke-width="1.8"/>'
    )
