"""What stands out in how an annotator works, in sentences without the name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labelwright.app.report.parts import Conduct


def faults_of(found: Conduct, names: Mapping[str, str]) -> Iterator[str]:
    """What a test found: copying, change, fatigue, haste."""
    if found.copies:
        who = ", ".join(names.get(c, c) for c in found.copies)
        yield f"shares more mistakes with {who} than people who work apart."
    if found.drift is not None and found.drift.found:
        way = "worse" if (found.drift.change or 0) < 0 else "better"
        shares = f"{_share(found.drift.before)}, then {_share(found.drift.after)}"
        yield f"is {way} since {_moment(found.drift.since)}: {shares}."
    if found.fatigue is not None and found.fatigue.found:
        yield f"tires: {_points(found.fatigue.change)} from the start to the end of a session."
    if found.haste is not None and found.haste.found:
        h = found.haste
        yield f"is hasty: {_share(h.after)} in answers up to {h.below or 0:.1f} s, {_share(h.before)} in the slow ones."


def biases_of(found: Conduct) -> Iterator[str]:
    """Classes given too often or too rarely."""
    for bias in found.bias:
        often = "more" if bias.bias > 0 else "less"
        ends = sorted((abs(bias.low), abs(bias.high)))
        yield (
            f"gives {bias.label} {often} often than the consensus: by {100 * abs(bias.bias):.0f} points "
            f"({100 * ends[0]:.0f} to {100 * ends[1]:.0f})."
        )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _points(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.0f} points"


def _moment(iso: str | None) -> str:
    return (iso or "")[:16].replace("T", " ")
