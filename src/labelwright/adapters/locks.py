"""One process at a time: a lock on a file, which ends with its process however that ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labelwright.model.errors import CheckFailedError


@contextmanager
def file_lock(path: Path, *, wait: float = 30.0, what: str = "This file") -> Iterator[None]:
    """Hold the lock on a file.

    Args:
        path: the lock's own file; it stays there.
        wait: seconds to wait for another holder.
        what: what is locked, for the message.

    Raises:
        CheckFailedError: another process still holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle, path, wait, what)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, path: Path, wait: float, what: str) -> None:
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            if time.monotonic() >= end:
                raise CheckFailedError(
                    f"{what} is in use by another labelwright process",
                    where=str(path),
                    next_step="Wait until it is done, then try again",
                ) from taken
            time.sleep(0.05)
        else:
            return


@contextmanager
def first_free(folder: Path, name: str, most: int, *, wait: float, what: str) -> Iterator[int]:
    """Hold the first of several places that no other process holds, and yield its number from 1.

    A process that comes back after a crash finds its old place free, and so its old name.

    Args:
        folder: where the locks lie, ``NAME-1.lock`` and so on.
        name: of the places.
        most: how many there are.
        wait: seconds to wait for a place.
        what: whoever takes a place, for the message.

    Raises:
        CheckFailedError: all are taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle, place = _place(folder, name, most, time.monotonic() + wait, what)
    try:
        yield place
    finally:
        os.close(handle)


def _place(folder: Path, name: str, most: int, end: float, what: str) -> tuple[int, int]:
    while True:
        for place in range(1, most + 1):
            handle = os.open(folder / f"{name}-{place}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
            else:
                return handle, place
        if time.monotonic() >= end:
            raise CheckFailedError(
                f"{what} serves this workspace already",
                where=str(folder),
                next_step="On SQLite one is all: labelwright down stops it. Several need PostgreSQL: server.database",
            )
        time.sleep(0.1)
