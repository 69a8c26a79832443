"""Agreement in parts and doubtful labels, in the words that terminal and HTML share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labelwright.app.report.parts import Breakdown, Doubts, VersionChange
from labelwright.app.report.values import ControlReport
from labelwright.entry.render.charts import floor_of, ticks, whisker
from labelwright.entry.render.words import interval_of, plural
from labelwright.model.measure import Measure

Rows = list[tuple[str, Measure]]
#: Errors and duplicates that the terminal names.
_NAMED = 3


def parts_of(control: ControlReport) -> list[tuple[str, str, Rows]]:
    """Title, what to know and the rows of each way in which the items were parted."""
    found = [(f"Agreement by {b.by}", _about(b), _rows(b)) for b in control.by_slice]
    if control.over_time is not None and control.over_time.parts:
        found.append(("Agreement over time", _about(control.over_time), _rows(control.over_time)))
    if control.versions:
        found.append(
            ("Agreement by version of the guidelines", _changes(control.versions), _versions(control.versions))
        )
    return found


def breakdowns(control: ControlReport) -> list[dict[str, Any]]:
    """The same with places on an axis, for the template."""
    return [
        {
            "title": title,
            "says": says,
            "rows": [whisker(name, measure, floor_of([m for _, m in rows])) for name, measure in rows],
            "ticks": ticks(floor_of([m for _, m in rows])),
        }
        for title, says, rows in parts_of(control)
    ]


def _rows(found: Breakdown) -> Rows:
    return [(p.name, p.measure) for p in found.parts]


def _about(found: Breakdown) -> str:
    if found.reason is not None:
        return f"{found.reason}."
    left = f" {plural(found.left_out, 'item')} with several answers belong to no part." if found.left_out else ""
    stretches = " Each stretch holds as many items, by the time of their last answer." if found.by == "time" else ""
    return f"{found.measure[:1].upper()}{found.measure[1:]} within each part.{stretches}{left}"


def _versions(changes: Sequence[VersionChange]) -> Rows:
    first = changes[0]
    later = [(f"version {c.after_version}", c.after) for c in changes]
    return [(f"version {first.before_version}", first.before), *later]


def _changes(changes: Sequence[VersionChange]) -> str:
    """The differences in words."""
    return " ".join(f"Version {c.after_version} after {c.before_version}: {_change(c)}" for c in changes)


def _change(found: VersionChange) -> str:
    m = found.change
    if m.value is None:
        return f"the change is undefined ({m.reason})."
    if m.low is None or m.high is None:
        return f"{m.value:+.3f} ({m.reason})."
    says = "surely higher" if m.low > 0 else "surely lower" if m.high < 0 else "no change is shown"
    return f"{m.value:+.3f} ({interval_of(m)}): {says}."


def doubts_in_words(found: Doubts) -> list[str]:
    """Likely errors and near-duplicates, the worst first."""
    if found.errors_reason is not None:
        lines = [f"likely errors not looked for: {found.errors_reason}"]
    else:
        lines = [f"{plural(found.n_errors, 'label')} of {found.n_items:,} contradicted by a cross-validated model"]
        lines += [f"{e.item}: {e.label}, the model says {e.suggested}: {e.excerpt}" for e in found.errors[:_NAMED]]
    if found.duplicates_reason is None and found.n_duplicates:
        lines.append(f"{plural(found.n_duplicates, 'pair')} of nearly equal texts with different labels")
        lines += [f"{d.a} {d.label_a}, {d.b} {d.label_b}: {d.excerpt_a}" for d in found.duplicates[:_NAMED]]
    return lines
