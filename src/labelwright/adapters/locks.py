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
