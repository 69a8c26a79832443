"""What an encoder of a format is: rows in, files out as streams of bytes; nothing is opened here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from labelwright.export.columns import Column
from labelwright.export.records import Record, Records
from labelwright.model.errors import UsageError
from labelwright.model.project import AnnotationSet
from labelwright.model.values import Answer

try:  # four times as fast; the core of the library does without
    from orjson import OPT_APPEND_NEWLINE
    from orjson import dumps as _quick
except ImportError:
    _quick = None  # type: ignore[assignment]
    OPT_APPEND_NEWLINE = 0

#: Rows that are encoded at once: large enough to be fast, small enough to be forgotten.
BATCH = 4096
#: Characters of text after which a batch is full, however few its rows: texts may have a megabyte each.
BATCH_TEXT = 16_000_000
#: Rows whose texts are measured together.
_STEP = 16
# Legal inside JSON strings, but many readers end a line at them.
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
_LINE_ENDS_BYTES = re.compile("\x85|\u2028|\u2029".encode())
#: Made once: `json.dumps` would make an encoder for each of a million rows.
_ONE_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """One file of a dataset.

    Attributes:
        path: relative, with forward slashes, made of names that we chose: never of anything in the data.
        chunks: its bytes, read once.
    """

    path: str
    chunks: Iterable[bytes]


def _no_codec(answer: Answer) -> list[dict[str, Any]]:
    raise UsageError("No codec was given for the answers", where=f"{len(answer.entries)} entries", next_step="Give one")


@dataclass(frozen=True, eq=False)
class Dataset:
    """What encoders read.

    Attributes:
        records: the rows.
        columns: the columns, the same in every format.
        classes: class names in the order of the schema; empty where labels are no classes.
        annotation_set: all annotations, for formats that hand on what annotators said.
        encode_answer: an answer to Label Studio's ``result``.
        raw: annotation id → its JSON as the vendor gave it, where it was kept.
        media: bytes behind a link; None where media stay links.
        media_fields: data fields that hold links to media.
    """

    records: Records
    columns: tuple[Column, ...]
    classes: tuple[str, ...]
    annotation_set: AnnotationSet
    encode_answer: Callable[[Answer], list[dict[str, Any]]] = _no_codec
    raw: Mapping[str, str] = field(default_factory=dict)
    media: Callable[[str], bytes | None] | None = None
    media_fields: tuple[str, ...] = ()


Encoder = Callable[[Dataset], Iterator[EncodedFile]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        name: on the command line.
        description: one sentence about it.
        encode: rows to files.
        loading: Python that reads the folder, for the card; ``OUT`` stands for its path.
        front_matter: what stands before the card in ``README.md``; None where the format needs none.
        notes: what a reader of its files must know, for manifest and card.
        trains: it holds the rows of a training set, so that these must be there and sound.
    """

    name: str
    description: str
    encode: Encoder
    loading: str
    front_matter: Callable[[Dataset], str] | None = None
    notes: tuple[str, ...] = ()
    trains: bool = True


def batches(rows: Iterable[Record], size: int = BATCH) -> Iterator[list[Record]]:
    """Rows in lists of ``size``, fewer where their texts are long; none is empty."""
    left, batch, text = iter(rows), list[Record](), 0
    while step := list(islice(left, min(_STEP, size - len(batch)))):
        batch += step
        text += sum([len(v) for row in step for v in row.data.values() if isinstance(v, str)])
        if len(batch) == size or text >= BATCH_TEXT:
            yield batch
            batch, text = [], 0
    if batch:
        yield batch


def json_text(value: Any, *, indent: int | None = None) -> str:
    """JSON on one line (without ``indent``) that every reader of lines keeps whole; keys in the order given."""
    if indent is None:
        text = _ONE_LINE(value)
    else:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ": "), allow_nan=False, indent=indent)
    if text.isascii():
        return text
    return _LINE_ENDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escaped(found: re.Match[bytes]) -> bytes:
    return f"\\u{ord(found[0].decode()):04x}".encode()


def json_bytes(value: Mapping[str, Any], *, indent: int | None = None) -> bytes:
    """The same as UTF-8; half a surrogate pair, which UTF-8 cannot hold, stays as its escape."""
    if indent is None and _quick is not None:
        with suppress(TypeError):  # half a surrogate pair, a number beyond 64 bits, a key that is no text
            found = _quick(value)
            return found if found.isascii() else _LINE_ENDS_BYTES.sub(_escaped, found)
    text = json_text(value, indent=indent)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, indent=indent).encode()


def json_lines(values: Iterable[Mapping[str, Any]]) -> bytes:
    """A line for each value, as `json_bytes` writes it; many together, because it runs a million times."""
    rows = list(values)
    if _quick is not None:
        with suppress(TypeError):
            found = b"".join([_quick(row, option=OPT_APPEND_NEWLINE) for row in rows])
            return found if found.isascii() else _LINE_ENDS_BYTES.sub(_escaped, found)
    return b"".join([json_bytes(row) + b"\n" for row in rows])
