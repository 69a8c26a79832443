"""Puts small pictures of media in the place of their paths, so that a report shows what the annotators saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from labelwright.app.report.values import ControlReport, DifficultItem, Report
from labelwright.model.project import Item

#: ``(item, field) -> data: address``, or None where there is no picture.
Preview = Callable[[Item, str], str | None]


def with_previews(report: Report, fields: frozenset[str], preview: Preview, most: int = 100) -> Report:
    """The report with pictures in the difficult items' media fields.

    Args:
        report: as measured.
        fields: data fields that hold media.
        preview: makes the picture.
        most: items of each control that get one: a file of a hundred megabytes opens nowhere.
    """
    if not fields:
        return report

    def pictured(d: DifficultItem) -> DifficultItem:
        if d.content is None:
            return d
        found = {f: preview(d.content, f) for f in fields if f in d.content.data}
        return replace(d, content=replace(d.content, data={**d.content.data, **{f: p for f, p in found.items() if p}}))

    def control(c: ControlReport) -> ControlReport:
        return replace(c, difficult=(*(pictured(d) for d in c.difficult[:most]), *c.difficult[most:]))

    return replace(report, controls=tuple(control(c) for c in report.controls))
