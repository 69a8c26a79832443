"""A burn-down as a picture: answers still to come, recorded and forecast."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import escape

from labelwright.app.forecasting import Outlook
from labelwright.planning.forecast import Ends, Point

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 960, 420, 80, 30, 90, 60
_TEXT, _FAINT, _DONE, _AHEAD = "#1c2430", "#5b6675", "#1c2430", "#1f6f54"
_FEW = 2


def render_burn_down(outlook: Outlook, simulated: str | None = None) -> str:
    """The picture as SVG, with its content in words for those who cannot see it."""
    points = outlook.forecast.burn_down
    title = f"{outlook.forecast.remaining:,} answers to come, until {outlook.until}"
    words = finish_in_words(outlook)
    drawn = _drawing(points) if len(points) >= _FEW else ""
    note = _line(20, _HEIGHT - 12, escape(simulated)) if simulated else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13"><title>{escape(title)}</title><desc>{escape(words)}</desc>'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f'<text x="20" y="32" font-size="18" font-weight="600" fill="{_TEXT}">{escape(title)}</text>'
        f"{_line(20, 56, escape(words))}{drawn}{note}</svg>\n"
    )


def page(outlook: Outlook, simulated: str | None = None) -> str:
    """The picture as one HTML file."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Burn-down of a labeling job</title>'
        '<body style="margin:2rem auto;max-width:60rem">' + render_burn_down(outlook, simulated) + "</body></html>\n"
    )


def finish_in_words(outlook: Outlook) -> str:
    """When it is done, as a sentence."""
    ends = outlook.forecast.finish
    if ends is None:
        return f"When it is done is not known: {outlook.forecast.steps.reason}"
    if not outlook.forecast.remaining:
        return "Nothing waits for an answer"
    return f"Done {_when(ends, outlook.step)}; nine of ten such forecasts hold"


def _when(ends: Ends, step: str) -> str:
    form = "%Y-%m-%d" if step == "day" else "%Y-%m-%d %H:%M"
    expected, earliest, latest = (t.strftime(form) for t in (ends.expected, ends.earliest, ends.latest))
    return f"on {expected} (between {earliest} and {latest})" + ("" if step == "day" else " UTC")


def _drawing(points: Sequence[Point]) -> str:
    first, last = points[0].at.timestamp(), points[-1].at.timestamp()
    most = max(p.high for p in points) or 1.0

    def place(at: float, value: float) -> str:
        x = _LEFT + (at - first) / max(last - first, 1e-9) * (_WIDTH - _LEFT - _RIGHT)
        return f"{x:.1f},{_HEIGHT - _BOTTOM - value / most * (_HEIGHT - _TOP - _BOTTOM):.1f}"

    done = [p for p in points if not p.forecast]
    ahead = [*done[-1:], *(p for p in points if p.forecast)]
    band = [place(p.at.timestamp(), p.high) for p in ahead]
    band += [place(p.at.timestamp(), p.low) for p in reversed(ahead)]
    return (
        f"{_axes(points, most)}"
        f'<polygon points="{" ".join(band)}" fill="{_AHEAD}" fill-opacity="0.18"/>'
        f"{_path([place(p.at.timestamp(), p.remaining) for p in ahead], _AHEAD, dashed=True)}"
        f"{_path([place(p.at.timestamp(), p.remaining) for p in done], _DONE, dashed=False)}"
    )


def _path(places: Sequence[str], colour: str, *, dashed: bool) -> str:
    dash = ' stroke-dasharray="6 4"' if dashed else ""
    return f'<polyline points="{" ".join(places)}" fill="none" stroke="{colour}" stroke-width="2.5"{dash}/>'


def _axes(points: Sequence[Point], most: float) -> str:
    floor, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    form = "%d %b %Y" if points[-1].at - points[0].at >= timedelta(days=4) else "%d %b %H:%M"
    marks = "".join(_mark(_height(k, floor), right, f"{most * k / 4:,.0f}") for k in range(5))
    legend = "solid: recorded · dashed: forecast · band: nine of ten forecasts"
    return (
        f"{marks}{_line(_LEFT, floor + 22, points[0].at.strftime(form))}"
        f'<text x="{right}" y="{floor + 22}" text-anchor="end" fill="{_FAINT}">{points[-1].at.strftime(form)}</text>'
        f"{_line(_LEFT, _TOP - 10, legend)}"
    )


def _mark(y: float, right: float, text: str) -> str:
    return (
        f'<line x1="{_LEFT}" x2="{right}" y1="{y}" y2="{y}" stroke="#e3e7ec"/>'
        f'<text x="{_LEFT - 10}" y="{y + 4}" text-anchor="end" fill="{_FAINT}">{text}</text>'
    )


def _height(quarter: int, floor: int) -> float:
    return floor - quarter / 4 * (_HEIGHT - _TOP - _BOTTOM)


def _line(x: float, y: float, text: str) -> str:
    return f'<text x="{x}" y="{y}" fill="{_FAINT}">{text}</text>'
