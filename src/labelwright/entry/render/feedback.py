"""An annotator's own report as one self-contained HTML page: nothing is loaded, nothing that people wrote is markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from labelwright.app.feedback import Block, Feedback
from labelwright.app.onboarding import Onboarding
from labelwright.entry.render import words
from labelwright.entry.render.assets import asset, environment, policy
from labelwright.entry.render.charts import ticks, whisker
from labelwright.model.measure import Measure

_WIDTH, _HEIGHT, _LEFT, _TOP = 640.0, 180.0, 44.0, 12.0


@dataclass(frozen=True, slots=True)
class Own:
    """What the page offers beside the report, where it is served rather than written to a file.

    Attributes:
        desk: the way to her tasks.
        address: of the page itself, for its buttons; None in a file.
        onboarding: where she stands before her first task.
        reread: the guidelines have changed since she read them.
    """

    desk: str | None = None
    address: str | None = None
    onboarding: Onboarding | None = None
    reread: bool = False


def render_feedback(
    feedback: Feedback, guidelines_html: str, sections: Mapping[str, str], own: Own | None = None
) -> str:
    """The whole page as text.

    Args:
        feedback: the report.
        guidelines_html: clean HTML, as the labeling screen shows it.
        sections: clean HTML of the guidelines' section on each class, by class.
        own: what a served page offers beside it.
    """
    own = own or Own()
    style = asset("report.css") + asset("feedback.css")
    return (
        environment()
        .get_template("feedback.html.j2")
        .render(
            f=feedback,
            own=own,
            measures=[whisker(title, m, 0.0, percent=True) for title, m in _measures(feedback)],
            ticks=ticks(0.0),
            trend=_trend(feedback.trend),
            guidelines=Markup(guidelines_html),  # noqa: S704 - cleaned by `adapters.guidelines`
            sections={name: Markup(html) for name, html in sections.items()},  # noqa: S704 - the same
            refresh=own.onboarding is not None and own.onboarding.step == "qualify",
            words=words,
            style=Markup(style),  # noqa: S704 - our own files
            policy=policy(style),
        )
    )


def _measures(f: Feedback) -> list[tuple[str, Measure]]:
    found = [
        ("items whose label is known", f.gold),
        ("items that others or an expert settled", f.settled),
        ("the same answer as an expert", f.beside_expert),
        ("the same answer when asked again", f.consistent),
    ]
    return [pair for pair in found if pair[1].value is not None] or found[:2]


def _trend(trend: tuple[Block, ...]) -> dict[str, Any] | None:
    """Points with their intervals on a drawing of fixed size; None with fewer than two stretches."""
    if len(trend) < 2:
        return None
    step = (_WIDTH - _LEFT - 20) / (len(trend) - 1)

    def y(value: float | None) -> float:
        return round(_TOP + (_HEIGHT - 2 * _TOP) * (1 - (value or 0.0)), 1)

    points = [
        {
            "x": round(_LEFT + 10 + k * step, 1),
            "y": y(b.accuracy.value),
            "low": y(b.accuracy.low),
            "high": y(b.accuracy.high),
            "title": f"until {b.until:%Y-%m-%d %H:%M} UTC: {words.value_of(b.accuracy, percent=True)} "
            f"({words.interval_of(b.accuracy, percent=True)}) of {b.accuracy.n_items} answers"
            + (f", {b.seconds:.1f} s an answer" if b.seconds else ""),
        }
        for k, b in enumerate(trend)
    ]
    grid = [(f"{v:.0%}", y(v)) for v in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return {"points": points, "grid": grid, "width": _WIDTH, "height": _HEIGHT, "left": _LEFT, "pace": _pace(trend)}


def _pace(trend: tuple[Block, ...]) -> str | None:
    first, last = trend[0].seconds, trend[-1].seconds
    if not first or not last:
        return None
    return f"An answer took you {first:.1f} s in the first of them and {last:.1f} s in the last."
