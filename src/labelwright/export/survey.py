"""Everything that must be known of the rows before the first is written, found in one reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from labelwright.export.checks import Checker, Problem
from labelwright.export.columns import Column, ColumnSurvey
from labelwright.export.records import Record
from labelwright.export.summary import Summary, Tally


@dataclass(frozen=True, slots=True)
class Survey:
    """The columns of a set, its corrupt rows, and its counts."""

    columns: tuple[Column, ...]
    problems: tuple[Problem, ...]
    summary: Summary


def survey(records: Iterable[Record], classes: tuple[str, ...], fields: tuple[str, ...]) -> Survey:
    """Look at every row once.

    Args:
        records: the rows.
        classes: the schema's class names; empty where any label is allowed.
        fields: the schema's data fields.
    """
    columns, checker, tally = ColumnSurvey(fields), Checker(classes, fields), Tally()
    for record in records:
        columns.add(record)
        checker.add(record)
        tally.add(record)
    return Survey(columns.columns(), tuple(checker.problems), tally.summary())
