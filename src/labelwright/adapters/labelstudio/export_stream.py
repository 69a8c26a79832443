"""The tasks of a Label Studio JSON export, one after the other: the file is never in memory as a whole.

An export is one JSON list, often on one line. A piece of the file is cut after a task, and read by orjson as a list of
its own: a piece that is valid JSON in brackets, followed by a comma, holds whole tasks. Where to cut is guessed by
counting braces; where texts hold braces of their own and the guess fails, the end of one task is found exactly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from labelwright.model.errors import DataError

#: Bytes of the file that are parsed at once, about ten times as many in memory.
PIECE = 1 << 18
_SPACE = b" \t\r\n"
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}]', re.DOTALL)
_NEXT = re.compile(rb"\s*,\s*(?=\{)")

Task = dict[str, Any]


def stream_tasks(path: Path) -> Iterator[Task]:
    """The tasks of an export (a JSON list, one task, or one task a line), in the order of the file.

    Raises:
        DataError: the file cannot be read, is not JSON, or holds no tasks.
    """
    try:
        with path.open("rb") as file:
            yield from _tasks(file, path)
    except OSError as error:
        raise DataError(
            f"The file cannot be read: {error.strerror}",
            where=str(path),
            next_step="Check the path and its permissions",
        ) from error


def _tasks(file: BinaryIO, path: Path) -> Iterator[Task]:
    head = file.read(PIECE).removeprefix(b"\xef\xbb\xbf").lstrip(_SPACE)
    if head[:1] == b"[":
        pieces = _list(file, head[1:].lstrip(_SPACE), path)
    elif head[:1] == b"{":
        pieces = _lines(file, head, path)
    else:
        raise _no_export("The file is neither a JSON list nor JSON lines" if head else "The file is empty", path)
    for task in pieces:
        if type(task) is not dict:
            raise _no_export("The file holds no list of tasks", path)
        yield task


def _list(file: BinaryIO, buffer: bytes, path: Path) -> Iterator[Any]:
    while True:
        found, rest = _whole_tasks(buffer)
        if rest:
            yield from found
            buffer = buffer[rest:]
            continue
        more = file.read(max(PIECE, len(buffer)))
        if not more:
            break
        buffer += more
    yield from _parsed(b"[" + buffer, path)


def _whole_tasks(buffer: bytes) -> tuple[list[Any], int]:
    """Whole tasks at the buffer's beginning, and where the next begins; 0 where none is seen to end."""
    for look in (_guessed, _first_end):
        cut, rest = look(buffer)
        if cut:
            with suppress(orjson.JSONDecodeError):
                return orjson.loads(b"[" + buffer[:cut] + b"]"), rest
    return [], 0


def _guessed(buffer: bytes) -> tuple[int, int]:
    """The last place where braces are even and a comma follows, if all braces were outside of texts."""
    depth = buffer.count(b"{") - buffer.count(b"}")
    end = len(buffer)
    while (brace := buffer.rfind(b"}", 0, end)) >= 0:
        depth -= buffer.count(b"{", brace + 1, end)
        if depth == 0 and (found := _NEXT.match(buffer, brace + 1)):
            return brace + 1, found.end()
        depth += 1
        end = brace
    return 0, 0


def _first_end(buffer: bytes) -> tuple[int, int]:
    """Where the first task ends, exactly, and where the next begins."""
    depth = 0
    for token in _TOKEN.finditer(buffer):
        mark = token[0]
        depth += (mark == b"{") - (mark == b"}")
        if depth == 0 and mark == b"}":
            found = _NEXT.match(buffer, token.end())
            return (token.end(), found.end()) if found else (0, 0)
    return 0, 0


def _lines(file: BinaryIO, head: bytes, path: Path) -> Iterator[Any]:
    """JSON lines; a file that is one task over several lines is read whole."""
    first, found, _ = head.partition(b"\n")
    if not found or not _is_json(first):
        whole = head + file.read()
        lines = whole.splitlines()
        yield from [_one(whole, path)] if _is_json(whole) else (_one(line, path) for line in lines if line.strip())
        return
    rest = head
    while more := file.read(PIECE):
        *lines, rest = (rest + more).split(b"\n")
        yield from (_one(line, path) for line in lines if line.strip())
    yield from (_one(line, path) for line in rest.split(b"\n") if line.strip())


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _parsed(text: bytes, path: Path) -> list[Any]:
    found = _one(text, path)
    if type(found) is not list:
        raise _no_export("The file holds no list of tasks", path)
    return found


def _one(text: bytes, path: Path) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        try:  # half an emoji, which orjson refuses
            return json.loads(text)
        except ValueError:
            raise DataError(
                f"The file is not valid JSON: {error.msg}",
                where=f"{path}, in what begins with {text[:60].decode('utf-8', 'replace')!r}",
                next_step="Export again from Label Studio in the format JSON; a download may have been cut off",
            ) from error


def _no_export(what: str, path: Path) -> DataError:
    return DataError(what, where=str(path), next_step="Export the project from Label Studio in the format JSON")
