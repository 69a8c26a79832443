"""Everything that must be known of the rows before they are handed on, found in one reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from labelwright.export.checks import Checker, Problem
from labelwright.export.columns import Column, ColumnSurvey
from labelwright.export.encoding import batches
from labelwright.export.records import Record, turned
from labelwright.export.summary import Summary, Tally


@dataclass(frozen=True, slots=True)
class Survey:
    """The columns of a set, its corrupt rows, and its counts."""

    columns: tuple[Column, ...]
    problems: tuple[Problem, ...]
    summary: Summary


class Surveyor:
    """Looks at every row once while somebody else reads them.

    Args:
        classes: the schema's class names; empty where any label is allowed.
        fields: the schema's data fields.
    """

    def __init__(self, classes: tuple[str, ...], fields: tuple[str, ...]) -> None:
        self._columns, self._checker, self._tally = ColumnSurvey(fields), Checker(classes, fields), Tally()

    def looking(self, records: Iterable[Record]) -> Iterator[list[Record]]:
        """The rows in batches, each looked at before it is handed on."""
        for rows in batches(records):
            columns = turned(rows)
            self._columns.add(columns)
            self._checker.add(columns)
            self._tally.add(columns)
            yield rows

    def survey(self) -> Survey:
        """What was seen so far."""
        return Survey(self._columns.columns(), tuple(self._checker.problems()), self._tally.summary())
