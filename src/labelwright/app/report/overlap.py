"""Who said what beside whom: everything that is counted from pairs of answers to the same item."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from labelwright.coding import Coded, encode
from labelwright.coding.coded import as_list

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Overlap:
    """Answers in classes, with what is counted from them. Arrays follow the order of `Coded`."""

    coded: Coded

    @classmethod
    def of(cls, labels: pl.DataFrame) -> Overlap:
        """From a frame with item, annotator, label."""
        return cls(encode(labels))

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Class names as text, by code."""
        return tuple(_name(c) for c in self.coded.class_list())

    @cached_property
    def item_ids(self) -> list[str]:
        """Item ids by code."""
        names = self.coded.item_names
        return [str(n) for n in as_list(names)]

    @cached_property
    def annotator_ids(self) -> list[str]:
        """Annotator ids by code."""
        return [str(n) for n in self.coded.annotator_list()]

    @cached_property
    def sizes(self) -> Ints:
        """Answers to each item, shape (n_items,)."""
        return np.diff(self.coded.starts)

    @cached_property
    def table(self) -> csr_array:
        """How many chose each class for each item, sparse, shape (n_items, n_classes)."""
        ones = np.ones(self.coded.n_annotations, np.int64)
        shape = (self.coded.n_items, self.coded.n_classes)
        table = csr_array((ones, (self.coded.item, self.coded.label)), shape=shape)
        table.sum_duplicates()
        return table

    @cached_property
    def same(self) -> Ints:
        """For each answer, how many others said the same of the item, shape (n_annotations,)."""
        K = max(1, self.coded.n_classes)
        _, inverse, counts = np.unique(
            self.coded.item.astype(np.int64) * K + self.coded.label, return_inverse=True, return_counts=True
        )
        return np.asarray(counts[inverse] - 1, dtype=np.int64)

    @cached_property
    def others(self) -> Ints:
        """For each answer, how many others answered the item, shape (n_annotations,)."""
        return np.asarray(self.sizes[self.coded.item] - 1, dtype=np.int64)

    @cached_property
    def shared(self) -> NDArray[np.bool_]:
        """Items that two annotators or more answered, shape (n_items,)."""
        return self.sizes >= 2

    @cached_property
    def disagreement(self) -> Floats:
        """Share of an item's pairs of answers that differ, NaN below two answers, shape (n_items,)."""
        agreeing = np.bincount(self.coded.item, weights=self.same, minlength=self.coded.n_items)
        pairs = (self.sizes * (self.sizes - 1)).astype(np.float64)
        out = np.full(self.coded.n_items, np.nan)
        np.divide(agreeing, pairs, out=out, where=pairs > 0)
        return 1 - out

    @cached_property
    def contested(self) -> NDArray[np.bool_]:
        """Items on which two classes or more share the highest number of votes, shape (n_items,)."""
        if not self.coded.n_annotations:
            return np.zeros(self.coded.n_items, np.bool_)
        table = self.table
        row = np.repeat(np.arange(self.coded.n_items), np.diff(table.indptr))
        top = np.zeros(self.coded.n_items, np.int64)
        np.maximum.at(top, row, table.data)
        return np.bincount(row, weights=table.data == top[row], minlength=self.coded.n_items) >= 2

    @cached_property
    def coincidences(self) -> Ints:
        """Ordered pairs of answers by their classes, symmetric, shape (n_classes, n_classes).

        Each pair of answers that differ counts once on either side; each that agrees twice on the diagonal.
        """
        table = self.table
        product = (table.T @ table).toarray().astype(np.int64)
        chosen = np.asarray(table.sum(axis=0)).ravel()
        return np.asarray(product - np.diag(chosen), dtype=np.int64)

    def apart_from(self, marked: Collection[tuple[str, str]]) -> Coded:
        """The answers without those of some (item, annotator); all names stay."""
        if not marked:
            return self.coded
        items = {name: k for k, name in enumerate(self.item_ids)}
        people = {name: k for k, name in enumerate(self.annotator_ids)}
        cells = [items[i] * len(people) + people[a] for i, a in marked if i in items and a in people]
        here = self.coded.item.astype(np.int64) * len(people) + self.coded.annotator
        return self.coded.select(~np.isin(here, np.array(cells, np.int64)))

    def items_between(self, a: int, b: int, limit: int) -> list[str]:
        """Items for which both classes were given, those with the most such pairs of answers first."""
        columns = self.table.tocsc()[:, [a, b]].toarray()
        pairs = columns[:, 0] * columns[:, 1]
        order = np.argsort(-pairs, kind="stable")[:limit]
        return [self.item_ids[i] for i in order if pairs[i] > 0]

    def said_against(self, annotator: int) -> Ints:
        """What an annotator said (row) where others said something (column), shape (n_classes, n_classes)."""
        rows = np.flatnonzero(self.coded.annotator == annotator)
        own = csr_array(
            (np.ones(rows.size, np.int64), (self.coded.label[rows], np.arange(rows.size))),
            shape=(self.coded.n_classes, rows.size),
        )
        against = (own @ self.table[self.coded.item[rows]]).toarray().astype(np.int64)
        return np.asarray(against - np.diag(np.bincount(self.coded.label[rows], minlength=self.coded.n_classes)))


def _name(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
