"""What the tests by permutation share: one annotator's answers in order, exact p-values, many annotators at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.coding.table import columns_of
from labelwright.model.errors import DataError, UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Floats = NDArray[np.float64]
SCHEMA = {"statistic": pl.Float64, "p_value": pl.Float64, "p_adjusted": pl.Float64, "changed": pl.Boolean}


def check(alpha: float, permutations: int) -> None:
    """Raise UsageError where the level or the number of permutations is out of range."""
    if not 0 < alpha < 1 or permutations < 99:
        where = f"alpha={alpha}, permutations={permutations}"
        raise UsageError("alpha must lie between 0 and 1, permutations be 99 or more", where=where)


def by_annotator(answers: IntoDataFrame, columns: tuple[str, ...]) -> list[tuple[Any, pl.DataFrame]]:
    """Each annotator's answers in the order of the first of the columns, annotators in the order of appearance."""
    names = ("annotator", *columns)
    table = pl.DataFrame(
        [
            pl.Series(name, column.to_list() if not isinstance(column, pl.Series) else column)
            for name, column in zip(names, columns_of(answers, names), strict=True)
        ]
    )
    right = table["right"].cast(pl.Float64)
    if right.null_count() or not bool(right.is_between(0, 1).all()):
        raise DataError("right must lie between 0 and 1", where="column right", next_step="Leave out unknown answers")
    table = table.with_columns(right).sort(columns[0], maintain_order=True)
    return [(key[0], part) for key, part in table.group_by("annotator", maintain_order=True)]


def p_value(score: float, shuffled: Callable[[int], Floats], permutations: int, block: int = 250) -> float:
    """Share of orders, the one seen among them, with a statistic as large (Phipson and Smyth 2010)."""
    larger = 0
    for start in range(0, permutations, block):
        scores = shuffled(min(block, permutations - start))
        larger += int((scores >= score - 1e-12).sum())
    return (larger + 1) / (permutations + 1)


def judged(rows: list[dict[str, Any]], alpha: float, found: tuple[str, ...]) -> pl.DataFrame:
    """The frame, with p-values adjusted over all annotators tested (Holm's step-down)."""
    tested = [row for row in rows if "p_value" in row]
    running = 0.0
    for rank, row in enumerate(sorted(tested, key=lambda row: float(row["p_value"]))):
        running = max(running, min(1.0, (len(tested) - rank) * row["p_value"]))
        row["p_adjusted"] = running
        row["changed"] = running <= alpha
    names = ("annotator", "n", *found, *SCHEMA, "reason")
    columns = {name: [row.get(name) for row in rows] for name in names}
    frame = pl.DataFrame({name: pl.Series(name, values, strict=False) for name, values in columns.items()})
    return frame.with_columns(
        *(pl.col(name).cast(kind) for name, kind in SCHEMA.items()), pl.col("reason").cast(pl.String)
    )
