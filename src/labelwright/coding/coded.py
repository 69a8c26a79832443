"""The annotation table as integer codes, sorted by item, and what is counted from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.coding.patterns import Patterns, count_patterns
from labelwright.coding.rows import check_codes, last_answers
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    import polars as pl

    Names: TypeAlias = pl.Series | NDArray[Any] | tuple[Any, ...] | range
else:
    Names: TypeAlias = Any


@dataclass(frozen=True, eq=False)
class Coded:
    """One annotation a row, as codes, sorted by item; at most one answer of an annotator to an item.

    Within an item the rows keep the order in which they were given. Missing labels are not among the rows.

    Attributes:
        item: item codes, int32, shape (n_annotations,), ascending.
        annotator: annotator codes, int32, same shape.
        label: class codes, int32, same shape.
        item_names: name of each item code: polars Series, numpy array or tuple.
        annotator_names: name of each annotator code, sorted.
        classes: value of each class code, sorted (a categorical column keeps its own order and unused classes).
        n_dropped: answers dropped because the same annotator answered the same item again later.
        n_missing: rows left out because their label is null.
    """

    item: NDArray[np.int32]
    annotator: NDArray[np.int32]
    label: NDArray[np.int32]
    item_names: Names
    annotator_names: Names
    classes: Names
    n_dropped: int = 0
    n_missing: int = 0

    @classmethod
    def from_codes(
        cls,
        items: ArrayLike,
        annotators: ArrayLike,
        labels: ArrayLike,
        *,
        n_items: int | None = None,
        n_annotators: int | None = None,
        classes: Names | int | None = None,
        item_names: Names | None = None,
        annotator_names: Names | None = None,
    ) -> Coded:
        """Take integer codes as they are; rows with a negative label are missing.

        Args:
            items: item codes from 0, shape (n,), in any order.
            annotators: annotator codes from 0, shape (n,).
            labels: class codes from 0, shape (n,); negative: no answer.
            n_items: number of items; default: the highest code + 1.
            n_annotators: number of annotators; default: the highest code + 1.
            classes: the class values, or how many classes there are; default: the highest code + 1.
            item_names: names by code; default: the codes.
            annotator_names: names by code; default: the codes.

        Raises:
            DataError: the arrays differ in length, or a code is outside its range.
        """
        columns = tuple(np.asarray(column).astype(np.int32, copy=False) for column in (items, annotators, labels))
        if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
            shapes = ", ".join(str(column.shape) for column in columns)
            raise DataError("Items, annotators and labels differ in length", where=f"shapes {shapes}")
        item, annotator, label = columns
        n_missing = 0
        if label.size and label.min() < 0:
            answered = label >= 0
            n_missing = int(label.size - np.count_nonzero(answered))
            item, annotator, label = item[answered], annotator[answered], label[answered]
        item_names = _names(item_names, n_items, item, "item")
        annotator_names = _names(annotator_names, n_annotators, annotator, "annotator")
        class_names = _names(None, classes, label, "label") if isinstance(classes, int) else classes
        class_names = _names(class_names, None, label, "label")
        item, annotator, label, n_dropped = last_answers(item, annotator, label, len(annotator_names))
        item, annotator, label = (read_only(column) for column in (item, annotator, label))
        return cls(item, annotator, label, item_names, annotator_names, class_names, n_dropped, n_missing)

    @property
    def n_items(self) -> int:
        """Items, also those that nobody has answered."""
        return len(self.item_names)

    @property
    def n_annotators(self) -> int:
        """Annotators."""
        return len(self.annotator_names)

    @property
    def n_classes(self) -> int:
        """Classes, also those that nobody has chosen."""
        return len(self.classes)

    @property
    def n_annotations(self) -> int:
        """Answers that count."""
        return len(self.item)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Row at which each item starts, and the number of rows at the end; shape (n_items + 1,)."""
        sizes = np.bincount(self.item, minlength=self.n_items)
        return np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))

    @cached_property
    def counts(self) -> NDArray[np.int32]:
        """How many annotators chose each class for each item; shape (n_items, n_classes)."""
        cell = self.item.astype(np.int64) * self.n_classes + self.label
        flat = np.bincount(cell, minlength=self.n_items * self.n_classes)
        return flat.astype(np.int32).reshape(self.n_items, self.n_classes)

    @cached_property
    def patterns(self) -> Patterns:
        """The distinct rows of the count matrix, and how many items have each (items without an answer left out)."""
        return count_patterns(self.item, self.label, self.n_classes)

    def select(self, rows: NDArray[np.bool_]) -> Coded:
        """The same names with only some of the rows; ``rows`` is a mask of shape (n_annotations,)."""
        return Coded(
            self.item[rows],
            self.annotator[rows],
            self.label[rows],
            self.item_names,
            self.annotator_names,
            self.classes,
        )

    def class_list(self) -> list[Any]:
        """Class values as Python values."""
        return as_list(self.classes)

    def annotator_list(self) -> list[Any]:
        """Annotator names as Python values."""
        return as_list(self.annotator_names)


def read_only(column: NDArray[np.int32]) -> NDArray[np.int32]:
    """A view that cannot be written to; the array itself stays as it is."""
    view = column.view()
    view.flags.writeable = False
    return view


def as_list(names: Names) -> list[Any]:
    """Names as Python values, whatever holds them."""
    return (
        list(names)
        if isinstance(names, (tuple, list, range))
        else list(names.to_list() if hasattr(names, "to_list") else names.tolist())
    )


def _names(names: Names | None, size: int | None, codes: NDArray[np.int32], what: str) -> Names:
    """The names given, or the codes themselves; checks that every code has one."""
    n = len(names) if names is not None else size
    n = check_codes(codes, n, what)
    return np.arange(n, dtype=np.int32) if names is None else names


def names_at(names: Names, codes: Sequence[int] | NDArray[np.integer[Any]]) -> list[Any]:
    """The names of some codes, as Python values."""
    if isinstance(names, (tuple, range)):
        return [names[int(code)] for code in codes]
    return as_list(names[np.asarray(codes, dtype=np.int64)])
