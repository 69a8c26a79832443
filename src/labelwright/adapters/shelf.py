"""Models and their scores in the workspace, by round: skops and Parquet, never a pickle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from labelwright.ports import Learner


class FileShelf:
    """Models and scores as files.

    Args:
        root: the folder they are kept in.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put_model(self, round_number: int, learner: Learner, card: Mapping[str, Any]) -> str:
        """Save a model with its card; returns its path."""
        folder = self._folder(round_number)
        path = folder / "model.skops"
        learner.save(path)
        (folder / "card.json").write_bytes(orjson.dumps(dict(card), option=orjson.OPT_INDENT_2))
        return str(path)

    def put_scores(self, round_number: int, rows: NDArray[np.int64], probabilities: NDArray[np.float64]) -> None:
        """Class probabilities of pool rows, shape (rows, classes), as Parquet."""
        columns = {"row": rows, **{f"p{k}": probabilities[:, k] for k in range(probabilities.shape[1])}}
        path = self._folder(round_number) / "scores.parquet"
        part = path.with_suffix(".part")
        pl.DataFrame(columns).write_parquet(part)
        part.replace(path)

    def scores(self, round_number: int) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
        """What `put_scores` kept, or None."""
        path = self._root / f"round-{round_number}" / "scores.parquet"
        if not path.exists():
            return None
        frame = pl.read_parquet(path)
        return frame["row"].to_numpy(), frame.drop("row").to_numpy()

    def _folder(self, round_number: int) -> Path:
        folder = self._root / f"round-{round_number}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder
