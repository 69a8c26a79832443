"""One class an item: the estimator that `select` takes, calibrated on gold where there is some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.app.inferring.values import Inferred, unsettled
from labelwright.coding import Coded, encode
from labelwright.coding.coded import as_list
from labelwright.consensus import ConsensusResult, Wawa, select, select_calibrated
from labelwright.consensus.gold import gold_codes

#: Cells of the annotators' confusion matrices that are still fitted.
MOST_CELLS = 20_000_000
#: Gold items from which posteriors are calibrated.
_LEAST_GOLD = 20
#: Classes less probable than this are left out of a distribution.
_LEAST = 1e-4


def infer_classes(
    labels: pl.DataFrame, gold: Mapping[str, str], held: Mapping[str, str] | None = None
) -> dict[str, Inferred]:
    """The class of each item.

    Args:
        labels: columns item, annotator, label (text).
        gold: labels that are known; those items get theirs, and at least 20 of them choose and calibrate the estimator.
        held: labels that count as truth in the fit, gold and others; None: gold.
    """
    coded = encode(labels)
    result, method = fitted(coded, gold, held)
    return known(_by_item(result, method), gold)


def fitted(coded: Coded, gold: Mapping[str, str], held: Mapping[str, str] | None = None) -> tuple[ConsensusResult, str]:
    """The consensus and the name of what inferred it."""
    truth = gold if held is None else held
    if coded.n_annotators * coded.n_classes**2 > MOST_CELLS:
        return Wawa().fit(coded, truth or None), "Wawa"
    if not gold or len(gold_codes(coded, gold)) < _LEAST_GOLD:
        result = select(coded, gold or None, held=truth)
        return result, result.method
    result = select_calibrated(coded, gold, held=truth).result
    return result, f"{result.method}, calibrated"


def known(found: Mapping[str, Inferred], gold: Mapping[str, str]) -> dict[str, Inferred]:
    """The same with known labels in place of inferred ones."""
    return {
        item: x
        if item not in gold
        else Inferred(gold[item], 1.0, False, x.votes, x.differing, {gold[item]: 1.0}, "gold")
        for item, x in found.items()
    }


def differing(coded: Coded) -> NDArray[np.bool_]:
    """Items whose answers are not all the same, shape (n_items,)."""
    first = coded.label[np.minimum(coded.starts[:-1], max(coded.n_annotations - 1, 0))]
    other = coded.label != first[coded.item]
    return np.bincount(coded.item, weights=other, minlength=coded.n_items) > 0


def _by_item(result: ConsensusResult, method: str) -> dict[str, Inferred]:
    coded = result.coded
    names: list[Any] = as_list(coded.item_names)
    classes = [str(c) for c in result.classes]
    codes, tied = result.label_codes.tolist(), result.contested.tolist()
    split, votes = differing(coded).tolist(), np.diff(coded.starts).tolist()
    found: dict[str, Inferred] = {}
    for i in result.seen.tolist():
        row = result.posterior[i].tolist()
        p = min(1.0, row[codes[i]])
        found[str(names[i])] = Inferred(
            label=classes[codes[i]],
            posterior=p,
            contested=unsettled(p, tied=tied[i], differing=split[i]),
            votes=votes[i],
            differing=split[i],
            distribution={c: q for c, q in zip(classes, row, strict=True) if q >= _LEAST},
            method=method,
        )
    return found
