"""Score tables: what each model version says of every row, as Parquet beside the pool."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import orjson
import polars as pl
from numpy.typing import NDArray

from labelwright.model.errors import UsageError
from labelwright.ports.scoring import ScoredRows
from labelwright.sampling.entropy import entropies
from labelwright.sampling.margin import margins
from labelwright.sampling.requests import as_probabilities

#: What rows can be ranked by, and whether the highest comes first.
MEASURES = {"confidence": False, "margin": False, "entropy": True}
MANIFEST = "table.json"
FORMAT = 1
PARTS = "part-*.parquet"


def scored_frame(rows: NDArray[np.int64], probabilities: NDArray[np.floating]) -> pl.DataFrame:
    """Lines of a score table: row, measures of uncertainty, then one column a class.

    Raises:
        UsageError: the model gave something else than probabilities.
    """
    p = as_probabilities(probabilities).astype(np.float64)
    measured = {"confidence": p.max(axis=1), "margin": margins(p), "entropy": entropies(p)}
    classes = {f"p{k}": p[:, k].astype(np.float32) for k in range(p.shape[1])}
    return pl.DataFrame({"row": np.asarray(rows, dtype=np.int64), **measured, **classes})


class ParquetScores:
    """Score tables of all model versions. Implements `ports.ScoreTables`.

    Args:
        root: the folder they are kept in.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, version: int) -> None:
        """A new table; what is put into it is not seen before `finish`."""
        folder = self._new(version)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def put(self, version: int, scored: ScoredRows) -> None:
        """A part of a table that was begun, by any process; the same first row again replaces it.

        Raises:
            UsageError: the model gave something else than probabilities.
        """
        if not len(scored[0]):
            return
        frame = scored_frame(*scored)
        path = self._new(version) / f"part-{int(frame['row'][0]):012d}.parquet"
        part = path.with_suffix(f".{os.getpid()}")
        frame.write_parquet(part, row_group_size=1 << 16)
        part.replace(path)

    def finish(self, version: int, classes: Sequence[str] = ()) -> None:
        """Every part is there: from now on it is the table of that version. An empty one is none."""
        made, folder = self._new(version), self._folder(version)
        shutil.rmtree(folder, ignore_errors=True)
        if not any(made.glob(PARTS)):
            shutil.rmtree(made)
            return
        rows = pl.scan_parquet(made / PARTS).select(pl.len()).collect().item()
        (made / MANIFEST).write_bytes(orjson.dumps({"format": FORMAT, "rows": rows, "classes": list(classes)}))
        made.replace(folder)

    def write(self, version: int, scored: Iterable[ScoredRows], classes: Sequence[str] = ()) -> None:
        """Begin, put as it comes, finish.

        Raises:
            UsageError: the model gave something else than probabilities.
        """
        self.begin(version)
        for part in scored:
            self.put(version, part)
        self.finish(version, classes)

    def table(self, version: int) -> ParquetTable | None:
        """What was kept for that version, or None."""
        folder = self._folder(version)
        manifest = folder / MANIFEST
        if not manifest.is_file():
            return None
        said = orjson.loads(manifest.read_bytes())
        return ParquetTable(folder, int(said["rows"]), tuple(said.get("classes", ())))

    def _folder(self, version: int) -> Path:
        return self._root / f"version-{version}"

    def _new(self, version: int) -> Path:
        return self._root / f"version-{version}.new"


class ParquetTable:
    """One score table. Implements `ports.ScoreTable`."""

    def __init__(self, folder: Path, rows: int, classes: tuple[str, ...] = ()) -> None:
        self.parts = folder / PARTS
        self.classes = classes
        self._rows = rows

    def __len__(self) -> int:
        return self._rows

    def lowest(self, by: str, n: int, apart: NDArray[np.int64]) -> ScoredRows:
        """The ``n`` most uncertain rows that are not set apart, best first; equal ones by row number.

        Raises:
            UsageError: there is no such measure.
        """
        check_measure(by)
        left = _without(pl.scan_parquet(self.parts), apart)
        best = left.sort([by, "row"], descending=[MEASURES[by], False]).head(n)
        return parted(best.collect(engine="streaming"))

    def likeliest(self, columns: Sequence[int], n: int, apart: NDArray[np.int64]) -> ScoredRows:
        """The ``n`` rows likeliest of each of those classes, in the order of the row numbers, each once."""
        left = _without(pl.scan_parquet(self.parts), apart)
        best = [left.sort([f"p{k}", "row"], descending=[True, False]).head(n) for k in columns]
        found = [part.collect(engine="streaming") for part in best]
        return parted(pl.concat(found).unique("row").sort("row"))

    def of(self, rows: NDArray[np.int64]) -> ScoredRows:
        """The probabilities of those rows, in the order of the row numbers."""
        wanted = pl.LazyFrame({"row": np.unique(rows)})
        found = pl.scan_parquet(self.parts).join(wanted, on="row", how="semi").sort("row")
        return parted(found.collect(engine="streaming"))


def check_measure(by: str) -> None:
    """Refuse what is no measure of a score table."""
    if by not in MEASURES:
        raise UsageError(
            f"Scores are not ranked by {by}", where="score table", next_step=f"One of {', '.join(MEASURES)}"
        )


def parted(lines: pl.DataFrame) -> ScoredRows:
    """Rows and probabilities of a table's lines."""
    classes = [name for name in lines.columns if name[0] == "p" and name[1:].isdigit()]
    return lines["row"].to_numpy().astype(np.int64), lines.select(classes).to_numpy().astype(np.float64)


def _without(table: pl.LazyFrame, apart: NDArray[np.int64]) -> pl.LazyFrame:
    if not len(apart):
        return table
    return table.join(pl.LazyFrame({"row": np.asarray(apart, dtype=np.int64)}), on="row", how="anti")
