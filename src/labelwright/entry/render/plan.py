"""A plan as a picture: cost and accuracy of each option, with intervals."""

from __future__ import annotations

from html import escape

from labelwright.planning.options import JobPlan, Option

_WIDTH, _ROW, _LEFT, _RIGHT, _TOP = 1040, 34, 230, 390, 90
_LEGEND = (
    "bar: mean · line: nine of ten simulated jobs · right of it: cost, accuracy at the end, calendar, "
    "how often it misses the target"
)


def render_plan(plan: JobPlan) -> str:
    """The picture as SVG, with a table in words for those who cannot see it; it says that it is a simulation."""
    height = _TOP + _ROW * len(plan.options) + 70
    most = max(o.cost[2] for o in plan.options) * 1.02
    rows = "".join(_bar(o, k, most, advised=o is plan.advice) for k, o in enumerate(plan.options))
    words = "; ".join(f"{name(o)}: cost {o.cost[0]:,.0f} ({o.cost[1]:,.0f} to {o.cost[2]:,.0f})" for o in plan.options)
    title = f"{plan.items:,} items at {plan.target:.1%}: cost in prices of an answer"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13"><title>{escape(title)}</title><desc>{escape(words)}</desc>'
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
        f'<text x="20" y="32" font-size="18" font-weight="600" fill="#1c2430">{escape(title)}</text>'
        f'<text x="20" y="56" fill="#5b6675">{_LEGEND}</text>'
        f"{rows}{_note(plan, height)}</svg>\n"
    )


def page(plan: JobPlan) -> str:
    """The picture as one HTML file."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Plan of a labeling job</title>'
        '<body style="margin:2rem auto;max-width:60rem">' + render_plan(plan) + "</body></html>\n"
    )


def name(option: Option) -> str:
    """An option in words."""
    return f"certified, at most {option.gold} audits" if option.policy == "certified" else option.policy


def _bar(option: Option, number: int, most: float, *, advised: bool) -> str:
    y = _TOP + _ROW * number
    scale = (_WIDTH - _LEFT - _RIGHT) / most
    mean, low, high = (value * scale for value in option.cost)
    colour = "#1f6f54" if advised else "#9fb0c3"
    weight = ' font-weight="600"' if advised else ""
    risk = "" if option.policy == "expert" else f" · misses in {option.risk:.0%}"
    days = "" if option.days is None else f" · {option.days[0]:,} days"
    return (
        f'<text x="{_LEFT - 10}" y="{y + 17}" text-anchor="end" fill="#1c2430"{weight}>{escape(name(option))}</text>'
        f'<rect x="{_LEFT}" y="{y + 3}" width="{mean:.1f}" height="20" rx="2" fill="{colour}"/>'
        f'<line x1="{_LEFT + low:.1f}" x2="{_LEFT + high:.1f}" y1="{y + 13}" y2="{y + 13}" '
        f'stroke="#1c2430" stroke-width="2"/>'
        f'<text x="{_WIDTH - _RIGHT + 12}" y="{y + 17}" fill="#1c2430">{option.cost[0]:,.0f} · '
        f"{option.accuracy[0]:.1%} right{days}{risk}</text>"
    )


def _note(plan: JobPlan, height: int) -> str:
    return (
        f'<text x="20" y="{height - 36}" fill="#1f6f54">'
        f"Cheapest that keeps the target: {escape(name(plan.advice))}</text>"
        f'<text x="20" y="{height - 14}" font-size="11" fill="#5b6675">{escape(plan.basis)}</text>'
    )
