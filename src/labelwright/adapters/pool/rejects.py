"""Rows that cannot be used, each with the place and the reason, in ``rejects.jsonl``."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

#: Characters of a bad value that are shown.
EXCERPT = 120


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be used.

    Attributes:
        file: the file's name as the user gave it.
        row: number of the data row, from 1, as an editor counts them.
        reason: why, without anything from the row, so that reasons can be counted.
        line: number of the line it starts at, from 1; None for formats without lines.
        field: the column at fault, None when it is the whole row.
        excerpt: the beginning of what stands there.
        detail: what belongs to this row's reason alone.
    """

    file: str
    row: int
    reason: str
    line: int | None = None
    field: str | None = None
    excerpt: str | None = None
    detail: str | None = None


class RejectLog:
    """Writes rejects as they come and counts them by reason.

    Args:
        stream: the open file, binary.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.reasons: Counter[str] = Counter()

    def add(self, reject: Reject) -> None:
        """Write one line."""
        self.reasons[reject.reason] += 1
        self._stream.write(orjson.dumps(asdict(reject), option=orjson.OPT_APPEND_NEWLINE))


def excerpt(value: object) -> str | None:
    """The beginning of a value, fit to be written as JSON."""
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    return text[:EXCERPT].encode("utf-8", "backslashreplace").decode("utf-8")


def name_of(path: Path) -> str:
    """How a file is called in rejects."""
    return path.name
