"""What runs in every process that works on the pool. Imported late: Daft takes a second to load."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import daft

from labelwright.app.context import Project
from labelwright.ports.scoring import Prepare


class Worker:
    """A project of its own, prepared once, and the stretches that are handed to it."""

    def __init__(self, root: Path, open_project: Callable[[Path], Project], prepare: Prepare) -> None:
        self._work = prepare(open_project(root))

    @daft.method.batch(return_dtype=daft.DataType.int64())
    def work(self, starts: Any, stops: Any) -> list[int]:
        """What the work gave for each stretch."""
        pairs = zip(starts.to_pylist(), stops.to_pylist(), strict=True)
        return [self._work(start, stop) for start, stop in pairs]
