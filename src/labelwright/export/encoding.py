"""What an encoder of a format is: rows in, files out as streams of bytes; nothing is opened here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labelwright.export.columns import Column
from labelwright.export.records import Record, Records

#: Rows that are encoded at once: large enough to be fast, small enough to be forgotten.
BATCH = 4096
# Legal inside JSON strings, but many readers end a line at them.
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """One file of a dataset.

    Attributes:
        path: relative, with forward slashes, made of names that we chose: never of anything in the data.
        chunks: its bytes, read once.
    """

    path: str
    chunks: Iterable[bytes]


@dataclass(frozen=True, eq=False)
class Dataset:
    """What encoders of rows read.

    Attributes:
        records: the rows.
        columns: the columns, the same in every format.
        classes: class names in the order of the schema; empty where labels are no classes.
    """

    records: Records
    columns: tuple[Column, ...]
    classes: tuple[str, ...]


Encoder = Callable[[Dataset], Iterator[EncodedFile]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name on the command line, one sentence about it, and its encoder."""

    name: str
    description: str
    encode: Encoder


def batches(rows: Iterable[Record], size: int = BATCH) -> Iterator[list[Record]]:
    """Rows in lists of ``size``; the last may be shorter, and none is empty."""
    batch: list[Record] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON on one line (without ``indent``) that every reader of lines keeps whole; keys in the order given."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=False, separators=separators, allow_nan=False, indent=indent)
    return _LINE_ENDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_bytes(value: Mapping[str, Any], *, indent: int | None = None) -> bytes:
    """The same as UTF-8; half a surrogate pair, which UTF-8 cannot hold, stays as its escape."""
    text = json_text(value, indent=indent)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, indent=indent).encode()
