"""Our side, one task in a process.

python agreement_ours.py TASK DATA REPEATS
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from measuring import report

from labelwright.agreement import cohen_kappa, krippendorff_alpha
from labelwright.coding import Coded


def load(task: str, folder: Path):
    """The table as the task wants it, or integer codes as `Coded` takes them."""
    if task.startswith("pandas"):
        import pandas as pd

        return pd.read_parquet(folder / "table.parquet")
    if task.startswith("polars"):
        import polars as pl

        return pl.read_parquet(folder / "table.parquet").rechunk()
    return [np.load(folder / f"{name}.npy") for name in ("item", "annotator", "label")]


def main() -> None:
    task, folder, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    data = load(task, folder)
    inner = 200 if not isinstance(data, list) and len(data) < 10_000 else 1
    works = {
        "alpha": lambda: krippendorff_alpha(data).value,
        "bootstrap": lambda: krippendorff_alpha(data, interval="bootstrap").low,
        "codes_alpha": lambda: krippendorff_alpha(Coded.from_codes(*data)).value,
        "codes_bootstrap": lambda: krippendorff_alpha(Coded.from_codes(*data), interval="bootstrap").low,
        "codes_cohen": lambda: cohen_kappa(Coded.from_codes(*data)).value,
    }
    report(works[task.removeprefix("pandas_").removeprefix("polars_")], repeats, inner)


if __name__ == "__main__":
    main()
