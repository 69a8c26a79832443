"""Which encoding a text file is in, and its lines with the place of each in bytes."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path

from labelwright.model.errors import DataError

CHUNK = 1 << 20
#: A longer line is cut, and the pieces are rejected as rows: a file without an end of line never fills the memory.
LONGEST_LINE = 64 << 20

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding_of(path: Path, wanted: str | None = None) -> str:
    """The encoding of a text file: as wanted, by its byte-order mark, UTF-8 if it is, else Windows-1252 or Latin-1.

    Bytes cannot tell Western single-byte encodings apart with certainty; a file that is mostly UTF-8 with a few
    broken rows stays UTF-8, so that those rows are rejected rather than read as mojibake.

    Raises:
        DataError: the encoding is not known, not supported, or the file has no text.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    mark = next((name for bom, name in _MARKS if head.startswith(bom)), None)
    if wanted is not None:
        return _wanted(path, wanted, mark)
    if mark == "utf-32":
        raise _unreadable(path, "The file is in UTF-32")
    if mark is not None:
        return mark
    if head.count(0) > len(head) // 4:
        raise _unreadable(path, "The file looks like UTF-16 without a byte-order mark, or is not text")
    return _by_content(path)


def note_on(path: Path, encoding: str) -> str | None:
    """What a user should know about the encoding; None for plain UTF-8."""
    if encoding == "utf-8":
        return None
    if encoding == "utf-8-sig":
        return f"{path.name} is UTF-8 with a byte-order mark"
    if encoding in ("cp1252", "latin-1"):
        shown = {"cp1252": "Windows-1252 (Latin-1)", "latin-1": "Latin-1"}[encoding]
        return f"{path.name} is not UTF-8; it was read as {shown}: look at its accented letters"
    return f"{path.name} was read as {encoding.upper()}"


def mark_length(path: Path, encoding: str) -> int:
    """Bytes of the byte-order mark at the start, 0 where there is none."""
    with path.open("rb") as stream:
        head = stream.read(4)
    return next((len(bom) for bom, name in _MARKS if name == encoding and head.startswith(bom)), 0)


def lines(path: Path, encoding: str, offset: int) -> Iterator[tuple[str, int, bool]]:
    """Lines from a byte offset on: text with its end, length in bytes, and whether its bytes fit the encoding.

    A line that does not fit comes with escapes in place of its bad bytes.
    """
    if encoding.startswith("utf-16"):
        yield from _wide_lines(path, encoding, offset)
        return
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    with path.open("rb") as stream:
        stream.seek(offset)
        while line := stream.readline(LONGEST_LINE):
            try:
                yield line.decode(codec), len(line), True
            except UnicodeDecodeError:
                yield line.decode(codec, "backslashreplace"), len(line), False


def decode(raw: bytes, encoding: str) -> str:
    """Bytes of a record that was read once already."""
    return raw.decode("utf-8" if encoding == "utf-8-sig" else encoding)


def _wide_lines(path: Path, encoding: str, offset: int) -> Iterator[tuple[str, int, bool]]:
    with path.open("rb") as stream:
        stream.seek(offset)
        # surrogatepass keeps the count of bytes exact where half a pair stands alone; such a line does not fit.
        text = io.TextIOWrapper(stream, encoding, errors="surrogatepass", newline="")
        try:
            for line in text:
                lone = any("\ud800" <= character <= "\udfff" for character in line) if not line.isascii() else False
                yield line, len(line.encode(encoding, "surrogatepass")), not lone
        except UnicodeDecodeError as error:
            raise _unreadable(path, f"The file is not {encoding.upper()}: {error.reason}") from error


def _wanted(path: Path, wanted: str, mark: str | None) -> str:
    try:
        name = codecs.lookup(wanted).name
    except LookupError as error:
        raise _unreadable(path, f"Python knows no encoding {wanted!r}") from error
    if name == "utf-8" and mark == "utf-8-sig":
        return mark
    if name == "utf-16":
        return mark if mark in ("utf-16-le", "utf-16-be") else "utf-16-le"
    if name.startswith(("utf-32", "utf-7")) or not codecs.lookup(name)._is_text_encoding:  # noqa: SLF001 (no public way)
        raise _unreadable(path, f"Files in {wanted} are not read")
    return {"iso8859-1": "latin-1"}.get(name, name)


def _by_content(path: Path) -> str:
    """UTF-8 unless more lines break it than need it."""
    fit = broken = 0
    undefined = False
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            chunk += stream.readline(LONGEST_LINE)
            if chunk.isascii():
                continue
            for line in chunk.split(b"\n"):
                if line.isascii():
                    continue
                try:
                    line.decode("utf-8")
                    fit += 1
                except UnicodeDecodeError:
                    broken += 1
                    undefined = undefined or not _fits(line, "cp1252")
    if broken <= fit:
        return "utf-8"
    return "latin-1" if undefined else "cp1252"


def _fits(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _unreadable(path: Path, what: str) -> DataError:
    return DataError(what, where=str(path), next_step="Save it as UTF-8, or name its encoding in the settings")
