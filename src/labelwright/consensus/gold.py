"""Gold: items whose label is known, beside what was inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.coding.coded import as_list
from labelwright.coding.table import columns_of
from labelwright.consensus.leave_one_out import shares_frame
from labelwright.consensus.table import annotations_of
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    #: Known labels: item to label, or a DataFrame with columns item and label.
    Gold: TypeAlias = Mapping[Any, Any] | IntoDataFrame
else:
    Gold: TypeAlias = Any


@dataclass(frozen=True, eq=False)
class GoldCodes:
    """Known labels of items that have answers, in the order of the items.

    Attributes:
        item: item codes, shape (n_gold,), ascending.
        label: class codes, shape (n_gold,); -1 where nobody ever chose that class.
    """

    item: NDArray[np.int64]
    label: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.item)


#: Nothing is known.
NO_GOLD = GoldCodes(np.zeros(0, np.int64), np.zeros(0, np.int64))


def one_hot(posterior: NDArray[np.float64], known: GoldCodes) -> NDArray[np.float64]:
    """The posterior, changed in place, with certainty where the label is known."""
    posterior[known.item] = 0.0
    posterior[known.item, known.label] = 1.0
    return posterior


def gold_codes(coded: Coded, gold: Gold) -> GoldCodes:
    """Known labels as codes; gold items without an answer are left out.

    Raises:
        DataError: it is neither a mapping nor a DataFrame with columns item and label.
    """
    known = gold if isinstance(gold, Mapping) else _mapping(gold)
    class_code = {value: code for code, value in enumerate(coded.class_list())}
    found = [(code, known[name]) for code, name in enumerate(as_list(coded.item_names)) if name in known]
    answered = np.diff(coded.starts) > 0
    rows = [(code, class_code.get(label, -1)) for code, label in found if label is not None and answered[code]]
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return GoldCodes(table[:, 0], table[:, 1])


def _mapping(gold: Any) -> dict[Any, Any]:
    item, label = (column.to_list() for column in columns_of(gold, ("item", "label")))
    known = dict(zip(item, label, strict=True))
    if len(known) < len(item):
        raise DataError(f"{len(item) - len(known)} gold items occur twice", next_step="Give each gold item once")
    return known


def gold_accuracy(annotations: IntoDataFrame | Coded, gold: Gold) -> pl.DataFrame:
    """Share of each annotator's answers to gold items that are right.

    Args:
        annotations: DataFrame with columns item, annotator, label; or a `Coded`.
        gold: item to label, or a DataFrame with columns item and label.

    Returns:
        Columns annotator, accuracy (0 to 1), low and high (95 % Wilson interval), n (gold items answered); null without
        gold items.

    Raises:
        DataError: there is no annotation, a column is missing, or a gold item occurs twice.
    """
    coded = annotations_of(annotations)
    known = gold_codes(coded, gold)
    truth = np.full(coded.n_items, -2, np.int64)
    truth[known.item] = known.label
    on_gold = truth[coded.item] > -2
    n = np.bincount(coded.annotator, weights=on_gold, minlength=coded.n_annotators).astype(np.int64)
    right = np.bincount(coded.annotator, weights=truth[coded.item] == coded.label, minlength=coded.n_annotators)
    return shares_frame(coded, np.asarray(right, np.float64), n, "accuracy")
