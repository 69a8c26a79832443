"""Where datasets are written."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from labelwright.export.checks import Problem
from labelwright.export.encoding import EncodedFile


class Draft(Protocol):
    """A folder in the making; nobody sees it before it is whole."""

    def add(self, file: EncodedFile) -> str:
        """Write one file; its SHA-256 in hexadecimal."""
        ...


class DatasetFolders(Protocol):
    """Where datasets are written."""

    def draft(self, out: Path, *, force: bool) -> AbstractContextManager[Draft]:
        """A draft that takes the place of ``out`` when the block ends well, and vanishes when it does not.

        Raises:
            CheckFailedError: ``out`` holds something that is not ours, and ``force`` is not set.
        """
        ...

    def put_problems(self, out: Path, problems: Sequence[Problem]) -> Path:
        """Write all problems into a file beside ``out`` (none: remove an older one); its path."""
        ...
