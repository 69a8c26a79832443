"""A folder of media files: one item a file, its link the path within the folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl

from labelwright.adapters.media.probe import FACTS, probe
from labelwright.adapters.pool.batch import Batch, BatchBuilder
from labelwright.adapters.pool.rejects import Reject
from labelwright.adapters.pool.source import Source, Wanted
from labelwright.model.errors import DataError

#: What is shown on a labeling screen, by extension.
KINDS = {
    "image": ("jpg", "jpeg", "png", "gif", "bmp", "webp", "svg", "tif", "tiff", "avif"),
    "audio": ("wav", "mp3", "flac", "ogg", "oga", "opus", "m4a", "aac"),
    "video": ("mp4", "webm", "mov", "m4v", "ogv", "mkv", "avi"),
}
_KIND_OF = {extension: kind for kind, extensions in KINDS.items() for extension in extensions}

#: The columns that a folder has, as if it were a table: names, and what a look into the file tells.
COLUMNS = ("path", "name", "folder", "kind", "bytes", *FACTS)

#: Files of one batch: they may be decoded, and the bar is to move meanwhile.
_ROWS = 500


class MediaReader:
    """Files below a folder in the order of their paths. Hidden files and links out of the folder are refused."""

    def open(self, path: Path, encoding: str | None) -> Source:  # noqa: ARG002 (files have no encoding here)
        """Look at names, sizes and times."""
        size, digest = folder_digest(path)
        return Source(path, "media", COLUMNS, size, 0, digest)

    def read(self, source: Source, wanted: Wanted) -> Iterator[Batch]:
        """One row a file."""
        builder = BatchBuilder(wanted.columns)
        for number, link in enumerate(walk(source.path)):
            problem = _problem(source.path, link)
            if problem:
                shown = link.encode("utf-8", "backslashreplace").decode()
                builder.reject(Reject(source.path.name, number + 1, problem, field="path", excerpt=shown))
            else:
                row = _row(source.path, link, wanted.columns)
                builder.add((number, 0, 0, 0), [_written(row[column]) for column in wanted.columns])
            if builder.full or number % _ROWS == _ROWS - 1:
                yield builder.take()
        yield builder.take()

    def fetch(self, source: Source, places: pl.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Rows by their links, which the index keeps."""
        return [_facts(source.path, link, columns) for link in places["media"]]

    def stream(self, source: Source, columns: Sequence[str]) -> Callable[[pl.DataFrame], list[dict[str, Any]]]:
        """As `fetch`, for places that come in the order of the file."""
        return lambda places: self.fetch(source, places, columns)


def check_columns(path: Path, columns: Sequence[str]) -> None:
    """A folder can only serve its link as data.

    Raises:
        DataError: a data field is to be filled with something else.
    """
    if tuple(columns) != ("path",):
        raise DataError(
            "A folder of media fills one data field, with the column `path`",
            where=str(path),
            next_step=f"Map one field to path; the other columns ({', '.join(COLUMNS[1:])}) can be metadata",
        )


def folder_digest(folder: Path) -> tuple[int, str]:
    """Bytes of all files in a folder, and what tells one state of it from another: names, sizes, times."""
    facts = blake2b(digest_size=16)
    size = 0
    for link in walk(folder):
        state = (folder / link).lstat()
        size += state.st_size
        facts.update(f"{link}\0{state.st_size}\0{state.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return size, facts.hexdigest()


def walk(folder: Path) -> Iterator[str]:
    """Paths of all files within the folder, sorted, links to folders not followed."""
    for root, folders, files in os.walk(folder, followlinks=False):
        # A link to a folder counts as a file here, so that it is refused with a reason rather than passed over.
        linked = [name for name in folders if (Path(root) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in linked)
        for name in sorted(files + linked):
            yield (Path(root) / name).relative_to(folder).as_posix()


def _problem(folder: Path, link: str) -> str | None:
    problem = refused(folder, link)
    if problem:
        return problem
    if extension(link) not in _KIND_OF:
        return "not an image, audio or video file by its extension"
    return "empty file" if (folder / link).stat().st_size == 0 else None


def refused(folder: Path, link: str) -> str | None:
    """Why no file of that name in the folder is touched, whatever it holds; None where it may be read."""
    path = folder / link
    if any(part.startswith(".") for part in Path(link).parts):
        return "hidden file"
    if any(ord(character) < 32 or "\ud800" <= character <= "\udfff" for character in link):
        return "control character or broken encoding in the file name"
    target = path.resolve()
    if path.is_symlink() and not target.is_relative_to(folder.resolve()):
        return "symbolic link that leaves the folder"
    return None if target.is_file() else "not a file"


def _row(folder: Path, link: str, columns: Sequence[str]) -> dict[str, Any]:
    """Names and size; what stands in the file only where it is asked for."""
    row = {**_names(link), "bytes": (folder / link).stat().st_size}
    if not set(FACTS).isdisjoint(columns):
        found = probe(folder / link)
        row |= {fact: getattr(found, fact) for fact in FACTS}
    return row


def _written(value: Any) -> str | None:
    return None if value is None else str(value)


def _names(link: str) -> dict[str, Any]:
    path = Path(link)
    parent = "" if path.parent == Path() else path.parent.as_posix()
    return {"path": link, "name": path.name, "folder": parent, "kind": _KIND_OF[extension(link)]}


def _facts(folder: Path, link: str, columns: Sequence[str]) -> dict[str, Any]:
    """As `_row`; a file that is gone is known by its name still, and the disk is asked only for what needs it."""
    try:
        row = _names(link) if set(_names(link)).issuperset(columns) else _row(folder, link, columns)
    except OSError as gone:
        raise DataError(
            f"A file is gone from the folder: {link}", where=str(folder), next_step="Put it back, or import again"
        ) from gone
    return {column: row[column] for column in columns}


def kind_of(link: str) -> str | None:
    """``image``, ``audio`` or ``video`` by the name's extension; None for all else."""
    return _KIND_OF.get(extension(link))


def extension(link: str) -> str:
    """Of a file's name: lower case, without its dot."""
    return Path(link).suffix.lower().lstrip(".")
