"""Sets of classes: each class by itself, there or not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.app.inferring.classes import differing, known
from labelwright.app.inferring.values import Inferred, unsettled
from labelwright.app.tables import NOTHING, PATH_JOINT, SET_JOINT
from labelwright.coding import encode
from labelwright.coding.coded import as_list
from labelwright.consensus import MajorityVote, select
from labelwright.model.schema import Kind
from labelwright.model.values import Choice, Paths

Floats = NDArray[np.float64]
#: Answers × classes that are still fitted class by class.
_MOST = 20_000_000
_LEAST = 1e-4
_THERE, _NOT = "1", "0"


def infer_sets(sets: pl.DataFrame, kind: Kind, gold: Mapping[str, str]) -> dict[str, Inferred]:
    """The set of each item: the classes that are there with a probability of a half or more.

    Each class is a question of its own with the answers "there" and "not there", as in binary relevance (Tsoumakas and
    Katakis 2007). The set's posterior is the product over the classes, as if they were independent; it is contested
    where one of them is.

    Args:
        sets: columns item, annotator, label (a list of classes).
        kind: a set of classes or of paths.
        gold: sets that are known, written as labels.
    """
    names = sorted({c for row in sets["label"].to_list() for c in row})
    people = encode(sets.select("item", "annotator", pl.lit(_THERE).alias("label")))
    ids = [str(i) for i in as_list(people.item_names)]
    votes = np.diff(people.starts)
    there = np.zeros((len(ids), len(names)))
    open_ = np.zeros(len(ids), np.bool_)
    split = np.zeros(len(ids), np.bool_)
    method = "AnchoredDawidSkene"
    for k, name in enumerate(names):
        there[:, k], tied, apart, method = _of_class(sets, name, costly=sets.height * len(names) > _MOST)
        sure = np.maximum(there[:, k], 1 - there[:, k])
        open_ |= [unsettled(p, tied=t, differing=d) for p, t, d in zip(sure, tied, apart, strict=True)]
        split |= apart
    found = {
        item: _inferred(names, there[i], bool(open_[i]), int(votes[i]), bool(split[i]), f"{method} by class", kind)
        for i, item in enumerate(ids)
    }
    return known(found, gold)


def _of_class(
    sets: pl.DataFrame, name: str, *, costly: bool
) -> tuple[
    Floats, NDArray[np.bool_], NDArray[np.bool_], str
]:  # items in the order of `encode`, which does not hang on labels
    """P(there) of each item, whether that is tied, whether the answers differ, and by which estimator."""
    column = pl.when(pl.col("label").list.contains(name)).then(pl.lit(_THERE)).otherwise(pl.lit(_NOT))
    coded = encode(sets.select("item", "annotator", column.alias("label")))
    result = MajorityVote().fit(coded) if costly or coded.n_classes < 2 else select(coded)
    at = result.classes.index(_THERE)
    return result.posterior[:, at], result.contested, differing(coded), result.method


def _inferred(
    names: list[str], there: Floats, contested: bool, votes: int, split: bool, method: str, kind: Kind
) -> Inferred:
    members = tuple(name for name, p in zip(names, there.tolist(), strict=True) if p >= 0.5)
    paths = tuple(tuple(m.split(PATH_JOINT)) for m in members)
    return Inferred(
        label=SET_JOINT.join(members) or NOTHING,
        posterior=float(np.maximum(there, 1 - there).prod()),
        contested=contested,
        votes=votes,
        differing=split,
        distribution={name: p for name, p in zip(names, there.tolist(), strict=True) if p >= _LEAST},
        method=method,
        value=Paths(paths) if kind is Kind.TAXONOMY else Choice(members),
    )
