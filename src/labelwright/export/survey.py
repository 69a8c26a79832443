"""Everything that must be known of the rows before they are handed on, found in one reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from labelwright.export.checks import Checker, Problem
from labelwright.export.columns import Column, ColumnSurvey
from labelwright.export.records import Records
from labelwright.export.splits import SPLITS
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

    def looking(self, records: Records) -> Iterator[Any]:
        """All rows as `Columns`, each looked at before it is handed on."""
        for columns in chain.from_iterable(map(records.columns, SPLITS)):
            self._columns.add(columns)
            self._checker.add(columns)
            self._tally.add(columns)
            yield columns

    def survey(self) -> Survey:
        """What was seen so far."""
        return Survey(self._columns.columns(), tuple(self._checker.problems()), self._tally.summary())
