"""The learning curve as a picture of its own: accuracy by answers, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

_WIDTH, _HEIGHT = 720, 420
_COLOR, _BESIDE = "#0072B2", "#D55E00"
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 30, 60, 90


def write_curve(path: Path, rounds: Sequence[Mapping[str, Any]], simulated: str | None) -> Path:
    """Write the picture; returns its path."""
    path.write_text(render_curve(rounds, simulated), encoding="utf-8")
    return path


def render_curve(
    rounds: Sequence[Mapping[str, Any]],
    simulated: str | None,
    beside: tuple[str, str, Sequence[Mapping[str, Any]]] | None = None,
) -> str:
    """The curve as SVG. Rounds without an accuracy are left out.

    Args:
        rounds: rows with labels, accuracy, low, high.
        simulated: a sentence to show below, or None.
        beside: another curve to compare with: the names of this one and of that one, and its rows.
    """
    points = [r for r in rounds if r["accuracy"] is not None]
    others = [r for r in beside[2] if r["accuracy"] is not None] if beside else []
    most = max((r["labels"] for r in [*points, *others]), default=1)
    body = [_frame(most), _other(others, most), *(_point(r, most, said=not beside) for r in points)]
    body += [_line(points, most, _COLOR), _legend(beside[0], beside[1]) if beside else ""]
    note = _note(simulated) if simulated else ""
    table = "; ".join(f"{r['labels']} answers: {r['accuracy']:.3f} ({r['low']:.3f} to {r['high']:.3f})" for r in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13">'
        f"<title>Learning curve</title><desc>{escape(table or 'no accuracy yet')}</desc>"
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f'<text x="{_LEFT}" y="30" font-size="18" font-weight="600" fill="#1c2430">Accuracy by answers collected</text>'
        f"{''.join(body)}{note}</svg>\n"
    )


def _x(labels: float, most: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * labels / (most * 1.05)


def _y(accuracy: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - accuracy)


def _frame(most: float) -> str:
    grid = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_y(a / 5):.1f}" y2="{_y(a / 5):.1f}" stroke="#e3e7ec"/>'
        f'<text x="{_LEFT - 10}" y="{_y(a / 5) + 4:.1f}" text-anchor="end" fill="#5b6675">{a / 5:.1f}</text>'
        for a in range(6)
    )
    ticks = "".join(
        f'<text x="{_x(tick, most):.1f}" y="{_y(0) + 20:.1f}" text-anchor="middle" fill="#5b6675">{tick:,}</text>'
        for tick in _ticks(most)
    )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    return f'{grid}{ticks}<text x="{middle}" y="{_y(0) + 42:.1f}" text-anchor="middle" fill="#5b6675">answers</text>'


def _ticks(most: float) -> list[int]:
    """Round numbers from 0 to ``most``, at most six."""
    size = 10 ** max(0, len(str(int(most))) - 2)
    step = next(size * k for k in (1, 2, 5, 10, 20, 50) if most / (size * k) <= 5)
    return list(range(0, int(most) + 1, step))


def _point(row: Mapping[str, Any], most: float, *, said: bool = True, color: str = _COLOR) -> str:
    x, y = _x(row["labels"], most), _y(row["accuracy"])
    number = f'<text x="{x - 9:.1f}" y="{y - 9:.1f}" text-anchor="end" fill="#1c2430">{row["accuracy"]:.3f}</text>'
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_y(row["low"]):.1f}" y2="{_y(row["high"]):.1f}" stroke="{color}" '
        f'stroke-width="2"/><circle cx="{x:.1f}" cy="{y:.1f}" r="{5 if said else 3}" fill="{color}"/>'
        f"{number if said else ''}"
    )


def _line(points: Sequence[Mapping[str, Any]], most: float, color: str) -> str:
    path = " ".join(f"{_x(r['labels'], most):.1f},{_y(r['accuracy']):.1f}" for r in points)
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>'


def _other(points: Sequence[Mapping[str, Any]], most: float) -> str:
    """The curve beside it, a little to the right, so that intervals do not hide each other."""
    moved = [{**r, "labels": r["labels"] + most / 150} for r in points]
    return "".join(_point(r, most, said=False, color=_BESIDE) for r in moved) + _line(moved, most, _BESIDE)


def _legend(this: str, that: str) -> str:
    return "".join(
        f'<rect x="{_LEFT + 330 * n}" y="42" width="12" height="4" fill="{color}"/>'
        f'<text x="{_LEFT + 330 * n + 18}" y="48" fill="#1c2430">{escape(name)}</text>'
        for n, (name, color) in enumerate(((this, _COLOR), (that, _BESIDE)))
    )


def _note(text: str) -> str:
    """The sentence in lines that fit."""
    lines: list[str] = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > 100:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    start = _HEIGHT - 6 - 14 * (len(lines) - 1)
    return "".join(
        f'<text x="{_LEFT}" y="{start + 14 * n}" font-size="11" fill="#8a4b00">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )
