"""What runs for a workspace: processes by pid and start time, so that only what we started is ever stopped."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import psutil

#: The kernel counts a start time in ticks; two readings may differ by one.
_TICK = 0.05


class RuntimeFile:
    """Records of the processes of one workspace, by name.

    Args:
        path: the JSON file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any]:
        """All records, of live and dead processes."""
        try:
            return dict(orjson.loads(self._path.read_bytes()))
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}

    def put(self, name: str, record: Mapping[str, Any] | None) -> None:
        """Keep a record, or forget it."""
        kept = {**self.read(), name: dict(record) if record is not None else None}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(orjson.dumps({k: v for k, v in kept.items() if v is not None}, option=orjson.OPT_INDENT_2))
        part.replace(self._path)

    def alive(self, name: str) -> dict[str, Any] | None:
        """The record of a process that runs and is the one that was started; None otherwise."""
        record = self.read().get(name)
        if not record:
            return None
        return record if is_same_process(record["pid"], record["started"]) else None


def is_same_process(pid: int, started: float) -> bool:
    """Whether the process with that pid runs and began at that time: pids are used again."""
    try:
        process = psutil.Process(pid)
        return bool(abs(process.create_time() - started) < _TICK and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
