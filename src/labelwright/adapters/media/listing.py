"""A prefix of a bucket as a data file: one row an object, so that the pool reads it as any other file."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import polars as pl

from labelwright.adapters.media.buckets import Buckets, checked
from labelwright.adapters.pool.media import kind_of
from labelwright.model.errors import DataError

#: The list's name in the workspace.
LISTED = "objects.csv"


def list_objects(buckets: Buckets, prefix: str, folder: Path) -> Path:
    """Write the images, recordings and films below a prefix to a CSV file: path, name, folder, kind, bytes.

    Raises:
        DataError: there is none.
        OutsideServiceError: the store cannot be read.
    """
    root = checked(prefix).rstrip("/")
    rows = [
        {
            "path": found.url,
            "name": PurePosixPath(found.url).name,
            "folder": _between(root, found.url),
            "kind": kind,
            "bytes": found.size,
        }
        for found in buckets.objects(root)
        if (kind := kind_of(found.url)) and found.size
    ]
    if not rows:
        raise DataError(
            "There is no image, recording or film", where=prefix, next_step="Check bucket and prefix, or the file names"
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LISTED
    pl.DataFrame(rows).write_csv(path)
    return path


def _between(root: str, url: str) -> str:
    inner = PurePosixPath(url.removeprefix(root).lstrip("/")).parent.as_posix()
    return "" if inner == "." else inner
