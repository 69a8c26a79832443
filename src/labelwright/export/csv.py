"""CSV that is safe to open in a spreadsheet: UTF-8, quoted as RFC 4180 says, formulas neutralized.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return as a formula
(OWASP, "CSV Injection"). Such texts get one apostrophe before them; `restore` takes it away again. So that nothing is
ambiguous, a text of apostrophes followed by such a character gets one more, too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from labelwright.export.columns import Column, Type, flat
from labelwright.export.encoding import Dataset, EncodedFile, Format, batches
from labelwright.export.records import Record
from labelwright.export.splits import SPLITS

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALIZED = re.compile(r"'+[=+\-@\t\r]")

#: Stated in the manifest and on the card.
RULE = (
    "In CSV files, a text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a carriage "
    "return, also after apostrophes) has one apostrophe before it; labelwright.export.csv.restore(text) takes it "
    "away. An empty cell is a missing value or an empty text. The default engine of pandas ends a text at a NUL "
    "character; its engine 'python' does not. JSON Lines and Parquet hold every text verbatim."
)


def neutralize(text: str) -> str:
    """The text as a cell that no spreadsheet runs."""
    return "'" + text if _FORMULA.match(text) else text


def restore(cell: str) -> str:
    """The text that `neutralize` made ``cell`` of."""
    return cell[1:] if _NEUTRALIZED.match(cell) else cell


def encode(dataset: Dataset) -> Iterator[EncodedFile]:
    """One file a split, each with a header."""
    for split in SPLITS:
        yield EncodedFile(f"{split}.csv", _lines(dataset, split))


def _lines(dataset: Dataset, split: str) -> Iterator[bytes]:
    yield _table([[neutralize(c.name) for c in dataset.columns]])
    for rows in batches(dataset.records.of(split)):
        yield _table([[_cell(c, r) for c in dataset.columns] for r in rows])


def _table(rows: list[list[Any]]) -> bytes:
    sheet = io.StringIO(newline="")
    csv.writer(sheet, lineterminator="\r\n").writerows(rows)
    return sheet.getvalue().encode()


def _cell(column: Column, record: Record) -> Any:
    value = column.of(record)
    if column.type in {Type.TEXTS, Type.INTEGERS, Type.REALS}:
        return flat(value, Type.JSON)
    value = flat(value, column.type)
    return neutralize(value) if isinstance(value, str) else value


FORMAT = Format(
    "csv",
    "CSV: train.csv, validation.csv, test.csv; safe to open in a spreadsheet",
    encode,
    loading=(
        "import csv\n\nfrom labelwright.export.csv import restore\n\n"
        "csv.field_size_limit(2**31 - 1)  # texts may be longer than Python expects\n"
        'with open("OUT/train.csv", encoding="utf-8", newline="") as file:\n'
        "    rows = [{restore(k): restore(v) for k, v in row.items()} for row in csv.DictReader(file)]"
    ),
    notes=(RULE,),
)
