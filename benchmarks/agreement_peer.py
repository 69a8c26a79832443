"""The peers' side: runs in its own environment (krippendorff is GPL, and no part of us).

python agreement_peer.py TASK DATA REPEATS
"""

from __future__ import annotations

import sys
from itertools import combinations
from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd
from measuring import report
from sklearn.metrics import cohen_kappa_score


def matrix_alpha(items, annotators, labels, shape, n_classes):
    """The documented way: annotators by items."""
    data = np.full(shape, np.nan)
    data[annotators, items] = labels
    return krippendorff.alpha(
        reliability_data=data, level_of_measurement="nominal", value_domain=np.arange(n_classes, dtype=float)
    )


def counts_alpha(items, labels, n_items, n_classes):
    """The fast way: counts of items by classes."""
    counts = np.bincount(items * n_classes + labels, minlength=n_items * n_classes).reshape(n_items, n_classes)
    return krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")


def factorized(table):
    codes = [pd.factorize(table[name]) for name in ("item", "annotator", "label")]
    return [part[0] for part in codes], [len(part[1]) for part in codes]


def table_matrix(table):
    (items, annotators, labels), (n, a, c) = factorized(table)
    return matrix_alpha(items, annotators, labels, (a, n), c)


def table_counts(table):
    (items, _, labels), (n, _, c) = factorized(table)
    return counts_alpha(items, labels, n, c)


def table_pivot(table):
    wide = table.pivot(index="annotator", columns="item", values="label")  # noqa: PD010 - nothing to aggregate
    return krippendorff.alpha(
        reliability_data=wide.to_numpy().astype(str),
        level_of_measurement="nominal",
        value_domain=sorted(table["label"].unique()),
    )


def mean_cohen(frame):
    groups = {name: part[["item", "label"]] for name, part in frame.groupby("annotator")}
    kappas = []
    for a, b in combinations(sorted(groups), 2):
        shared = groups[a].merge(groups[b], on="item")
        if len(shared):
            kappas.append(cohen_kappa_score(shared["label_x"], shared["label_y"]))
    return float(np.mean(kappas))


def main():
    task, folder, repeats = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if task.startswith("table"):
        table = pd.read_parquet(folder / "table.parquet")
        work = {"table_matrix": table_matrix, "table_counts": table_counts, "table_pivot": table_pivot}[task]
        inner = 200 if len(table) < 10_000 else 1
        report(lambda: float(work(table)), repeats, inner)
        return
    items, annotators, labels = (np.load(folder / f"{name}.npy") for name in ("item", "annotator", "label"))
    n, a, c = (int(part.max()) + 1 for part in (items, annotators, labels))
    if task == "codes_matrix":
        report(lambda: float(matrix_alpha(items, annotators, labels, (a, n), c)), repeats)
    elif task == "codes_counts":
        report(lambda: float(counts_alpha(items, labels, n, c)), repeats)
    elif task == "ten_alphas":
        report(lambda: [float(matrix_alpha(items, annotators, labels, (a, n), c)) for _ in range(10)][-1], repeats)
    elif task == "cohen":
        frame = pd.DataFrame({"item": items, "annotator": annotators, "label": labels})
        report(lambda: mean_cohen(frame), repeats)


if __name__ == "__main__":
    main()
