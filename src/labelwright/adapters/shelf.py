"""Models in the workspace: skops, never a pickle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from labelwright.model.errors import DataError
from labelwright.ports import Learner

_MODEL = "model.skops"


class FileShelf:
    """Models as files.

    Args:
        root: the folder they are kept in.
        load: reads a model's file.
    """

    def __init__(self, root: Path, load: Callable[[Path], Learner]) -> None:
        self._root = root
        self._load = load
        self._last: tuple[Path, int, Learner] | None = None

    def put_model(self, version: str, learner: Learner) -> str:
        """Save a model; returns its path. The same version again takes the old one's place in one step."""
        path = self._folder(version) / _MODEL
        learner.save(path)
        return str(path)

    def model(self, version: str) -> Learner:
        """The model of that version.

        Raises:
            DataError: it is not there, or it cannot be used.
        """
        path = self._root / version / _MODEL
        if not path.is_file():
            raise DataError(
                f"There is no file of model {version}",
                where=str(path),
                next_step="Train again: labelwright model train",
            )
        written = path.stat().st_mtime_ns
        if self._last is None or self._last[:2] != (path, written):
            self._last = (path, written, self._load(path))
        return self._last[2]

    def put_card(self, version: str, card: Mapping[str, Any]) -> None:
        """The model's card, as a file beside it."""
        path = self._folder(version) / "card.json"
        part = path.with_suffix(".part")
        part.write_bytes(orjson.dumps(dict(card), option=orjson.OPT_INDENT_2))
        part.replace(path)

    def _folder(self, version: str) -> Path:
        folder = self._root / version
        folder.mkdir(parents=True, exist_ok=True)
        return folder
